import { Network } from "@effect-discovery/core"
import {
  type Journal,
  Property,
  type PropertyFailed,
  type PropertyState,
  Schedule,
  Swarm
} from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, ConfigProvider, Data, Effect, Fiber, Schedule as Times, Scope } from "effect"
import { NetAddress } from "effect/net"
import * as Gossip from "./planted/Gossip.ts"

const counterexample = (error: PropertyFailed.PropertyFailed) => {
  if (error.reason._tag !== "Counterexample") throw error
  return error.reason
}

const refuted = <V, E>(options: Property.Options<V, E, Network.Network | Scope.Scope>) =>
  Effect.map(Effect.flip(Property.check(options)), counterexample)

/** A program that does nothing and shows nothing. */
const idle = () => Effect.succeed(Effect.void)

/** The first host asks once, after half a second; whoever hears it answers as often as it is heard. */
const echo = Effect.fnUntraced(function*({ mark, name }: PropertyState.Participant) {
  const socket = yield* Network.Network.use((network) =>
    network.open({ family: "IPv4", bind: { port: 9778 }, reuseAddress: true })
  )
  const reader = yield* socket.reader
  const writer = yield* socket.writer
  yield* reader.joinMulticast({ group: Gossip.group })
  const say = (payload: string) =>
    Effect.ignore(writer.write({ payload, address: NetAddress.inetAddressUnsafe(Gossip.group, 9778) }))
  const answer = Effect.flatMap(reader.pull, (datagrams) =>
    Effect.forEach(
      datagrams.filter(({ payload }) => new TextDecoder().decode(payload) === "who is there?"),
      () => Effect.andThen(say(name), mark("answered"))
    ))
  if (name === "host1") yield* Effect.forkScoped(Effect.delay(say("who is there?"), "500 millis"))
  else yield* Effect.forkScoped(Effect.forever(answer), { startImmediately: true })
  return Effect.void
})

const quiet = { topology: 2, faults: Swarm.none, faultsFor: "1 second", runs: 1, workload: idle } as const

describe("a planted bug that needs two faults", () => {
  it.effect("is found by swarm, shrunk to those two, and replayed from the token", () =>
    Effect.gen(function*() {
      const found = yield* refuted({ ...Gossip.property, faults: Swarm.all, runs: 1000 })
      const kinds = found.schedule.faults.map(({ _tag }) => _tag)
      const replayed = yield* refuted({ ...Gossip.property, replay: found.token })

      assert.strictEqual(found.failure.property, "allSeeAll")
      assert.strictEqual(kinds.length, 2, found.message)
      assert.isTrue(kinds.includes("Duplicate") || kinds.includes("Replay"), kinds.join())
      assert.isTrue(found.schedule.hosts?.length === 2)
      assert.isTrue(found.isReproducible)
      assert.deepStrictEqual(replayed.failure, found.failure)
      assert.deepStrictEqual(replayed.schedule, found.schedule)
    }), 30_000)

  it.effect("one of the two alone does no harm", () =>
    Effect.gen(function*() {
      const { schedule } = yield* refuted({ ...Gossip.property, faults: Swarm.all, runs: 1000 })
      for (const fault of schedule.faults) {
        const { runs } = yield* Property.check({ ...Gossip.property, schedules: [{ ...schedule, faults: [fault] }] })
        assert.strictEqual(runs, 1)
      }
    }), 30_000)

  it.effect("the same seed finds the same", () =>
    Effect.gen(function*() {
      const once = yield* refuted({ ...Gossip.property, faults: Swarm.all, runs: 1000 })
      const twice = yield* refuted({ ...Gossip.property, faults: Swarm.all, runs: 1000 })

      assert.deepStrictEqual(once, twice)
    }), 30_000)
})

