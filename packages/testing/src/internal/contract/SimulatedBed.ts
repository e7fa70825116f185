/**
 * The bed of the contract on a simulated network.
 */
import * as Network from "@effect-discovery/core/Network"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as ContractBed from "../../ContractBed.ts"
import type * as SimulatedHost from "../../SimulatedHost.ts"
import * as SimulatedNetwork from "../../SimulatedNetwork.ts"
import type { SimulatedNetworkError } from "../../SimulatedNetworkError.ts"
import * as Topology from "../../Topology.ts"
import * as Inside from "../Inside.ts"
import * as Routes from "../topology/Routes.ts"
import * as NetworkHost from "./NetworkHost.ts"

type Capability = ContractBed.Capability
type Name = Parameters<ContractBed.Bed["host"]>[0]

/** @internal What the bed can do, though not all at a time: the last four need others to be left out. */
export const capabilities: ReadonlySet<Capability> = new Set<Capability>([
  "segments",
  "ipv6",
  "interfaces",
  "routes",
  "pause",
  "router",
  "network",
  "descriptors",
  "rejections",
  "unprivileged",
  "privileged",
  "plainRouter",
  "multicastRouter",
  "exhaustion"
])

/** @internal A bed for a test with these needs. */
export const make = (
  needs: ReadonlyArray<Capability>,
  seed: number
): Effect.Effect<ContractBed.Bed, SimulatedNetworkError, Scope.Scope> =>
  Effect.gen(function*() {
    const network = yield* SimulatedNetwork.make({ topology: topology(new Set(needs)), seed })
    const hosts = new Map(
      yield* Effect.forEach(names, (name) => Effect.map(makeHost(network, name), (host) => [name, host] as const))
    )
    let port = 20_000
    return {
      name: "simulated",
      tier: "simulated",
      capabilities,
      host: (name) => hosts.get(name)!,
      settle,
      port: Effect.sync(() => ++port),
      reset: Effect.void
    }
  })

// a datagram takes a millisecond from host to host
const settle = Effect.sleep("100 millis")
const names: ReadonlyArray<Name> = ["h1", "h2", "h3", "h4", "r"]

const topology = (needs: ReadonlySet<Capability>): Topology.Topology => {
  const a = Topology.segment("A", { ipv4: "10.11.0.0/24", ipv6: "fd11::/64" })
  const b = Topology.segment("B", { ipv4: "10.22.0.0/24", ipv6: "fd22::/64" })
  const on = (segment: Topology.Segment, number: number) => ({
    on: segment,
    addresses: segment === a
      ? [`10.11.0.${number}/24`, `fd11::${number}/64`]
      : [`10.22.0.${number}/24`, `fd22::${number}/64`]
  })
  return Topology.make({
    segments: [a, b],
    routers: [{ name: "r", between: [a, b], ...(needs.has("multicastRouter") ? { multicast: { threshold: 3 } } : {}) }],
    hosts: [
      {
        name: "h1",
        interfaces: { eth0: on(a, 1), eth1: on(b, 1) },
        defaultRoute: false,
        isPrivileged: needs.has("privileged"),
        fileDescriptors: needs.has("exhaustion") ? 30_000 : 1024,
        routes: [
          { to: "198.18.1.0/24", reject: "unreachable" },
          { to: "198.18.2.0/24", reject: "prohibit" },
          { to: "198.18.3.0/24", reject: "blackhole" }
        ]
      },
      {
        name: "h2",
        interfaces: { eth0: on(a, 2) },
        defaultRoute: false,
        routes: [{ to: "10.22.0.0/24", via: "10.11.0.254" }]
      },
      { name: "h3", interfaces: { eth0: on(a, 3) }, defaultRoute: false },
      {
        name: "h4",
        interfaces: { eth0: on(b, 4) },
        defaultRoute: false,
        routes: [{ to: "10.11.0.0/24", via: "10.22.0.254" }]
      }
    ]
  })
}

const makeHost = (
  lan: SimulatedNetwork.SimulatedNetwork,
  name: Name
): Effect.Effect<ContractBed.ContractHost, never, Scope.Scope> =>
  Effect.gen(function*() {
    const simulated = lan.host(name)
    const network = Context.get(yield* Layer.build(simulated.layer), Network.Network)
    const attached = attachments(yield* NetworkHost.interfaces(network))
    return NetworkHost.fromNetwork({
      name,
      network,
      settle,
      a: attached.find(({ ipv4 }) => ipv4.startsWith("10.11.")),
      b: attached.find(({ ipv4 }) => ipv4.startsWith("10.22.")),
      controls: {
        interface: (wanted) => control(simulated, wanted),
        defaultRoute: (wanted) => defaultRoute(lan, name, wanted),
        whilePaused: (self) => whilePaused(simulated, self)
      }
    })
  })

const attachments = (listed: ReadonlyArray<ContractBed.ListedInterface>): ReadonlyArray<ContractBed.Attachment> =>
  listed.filter(({ isInternal }) => !isInternal).map(({ addresses, name }) => {
    const [ipv4 = "", ipv6 = "", linkLocal = ""] = addresses.map((address) => address.slice(0, address.indexOf("/")))
    return { interface: name, ipv4, ipv6, linkLocal }
  })

const control = (host: SimulatedHost.SimulatedHost, name: string): ContractBed.InterfaceControl => {
  const local = host.interface(name)
  return {
    down: Effect.orDie(local.down),
    up: Effect.orDie(local.up),
    carrier: (isThere) => Effect.orDie(local.carrier(isThere)),
    addAddress: (address) => Effect.orDie(local.addAddress(address)),
    removeAddress: (address) => Effect.orDie(local.removeAddress(address)),
    remove: Effect.orDie(local.remove),
    recreate: Effect.orDie(local.recreate),
    mtu: (octets) => Effect.orDie(local.mtu(octets))
  }
}

const defaultRoute = (lan: object, name: string, by: string | undefined): Effect.Effect<void> =>
  Effect.sync(() => {
    const host = Inside.kernel(lan).journal.hosts.find((host) => host.name === name)!
    const others = host.routes.filter(({ network }) => network.prefixLength > 0)
    host.routes = by === undefined ? others : [...others, ...Routes.defaultBy(by)]
    host.destinations.clear()
  })

// longer than whatever is done meanwhile takes
const pause = "1 minute"

const whilePaused = <A, E, R>(
  host: SimulatedHost.SimulatedHost,
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    yield* host.pause(pause)
    const over = yield* Effect.forkChild(Effect.sleep(pause), { startImmediately: true })
    const result = yield* self
    yield* Fiber.join(over)
    return result
  })
