import { type TrustEntry, TrustStore } from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as Hostile from "./Hostile.ts"
import { events, join, keyOf, losses, start } from "./support.ts"

const simulate = (name: string, program: Effect.Effect<void, unknown, any>) =>
  it.effect(name, () => Simulation.run(program as Effect.Effect<void, unknown>, { start }), 60_000)

const sum = (refused: ReadonlyMap<string, number>) => Array.from(refused.values()).reduce((a, b) => a + b, 0)

describe("whoever plays back what was said", () => {
  simulate(
    "S-6.4 extends nothing and revives nobody, and each datagram is counted",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada", { trusted: ["bob"] })
      const bob = yield* join(lan, "bob")
      yield* Effect.sleep("5 minutes")
      yield* bob.close
      yield* Effect.sleep("2 seconds")
      const send = yield* Hostile.open(lan.host("mallory"))
      const said = (yield* Hostile.recorded(lan)).filter((payload) =>
        Buffer.from(payload).includes("bob") || payload.length === 128
      )
      for (const payload of said) {
        yield* send(payload)
        yield* Effect.sleep("50 millis")
      }
      yield* Effect.sleep("20 seconds")

      assert.isAbove(said.length, 10)
      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Goodbye"])
      assert.deepStrictEqual([...ada.refused.keys()].toSorted(), ["stale"])
      assert.strictEqual(sum(ada.refused), said.length)
    })
  )

  simulate(
    "S-6.4 does not keep a peer that has died",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada")
      yield* join(lan, "bob")
      const send = yield* Hostile.open(lan.host("mallory"))
      yield* Effect.sleep("100 seconds")
      yield* lan.host("bob").crash
      const last = (yield* Hostile.recorded(lan)).findLast((payload) => Buffer.from(payload).includes("bob"))!
      yield* Effect.repeat(Effect.andThen(send(last), Effect.sleep("1 second")), { times: 120 })

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Expired"])
      assert.isAbove(ada.refused.get("duplicate") ?? 0, 70)
    })
  )
})

describe("a program that starts anew", () => {
  const storeOf = (entries: ReadonlyArray<TrustEntry.TrustEntry>) =>
    TrustStore.TrustStore.pipe(Effect.provide(TrustStore.layerMemory(entries)))

  /** A program that has heard bob, who said goodbye. */
  const heard = Effect.fnUntraced(function*() {
    const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
    const store = yield* storeOf([{ key: keyOf("bob"), state: "trusted", addedAt: 0 }])
    const before = yield* join(lan, "ada", { store })
    const bob = yield* join(lan, "bob")
    yield* Effect.sleep("100 seconds")
    yield* bob.close
    return { lan, store, before }
  })

  /** Joins with a list that was kept, and plays back all that bob said; how much that was. */
  const replayed = Effect.fnUntraced(
    function*(lan: SimulatedNetwork.SimulatedNetwork, store: TrustStore.TrustStore["Service"]) {
      const ada = yield* join(lan, "ada", { store })
      const send = yield* Hostile.open(lan.host("mallory"))
      const said = (yield* Hostile.recorded(lan)).filter((payload) => Buffer.from(payload).includes("bob"))
      for (const payload of said) yield* send(payload)
      yield* Effect.sleep("15 seconds")
      return { ada, count: said.length }
    }
  )

  simulate(
    "S-6.4 takes nothing of trusted keys that it took before, from a list that is kept",
    Effect.gen(function*() {
      const { before, lan, store } = yield* heard()
      // the goodbye is heard by the program that closes, not by the next one
      yield* Effect.sleep("100 millis")
      yield* before.close
      const { ada, count } = yield* replayed(lan, store)

      assert.deepStrictEqual(events(before), ["PeerDiscovered bob"])
      assert.deepStrictEqual(events(ada), [])
      assert.deepStrictEqual([...ada.refused], [["stale", count]])
    })
  )

  simulate(
    "S-6.4 revives nobody whose goodbye was heard a second before it crashed",
    Effect.gen(function*() {
      const { before, lan, store } = yield* heard()
      yield* Effect.sleep("1 second")
      // what a program that crashes now has kept
      const kept = yield* store.load
      yield* before.close
      const { ada } = yield* replayed(lan, yield* storeOf(kept))

      assert.deepStrictEqual(events(ada), [])
    })
  )
})