describe("always", () => {
  it.effect("is judged at the moment at which it fails", () =>
    Effect.gen(function*() {
      const workload = ({ changed }: PropertyState.Participant) =>
        Effect.gen(function*() {
          let count = 0
          const step = Effect.andThen(Effect.sync(() => count++), changed)
          yield* Effect.forkScoped(Effect.delay(Effect.repeat(step, Times.spaced("100 millis")), "50 millis"))
          return Effect.sync(() => count)
        })
      const below = ({ hosts }: PropertyState.State<number>) =>
        hosts.every(({ view = 0 }) => view < 5) || "counted to five"
      const { failure } = yield* refuted({ ...quiet, workload, always: { below } })

      assert.deepStrictEqual(failure, { property: "below", why: "counted to five", at: 450 })
    }))

  it.effect("a predicate that throws, and a view that dies, fail with what they say", () =>
    Effect.gen(function*() {
      const never = () => {
        throw new Error("no")
      }
      const thrown = yield* refuted({ ...quiet, always: { never } })
      const died = yield* refuted({
        ...quiet,
        workload: () => Effect.succeed(Effect.die(new Error("blind"))),
        always: { holds: () => true }
      })

      assert.deepStrictEqual([thrown.failure.property, thrown.failure.why], ["never", "it threw Error: no"])
      assert.strictEqual(died.failure.property, "view")
      assert.match(died.failure.why, /blind/)
    }))
})

describe("a run in which nothing happens", () => {
  it.effect("is judged all the same at the end of each phase", () =>
    Effect.gen(function*() {
      const workload = () => Effect.succeed(Clock.currentTimeMillis)
      const early = ({ hosts }: PropertyState.State<number>) => hosts.every(({ view = 0 }) => view < 1500)
      const { failure } = yield* refuted({ ...quiet, workload, always: { early } })

      assert.deepStrictEqual([failure.property, failure.at], ["early", 2000])
    }))

  it.effect("a view that dies while the hosts converge is told as such", () =>
    Effect.gen(function*() {
      const workload = () => Effect.succeed(Effect.die(new Error("blind")))
      const eventually = { holds: { check: () => true, within: "2 seconds" } } as const
      const { failure } = yield* refuted({ ...quiet, workload, eventually })

      assert.strictEqual(failure.property, "view")
    }))
})

describe("a failure", () => {
  it.effect("tells the seed, the schedule in words, why, the last events of each host and the token", () =>
    Effect.gen(function*() {
      const faults = [{ _tag: "Crash", at: 500, for: 100, host: "host1" }] as const
      const never = { check: () => "they disagree", within: "10 seconds" } as const
      const { events, message, token } = yield* refuted({
        ...quiet,
        workload: Gossip.run,
        eventually: { never },
        schedules: [{ seed: 77, faults }],
        shrinkRuns: 0
      })

      assert.match(message, /property "never" failed at .* s: they disagree 10(?:\.\d)? s after the faults stopped/)
      assert.match(message, /seed 77\n.*at 0\.5 s Crash host host1 for 0\.1 s/s)
      assert.deepStrictEqual(events.map(({ host, lines }) => [host, lines.length]), [["host1", 20], ["host2", 20]])
      assert.match(message, /last at host1:\n.*last at host2:\n/s)
      assert.isTrue(message.endsWith(`replay: SIMULATION_REPLAY=${token}`))
    }))

  it.effect("of a seed that nobody tried before tells that seed", () =>
    Effect.gen(function*() {
      const never = { check: () => false, within: "1 second" } as const
      const fresh = () => refuted({ ...quiet, runs: 0, freshRuns: 1, eventually: { never }, shrinkRuns: 0 })
      const [once, twice] = [yield* fresh(), yield* fresh()]

      assert.notStrictEqual(once.found.seed, twice.found.seed)
      assert.include(once.message, `seed ${once.found.seed}`)
    }))
})

