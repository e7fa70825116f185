import { Discovery, Peer, Trust, TrustStore } from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { NodeTestCrypto } from "@effect-discovery/node"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Option, Redacted } from "effect"
import { Aead, Digest, Mac, SecureRandom, Signature } from "effect/crypto"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import { events, identityOf, join, keyOf, realm, seedOf, start } from "./support.ts"

/** The real thing, with its promises. */
const WebCrypto = Layer.mergeAll(
  Signature.layerWebCrypto,
  Digest.layerWebCrypto,
  Mac.layerWebCrypto,
  Aead.layerWebCrypto
).pipe(Layer.provideMerge(SecureRandom.layerWebCrypto))

/** The same while virtual time stands still: else seconds could pass while a thread of the system waits for its turn. */
const timeless = <I, S extends object>(service: Context.Key<I, S>) =>
  Layer.effect(service, Effect.map(service, (real) => Object.assign({}, real, live(real))))

const live = (service: object): object =>
  Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      (...args: ReadonlyArray<unknown>) => TestClock.withLive(method(...args) as Effect.Effect<unknown>)
    ])
  )

const TimelessCrypto = Layer.mergeAll(
  timeless(Signature.Signature),
  timeless(Digest.Digest),
  timeless(Mac.Mac),
  timeless(Aead.Aead)
).pipe(Layer.provideMerge(WebCrypto))

describe("with WebCrypto", () => {
  it.effect("hosts of a group find each other and say goodbye", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
        const group: SignedBeacon.Ring = { ring: [Redacted.make(seedOf("ours"))] }
        const options = {
          crypto: TimelessCrypto,
          source: (identity: SignedBeacon.Identity) => SignedBeacon.source({ realm, identity, group })
        }
        const ada = yield* join(lan, "ada", options)
        const bob = yield* join(lan, "bob", options)
        yield* Effect.sleep("40 seconds")
        const peer = Option.getOrThrow(yield* ada.discovery.lookup(Peer.idOfKey(keyOf("bob"))))
        assert.strictEqual(peer.authentication, "signed")
        yield* bob.close
        yield* Effect.sleep("2 seconds")

        assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Goodbye"])
      }),
      { start }
    ), 30_000)

  it.effect("a key that is generated is one that nobody has had", () =>
    Effect.gen(function*() {
      const [one, two] = [yield* SignedBeacon.generate, yield* SignedBeacon.generate]

      assert.notStrictEqual(one.key, two.key)
      assert.notStrictEqual(one.instance, 0)
      const seed = yield* Signature.toBytes(one.privateKey)
      assert.strictEqual((yield* SignedBeacon.fromSeed(Redacted.make(seed))).key, one.key)
    }).pipe(Effect.provide(WebCrypto)))
})

describe("a private key", () => {
  it.effect("S-T5 is in no text, inspection or JSON of its identity, of a source, or of an error", () =>
    Effect.gen(function*() {
      const identity = yield* identityOf("ada")
      const secret = Buffer.from(seedOf("ada"))
      const group: SignedBeacon.Ring = { ring: [Redacted.make(seedOf("ours"))] }
      const source = SignedBeacon.source({ realm, identity, group })
      const error = yield* Effect.flip(SignedBeacon.fromSeed(Redacted.make(seedOf("ada").subarray(1)))).pipe(
        Effect.provide(WebCrypto)
      )
      const texts = [identity, source, error, { identity, group }].flatMap((value) => [
        inspect(value, { depth: 10, showHidden: true }),
        JSON.stringify(value),
        String(value)
      ])

      const octets = [...secret].join(", ")
      for (const text of texts) {
        for (const form of [secret.toString("hex"), secret.toString("base64"), octets, octets.slice(5, 60)]) {
          assert.notInclude(text, form)
        }
      }
    }))
})

describe("a key that is succeeded", () => {
  it.effect("S-T6 has both announce, and who trusts the old one automatically comes to trust the next", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
        const ada = yield* join(lan, "ada", { trusted: ["bob"], trust: { rotation: "auto" } })
        const next = yield* identityOf("bob2")
        yield* join(lan, "bob", { source: (identity) => SignedBeacon.source({ realm, identity, next }) })
        yield* Effect.sleep("40 seconds")

        assert.strictEqual(ada.trust.stateOfUnsafe(keyOf("bob2")), "trusted")
        assert.deepStrictEqual(
          (yield* ada.discovery.peers).map(({ id }) => id).toSorted(),
          [
            Peer.idOfKey(keyOf("bob")),
            Peer.idOfKey(keyOf("bob2"))
          ].toSorted()
        )
      }),
      { start }
    ))
})

describe("a key that retires", () => {
  it.effect("S-T7 is denied for good by all who hear of it", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
        const ada = yield* join(lan, "ada", { trusted: ["bob"] })
        const bob = yield* join(lan, "bob")
        yield* Effect.sleep("10 seconds")
        yield* bob.close
        const retired = [yield* identityOf("bob")]
        yield* join(lan, "zoe", { source: (identity) => SignedBeacon.source({ realm, identity, retired }) })
        yield* Effect.sleep("1 second")
        yield* join(lan, "bob")
        yield* Effect.sleep("40 seconds")

        assert.strictEqual(ada.trust.stateOfUnsafe(keyOf("bob")), "denied")
        assert.deepStrictEqual(yield* ada.names, ["zoe"])
        assert.isAbove(ada.refused.get("denied") ?? 0, 0)
      }),
      { start }
    ))
})

describe("a source without a key", () => {
  it.effect("S-V2 listens, and sends nothing at all", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
        yield* join(lan, "bob")
        const layer = Discovery.layer({ sources: [SignedBeacon.source({ realm })] }).pipe(
          Layer.provide(Trust.layer()),
          Layer.provide(TrustStore.layerMemory()),
          Layer.provide(Layer.mergeAll(lan.host("ada").layer, NodeTestCrypto.layer))
        )
        const discovery = Context.get(yield* Layer.build(layer), Discovery.Discovery)
        yield* Effect.sleep("60 seconds")

        assert.deepStrictEqual((yield* discovery.peers).map(({ name }) => name), ["bob"])
        assert.deepStrictEqual((yield* lan.frames).filter(({ from }) => from.startsWith("ada")), [])
      }),
      { start }
    ))
})

describe("crypto that fails", () => {
  const failing = (layer: typeof NodeTestCrypto.layer, verify: Signature.Signature["Service"]["verify"]) =>
    Layer.merge(
      layer,
      Layer.effect(
        Signature.Signature,
        Effect.map(Signature.Signature, (signature) => ({ ...signature, verify }))
      ).pipe(Layer.provide(layer))
    ) as typeof NodeTestCrypto.layer

  it.effect("S-F1 costs the datagram and nothing else", () =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
        let isBroken = true
        const verify: Signature.Signature["Service"]["verify"] = () =>
          isBroken ? Effect.die("out of order") : Effect.succeed(true)
        const ada = yield* join(lan, "ada", { crypto: failing(NodeTestCrypto.layer, verify) })
        yield* join(lan, "bob")
        yield* Effect.sleep("45 seconds")
        assert.deepStrictEqual(yield* ada.names, [])
        assert.deepStrictEqual([...ada.refused.keys()], ["signature"])
        isBroken = false
        yield* Effect.sleep("30 seconds")

        assert.deepStrictEqual(yield* ada.names, ["bob"])
      }),
      { start }
    ))
})
