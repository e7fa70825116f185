/**
 * The bed of random programs in memory.
 */
import { Network } from "@effect-discovery/core"
import {
  type ContractBed,
  NetworkContract,
  type SimulatedHost,
  SimulatedNetwork,
  Topology
} from "@effect-discovery/testing"
import { Context, Effect, Layer, type Scope } from "effect"
import { NetAddress } from "effect/net"
import { Settling } from "./Settling.ts"

const topology = Topology.make({
  segments: [
    Topology.segment("A", { ipv4: "10.11.0.0/24", ipv6: "fd11::/64" }),
    Topology.segment("B", { ipv4: "10.22.0.0/24", ipv6: "fd22::/64" })
  ],
  hosts: [
    {
      name: "h1",
      interfaces: {
        eth0: { on: "A", addresses: ["10.11.0.1", "fd11::1", "fe80::a:1"] },
        eth1: { on: "B", addresses: ["10.22.0.1", "fd22::1", "fe80::b:1"] }
      },
      defaultRoute: false,
      isPrivileged: true
    },
    ...([["h2", "A", 2], ["h3", "A", 3], ["h4", "B", 4]] as const).map(([name, on, number]) => ({
      name,
      interfaces: {
        eth0: {
          on,
          addresses: on === "A"
            ? [`10.11.0.${number}`, `fd11::${number}`, `fe80::a:${number}`]
            : [`10.22.0.${number}`, `fd22::${number}`, `fe80::b:${number}`]
        }
      },
      defaultRoute: false as const,
      isPrivileged: true
    }))
  ]
})

/** Builds the bed; it goes with the scope. */
export const make = (seed: number): Effect.Effect<ContractBed.Bed, never, Scope.Scope> =>
  Effect.gen(function*() {
    const lan = yield* Effect.orDie(SimulatedNetwork.make({ topology, seed, latency: "10 micros", history: 1 }))
    // until hosts have given up to look for addresses that nobody has (UDP semantics, rule 31)
    const settling = new Settling(() => Effect.sleep("10 seconds"))
    const { settle } = settling
    const hosts = new Map(
      yield* Effect.forEach(["h1", "h2", "h3", "h4"] as const, (name) =>
        Effect.map(makeHost(lan, name, settling), (host) => [name, host] as const))
    )
    let port = 20_000
    return {
      name: "simulated",
      tier: "simulated",
      capabilities: new Set<ContractBed.Capability>(["segments", "ipv6", "interfaces", "privileged"]),
      host: (name) =>
        hosts.get(name as "h1")!,
      settle,
      port: Effect.sync(() => ++port),
      reset: Effect.void
    }
  })

const makeHost = (
  lan: SimulatedNetwork.SimulatedNetwork,
  name: "h1" | "h2" | "h3" | "h4",
  settling: Settling
) =>
  Effect.gen(function*() {
    const host = lan.host(name)
    const network = Context.get(yield* Layer.build(host.layer), Network.Network)
    const linkLocals = host.addresses.map(NetAddress.formatIp).filter((address) => address.startsWith("fe80"))
    const [first, second] = linkLocals
    const [a, b] = name === "h4" ? [undefined, first] : [first, second]
    return NetworkContract.fromNetwork({
      name,
      network: settling.watch(network),
      settle: settling.settle,
      a: a === undefined
        ? undefined
        : { interface: "eth0", ipv4: `10.11.0.${name[1]}`, ipv6: `fd11::${name[1]}`, linkLocal: a },
      b: b === undefined
        ? undefined
        : {
          interface: name === "h1" ? "eth1" : "eth0",
          ipv4: `10.22.0.${name[1]}`,
          ipv6: `fd22::${name[1]}`,
          linkLocal: b
        },
      controls: { interface: (wanted) => control(host.interface(wanted)) }
    })
  })

const control = (local: SimulatedHost.InterfaceControl): ContractBed.InterfaceControl => ({
  down: Effect.orDie(local.down),
  up: Effect.orDie(local.up),
  carrier: (isThere) => Effect.orDie(local.carrier(isThere)),
  addAddress: (address) => Effect.orDie(local.addAddress(address)),
  removeAddress: (address) => Effect.orDie(local.removeAddress(address)),
  remove: Effect.orDie(local.remove),
  recreate: Effect.orDie(local.recreate),
  mtu: (octets) => Effect.orDie(local.mtu(octets))
})