describe("eventually", () => {
  it.effect("says what became of the last datagram between those who do not know each other", () =>
    Effect.gen(function*() {
      const { failure } = yield* refuted({
        ...quiet,
        workload: Gossip.run,
        shrinkRuns: 0,
        eventually: { never: { check: () => false, within: "2 seconds", missing: () => [["host1", "host2"]] } }
      })

      assert.match(failure.why, /it does not hold 2 s after the faults stopped/)
      assert.match(failure.why, /from host1 to host2: .* delivered at host2\/eth0/)
    }))

  it.effect("has to go on holding", () =>
    Effect.gen(function*() {
      const { failure } = yield* refuted({
        ...quiet,
        eventually: { early: { check: ({ now }) => now < 5000, within: "2 seconds" } },
        quiet: { datagrams: 0 }
      })

      assert.strictEqual(failure.property, "early")
      assert.match(failure.why, /and then no more/)
    }))

  it.effect("has to hold still when others come to hold", () =>
    Effect.gen(function*() {
      const { failure } = yield* refuted({
        ...quiet,
        eventually: {
          early: { check: ({ now }) => now < 9000, within: "3 seconds" },
          late: { check: ({ now }) => now > 15_000, within: "20 seconds" }
        }
      })

      assert.strictEqual(failure.property, "early")
      assert.match(failure.why, /it does not hold 7(?:\.\d)? s after the faults stopped/)
    }))

  it.effect("nobody waits for it where safety is all", () =>
    Effect.gen(function*() {
      const never = { check: () => false, within: "2 seconds" } as const

      assert.strictEqual((yield* Property.check({ ...quiet, eventually: { never }, safetyOnly: true })).runs, 1)
    }))
})

describe("quiet", () => {
  it.effect("counts what each host sends", () =>
    Effect.gen(function*() {
      const { failure } = yield* refuted({ ...quiet, workload: Gossip.run, quiet: { datagrams: 0.5 } })

      assert.deepStrictEqual([failure.property, failure.why], [
        "quiet",
        "host2 sent 0.9 datagrams a second, 0.5 allowed"
      ])
      assert.strictEqual((yield* Property.check({ ...quiet, workload: Gossip.run, quiet: { datagrams: 1 } })).runs, 1)
    }))

  it.effect("counts what the journal has forgotten as well", () =>
    Effect.gen(function*() {
      const options = { ...quiet, workload: Gossip.run, network: { history: 5 } }
      const { failure } = yield* refuted({ ...options, quiet: { datagrams: 0.5 } })

      assert.strictEqual(failure.why, "host2 sent 0.9 datagrams a second, 0.5 allowed")
    }))

  it.effect("begins when the last datagram has arrived that was replayed", () =>
    Effect.gen(function*() {
      const schedules = [{ seed: 1, faults: [{ _tag: "Replay", at: 0, match: {}, delay: 3000, copies: 3 }] }] as const
      const { runs } = yield* Property.check({
        ...quiet,
        boot: 0,
        workload: echo,
        runs: 0,
        schedules,
        quiet: { datagrams: 0 }
      })
      const marked = yield* Property.check({ ...quiet, boot: 0, workload: echo, runs: 0, schedules })

      assert.strictEqual(runs, 1)
      assert.isTrue(marked.coverage.marks.has("answered"))
    }))
})

describe("history", () => {
  it.effect("that does not hold says how much of the run was forgotten", () =>
    Effect.gen(function*() {
      const history = { whole: ({ events }: Journal.Journal) => events[0]?.seq === 1 || "the beginning is missing" }
      const { failure } = yield* refuted({ ...quiet, network: { history: 1 }, history, shrinkRuns: 0 })

      assert.match(failure.why, /^the beginning is missing\nthe first \d+ events were forgotten/)
    }))
})

describe("shutdown", () => {
  it.effect("finds a socket and its membership that nobody closed", () =>
    Effect.gen(function*() {
      const workload = () =>
        Effect.gen(function*() {
          const socket = yield* Network.Network.use((network) =>
            network.open({ family: "IPv4", bind: { port: 9778 }, reuseAddress: true })
          )
          const reader = yield* Scope.provide(socket.reader, yield* Scope.make())
          yield* Scope.provide(reader.joinMulticast({ group: Gossip.group }), yield* Scope.make())
          return Effect.void
        })
      const { failure } = yield* refuted({ ...quiet, topology: 1, workload })

      assert.deepStrictEqual([failure.property, failure.why], [
        "shutdown",
        "left behind: 1 open sockets of host1, memberships of host1/eth0 in 239.1.1.1"
      ])
    }))

  it.effect("finds a fiber that outlives its host", () =>
    Effect.gen(function*() {
      const workload = () => Effect.as(Effect.forkDetach(Effect.never, { startImmediately: true }), Effect.void)
      const { failure } = yield* refuted({ ...quiet, topology: 1, workload })

      assert.strictEqual(failure.property, "shutdown")
      assert.match(failure.why, /^left behind: fiber \d+ of host1/)
    }))
})

