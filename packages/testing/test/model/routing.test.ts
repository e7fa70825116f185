import { Seed } from "@effect-discovery/core"
import { SimulatedNetwork, Simulation, Topology } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { IpInterface, IpNetwork, NetAddress } from "effect/net"
import * as Address from "../../src/internal/kernel/Address.ts"
import * as Routing from "../../src/internal/kernel/Routing.ts"
import type { Route } from "../../src/internal/kernel/Topology.ts"
import * as Wiring from "../../src/internal/kernel/Wiring.ts"
import { Cable } from "../../src/internal/links/Cable.ts"
import { ip, open } from "../endpoint.ts"

const dice = (start: Seed.Seed) => {
  let seed = start
  return (min: number, max: number): number => {
    const [value, next] = Seed.between(seed, min, max)
    seed = next
    return value
  }
}

// Few bits, so that prefixes overlap: 10.0.0.0 to 10.0.3.255.
const ofNumber = (number: number): NetAddress.Ipv4Address =>
  NetAddress.ipv4FromBytesUnsafe(Uint8Array.of(10, 0, number >> 8, number & 0xff))

const ofBits = (bits: string): number => parseInt(bits.padEnd(10, "0"), 2)
const toBits = (number: number): string => number.toString(2).padStart(10, "0")

describe("the routing table", () => {
  interface Entry {
    readonly bits: string
    readonly leads: string
  }

  /** What the naive model says: of all entries whose bits the address begins with, the longest, and of equals the first. */
  const lookup = (entries: ReadonlyArray<Entry>, address: number): string =>
    entries.filter(({ bits }) => toBits(address).startsWith(bits))
      .reduce((best, entry) => (entry.bits.length > best.bits.length ? entry : best), {
        bits: "",
        leads: "ENETUNREACH"
      })
      .leads

  const make = (seed: number) => {
    const roll = dice(seed)
    const prefix = () => toBits(roll(0, 1023)).slice(0, roll(1, 8))
    const interfaces = Array.from(
      { length: roll(1, 3) },
      (_, i) => ({ name: `eth${i}`, bits: prefix(), isUp: roll(0, 3) > 0 })
    )
    const host = Wiring.host(0, seed, {
      name: "host",
      interfaces: interfaces.map(({ bits, name }) => ({
        name,
        addresses: [IpInterface.makeUnsafe(ofNumber(ofBits(bits) + 1), 22 + bits.length)],
        segment: { name, cable: new Cable(name, {}, {}), interfaces: [], owners: new Map() },
        mtu: 1500
      })),
      loopback: [],
      routes: [],
      isPrivileged: false,
      forwards: undefined
    })
    for (const { isUp, name } of interfaces) host.interfaces.find((local) => local.name === name)!.isUp = isUp
    const connected: ReadonlyArray<Entry> = interfaces.filter(({ isUp }) => isUp).map(({ bits, name }) => ({
      bits,
      leads: name
    }))
    const routes = Array.from({ length: roll(0, 8) }, () => {
      const bits = prefix()
      const network = IpNetwork.makeUnsafe(ofNumber(ofBits(bits)), 22 + bits.length)
      const given = { network, via: undefined, by: undefined, reject: undefined, isAutomatic: false }
      const kind = roll(0, 2)
      if (kind === 0) return { bits, route: { ...given, reject: "EACCES" } satisfies Route, leads: "EACCES" }
      const local = interfaces[roll(0, interfaces.length - 1)]!
      if (kind === 1) {
        return { bits, route: { ...given, by: local.name } satisfies Route, leads: local.isUp ? local.name : undefined }
      }
      const gateway = ofBits(local.bits) + 2
      const by = lookup(connected, gateway)
      const leads = by === "ENETUNREACH" ? undefined : `${by} via ${NetAddress.formatIp(ofNumber(gateway))}`
      return { bits, route: { ...given, via: Address.ofIp(ofNumber(gateway)) } satisfies Route, leads }
    })
    host.routes = routes.map(({ route }) => route)
    const configured = routes.flatMap(({ bits, leads }) => (leads === undefined ? [] : [{ bits, leads }]))
    return { host, entries: [...connected, ...configured] }
  }

  it("leads where the naive model says", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { entries, host } = make(seed)
      for (let address = 0; address < 1024; address += 7) {
        const hop = Routing.find(host, Address.ofIp(ofNumber(address)))
        const leads = typeof hop === "string"
          ? hop
          : `${hop.interface.name}${hop.gateway === undefined ? "" : ` via ${hop.gateway}`}`

        assert.strictEqual(leads, lookup(entries, address), `seed ${seed}, address ${address}`)
      }
    }
  })
})

