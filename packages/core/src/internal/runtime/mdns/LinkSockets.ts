/**
 * The sockets of one link: one that hears the group, and one for each of our addresses to send from and be answered at.
 *
 * Which socket a datagram came in on tells whether it was sent to the group or to us alone, which the system does not say otherwise
 * (RFC 6762, sections 5.4 and 11).
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import type * as Limits from "../../../Limits.ts"
import type * as Network from "../../../Network.ts"
import * as NetworkInterface from "../../../NetworkInterface.ts"
import * as Link from "../../../protocol/mdns/Link.ts"
import * as Sockets from "../Sockets.ts"

const addressOfGroup = (family: NetAddress.IpFamily): NetAddress.MulticastAddress =>
  NetAddress.ipFromStringUnsafe(family === "IPv4" ? "224.0.0.251" : "ff02::fb") as NetAddress.MulticastAddress

// so that a receiver could tell that it came from the link (RFC 6762, section 11)
const hopLimit = 255

/** Addresses of one family on one interface that are sent from; an interface of more than these is seldom and is reached by them. */
const mostSenders = 4

/** What the sockets of a link are opened with. */
export interface Options {
  readonly network: Network.Network["Service"]
  readonly limits: Limits.Limits
  readonly family: NetAddress.IpFamily
  /** The interface as it is now. */
  readonly networkInterface: () => NetworkInterface.NetworkInterface
}

/** A socket to send from that is read, too. */
export interface Sender {
  readonly from: IpInterface.IpInterface
  readonly reader: DatagramSocket.Reader
  readonly writer: DatagramSocket.Writer
}

/** The open sockets of a link. */
export interface LinkSockets {
  readonly receiver: DatagramSocket.Reader
  readonly senders: readonly [Sender, ...Array<Sender>]
  /** The group, with the link's scope. */
  readonly group: NetAddress.InetAddress
}

/**
 * The addresses that a link sends from, the first of them to the group: for IPv6 the link-local one. None where there can be no link: to
 * the loopback interface, which has no link-local address, no system sends what is for a group of IPv6 without being told a route.
 */
export const sendersOf = (
  { addresses, isInternal }: NetworkInterface.NetworkInterface,
  family: NetAddress.IpFamily
): ReadonlyArray<IpInterface.IpInterface> => {
  const own = addresses.filter(({ address }) => NetAddress.familyOf(address) === family)
  const isFirst = ({ address }: IpInterface.IpInterface) => NetAddress.isLinkLocal(address) === (family === "IPv6")
  if (family === "IPv6" && isInternal && !own.some(isFirst)) return []
  return [...own.filter(isFirst), ...own.filter((each) => !isFirst(each))].slice(0, mostSenders)
}

/** Opens them all, the port shared with whoever shares it. */
export const open = Effect.fnUntraced(function*(options: Options, intercept?: Network.Intercept) {
  const [first, ...rest] = yield* addressesOf(options)
  const receiver = yield* openReceiver(options, first, intercept)
  const sockets: LinkSockets = {
    receiver,
    senders: [yield* openSender(options, first), ...yield* Effect.forEach(rest, (each) => openSender(options, each))],
    group: groupOf(options)
  }
  return sockets
})

// the interface may have lost its addresses since the link was made
const addressesOf = (options: Options) =>
  Effect.suspend(() => {
    const [first, ...rest] = sendersOf(options.networkInterface(), options.family)
    return first === undefined
      ? Effect.fail(Sockets.refused(`the interface has no ${options.family} address any more`))
      : Effect.succeed([first, ...rest] as const)
  })

const openReceiver = Effect.fnUntraced(function*(
  options: Options,
  { address }: IpInterface.IpInterface,
  intercept: Network.Intercept | undefined
) {
  const { index } = options.networkInterface()
  // the membership ends with the socket: to leave by an address that the interface has lost meanwhile would leave the host itself in the
  // group (rule 66)
  const afterwards = yield* Scope.fork(yield* Effect.scope)
  const socket = yield* options.network.open({
    family: options.family,
    // bound to the group, it hears that group only (rule 50)
    bind: { address: addressOfGroup(options.family), port: Link.port, scopeId: index },
    reuseAddress: true,
    kernelReceiveBuffer: options.limits.kernelReceiveBuffer,
    receiveBuffer: { capacity: options.limits.receiveQueue, strategy: "sliding" },
    intercept
  })
  const reader = yield* socket.reader
  const membership = { group: addressOfGroup(options.family), interface: egressOf(options, address) }
  yield* Scope.provide(reader.joinMulticast(membership), afterwards)
  return reader
})

/** The group and its port, with the link's scope. */
export const groupOf = ({ family, networkInterface }: Options): NetAddress.InetAddress =>
  withScope(NetAddress.inetAddressUnsafe(addressOfGroup(family), Link.port), networkInterface().index)

/** A socket on a port of its own, to ask from. */
export const openAsker = (options: Options) =>
  Effect.flatMap(addressesOf(options), ([from]) => openBound(options, from, 0))

// Another program that starts may hold the port for a moment, to find out whether it is alone as `isPortFree` does.
const openSender = (options: Options, from: IpInterface.IpInterface) =>
  Effect.retry(openBound(options, from, Link.port), {
    while: isInUse,
    times: 20,
    schedule: Schedule.spaced("50 millis")
  })

const isInUse = ({ reason }: DatagramSocket.DatagramSocketError): boolean =>
  "kind" in reason && reason.kind === "AddressInUse"

const openBound = Effect.fnUntraced(function*(options: Options, from: IpInterface.IpInterface, port: number) {
  const socket = yield* options.network.open({
    family: options.family,
    bind: { ...bindTo(options, from), port },
    reuseAddress: port !== 0,
    ttl: hopLimit,
    multicast: { interface: egressOf(options, from.address), ttl: hopLimit, loopback: true },
    receiveBuffer: { capacity: options.limits.receiveQueue, strategy: "sliding" }
  })
  const sender: Sender = { from, reader: yield* socket.reader, writer: yield* socket.writer }
  return sender
})

const bindTo = (options: Options, { address }: IpInterface.IpInterface): Network.OpenOptions["bind"] => ({
  address,
  port: Link.port,
  scopeId: options.networkInterface().index
})

// IPv4 names an interface by one of its addresses, IPv6 by its index
const egressOf = (options: Options, address: NetAddress.IpAddress): NetAddress.MulticastInterface =>
  NetAddress.isIpv6Address(address) ? options.networkInterface().index : address as NetAddress.Ipv4Address

/** Whether the port at one of our addresses is held by nobody: whoever has it alone is sure to get what is sent there (RFC 6762, section 15.1). */
export const isPortFree = (options: Options, address: IpInterface.IpInterface): Effect.Effect<boolean> =>
  options.network.open({ family: options.family, bind: bindTo(options, address) }).pipe(
    Effect.flatMap((socket) => socket.reader),
    Effect.scoped,
    Effect.exit,
    Effect.map(Exit.isSuccess)
  )

/** The sender whose subnet an address is of, else the first. */
export const senderTo = (self: LinkSockets, { address }: NetAddress.InetAddress): Sender =>
  self.senders.find(({ from }) =>
    IpNetwork.contains(IpNetwork.fromAddressUnsafe(from.address, from.prefixLength), address)
  ) ?? self.senders[0]

/** A destination as the system needs it: link-local ones with the link's scope. */
export const withScope = (self: NetAddress.InetAddress, index: number): NetAddress.InetAddress =>
  NetworkInterface.isLinkScoped(self.address)
    ? NetAddress.inetAddressFromInputUnsafe({ address: self.address, port: self.port, scopeId: index })
    : self
