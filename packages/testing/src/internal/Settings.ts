/**
 * Options of a network, checked and in the units of the kernel.
 */
import * as Effect from "effect/Effect"
import * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import { InvalidOption, SimulatedNetworkError } from "../SimulatedNetworkError.ts"

type Checked<A> = Effect.Effect<A, SimulatedNetworkError>

/** @internal */
export const history = (events = 100_000): Checked<number> =>
  Number.isSafeInteger(events) && events > 0
    ? Effect.succeed(events)
    : invalid("history", events, "a whole number of events above 0")

/** @internal */
export const ipv4 = (network = "10.11.0.0/24", option = "network"): Checked<IpNetwork.Ipv4Network> =>
  Result.match(IpNetwork.ipv4FromString(network), {
    onSuccess: Effect.succeed,
    onFailure: () => invalid(option, JSON.stringify(network), "an IPv4 network such as \"10.11.0.0/24\"")
  })

/** @internal */
export const ipv6 = (network: string | undefined, option = "ipv6"): Checked<IpNetwork.Ipv6Network | undefined> => {
  if (network === undefined) return Effect.succeed(undefined)
  const parsed = IpNetwork.ipv6FromString(network)
  return Result.isSuccess(parsed) && parsed.success.prefixLength <= 64
    ? Effect.succeed(parsed.success)
    : invalid(option, JSON.stringify(network), "an IPv6 network such as \"fd11::/64\"")
}

/** @internal */
export const network = (text: string, option: string): Checked<IpNetwork.IpNetwork> =>
  Result.match(IpNetwork.fromString(text), {
    onSuccess: Effect.succeed,
    onFailure: () => invalid(option, JSON.stringify(text), "a network such as \"10.11.0.0/24\" or \"fd11::/64\"")
  })

/** @internal Octets: every link carries 68 (RFC 791), and no length is above 16 bits. */
export const mtu = (octets = 1500, option = "mtu"): Checked<number> =>
  Number.isInteger(octets) && octets >= 68 && octets <= 65_535
    ? Effect.succeed(octets)
    : invalid(option, octets, "a whole number of octets from 68 to 65535")

/** @internal */
export const invalid = (
  option: string,
  value: unknown,
  expected: string
): Effect.Effect<never, SimulatedNetworkError> =>
  Effect.fail(new SimulatedNetworkError({ reason: new InvalidOption({ option, value: String(value), expected }) }))

/** @internal The IPv4 address of the host of that number, counted from 1, unless the network is full. */
export const ipv4Address = (network: IpNetwork.Ipv4Network, number: number): IpInterface.Ipv4Interface | undefined => {
  // neither the network's own address nor its broadcast address; a /31 and a /32 have neither (RFC 3021)
  const size = 2 ** (32 - network.prefixLength)
  const [offset, end] = size > 2 ? [number, size - 1] : [number - 1, size]
  if (offset >= end) return undefined
  const address = NetAddress.ipv4FromBytesUnsafe(plus(NetAddress.ipv4ToOctets(network.address), offset))
  return IpInterface.makeUnsafe(address, network.prefixLength)
}

/** @internal Its IPv6 addresses: one of the network, and a link-local one. */
export const ipv6Addresses = (
  network: IpNetwork.Ipv6Network,
  number: number
): ReadonlyArray<IpInterface.Ipv6Interface> =>
  [network.address, linkLocal].map((address) =>
    IpInterface.makeUnsafe(NetAddress.ipv6FromBytesUnsafe(plus(NetAddress.ipv6ToOctets(address), number)), 64)
  )

const linkLocal = NetAddress.ipFromStringUnsafe("fe80::") as NetAddress.Ipv6Address

const plus = (octets: ReadonlyArray<number>, number: number): Uint8Array => {
  const sum = Uint8Array.from(octets)
  const view = new DataView(sum.buffer)
  view.setUint32(sum.length - 4, view.getUint32(sum.length - 4) + number)
  return sum
}
