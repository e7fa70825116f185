import { Ppspp } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { NetAddress } from "effect/net"
import { open } from "../endpoint.ts"
import { addressOf, discover, names, port, sentBy, start, textOf } from "./support.ts"

const run = <A, E>(program: Effect.Effect<A, E, any>, seed = 1) =>
  Simulation.run(program as Effect.Effect<A, E>, { seed, duration: "3 hours" })

describe("source", () => {
  it.effect("discovers peers that it knows, and those that they name, once they have answered", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const [ada, bob, grace] = [lan.host("ada"), lan.host("bob"), lan.host("grace")]
      const c = yield* start(grace)
      yield* start(bob)
      yield* c.connect(addressOf(bob))
      yield* Effect.sleep("5 seconds")
      const a = yield* discover(ada, { bootstrap: [textOf(bob)] })
      yield* Effect.sleep("500 millis")
      const early = yield* a.peers
      yield* Effect.sleep("10 minutes")

      const swarm = "c89800bfc82ed01ed6e3bfd5408c51274491f7d4"
      assert.deepStrictEqual(names(early), [textOf(bob), textOf(grace)])
      assert.deepStrictEqual(
        early.map(({ attributes, id }) => [id as string, attributes.toJSON()["named-by"]]),
        [[`ppspp:${swarm}@${textOf(bob)}`, undefined], [`ppspp:${swarm}@${textOf(grace)}`, textOf(bob)]]
      )
      const late = yield* a.peers
      assert.deepStrictEqual(names(late), [textOf(bob), textOf(grace)])
      assert.isTrue(late.every(({ attributes }) => !attributes.has("named-by")))
      assert.deepStrictEqual(late.map(({ authentication }) => authentication), ["none", "none"])
      assert.strictEqual((yield* c.peers).length, 2)
    })))

  it.effect("loses a peer by its goodbye at once, and by silence after three minutes", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 2 })
      const [ada, bob, grace] = [lan.host("ada"), lan.host("bob"), lan.host("grace")]
      const [b] = [yield* start(bob), yield* start(grace)]
      const a = yield* discover(ada, { bootstrap: [textOf(bob), textOf(grace)], exchange: false })
      yield* Effect.sleep("1 minute")
      yield* b.leave
      yield* grace.crash
      yield* Effect.sleep("5 minutes")

      const lost = a.log.filter((line) => line.includes("PeerLost"))
      assert.deepStrictEqual(lost.map((line) => line.replace(/^\d+ /, "")), [
        `PeerLost ${textOf(bob)} Goodbye`,
        `PeerLost ${textOf(grace)} Expired`
      ])
      assert.isAtMost(Number(lost[0]!.split(" ")[0]), 61)
      assert.isAtLeast(Number(lost[1]!.split(" ")[0]), 180)
      assert.isAtMost(Number(lost[1]!.split(" ")[0]), 245)
    })))

  it.effect("says goodbye when it closes", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 3 })
      const [ada, bob] = [lan.host("ada"), lan.host("bob")]
      const b = yield* start(bob)
      const a = yield* discover(ada, { bootstrap: [addressOf(bob)] })
      yield* Effect.sleep("1 minute")
      yield* a.leave
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(b.log, [`Opened ${textOf(ada)}`, `Closed ${textOf(ada)} goodbye`])
    })))

  it.effect("asks a known peer again that comes later, or comes back", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 4 })
      const [ada, bob] = [lan.host("ada"), lan.host("bob")]
      const a = yield* discover(ada, { bootstrap: [textOf(bob)] })
      yield* Effect.sleep("5 minutes")
      const b = yield* start(bob)
      yield* Effect.sleep("10 minutes")
      assert.deepStrictEqual(names(yield* a.peers), [textOf(bob)])
      yield* b.leave
      yield* Effect.sleep("1 second")
      assert.deepStrictEqual(names(yield* a.peers), [])
      yield* start(bob)
      yield* Effect.sleep("10 minutes")

      assert.deepStrictEqual(names(yield* a.peers), [textOf(bob)])
    })))

  it.effect("does not call on all whom a peer names, and forgets those that do not answer", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 5 })
      const [ada, bob] = [lan.host("ada"), lan.host("bob")]
      const victims = Array.from({ length: 200 }, (_, index) => `10.11.0.${50 + index}:${port}`)
      let asked = 0
      const b = yield* start(bob)
      const a = yield* discover(ada, { bootstrap: [textOf(bob)], follow: 4 })
      // bob lies, whenever he may
      const lie = Effect.gen(function*() {
        const [peer] = yield* b.peers
        if (peer === undefined) return
        const some = victims.slice(asked, asked + 16)
        asked += 16
        yield* b.send(
          peer,
          ...some.map((victim) =>
            ({ _tag: "PexResV4", address: NetAddress.inetAddressFromStringUnsafe(victim) }) as const
          )
        )
      })
      for (let i = 0; i < 10; i++) {
        yield* lie
        yield* Effect.sleep("1 second")
      }
      assert.isAtMost((yield* a.peers).length, 33)
      yield* Effect.sleep("20 minutes")

      const called = (yield* sentBy(lan, ada)).filter(({ destination }) => destination !== textOf(bob))
      const perSecond = new Map<number, number>()
      for (const { destination, time } of called) {
        assert.isTrue(victims.includes(destination))
        const second = Math.floor(time / 1_000_000)
        perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
      }
      assert.isAbove(called.length, 0)
      assert.isAtMost(called.length, 2 * 48)
      assert.isAtMost(Math.max(...perSecond.values()), 4)
      assert.deepStrictEqual(names(yield* a.peers), [textOf(bob)])
    })))

  it.effect("S-U5 has peers of another swarm for other peers", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 6 })
      const [ada, bob] = [lan.host("ada"), lan.host("bob")]
      yield* start(bob, { swarm: Ppspp.swarm({ id: "00ff" }) })
      const a = yield* discover(ada, { bootstrap: [textOf(bob)] })
      yield* Effect.sleep("5 minutes")

      assert.deepStrictEqual(yield* a.peers, [])
      assert.deepStrictEqual(yield* sentBy(lan, bob), [])
    })))

  it.effect("reports what its worker refused as often as it happened", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 8 })
      const a = yield* discover(lan.host("ada"))
      const totals: Array<number> = []
      yield* Effect.forkChild(Stream.runForEach(a.diagnostics, (diagnostic) =>
        Effect.sync(() => {
          if (diagnostic._tag === "DatagramRejected") totals.push(diagnostic.total)
        })))
      const eve = yield* open(lan.host("eve"))
      for (let i = 0; i < 5; i++) {
        yield* eve.send("xyz", textOf(lan.host("ada")))
        yield* Effect.sleep("11 seconds")
      }

      assert.strictEqual(totals.at(-1), 5)
    })))

  it.effect("fails with AddressInUse when the port is taken", () =>
    run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 7 })
      yield* start(lan.host("ada"))
      const error = yield* Effect.flip(discover(lan.host("ada")))

      assert.strictEqual((error as { readonly reason?: { readonly _tag: string } }).reason?._tag, "AddressInUse")
    })))
})