class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}

describe("a workload", () => {
  it.effect("that fails or dies fails the property, and shrinks", () =>
    Effect.gen(function*() {
      const failed = yield* refuted({
        ...quiet,
        topology: 5,
        workload: () => Effect.fail(new Refused({ message: "no" }))
      })
      const died = yield* refuted({ ...quiet, workload: () => Effect.die(new Error("broken")) })

      const { stack, ...failure } = failed.failure
      assert.deepStrictEqual(failure, { property: "workload", why: "the program of host5 ended: Refused: no", at: 0 })
      assert.match(stack![0]!, /workload.*Property\.test\.ts/)
      assert.include(failed.message, `ended: Refused: no\n    ${stack![0]}\n`)
      assert.strictEqual(failed.schedule.hosts?.length, 1)
      assert.match(died.failure.why, /broken/)
    }))

  it.effect("that waits for a fiber which was interrupted fails the property, and one whose host crashes does not", () =>
    Effect.gen(function*() {
      const interrupted = Effect.flatMap(
        Effect.forkChild(Effect.never),
        (fiber) => Effect.andThen(Fiber.interrupt(fiber), Fiber.join(fiber))
      )
      const { failure } = yield* refuted({ ...quiet, workload: () => interrupted })
      const slow = () =>
        Effect.as(Effect.onInterrupt(Effect.sleep("1500 millis"), () => Effect.sleep("1 second")), Effect.void)
      const schedules = [{ seed: 1, faults: [{ _tag: "Crash", host: "host1", at: 0, for: 500 }] }] as const

      assert.match(failure.why, /^the program of host\d ended: InterruptError/)
      assert.strictEqual((yield* Property.check({ ...quiet, workload: slow, schedules })).runs, 1)
    }))

  it.effect("whose socket fails tells what the system said", () =>
    Effect.gen(function*() {
      const workload = () =>
        Effect.gen(function*() {
          const network = yield* Network.Network
          const socket = yield* network.open({ family: "IPv4", bind: { port: 80 } })
          yield* socket.reader
          return Effect.void
        })
      const { failure } = yield* refuted({ ...quiet, workload })

      assert.match(failure.why, /^the program of host\d ended: .*: bind EACCES/)
    }))

  it.effect("whose fiber dies while nobody waits for it fails the property, and shrinks", () =>
    Effect.gen(function*() {
      const dies = () => {
        throw new TypeError("broken")
      }
      const workload = () => Effect.as(Effect.forkScoped(Effect.delay(Effect.sync(dies), "3 seconds")), Effect.void)
      const options = { ...quiet, topology: 5, faultsFor: "5 seconds", workload } as const
      const { failure, schedule } = yield* refuted({
        ...options,
        eventually: { never: { check: () => false, within: 0 } }
      })
      const { runs } = yield* Property.check({ ...options, defects: "allow" })

      assert.deepStrictEqual([failure.property, failure.at, runs], ["workload", 3000, 1])
      assert.match(failure.why, /^fiber \d+ of host5 died, and nobody waited for it: TypeError: broken$/)
      assert.match(failure.stack![0]!, /dies.*Property\.test\.ts/)
      assert.strictEqual(schedule.hosts?.length, 1)
    }))

  it.effect("that starts a program that fails fails the property, and so does a setup that does", () =>
    Effect.gen(function*() {
      const program = Effect.delay(Effect.fail(new Refused({ message: "no" })), "3 seconds")
      const options = { ...quiet, topology: 2, faultsFor: "5 seconds" } as const
      const inWorkload = yield* refuted({
        ...options,
        workload: ({ host }) => Effect.as(host.start(program), Effect.void)
      })
      const inSetup = yield* refuted({ ...options, setup: (lan) => lan.host("host2").start(program) })

      for (const { failure } of [inWorkload, inSetup]) {
        assert.deepStrictEqual([failure.property, failure.at], ["workload", 3000])
        assert.match(failure.why, /^a program that was started on host[12] failed: no$/)
        assert.match(failure.stack![0]!, /Property\.test\.ts/)
      }
    }))

  it.effect("whose fiber dies on a host that has crashed does not", () =>
    Effect.gen(function*() {
      const dies = Effect.uninterruptible(Effect.delay(Effect.die("late"), "1500 millis"))
      const workload = () => Effect.as(Effect.forkScoped(dies), Effect.never)
      const faults = [{ _tag: "Crash", host: "host1", at: 0, for: 5000 }] as const
      const crashed = { seed: 1, hosts: ["host1"], faults, dead: ["host1"] }
      const { runs } = yield* Property.check({ ...quiet, workload, safetyOnly: true, schedules: [crashed] })

      assert.strictEqual(runs, 1)
    }))

  it.effect("that spins for ever is stopped", () =>
    Effect.gen(function*() {
      const workload = () => Effect.as(Effect.forkScoped(Effect.forever(Effect.yieldNow)), Effect.void)
      const { failure } = yield* refuted({ ...quiet, workload, eventLimit: 5000 })

      assert.strictEqual(failure.property, "simulation")
    }))

  it.effect("that spins is found out before it has used up the events of the whole run", () =>
    Effect.gen(function*() {
      const workload = () => Effect.as(Effect.forkScoped(Effect.forever(Effect.sleep(0))), Effect.void)
      const { failure } = yield* refuted({ ...quiet, workload })

      assert.match(failure.why, /went past 10000 events at 0 s/)
    }))
})

