/**
 * The routes that hosts and routers of a topology begin with.
 */
import * as Effect from "effect/Effect"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Reasons from "../../SimulatedNetworkError.ts"
import type * as Topology from "../../Topology.ts"
import * as Address from "../kernel/Address.ts"
import type { Route } from "../kernel/Topology.ts"
import * as Settings from "../Settings.ts"
import type { Host, Interface, Segment } from "./Planned.ts"

type Checked<A> = Effect.Effect<A, Reasons.SimulatedNetworkError>

const anyIpv4 = IpNetwork.makeUnsafe(NetAddress.ipv4Unspecified, 0)
const anyIpv6 = IpNetwork.makeUnsafe(NetAddress.ipv6Unspecified, 0)

/** @internal Everything by one interface, as if all the world were on its segment. */
export const defaultBy = (name: string): ReadonlyArray<Route> =>
  [anyIpv4, anyIpv6].map((network) => ({ network, via: undefined, by: name, reject: undefined, isAutomatic: false }))

/** @internal */
export const ofHost = (
  host: Topology.Host,
  interfaces: ReadonlyArray<Interface>,
  routers: ReadonlyArray<Host>
): Checked<ReadonlyArray<Route>> =>
  Effect.gen(function*() {
    const given = yield* Effect.forEach(host.routes ?? [], (route) => configured(host.name, interfaces, route))
    return [...given, ...(yield* defaults(host, interfaces, routers))]
  })

const configured = (
  host: string,
  interfaces: ReadonlyArray<Interface>,
  route: Topology.Route
): Checked<Route> =>
  Effect.gen(function*() {
    const network = yield* Settings.network(route.to, `a route of ${host}`)
    const impossible = (expected: string) => fail(new Reasons.ImpossibleRoute({ host, to: route.to, expected }))
    const { by, reject, via } = route
    if ([by, reject, via].filter((given) => given !== undefined).length !== 1) {
      return yield* impossible("one of `via`, `by` and `reject`")
    }
    if (by !== undefined && !interfaces.some(({ name }) => name === by)) {
      return yield* impossible(`one of its interfaces, not ${by}`)
    }
    const gateway = via === undefined ? undefined : reachable(interfaces, via)
    if (via !== undefined && gateway?.family !== NetAddress.familyOf(network.address)) {
      return yield* impossible(`a gateway of its family on one of its segments, not ${via}`)
    }
    return { network, via: gateway, by, reject: reject && rejections[reject], isAutomatic: false }
  })

// Rule 27.
const rejections = { unreachable: "EHOSTUNREACH", prohibit: "EACCES", blackhole: "EINVAL" } as const

const reachable = (interfaces: ReadonlyArray<Interface>, text: string): Address.Address | undefined => {
  const gateway = Result.getOrUndefined(NetAddress.ipFromString(text))
  if (gateway === undefined) return undefined
  const isOnLink = interfaces.some(({ addresses }) =>
    addresses.some((own) => IpNetwork.contains(IpNetwork.fromInterface(own), gateway))
  )
  return isOnLink ? Address.ofIp(gateway) : undefined
}

const defaults = (
  host: Topology.Host,
  interfaces: ReadonlyArray<Interface>,
  routers: ReadonlyArray<Host>
): Checked<ReadonlyArray<Route>> => {
  const first = interfaces[0]
  const chosen = host.defaultRoute
  if (chosen === false || first === undefined) return Effect.succeed([])
  if (chosen === undefined) return Effect.succeed(automatic(first.name, first.segment, routers))
  if (interfaces.some(({ name }) => name === chosen)) return Effect.succeed(defaultBy(chosen))
  const via = reachable(interfaces, chosen)
  if (via !== undefined) {
    return Effect.succeed([{
      network: via.family === "IPv4" ? anyIpv4 : anyIpv6,
      via,
      by: undefined,
      reject: undefined,
      isAutomatic: false
    }])
  }
  const expected = `one of its interfaces or a gateway on one of its segments, not ${chosen}`
  return fail(new Reasons.ImpossibleRoute({ host: host.name, to: "default", expected }))
}

/** @internal By the first router on a segment, else by the interface there. */
export const automatic = (name: string, on: Segment, routers: ReadonlyArray<Host>): ReadonlyArray<Route> => {
  const gateway = routers.flatMap(({ interfaces }) => interfaces).find(({ segment }) => segment === on)
  const routes = gateway === undefined ? defaultBy(name) : viaGateway(gateway, [anyIpv4, anyIpv6])
  return routes.map((route) => ({ ...route, isAutomatic: true }))
}

const viaGateway = (
  gateway: Interface,
  networks: ReadonlyArray<IpNetwork.IpNetwork>
): ReadonlyArray<Route> =>
  networks.flatMap((network) => {
    const family = NetAddress.familyOf(network.address)
    const own = gateway.addresses.find(({ address }) =>
      NetAddress.familyOf(address) === family && !(family === "IPv6" && NetAddress.isLinkLocal(address))
    )
    return own === undefined
      ? []
      : [{ network, via: Address.ofIp(own.address), by: undefined, reject: undefined, isAutomatic: false }]
  })

/** @internal How a router gets to the segments it is not on: by the fewest others, and of equals by the first. */
export const between = (router: Host, routers: ReadonlyArray<Host>): ReadonlyArray<Route> => {
  const hops = new Map<Segment, Interface | undefined>(router.interfaces.map(({ segment }) => [segment, undefined]))
  const routes: Array<Route> = []
  // a map is walked with what is added on the way
  for (const [segment, hop] of hops) {
    for (const next of routers.flatMap(({ interfaces }) => neighbours(interfaces, segment))) {
      if (hops.has(next.to)) continue
      const first = hop ?? next.gateway
      hops.set(next.to, first)
      routes.push(...viaGateway(first, next.to.pool.networks))
    }
  }
  return routes
}

const neighbours = (interfaces: ReadonlyArray<Interface>, segment: Segment) => {
  const gateway = interfaces.find((local) => local.segment === segment)
  return gateway === undefined ? [] : interfaces.map((local) => ({ to: local.segment, gateway }))
}

const fail = (reason: Reasons.Reason): Checked<never> => Effect.fail(new Reasons.SimulatedNetworkError({ reason }))
