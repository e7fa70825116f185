/**
 * A topology, checked: every name resolved, every address parsed or given, every route found.
 */
import * as Effect from "effect/Effect"
import * as IpInterface from "effect/net/IpInterface"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Reasons from "../../SimulatedNetworkError.ts"
import type * as Topology from "../../Topology.ts"
import * as Check from "../links/Check.ts"
import * as Settings from "../Settings.ts"
import { AddressPool, isUsable } from "./AddressPool.ts"
import type { Host, Interface, Plan, Segment } from "./Planned.ts"
import * as Routes from "./Routes.ts"

type Checked<A> = Effect.Effect<A, Reasons.SimulatedNetworkError>

/** @internal The mtu is that of segments that say nothing of it. */
export const make = (topology: Topology.Topology, mtu: number): Checked<Plan> =>
  Effect.gen(function*() {
    yield* unique("segment", topology.segments.map(({ name }) => name))
    yield* unique("host", [...topology.hosts, ...topology.routers].map(({ name }) => name))
    const segments = yield* planSegments(topology.segments, mtu)
    for (const host of topology.hosts) yield* reserve(segments, host)
    const routers = yield* Effect.forEach(topology.routers, (router) => planRouter(segments, router))
    const hosts = yield* Effect.forEach(topology.hosts, (host) => planHost(segments, routers, host))
    return {
      segments,
      hosts,
      routers: routers.map((router) => ({ ...router, routes: Routes.between(router, routers) }))
    }
  })

const unique = (kind: Reasons.DuplicateName["kind"], names: ReadonlyArray<string>): Checked<void> => {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) return fail(new Reasons.DuplicateName({ kind, name }))
    seen.add(name)
  }
  return Effect.void
}

const planSegments = (
  described: ReadonlyArray<Topology.Segment>,
  common: number
): Checked<ReadonlyMap<string, Segment>> =>
  Effect.gen(function*() {
    const given = new Map<Topology.Segment, IpNetwork.Ipv4Network>()
    for (const segment of described) {
      if (segment.ipv4 !== undefined) {
        given.set(segment, yield* Settings.ipv4(segment.ipv4, `ipv4 of segment ${segment.name}`))
      }
    }
    const free = unused(Array.from(given.values()))
    const segments = new Map<string, Segment>()
    for (const segment of described) {
      const ipv6 = yield* Settings.ipv6(segment.ipv6, `ipv6 of segment ${segment.name}`)
      const ipv4 = given.get(segment) ?? (ipv6 === undefined ? free() : undefined)
      const mtu = yield* Settings.mtu(segment.mtu ?? segment.link?.mtu ?? common, `mtu of segment ${segment.name}`)
      const link = segment.link && (yield* Effect.fromResult(Check.link(segment.link)))
      segments.set(segment.name, { name: segment.name, pool: new AddressPool(ipv4, ipv6), mtu, link })
    }
    return segments
  })

// 10.11.0.0/24, 10.11.1.0/24 and so on, for segments that bring no network.
const unused = (given: ReadonlyArray<IpNetwork.Ipv4Network>) => {
  let count = 0
  return (): IpNetwork.Ipv4Network => {
    for (;;) {
      const address = NetAddress.ipv4FromBytesUnsafe(Uint8Array.of(10, 11 + (count >> 8), count & 0xff, 0))
      const network = IpNetwork.makeUnsafe(address, 24)
      count++
      if (!given.some((other) => IpNetwork.overlaps(network, other))) return network
    }
  }
}

// Those that are given come first, for nobody to be given them too.
const reserve = (segments: ReadonlyMap<string, Segment>, host: Topology.Host): Checked<void> =>
  Effect.gen(function*() {
    if ("lo" in host.interfaces) return yield* fail(new Reasons.DuplicateName({ kind: "interface", name: "lo" }))
    for (const local of Object.values(host.interfaces)) {
      const segment = yield* find(segments, host.name, local.on)
      for (const text of local.addresses ?? []) {
        const { address } = yield* addressOn(segment, host.name, text)
        if (!segment.pool.reserve(address)) {
          return yield* fail(
            new Reasons.AddressTaken({ address: NetAddress.formatIp(address), segment: segment.name, host: host.name })
          )
        }
      }
    }
  })