describe("core", () => {
  it.effect("some hosts stay dead, and the others are told apart from them", () =>
    Effect.gen(function*() {
      const seen = new Set<number>()
      const survivors = ({ hosts, phase }: PropertyState.State<void>) => {
        if (phase === "converge") seen.add(hosts.filter(({ isDead }) => isDead).length)
        return hosts.every(({ isDead, isUp }) => isUp === !isDead)
      }
      const options = { ...quiet, topology: 4, runs: 30, core: "random" as const }
      yield* Property.check({ ...options, eventually: { survivors: { check: survivors, within: "1 second" } } })

      assert.deepStrictEqual(Array.from(seen).toSorted(), [0, 1, 2])
    }))
})

describe("sometimes", () => {
  it.effect("a mark that is never hit proves nothing", () =>
    Effect.gen(function*() {
      const workload = ({ mark }: PropertyState.Participant) => Effect.as(mark("started"), Effect.void)
      const options = { ...quiet, runs: 3, workload }
      const { coverage } = yield* Property.check({ ...options, sometimes: ["started"] })
      const error = yield* Effect.flip(Property.check({ ...options, sometimes: ["started", "finished"] }))

      assert.deepStrictEqual(Array.from(coverage.marks), [["started", 3]])
      assert.match(error.message, /3 runs held, but proved nothing of: the mark "finished"/)
    }))

  it.effect("marks and those of the coverage have to be hit, all of them", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Property.check({ ...quiet, sometimes: ["one"], coverage: { marks: ["other"] } }))

      assert.match(error.message, /proved nothing of: the mark "one", the mark "other"/)
    }))
})

describe("view", () => {
  it.effect("can tell of a forked fiber that died", () =>
    Effect.gen(function*() {
      const workload = () =>
        Effect.gen(function*() {
          const dying = Effect.andThen(Effect.sleep("2 seconds"), Effect.die(new Error("out of memory")))
          const fiber = yield* Effect.forkScoped(dying)
          return Effect.suspend(() => fiber.pollUnsafe() ?? Effect.succeed("alive"))
        })
      const { failure } = yield* refuted({ ...quiet, workload, always: { lives: () => true } })

      assert.strictEqual(failure.property, "view")
      assert.include(failure.why, "out of memory")
    }))
})

