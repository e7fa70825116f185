import { Ppspp } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { open } from "../endpoint.ts"
import { addressOf, sentBy, start, swarm, textOf } from "./support.ts"

const run = <A, E>(program: Effect.Effect<A, E, any>, seed = 1) =>
  Simulation.run(program as Effect.Effect<A, E>, { seed, duration: "3 hours" })

const hex = (octets: Uint8Array) => Buffer.from(octets).toString("hex")

describe("two workers", () => {
  it.effect("shake hands, keep alive for an hour, and say goodbye", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const [ada, bob] = [lan.host("ada"), lan.host("bob")]
      const [a, b] = [yield* start(ada), yield* start(bob)]
      yield* a.connect(addressOf(bob))
      yield* Effect.sleep("1 hour")
      const counted = (yield* sentBy(lan, ada)).length
      assert.strictEqual((yield* b.peers).length, 1)
      yield* a.leave
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(a.log, [`Opened ${textOf(bob)}`])
      assert.deepStrictEqual(b.log, [`Opened ${textOf(ada)}`, `Closed ${textOf(ada)} goodbye`])
      assert.isAtLeast(counted, 60)
      assert.isAtMost(counted, 140)
      const [request, , ...rest] = yield* sentBy(lan, ada)
      assert.strictEqual(request!.payload.length, 48)
      assert.match(hex(rest.at(-1)!.payload), /^[0-9a-f]{8}0000000000ff$/)
    })))

  it.effect("hear what each other say of content", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 2 })
      const heard: Array<unknown> = []
      const chunks = Ppspp.range(0, 15)
      const a = yield* start(lan.host("ada"), {
        handle: (messages) => Effect.sync(() => heard.push(...messages))
      })
      yield* start(lan.host("bob"), {
        handle: (messages, { reply }) =>
          messages[0]?._tag === "Request"
            ? reply({ _tag: "Have", chunks }, { _tag: "Data", chunks, timestamp: 1n, content: Uint8Array.of(1, 2) })
            : Effect.void
      })
      yield* a.connect(addressOf(lan.host("bob")))
      yield* Effect.sleep("1 second")
      const [bob] = yield* a.peers
      yield* a.send(bob!, { _tag: "Request", chunks })
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(heard, [
        { _tag: "Have", chunks },
        { _tag: "Data", chunks, timestamp: 1n, content: Uint8Array.of(1, 2) }
      ])
    })))

  it.effect("handle what can be used of a datagram whose rest is refused", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 10 })
      const heard: Array<string> = []
      const a = yield* start(lan.host("ada"))
      const b = yield* start(lan.host("bob"), {
        handle: (messages) => Effect.sync(() => heard.push(...messages.map(({ _tag }) => _tag)))
      })
      yield* a.connect(addressOf(lan.host("bob")))
      yield* Effect.sleep("35 seconds")
      const [bob] = yield* a.peers
      const unasked = { _tag: "PexResV4", address: addressOf(lan.host("grace")) } as const
      yield* a.send(bob!, unasked, { _tag: "Choke" })
      yield* a.send(bob!, unasked)
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual([heard, b.log], [["Choke"], [`Opened ${textOf(lan.host("ada"))}`]])
      assert.deepStrictEqual((yield* b.endpoint.statistics).rejected, new Map([["unsolicited", 1]]))
    })))

  it.effect("are told when more is to be sent than can wait", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 9 })
      const [a] = [yield* start(lan.host("ada")), yield* start(lan.host("bob"))]
      yield* a.connect(addressOf(lan.host("bob")))
      yield* Effect.sleep("1 second")
      const [bob] = yield* a.peers
      const before = (yield* a.endpoint.statistics).sent.datagrams
      const sent = yield* Effect.all(
        Array.from({ length: 3_000 }, () => a.send(bob!, { _tag: "Choke" })),
        { concurrency: "unbounded" }
      )
      yield* Effect.sleep("1 second")

      const accepted = sent.filter((wasSent) => wasSent).length
      assert.strictEqual((yield* a.endpoint.statistics).sent.datagrams - before, accepted)
      assert.isBelow(accepted, 3_000)
    })))

  it.effect("of different swarms: the one that is asked sends nothing at all", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 3 })
      const [ada, bob] = [lan.host("ada"), lan.host("bob")]
      const a = yield* start(ada, { swarm: Ppspp.swarm({ id: "00ff" }) })
      const b = yield* start(bob)
      yield* a.connect(addressOf(bob))
      yield* Effect.sleep("10 minutes")

      assert.strictEqual((yield* sentBy(lan, ada)).length, 5)
      assert.deepStrictEqual(yield* sentBy(lan, bob), [])
      assert.deepStrictEqual([a.log, b.log], [[`Unanswered ${textOf(bob)}`], []])
      assert.strictEqual((yield* b.endpoint.statistics).rejected.get("swarm"), 5)
    })))

  it.effect("find each other again after one has crashed", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 4 })
      const [ada, bob] = [lan.host("ada"), lan.host("bob")]
      const b = yield* start(bob)
      const a = yield* start(ada)
      yield* a.connect(addressOf(bob))
      yield* Effect.sleep("1 minute")
      yield* ada.crash
      yield* Effect.sleep("1 second")
      const again = yield* start(ada)
      yield* again.connect(addressOf(bob))
      yield* Effect.sleep("10 minutes")

      assert.deepStrictEqual(b.log, [`Opened ${textOf(ada)}`, `Opened ${textOf(ada)} again`])
      assert.strictEqual((yield* b.peers).length, 1)
    })))

  it.effect("are over for each other three minutes after a crash", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 5 })
      const [ada, bob] = [lan.host("ada"), lan.host("bob")]
      const [a, b] = [yield* start(ada), yield* start(bob)]
      yield* a.connect(addressOf(bob))
      yield* Effect.sleep("1 minute")
      yield* ada.crash
      yield* Effect.sleep("2 minutes")
      assert.strictEqual((yield* b.peers).length, 1)
      yield* Effect.sleep("70 seconds")

      assert.deepStrictEqual(b.log, [`Opened ${textOf(ada)}`, `Closed ${textOf(ada)} silence`])
    })))

  for (let seed = 0; seed < 5; seed++) {
    it.effect(`keep one channel on a network that loses and reorders (seed ${seed})`, () =>
      run(
        Effect.gen(function*() {
          const lan = yield* SimulatedNetwork.make({ seed, loss: 0.2, duplicate: 0.1, jitter: "300 millis" })
          const [ada, bob] = [lan.host("ada"), lan.host("bob")]
          const [a, b] = [yield* start(ada), yield* start(bob)]
          yield* a.connect(addressOf(bob))
          yield* b.connect(addressOf(ada))
          yield* Effect.sleep("1 minute")
          yield* lan.setLoss(0)
          yield* Effect.sleep("20 minutes")

          assert.deepStrictEqual([(yield* a.peers).length, (yield* b.peers).length], [1, 1])
          const [ofA] = yield* a.peers
          assert.isTrue(yield* a.send(ofA!, { _tag: "Choke" }))
        }),
        seed
      ))
  }
})

