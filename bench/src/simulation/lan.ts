/**
 * Child: how fast simulated hosts live, and what they weigh. Runs with `--expose-gc`.
 */
import { Announcement, Discovery, Network } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { DiscoveryProperties, Property, SimulatedNetwork, Simulation, Swarm } from "@effect-discovery/testing"
import { Effect, Layer, type Scope } from "effect"
import { NetAddress } from "effect/net"
import { TestClock } from "effect/testing"
import * as Child from "../harness/Child.ts"
import { inTurn } from "../harness/inTurn.ts"

/** A LAN that came to know itself. */
export interface Cold {
  readonly wallSeconds: number
  /** The fewest others that any host has heard of in the end. */
  readonly known: number
  /** The most memory that the process ever had, in MB. */
  readonly residentMegabytes: number
}

export type Api = {
  /** Virtual seconds in each second of wall time, of hosts that discover each other with a beacon a second. */
  readonly speed: (options: { readonly hosts: number; readonly seconds: number; readonly rounds: number }) => Promise<
    ReadonlyArray<number>
  >
  /** Hosts that switch on and send two beacons each: sockets only, or all of Discovery. */
  readonly cold: (options: { readonly hosts: number; readonly discovers: boolean }) => Promise<Cold>
  /** Datagrams that reach a reader in a second of wall time, the journal on. */
  readonly deliveries: (options: { readonly clock: "own" | "TestClock"; readonly rounds: number }) => Promise<
    ReadonlyArray<number>
  >
  /** Milliseconds of a run of a property: 5 hosts that discover, some 12 virtual seconds, faults in half of them. */
  readonly property: (options: { readonly runs: number; readonly rounds: number }) => Promise<ReadonlyArray<number>>
  /** Octets that an event of the journal holds. */
  readonly journal: () => Promise<ReadonlyArray<number>>
}

/** A host that was started, and how many others it knows. */
type Started = Effect.Effect<Effect.Effect<number>, unknown, Scope.Scope>

const network = "10.0.0.0/16"
const names = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, at) => `host${at}`)
const simulate = <A, E>(program: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
  Effect.runPromise(Simulation.run(program, { eventLimit: 1e9 }))

const api: Api = {
  speed: ({ hosts, rounds, seconds }) =>
    simulate(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ network, seed: 1 })
      yield* Effect.forEach(names(hosts), (name) => discoverer(lan, name, "1 second"))
      yield* Effect.sleep("5 seconds")
      return yield* Effect.replicateEffect(
        Effect.map(timed(Effect.sleep(seconds * 1000)), (wall) => seconds / wall),
        rounds
      )
    })),
  cold: ({ discovers, hosts }) =>
    simulate(Effect.gen(function*() {
      const start = performance.now()
      const lan = yield* SimulatedNetwork.make({ network, seed: 1 })
      const known = yield* Effect.forEach(
        names(hosts),
        (name, at): Started => discovers ? discoverer(lan, name, "2 seconds") : beacon(lan, name, at, hosts)
      )
      yield* Effect.sleep("2100 millis")
      const counts = yield* Effect.all(known)
      return {
        wallSeconds: (performance.now() - start) / 1000,
        known: Math.min(...counts),
        residentMegabytes: process.resourceUsage().maxRSS / 1024
      }
    })),
  deliveries: ({ clock, rounds }) =>
    inTurn(rounds, () =>
      clock === "own"
        ? simulate(busy((duration) => Effect.sleep(duration)))
        : Effect.runPromise(busy(TestClock.adjust).pipe(Effect.scoped, Effect.provide(TestClock.layer())))),
  property: ({ rounds, runs }) =>
    inTurn(rounds, async (round) => {
      const seconds = await Effect.runPromise(timed(Property.check({
        topology: 5,
        faults: Swarm.only(["Partition", "Loss", "Duplicate", "Reorder", "Cut", "Hold"]),
        faultsFor: "6 seconds",
        workload: DiscoveryProperties.workload({
          sources: () => [JsonBeacon.source({ interval: "1 second", scaling: false })]
        }),
        always: DiscoveryProperties.always,
        eventually: { allSeeAll: DiscoveryProperties.allSeeAll("20 seconds") },
        quiet: { datagrams: 2, during: "4 seconds" },
        seed: round,
        runs
      })))
      return (seconds * 1000) / runs
    }),
  journal: () =>
    inTurn(5, async () => {
      const events = 200_000
      return ((await heapOfNetwork(events)) - (await heapOfNetwork(1))) / events
    })
}

