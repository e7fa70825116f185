import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { failure, open } from "../endpoint.ts"

const group = "239.1.1.1"

const rule = <E>(
  name: string,
  test: (lan: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<void, E, Scope.Scope>
) =>
  it.effect(name, () =>
    Simulation.run(Effect.flatMap(SimulatedNetwork.make({ seed: 7 }), test), {
      duration: "10 minutes"
    }))

/** ada, who speaks by eth0, and members of the group on other hosts. */
const scene = (lan: SimulatedNetwork.SimulatedNetwork, ...members: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const sender = yield* open(lan.host("ada"), {
      port: 9778,
      broadcast: true,
      multicast: { interface: lan.host("ada").address, ttl: 1 }
    })
    const receivers = yield* Effect.forEach(members, (name) => open(lan.host(name), { port: 9778, join: [group] }))
    const say = (count: number, to = `${group}:9778`) =>
      Effect.forEach(Array.from({ length: count }, (_, k) => `${k}`), (text) => sender.send(text, to), {
        discard: true
      }).pipe(Effect.andThen(Effect.sleep("1 second")))
    return { sender, receivers, say }
  })

describe("what a real network may do besides", () => {
  rule("rule 44: a drop in the sender's own queue is silent", (lan) =>
    Effect.gen(function*() {
      const { receivers: [grace], say } = yield* scene(lan, "grace")
      yield* lan.faults.link({ from: "ada" }, { bandwidth: "8 kbit", queue: "200 B" })
      yield* say(20)
      const lost = (yield* lan.frames).flatMap(({ outcomes }) => outcomes).filter((each) =>
        each._tag === "Dropped" && each.reason === "queue"
      )

      assert.isAbove(lost.length, 0)
      assert.isBelow((yield* grace!.received).length, 20)
    }))

  rule("rule 117: each receiver loses, and gets twice, for itself", (lan) =>
    Effect.gen(function*() {
      const { receivers: [grace, carol], say } = yield* scene(lan, "grace", "carol")
      yield* lan.faults.link({ to: "grace" }, { loss: 0.5 })
      yield* lan.faults.link({ to: "carol" }, { duplicate: 0.5 })
      yield* say(100)
      const counts = [yield* grace!.received, yield* carol!.received].map(({ length }) => length)

      assert.isBelow(counts[0]!, 100)
      assert.isAbove(counts[1]!, 100)
    }))

  rule("rule 117: what overtakes arrives out of order", (lan) =>
    Effect.gen(function*() {
      const { receivers: [grace], say } = yield* scene(lan, "grace")
      yield* lan.faults.link({ to: "grace" }, { jitter: "50 millis" })
      yield* say(100)
      const got = (yield* grace!.received).map(Number)

      assert.strictEqual(got.length, 100)
      assert.notDeepEqual(got, got.toSorted((a, b) => a - b))
    }))

  rule("rule 118: one way only, between some only", (lan) =>
    Effect.gen(function*() {
      const { receivers, say } = yield* scene(lan, "grace", "carol")
      yield* lan.faults.cut({ from: "ada", to: "grace" })
      yield* say(1)
      yield* receivers[0]!.send("back", "10.11.0.1:9778")

      assert.deepStrictEqual(yield* Effect.forEach(receivers, ({ received }) => received), [[], ["0"]])
    }))

  rule("rule 118: unicast but not multicast, some time after a join", (lan) =>
    Effect.gen(function*() {
      const { receivers: [grace], sender, say } = yield* scene(lan, "grace")
      yield* lan.faults.snooping({ after: "30 seconds" })
      yield* say(1)
      yield* Effect.sleep("1 minute")
      yield* say(1)
      yield* sender.send("unicast", `${lan.host("grace").address}:9778`)
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* grace!.received, ["0", "unicast"])
    }))

  rule("rule 119: a host that wakes gets what its buffers kept in one burst", (lan) =>
    Effect.gen(function*() {
      const { receivers: [grace], say } = yield* scene(lan, "grace")
      yield* lan.host("grace").pause("1 minute", "sleep")
      yield* say(300)
      const asleep = (yield* grace!.received).length
      yield* Effect.sleep("1 minute")

      assert.deepStrictEqual([asleep, (yield* grace!.received).length], [0, 256])
    }))

  rule("rule 120: two hosts have one address", (lan) =>
    Effect.gen(function*() {
      const { receivers, say } = yield* scene(lan, "grace", "carol")
      yield* lan.host("carol").interface("eth0").addAddress(`${lan.host("grace").address}/24`)
      yield* say(1, `${lan.host("grace").address}:9778`)

      assert.include((yield* Effect.forEach(receivers, ({ received }) => received)).flat(), "0")
    }))

  rule("rule 120: a host changes its address between two datagrams", (lan) =>
    Effect.gen(function*() {
      const { receivers: [grace], say, sender } = yield* scene(lan, "grace")
      const unicast = Effect.andThen(sender.send("x", `${lan.host("grace").address}:9778`), Effect.sleep("1 second"))
      yield* unicast
      const eth0 = lan.host("ada").interface("eth0")
      yield* eth0.removeAddress("10.11.0.1")
      yield* eth0.addAddress("10.11.0.99/24")
      yield* unicast

      assert.deepStrictEqual(yield* grace!.senders, ["10.11.0.1:9778", "10.11.0.99:9778"])
      assert.deepStrictEqual(yield* failure(say(1)), ["ENETUNREACH", "Unreachable"])
    }))

  rule("rule 121: a firewall refuses what goes out, and swallows what comes in", (lan) =>
    Effect.gen(function*() {
      const { receivers: [grace], say, sender } = yield* scene(lan, "grace")
      yield* Effect.scoped(Effect.gen(function*() {
        yield* lan.faults.firewall("ada", { out: "EPERM" })
        assert.deepStrictEqual(yield* failure(say(1)), ["EPERM", "PermissionDenied"])
      }))
      yield* lan.faults.firewall("grace", { in: "drop" })
      yield* sender.send("lost", `${group}:9778`)
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* grace!.received, [])
    }))
})