describe("a network of many segments", () => {
  /** Segments and routers that make a forest, and a host on each segment. */
  const forest = (seed: number) => {
    const roll = dice(seed)
    const count = roll(2, 7)
    const edges = Array.from({ length: count - 1 }, (_, i) => ({ from: roll(0, i), to: i + 1, threshold: roll(0, 3) }))
      .filter(() => roll(0, 5) > 0)
    const names = Array.from({ length: count }, (_, i) => `s${i}`)
    const topology = Topology.make({
      segments: names.map((name) => Topology.segment(name)),
      routers: edges.map(({ from, threshold, to }, i) => ({
        name: `r${i}`,
        between: [`s${from}`, `s${to}`],
        multicast: { threshold }
      })),
      hosts: names.map((on) => ({ name: `h-${on}`, interfaces: { eth0: { on } } }))
    })
    return { topology, edges, names, ttl: roll(1, 5) }
  }

  /** Segments that a datagram gets to, with what is left of its ttl. */
  const spread = (
    edges: ReturnType<typeof forest>["edges"],
    from: number,
    ttl: number,
    passes: (threshold: number, ttl: number) => boolean
  ): ReadonlySet<number> => {
    const reached = new Map([[from, ttl]])
    for (const [segment, left] of reached) {
      for (const edge of edges) {
        const next = edge.from === segment ? edge.to : edge.to === segment ? edge.from : undefined
        if (next !== undefined && !reached.has(next) && passes(edge.threshold, left)) reached.set(next, left - 1)
      }
    }
    return new Set(reached.keys())
  }

  it.effect("unicast reaches what is connected, groups what their ttl allows, and nobody gets a copy more", () =>
    Effect.forEach(Array.from({ length: 40 }, (_, i) => i + 1), (seed) => {
      const { edges, names, topology, ttl } = forest(seed)
      return Simulation.run(Effect.gen(function*() {
        const network = yield* SimulatedNetwork.make({ topology, seed })
        const hosts = names.map((name) => network.host(`h-${name}`))
        const endpoints = yield* Effect.forEach(hosts, (host) =>
          open(host, {
            port: 9778,
            join: ["239.1.1.1"],
            multicast: { interface: ip(NetAddress.formatIp(host.address)), ttl, loopback: false }
          }))
        for (const [from, endpoint] of endpoints.entries()) {
          for (const [to, host] of hosts.entries()) {
            if (to !== from) yield* endpoint.send(`${from}>${to}`, `${NetAddress.formatIp(host.address)}:9778`)
          }
          yield* endpoint.send(`${from}>*`, "239.1.1.1:9778")
        }
        yield* Effect.sleep("10 seconds")
        const heard = yield* Effect.forEach(endpoints, ({ received }) => received)

        for (const [to, texts] of heard.entries()) {
          const others = names.map((_, from) => from).filter((from) => from !== to)
          const unicast = others.filter((from) => spread(edges, from, 64, () => true).has(to))
          const multicast = others.filter((from) =>
            spread(edges, from, ttl, (threshold, left) => left > 1 && left > threshold).has(to)
          )
          const expected = [...unicast.map((from) => `${from}>${to}`), ...multicast.map((from) => `${from}>*`)]
          assert.deepStrictEqual(texts.toSorted(), expected.toSorted(), `seed ${seed}, host ${to}`)
        }
      }))
    }))
})