const timed = <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<number, E, R> =>
  Effect.suspend(() => {
    const start = performance.now()
    return Effect.map(program, () => (performance.now() - start) / 1000)
  })

/** A host that discovers, and how many others it knows. */
const discoverer = Effect.fnUntraced(
  function*(lan: SimulatedNetwork.SimulatedNetwork, name: string, interval: "1 second" | "2 seconds") {
    const layer = Discovery.layer({ sources: [JsonBeacon.source({ interval, scaling: false })] })
    const context = yield* Layer.build(Layer.provide(layer, lan.host(name).layer))
    yield* Effect.provide(Discovery.advertise(Announcement.make({ name, port: 4000 })), context)
    return Effect.map(Effect.provide(Discovery.peers, context), (peers) => peers.length)
  }
)

const group = NetAddress.ipFromStringUnsafe("239.1.2.3") as NetAddress.MulticastAddress<NetAddress.Ipv4Address>
const port = 4000
const everybody = NetAddress.inetAddressUnsafe(group, port)

const member = Effect.fnUntraced(function*(lan: SimulatedNetwork.SimulatedNetwork, name: string) {
  const host = lan.host(name)
  const socket = yield* Network.Network.use((network) =>
    network.open({ family: "IPv4", bind: { port }, multicast: { interface: host.address, ttl: 1, loopback: false } })
  ).pipe(Effect.provide(host.layer))
  const reader = yield* socket.reader
  yield* reader.joinMulticast({ group, interface: host.address })
  return { reader, writer: yield* socket.writer }
})

/** A host with a socket that says its number twice, and how many others it has heard. */
const beacon = Effect.fnUntraced(
  function*(lan: SimulatedNetwork.SimulatedNetwork, name: string, number: number, hosts: number) {
    const { reader, writer } = yield* member(lan, name)
    const heard = new Uint8Array(hosts)
    const listen = Effect.map(reader.pull, (batch) => {
      for (const { payload } of batch) heard[payload[0]! * 256 + payload[1]!] = 1
    })
    yield* Effect.forkScoped(Effect.forever(listen))
    const payload = Uint8Array.of(number >> 8, number & 0xff)
    yield* Effect.forkScoped(
      Effect.replicateEffect(
        Effect.andThen(Effect.sleep(1 + (number % 1000)), writer.write({ payload, address: everybody })),
        2
      )
    )
    return Effect.sync(() => heard.reduce((sum, one) => sum + one, 0))
  }
)

// 10 hosts that send 100 datagrams a second each, for 20 seconds
const busy = (pass: (duration: "1 second") => Effect.Effect<void>): Effect.Effect<number, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const lan = yield* SimulatedNetwork.make({ network, seed: 1, jitter: "500 micros" })
    let received = 0
    for (const name of names(10)) {
      const { reader, writer } = yield* member(lan, name)
      const listen = Effect.map(reader.pull, (batch) => void (received += batch.length))
      yield* Effect.forkScoped(Effect.forever(listen))
      const write = writer.write({ payload: Uint8Array.of(1), address: everybody })
      yield* Effect.forkScoped(Effect.forever(Effect.andThen(write, Effect.sleep("10 millis"))))
    }
    const seconds = yield* timed(Effect.replicateEffect(pass("1 second"), 20))
    return received / seconds
  })

const collected = Effect.sync(() => {
  globalThis.gc!()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
})

// what a network holds after more events than its journal keeps: 5 hosts that say 200 octets in turn, a send and four deliveries each
const heapOfNetwork = (history: number): Promise<number> =>
  simulate(Effect.gen(function*() {
    const before = yield* collected
    const lan = yield* SimulatedNetwork.make({ network, seed: 1, history })
    const members = yield* Effect.forEach(names(5), (name) => member(lan, name))
    for (let round = 0; round < 10_000; round++) {
      for (const { writer } of members) yield* writer.write({ payload: new Uint8Array(200), address: everybody })
      yield* Effect.sleep("10 millis")
      for (const { reader } of members) yield* reader.pull
    }
    return (yield* collected) - before + (lan.seed - 1)
  }))

Child.serve(api)
