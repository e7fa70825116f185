import { Discovery, Trust, TrustStore } from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { NodeTestCrypto } from "@effect-discovery/node"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { NodeCrypto } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Random, Redacted } from "effect"
import { Mac, Signature } from "effect/crypto"

const data = new TextEncoder().encode("hello")

const signed = (key: Signature.PrivateKey) => Signature.Signature.use(({ sign }) => sign(key, data))

const verified = (key: Signature.PublicKey, signature: Uint8Array, of: Uint8Array) =>
  Signature.Signature.use(({ verify }) => verify(key, signature, of))

const generated = Effect.map(SignedBeacon.generate, ({ key }) => key).pipe(Effect.provide(NodeTestCrypto.layer))

describe("layer", () => {
  it.effect("signs as NodeCrypto does, and each verifies the other's", () =>
    Effect.gen(function*() {
      const privateKey = yield* Signature.privateKey(Signature.ed25519, new Uint8Array(32).fill(7))
      const real = yield* Effect.provide(signed(privateKey), NodeCrypto.layer)
      const signature = yield* Effect.provide(signed(privateKey), NodeTestCrypto.layer)
      const publicKeyOf = Signature.Signature.use((service) => service.publicKeyOf(privateKey))
      const publicKey = yield* Effect.provide(publicKeyOf, NodeTestCrypto.layer)

      assert.deepStrictEqual(signature, real)
      assert.isTrue(yield* Effect.provide(verified(publicKey, signature, data), NodeCrypto.layer))
      assert.isTrue(yield* Effect.provide(verified(publicKey, real, data), NodeTestCrypto.layer))
    }))

  it.effect("verifies nothing that was not signed by the key", () =>
    Effect.gen(function*() {
      const { privateKey, publicKey } = yield* Signature.Signature.use((service) =>
        service.generateKeyPair(Signature.ed25519)
      )
      const signature = yield* signed(privateKey)

      assert.isFalse(yield* verified(publicKey, signature, new Uint8Array(5)))
      assert.isFalse(yield* verified(publicKey, signature.subarray(1), data))
    }).pipe(Effect.provide(NodeTestCrypto.layer)))

  it.effect("draws the same keys from the same seed", () =>
    Effect.gen(function*() {
      const [a, b, c] = [yield* Random.withSeed(generated, 7), yield* Random.withSeed(generated, 7), yield* generated]

      assert.strictEqual(a, b)
      assert.notStrictEqual(a, c)
    }))

  it.effect("draws the same shared keys, which make the codes that NodeCrypto makes", () =>
    Effect.gen(function*() {
      const generate = Mac.Mac.use((mac) => mac.generateKey(Mac.hmacSha256)).pipe(Effect.provide(NodeTestCrypto.layer))
      const code = (key: Mac.Key) => Mac.Mac.use((mac) => mac.sign(key, data))
      const key = yield* Random.withSeed(generate, 7)
      const of = yield* Effect.provide(code(key), NodeTestCrypto.layer)

      assert.deepStrictEqual(yield* Effect.provide(code(yield* Random.withSeed(generate, 7)), NodeTestCrypto.layer), of)
      assert.deepStrictEqual(yield* Effect.provide(code(key), NodeCrypto.layer), of)
    }))

  it.effect("has no other algorithm than Ed25519, and says so", () =>
    Effect.gen(function*() {
      const pair = Signature.Signature.use((service) => service.generateKeyPair(Signature.ecdsaP256))
      const defect = yield* Effect.catchDefect(Effect.flip(Effect.asVoid(pair)), Effect.succeed)

      assert.match(String(defect), /NodeTestCrypto has no .*, only Ed25519/)
    }).pipe(Effect.provide(NodeTestCrypto.layer)))

  it.effect("lets hosts that sign and seal go the same way each time", () => {
    const makeLive = Effect.map(SignedBeacon.generate, (identity) =>
      Discovery.layer({
        sources: [SignedBeacon.source({
          realm: "test",
          identity,
          group: { ring: [Redacted.make(new Uint8Array(32))] }
        })]
      }))
    const live = Layer.unwrap(makeLive).pipe(
      Layer.provide(Trust.layer()),
      Layer.provide([TrustStore.layerMemory(), NodeTestCrypto.layer])
    )
    const advertise = Effect.andThen(Discovery.advertise({ name: "ada", port: 7100 }), Effect.never)
    const program = Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ loss: 0.1 })
      yield* lan.host("ada").start(advertise.pipe(Effect.scoped, Effect.provide(live)))
      const peer = yield* lan.host("grace").run(
        Effect.provide(Discovery.awaitPeer(({ name }) => name === "ada"), live)
      )

      assert.strictEqual(peer.authentication, "signed")
    })

    return Simulation.checkDeterminism(program, { seeds: [1, 2], outside: "fail" })
  })
})