const planRouter = (segments: ReadonlyMap<string, Segment>, router: Topology.Router): Checked<Host> =>
  Effect.gen(function*() {
    const { between, multicast, name } = router
    if (new Set(between).size < 2 || new Set(between).size < between.length) {
      return yield* fail(new Reasons.RouterTooNarrow({ router: name, segments: Array.from(new Set(between)) }))
    }
    const interfaces = yield* Effect.forEach(between, (on, i) =>
      Effect.gen(function*() {
        const segment = yield* find(segments, name, on)
        const addresses = segment.pool.takeLast()
        if (addresses === undefined) return yield* full(segment, name)
        return { name: `eth${i}`, segment, addresses, mtu: segment.mtu }
      }))
    const threshold = multicast?.threshold
    const forwards = { threshold, broadcast: router.forwardBroadcast === true }
    return { name, interfaces, routes: [], isPrivileged: true, forwards }
  })

const planHost = (
  segments: ReadonlyMap<string, Segment>,
  routers: ReadonlyArray<Host>,
  host: Topology.Host
): Checked<Host> =>
  Effect.gen(function*() {
    const interfaces: Array<Interface> = []
    for (const [name, local] of Object.entries(host.interfaces)) {
      interfaces.push(yield* planInterface(segments, host.name, name, local))
    }
    const routes = yield* Routes.ofHost(host, interfaces, routers)
    const { fileDescriptors, isPrivileged = false, name, receiveBufferMaximum } = host
    return { name, interfaces, routes, isPrivileged, fileDescriptors, receiveBufferMaximum, forwards: undefined }
  })

const planInterface = (
  segments: ReadonlyMap<string, Segment>,
  host: string,
  name: string,
  local: Topology.Interface
): Checked<Interface> =>
  Effect.gen(function*() {
    const segment = yield* find(segments, host, local.on)
    const mtu = local.mtu === undefined ? segment.mtu : yield* Settings.mtu(local.mtu, `mtu of ${host}/${name}`)
    const addresses = local.addresses === undefined
      ? segment.pool.takeFirst()
      : yield* Effect.forEach(local.addresses, (text) => addressOn(segment, host, text))
    if (addresses === undefined) return yield* full(segment, host)
    return { name, segment, addresses: withLinkLocal(segment, addresses), mtu }
  })

// An interface with IPv6 always has one.
const withLinkLocal = (
  segment: Segment,
  given: ReadonlyArray<IpInterface.IpInterface>
): ReadonlyArray<IpInterface.IpInterface> =>
  given.some(isLinkLocal) ? given : [...given, ...segment.pool.takeLinkLocal()]

const isLinkLocal = ({ address }: IpInterface.IpInterface): boolean =>
  NetAddress.isIpv6Address(address) && NetAddress.isLinkLocal(address)

const find = (segments: ReadonlyMap<string, Segment>, host: string, name: string): Checked<Segment> => {
  const segment = segments.get(name)
  return segment === undefined
    ? fail(new Reasons.UnknownSegment({ segment: name, host, known: Array.from(segments.keys()) }))
    : Effect.succeed(segment)
}

/** @internal An address that is to be had on a segment, with the length of its prefix. */
export const addressOn = (segment: Segment, host: string, text: string): Checked<IpInterface.IpInterface> => {
  const networks = segment.pool.networks
  return Effect.flatMap(
    parseAddress(networks, host, text),
    (parsed) =>
      isLinkLocal(parsed) || networks.some((network) => isUsable(network, parsed.address))
        ? Effect.succeed(parsed)
        : fail(
          new Reasons.AddressOutside({
            address: text,
            host,
            segment: segment.name,
            networks: networks.map(IpNetwork.format)
          })
        )
  )
}

/** @internal Any address, with the length of its prefix: that of the network it is in, if it does not say. */
export const parseAddress = (
  networks: ReadonlyArray<IpNetwork.IpNetwork>,
  host: string,
  text: string
): Checked<IpInterface.IpInterface> => {
  const parsed = text.includes("/") ? IpInterface.fromString(text) : withPrefix(networks, text)
  return Result.isSuccess(parsed) && NetAddress.isUnicast(parsed.success.address)
    ? Effect.succeed(parsed.success)
    : Settings.invalid(`an address of ${host}`, JSON.stringify(text), "an IP address")
}

const withPrefix = (networks: ReadonlyArray<IpNetwork.IpNetwork>, text: string) =>
  Result.map(NetAddress.ipFromString(text), (address) => {
    const network = networks.find((network) => IpNetwork.contains(network, address))
    return IpInterface.makeUnsafe(address, network?.prefixLength ?? (NetAddress.isIpv4Address(address) ? 24 : 64))
  })

const full = (segment: Segment, host: string): Checked<never> =>
  fail(
    new Reasons.NetworkFull({
      host,
      network: segment.pool.networks.map(IpNetwork.format).join(" and "),
      hosts: segment.pool.room,
      segment: segment.name
    })
  )

const fail = (reason: Reasons.Reason): Checked<never> => Effect.fail(new Reasons.SimulatedNetworkError({ reason }))
