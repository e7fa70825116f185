import {
  Fault,
  type Faults,
  SimulatedHost,
  SimulatedNetwork,
  Simulation,
  Swarm,
  Topology
} from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, type Scope } from "effect"
import * as Inside from "../../src/internal/Inside.ts"
import { open } from "../endpoint.ts"

const simulated = <A, E>(name: string, program: Effect.Effect<A, E, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(program))

const attic = Topology.segment("attic", { ipv4: "10.22.0.0/24" })
const cellar = Topology.segment("cellar", { ipv4: "10.33.0.0/24", ipv6: "fd11::/64" })
const topology = Topology.make({
  segments: [attic, cellar],
  hosts: [
    ...Topology.hosts("up", 2, { eth0: { on: attic } }),
    { name: "both", interfaces: { eth0: { on: attic }, wlan0: { on: cellar } } },
    ...Topology.hosts("down", 2, { eth0: { on: cellar } })
  ]
})

/** All that faults change and have to leave as it was; IPv6 addresses aside, which an interface that went down has lost (rule 95). */
const state = Effect.fnUntraced(function*(network: SimulatedNetwork.SimulatedNetwork) {
  const { journal, links } = Inside.kernel(network)
  const { hosts } = yield* network.inspect
  const pairs = journal.hosts.flatMap((a) => journal.hosts.map((b) => [a, b] as const))
  return {
    interfaces: hosts.map(({ interfaces, isPaused, name }) => ({
      name,
      isPaused,
      interfaces: interfaces.map(({ addresses, hasCarrier, isUp, mtu, name, segment }) => {
        const ipv4 = addresses.filter((address) => !address.includes(":"))
        return { name, segment, isUp, hasCarrier, mtu, ipv4 }
      })
    })),
    hosts: journal.hosts.map((host) => [host.name, host.isOff, SimulatedHost.inside(host).time.ppm]),
    links: pairs.map(([a, b]) =>
      JSON.stringify(links.changes.between(a.name, b.name, a.interfaces[1]!.segment!.cable).link)
    ),
    isQuiet: links.active.isQuiet && links.changes.isEmpty
  }
})

const run = (faults: ReadonlyArray<Fault.FaultEvent>) =>
  Effect.gen(function*() {
    const network = yield* SimulatedNetwork.make({ topology, seed: 1 })
    for (const host of yield* network.hosts) yield* host.start(Effect.never)
    const before = yield* state(network)
    yield* Effect.scoped(network.faults.play(faults))
    yield* Effect.sleep("1 minute")
    const clocks = Inside.kernel(network).journal.hosts.map((host) => SimulatedHost.inside(host).time.ahead / 1000)
    return { before, after: yield* state(network), clocks, hosts: yield* network.hosts }
  })

const hostFaults: ReadonlyArray<Fault.Kind> = [
  "AddressChange",
  "CarrierLoss",
  "ClockJump",
  "ClockSkew",
  "Crash",
  "DuplicateAddress",
  "InterfaceDown",
  "Pause",
  "Restart"
]

const jumps = (faults: ReadonlyArray<Fault.FaultEvent>, host: string): number =>
  faults.reduce((sum, fault) => fault._tag === "ClockJump" && fault.host === host ? sum + fault.by : sum, 0)