/** An envelope by this key with a signature that is none. */
const forge = (name: string, kind: number, at: number): Uint8Array => {
  const payload = new Uint8Array(128)
  const view = new DataView(payload.buffer)
  payload.set([0xd1, 0x53, 0xc0, 0x56, 1, kind, 1, 1])
  payload.set(Buffer.from("6a55f9d70f9c6c73", "hex"), 8)
  payload.set(Buffer.from(keyOf(name), "hex"), 16)
  view.setUint16(48, Math.floor(at / 2 ** 32))
  view.setUint32(50, at % 2 ** 32)
  view.setUint32(56, 7)
  view.setUint16(60, kind === 1 ? 90 : 0)
  payload.fill(0x0f, 64)
  return payload
}

describe("whoever forges", () => {
  simulate(
    "S-U3 goodbyes loses no signed peer",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada", { trusted: ["bob"] })
      yield* join(lan, "bob")
      const send = yield* Hostile.open(lan.host("mallory"))
      for (let i = 0; i < 1_200; i++) {
        yield* send(forge("bob", 2, start + i * 100 + 50))
        yield* Effect.sleep("100 millis")
      }

      assert.deepStrictEqual(losses(ada), [])
      assert.isAbove(ada.refused.get("signature") ?? 0, 10)
    })
  )

  simulate(
    "S-6.5 announcements of a trusted key, 300 a second, does not keep it from being seen within three intervals",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      yield* join(lan, "bob")
      const send = yield* Hostile.open(lan.host("mallory"))
      let sent = 0
      yield* Effect.forever(
        Effect.suspend(() => Effect.andThen(send(forge("bob", 1, start + sent++ + 60_000)), Effect.sleep(1_000 / 300)))
      ).pipe(Effect.forkScoped)
      yield* Effect.sleep("1 second")
      const ada = yield* join(lan, "ada", { trusted: ["bob"] })
      yield* Effect.sleep("1 second").pipe(Effect.repeat({ until: () => events(ada).length > 0, times: 89 }))

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob"])
      assert.isAbove(sum(ada.refused), 1_000)
    })
  )
})

describe("a clock that went back", () => {
  const restart = Effect.fnUntraced(
    function*(
      options: Pick<Parameters<typeof join>[2] & {}, "stamps" | "source">,
      back: Duration.Input,
      seconds: number
    ) {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const ada = yield* join(lan, "ada", { trusted: ["bob"], source: options.source })
      const bob = yield* join(lan, "bob", { ...options, trusted: ["ada"] })
      yield* Effect.sleep("100 seconds")
      yield* bob.close
      yield* Effect.sleep("2 seconds")
      yield* lan.host("bob").clock.jump(Duration.negate(Duration.fromInputUnsafe(back)))
      yield* join(lan, "bob", { ...options, trusted: ["ada"] })
      yield* Effect.sleep(seconds * 1_000)
      return ada
    }
  )

  simulate(
    "S-6.4 is nothing to a sender that keeps its stamps",
    Effect.gen(function*() {
      const stamps = yield* SignedBeacon.StampStore.pipe(Effect.provide(SignedBeacon.layerStampsMemory))
      const ada = yield* restart({ stamps }, "1 hour", 100)

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Goodbye", "PeerDiscovered bob"])
    })
  )

  simulate(
    "S-6.4 is nothing to it for as long as the clock stays behind, nor where it starts in 1970",
    Effect.gen(function*() {
      for (const back of ["1 hour", "20000 days"] as const) {
        const stamps = yield* SignedBeacon.StampStore.pipe(Effect.provide(SignedBeacon.layerStampsMemory))
        const ada = yield* restart({ stamps }, back, 1_000)

        assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Goodbye", "PeerDiscovered bob"])
      }
    })
  )

  simulate(
    "S-6.4 is nothing to who sees it while the program runs",
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      yield* lan.host("bob").clock.jump("1 hour")
      const ada = yield* join(lan, "ada")
      yield* join(lan, "bob")
      yield* Effect.sleep("10 seconds")
      assert.deepStrictEqual(events(ada), [])
      yield* lan.host("bob").clock.jump("-1 hour")
      yield* Effect.sleep("1000 seconds")

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob"])
    })
  )

  simulate(
    "S-6.4 silences one that does not",
    Effect.gen(function*() {
      const ada = yield* restart({}, "4 minutes", 100)

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Goodbye"])
      assert.deepStrictEqual([...ada.refused.keys()], ["stale"])
    })
  )

  simulate(
    "S-6.6 is overcome by a challenge and its proof",
    Effect.gen(function*() {
      const source = (identity: SignedBeacon.Identity) =>
        SignedBeacon.source({ realm: "demo", identity, challenges: true })
      const ada = yield* restart({ source }, "20000 days", 5)

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Goodbye", "PeerDiscovered bob"])
    })
  )
})