describe("who does not show that it hears", () => {
  it.effect("S-A2 gets no more octets than it sent", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 6 })
      const bob = lan.host("bob")
      const b = yield* start(bob)
      const eve = yield* open(lan.host("eve"))
      const request = Buffer.from(
        `0000000000ef1961d400010101020014${hex(swarm.id)}030104000602ff`,
        "hex"
      )
      for (let i = 0; i < 40; i++) {
        request.writeUInt32BE(1 + (i % 20), 5)
        yield* eve.sendBytes(Uint8Array.from(request), textOf(bob))
        yield* Effect.sleep("100 millis")
      }
      yield* Effect.sleep("10 minutes")

      const answers = yield* sentBy(lan, bob)
      const octets = answers.reduce((sum, { payload }) => sum + payload.length, 0)
      assert.isAbove(octets, 0)
      assert.isAtMost(octets, 40 * request.length)
      assert.deepStrictEqual([yield* b.peers, b.log], [[], []])
    })))
})

describe("a flood in the name of a peer", () => {
  it.effect("does not keep its words from being heard, nor its goodbye", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 8 })
      const [ada, bob] = [lan.host("ada"), lan.host("bob")]
      let heard = 0
      const [a, b] = [yield* start(ada), yield* start(bob, { handle: () => Effect.sync(() => heard++) })]
      yield* a.connect(addressOf(bob))
      yield* Effect.sleep("1 second")
      // what counts is the host that a datagram bears
      const forged = yield* open(ada)
      yield* Effect.forkChild(
        Effect.forever(Effect.andThen(forged.send("flood", textOf(bob)), Effect.sleep("1 millis")))
      )
      const [peer] = yield* a.peers
      for (let i = 0; i < 20; i++) {
        yield* Effect.sleep("333 millis")
        yield* a.send(peer!, { _tag: "Choke" })
      }
      yield* a.leave
      yield* Effect.sleep("1 second")

      assert.strictEqual(heard, 20)
      assert.deepStrictEqual(b.log, [`Opened ${textOf(ada)}`, `Closed ${textOf(ada)} goodbye`])
    })))
})

describe("three workers", () => {
  it.effect("learn of each other from the one that they know", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 7 })
      const [ada, bob, grace] = [lan.host("ada"), lan.host("bob"), lan.host("grace")]
      const [a, , c] = [yield* start(ada), yield* start(bob), yield* start(grace)]
      yield* a.connect(addressOf(bob))
      yield* Effect.sleep("20 seconds")
      yield* c.connect(addressOf(bob))
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(c.log, [`Opened ${textOf(bob)}`, `Named ${textOf(ada)} by ${textOf(bob)}`])
    })))
})