describe("faults that overlap", () => {
  for (const [name, kinds] of [["hosts", hostFaults], ["everything", Fault.kinds]] as const) {
    it.effect(`of ${name} leave nothing behind when all have ended`, () =>
      Effect.gen(function*() {
        const swarm = Swarm.make({ kinds, share: 0.4, atMost: 16 })
        for (let seed = 0; seed < 150; seed++) {
          const faults = Swarm.generate(swarm, topology, "10 seconds", seed).map((fault) => ({ for: 3000, ...fault }))
          const { after, before, clocks, hosts } = yield* Simulation.run(run(faults), { seed })

          assert.deepStrictEqual(after, before, `seed ${seed}: ${JSON.stringify(faults)}`)
          if (faults.some(({ _tag }) => _tag === "ClockDrift")) continue
          for (const [i, host] of hosts.entries()) {
            assert.closeTo(clocks[i]!, jumps(faults, host.name), 0.01, `seed ${seed}: ${JSON.stringify(faults)}`)
          }
        }
      }), 30_000)
  }

  const inside = (first: Faults.Scoped, second: Faults.Scoped, look: Effect.Effect<void, unknown>) =>
    Effect.scoped(Effect.gen(function*() {
      yield* first
      yield* Effect.scoped(second)
      yield* look
    }))

  for (const _tag of ["InterfaceDown", "CarrierLoss"] as const) {
    simulated(
      `the end of one ${_tag} does not end another`,
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ seed: 1 })
        lan.host("ada")
        const fault = lan.faults.apply({ _tag, host: "ada", interface: "eth0" })
        const works = Effect.map(lan.inspect, ({ hosts: [ada] }) => {
          const { hasCarrier, isUp } = ada!.interfaces[1]!
          return hasCarrier && isUp
        })
        yield* inside(fault, fault, Effect.map(works, assert.isFalse))

        assert.isTrue(yield* works)
      })
    )
  }

  simulated(
    "the end of an earlier address does not end a later one, and the last gives the first back",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const ada = lan.host("ada")
      const to = (address: string, millis: number) =>
        lan.faults.apply({ _tag: "AddressChange", for: millis, host: "ada", interface: "eth0", address })
      yield* to("10.11.0.71", 1000)
      yield* to("10.11.0.72", 2000)
      yield* Effect.sleep("1500 millis")
      assert.deepStrictEqual(ada.addresses.map(String), ["10.11.0.72"])
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(ada.addresses.map(String), ["10.11.0.1"])
    })
  )

  simulated(
    "a host is off until the last crash has ended, or somebody boots it",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      let boots = 0
      yield* lan.host("ada").start(Effect.andThen(Effect.sync(() => boots++), Effect.never))
      const crash = (millis: number) => lan.faults.apply({ _tag: "Crash", host: "ada", for: millis })
      yield* crash(3000)
      yield* crash(1000)
      yield* Effect.sleep("2 seconds")
      assert.strictEqual(boots, 1)
      yield* Effect.sleep("2 seconds")
      assert.strictEqual(boots, 2)
      yield* crash(2000)
      yield* lan.faults.apply({ _tag: "Restart", host: "ada" })
      yield* Effect.sleep("3 seconds")

      assert.strictEqual(boots, 3)
    })
  )

  simulated(
    "what one hold lets go another one that lasts goes on holding",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      const hold = (match: Fault.Match, millis: number) => lan.faults.apply({ _tag: "Hold", for: millis, match })
      yield* hold({ to: "grace" }, 1000)
      yield* hold({ from: "ada" }, 2000)
      yield* ada.send("one", "10.11.0.2:9778")
      yield* Effect.sleep("1500 millis")
      assert.deepStrictEqual(yield* grace.received, [])
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* grace.received, ["one"])
    })
  )

  simulated(
    "a fault of all links holds for two hosts that have a link of their own",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      yield* lan.link("ada", "grace").set({ loss: 0 })
      yield* lan.faults.apply({ _tag: "Loss", probability: 1 })
      yield* ada.send("one", "10.11.0.2:9778")
      yield* Effect.sleep("10 millis")

      assert.deepStrictEqual(yield* grace.received, [])
    })
  )
})

describe("healAll", () => {
  it.effect("ends all faults though whoever heals them is interrupted", () =>
    Effect.gen(function*() {
      for (let seed = 0; seed < 60; seed++) {
        const isQuiet = Effect.gen(function*() {
          const lan = yield* SimulatedNetwork.make({ seed: 1 })
          lan.host("ada")
          for (let i = 0; i < 5; i++) yield* lan.faults.firewall("ada", { in: "drop" })
          const healing = yield* Effect.forkChild(lan.faults.healAll, { startImmediately: true })
          yield* Fiber.interrupt(healing)
          yield* lan.faults.healAll
          return Inside.kernel(lan).links.active.isQuiet
        })

        assert.isTrue(yield* Simulation.run(isQuiet, { seed, order: "random", preemption: 0.3 }), `seed ${seed}`)
      }
    }))
})

describe("a fault that cannot be", () => {
  simulated(
    "fails before its beginning is written",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      lan.host("ada")
      const impossible: ReadonlyArray<Fault.FaultEvent> = [
        { _tag: "InterfaceDown", host: "ada", interface: "eth1" },
        { _tag: "CarrierLoss", host: "ada", interface: "lo" },
        { _tag: "AddressChange", host: "ada", interface: "eth0", address: "nowhere" },
        { _tag: "AddressChange", host: "ada", interface: "eth0", address: "fd11::7" },
        { _tag: "ClockDrift", host: "ada", ppm: 1e9 },
        { _tag: "ClockSkew", host: "ada", offset: NaN },
        { _tag: "ClockJump", host: "ada", by: Infinity },
        { _tag: "Pause", host: "ada", duration: -1 }
      ]
      for (const fault of impossible) yield* Effect.flip(lan.faults.apply(fault))

      assert.deepStrictEqual((yield* lan.journal).events.filter(({ kind }) => kind === "fault"), [])
    })
  )

  simulated(
    "of a rule that throws names the rule",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const ada = yield* open(lan.host("ada"), { port: 9778 })
      yield* open(lan.host("grace"), { port: 9778 })
      yield* lan.faults.rule(() => {
        throw new TypeError("no such field")
      }, { name: "drops the third" })
      const exit = yield* Effect.exit(ada.send("one", "10.11.0.2:9778"))

      const why = Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
      assert.match(why, /the fault rule "drops the third" threw on datagram \d+ from ada to grace: TypeError/)
    })
  )
})