describe("replay", () => {
  it.effect("takes the token from the configuration", () =>
    Effect.gen(function*() {
      const schedule: Schedule.Schedule = { seed: 1, faults: [{ _tag: "Crash", at: 0, host: "host1", for: 100 }] }
      const provider = ConfigProvider.fromUnknown({ SIMULATION_REPLAY: Schedule.toToken(schedule) })
      const { coverage, runs } = yield* Effect.provide(
        Property.check({ ...quiet, runs: 50 }),
        ConfigProvider.layer(provider)
      )

      assert.strictEqual(runs, 1)
      assert.strictEqual(coverage.faults.get("Crash")?.effective, 1)
    }))

  it.effect("need not prove what all runs together have to", () =>
    Effect.gen(function*() {
      const token = Schedule.toToken({ seed: 1, faults: [] })
      const { runs } = yield* Property.check({ ...quiet, replay: token, sometimes: ["answered"] })

      assert.strictEqual(runs, 1)
    }))

  it.effect("of hosts that there are no more does not hold", () =>
    Effect.gen(function*() {
      const gone = ["host1", "ada"]
      for (const schedule of [{ seed: 1, faults: [], hosts: gone }, { seed: 1, faults: [], dead: gone }]) {
        const { failure } = yield* refuted({ ...quiet, replay: Schedule.toToken(schedule) })

        assert.deepStrictEqual([failure.property, failure.why], ["schedule", "the topology has no host ada"])
      }
    }))

  it.effect("an empty configuration is none", () =>
    Effect.gen(function*() {
      const provider = ConfigProvider.layer(ConfigProvider.fromUnknown({ SIMULATION_REPLAY: "" }))
      const { runs } = yield* Effect.provide(Property.check({ ...quiet, runs: 3 }), provider)

      assert.strictEqual(runs, 3)
    }))

  it.effect("a property without runs is not proved", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Property.check({ ...quiet, runs: 0 }))

      assert.match(error.message, /0 runs held, but proved nothing of: the property itself/)
    }))

  it.effect("a token that cannot be read says so", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Property.check({ ...quiet, replay: "sim1.broken" }))

      assert.strictEqual(error.reason._tag, "InvalidToken")
    }))
})

describe("shrinking", () => {
  it.effect("takes the faults of a host with it, and keeps to the failure that was found", () =>
    Effect.gen(function*() {
      const impossible = { _tag: "InterfaceDown", at: 500, host: "host2", interface: "eth7" } as const
      const crash = { _tag: "Crash", at: 100, host: "host1" } as const
      const { failure, schedule } = yield* refuted({
        ...quiet,
        topology: 3,
        schedules: [{ seed: 1, faults: [crash, impossible] }]
      })

      assert.strictEqual(failure.property, "schedule")
      assert.match(failure.why, /eth7/)
      assert.deepStrictEqual(schedule.hosts, ["host2"])
      assert.deepStrictEqual(schedule.faults, [{ ...impossible, at: 0 }])
    }))

  it.effect("with perfect links keeps as many events as before", () =>
    Effect.gen(function*() {
      const { failure, schedule } = yield* refuted({
        ...quiet,
        workload: Gossip.run,
        network: { history: 5, latency: "50 millis" },
        history: { whole: ({ forgotten }) => forgotten === 0 }
      })

      assert.strictEqual(failure.property, "whole")
      assert.isTrue(schedule.isPerfect)
    }))

  it.effect("does not take one error for another", () =>
    Effect.gen(function*() {
      const workload = ({ name }: PropertyState.Participant) =>
        Effect.flatMap(Effect.sleep("100 millis"), () =>
          name === "host1" ? Effect.die(new TypeError("wrong")) : Effect.die(new RangeError("other")))
      const { failure, schedule } = yield* refuted({ ...quiet, workload, schedules: [{ seed: 3, faults: [] }] })

      assert.strictEqual(schedule.hosts?.length, 1)
      assert.match(failure.why, schedule.hosts?.[0] === "host1" ? /TypeError/ : /RangeError/)
    }))
})
