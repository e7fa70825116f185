/**
 * Checks on the zone of IPv6 addresses, the index of the interface that they belong to. The system takes an unknown or missing one for
 * some default interface and says nothing (UDP semantics, rules 33 and 90).
 */
import * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"

/** Whether an interface with this index is up and can be named. */
export type Knows = (index: number) => boolean

/** What is wrong with naming an interface so, `undefined` when nothing is. Index 0 leaves the choice to the system. */
export const interfaceFault = (
  networkInterface: NetAddress.MulticastInterface | undefined,
  knows: Knows
): Error | undefined =>
  typeof networkInterface !== "number" || networkInterface === 0 || knows(networkInterface)
    ? undefined
    : noDevice(`No interface with index ${networkInterface} is up`)

/** What is wrong with sending there, `undefined` when nothing is. */
export const destinationFault = (
  address: DatagramSocket.OutgoingDatagram["address"],
  knows: Knows
): Error | undefined => {
  if (!NetAddress.isInetAddressV6(address)) return undefined
  if (address.scopeId !== 0) return interfaceFault(address.scopeId, knows)
  // to a group it leaves by the socket's own interface
  return NetAddress.isLinkLocal(address.address) && !NetAddress.isMulticast(address.address)
    ? noDevice(`${NetAddress.formatInet(address)} is on some link, and needs the index of an interface as its scope`)
    : undefined
}

const noDevice = (message: string): Error => Object.assign(new Error(message), { code: "ENODEV" })
