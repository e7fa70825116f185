/**
 * Cryptography for simulations.
 *
 * @since 0.1.0
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as Aead from "effect/crypto/Aead"
import type * as Digest from "effect/crypto/Digest"
import * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Signature from "effect/crypto/Signature"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Crypto from "node:crypto"

// what RFC 8410 puts before the 32 octets of an Ed25519 key
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex")
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex")

const privateKey = (octets: Uint8Array): Crypto.KeyObject =>
  Crypto.createPrivateKey({ key: Buffer.concat([privatePrefix, octets]), format: "der", type: "pkcs8" })

const publicKey = (octets: Uint8Array): Crypto.KeyObject =>
  Crypto.createPublicKey({ key: Buffer.concat([publicPrefix, octets]), format: "der", type: "spki" })

const publicOctets = (octets: Uint8Array): Uint8Array =>
  new Uint8Array(
    Crypto.createPublicKey(privateKey(octets)).export({ format: "der", type: "spki" }).subarray(publicPrefix.length)
  )

const octetsOf = (key: Signature.PrivateKey | Signature.PublicKey) =>
  key.algorithm._tag === "Ed25519" ? Signature.toBytes(key) : onlyEd25519(key.algorithm)

const onlyEd25519 = ({ name }: Signature.Algorithm) =>
  Effect.die(new RangeError(`NodeTestCrypto has no ${name}, only Ed25519`))

const publicKeyOf = (key: Signature.PrivateKey) =>
  Effect.flatMap(octetsOf(key), (octets) => Signature.publicKey(Signature.ed25519, publicOctets(octets)))

const generateKeyPair = Effect.fnUntraced(function*(random: SecureRandom.SecureRandom["Service"]) {
  const privateKey = yield* Signature.privateKey(Signature.ed25519, yield* random.randomBytes(32))
  return { privateKey, publicKey: yield* publicKeyOf(privateKey) }
})

// WebCrypto signs on threads of the system, `node:crypto` where it is called
const signature = (random: SecureRandom.SecureRandom["Service"]): Signature.Signature["Service"] => ({
  generateKeyPair: ((algorithm: Signature.Algorithm) =>
    algorithm._tag === "Ed25519"
      ? generateKeyPair(random)
      : onlyEd25519(algorithm)) as Signature.Signature["Service"]["generateKeyPair"],
  sign: (key, data) =>
    Effect.map(octetsOf(key), (octets) => new Uint8Array(Crypto.sign(null, data, privateKey(octets)))),
  verify: (key, signature, data) =>
    Effect.map(octetsOf(key), (octets) => Crypto.verify(null, data, publicKey(octets), signature)),
  publicKeyOf: publicKeyOf as Signature.Signature["Service"]["publicKeyOf"]
})

// that of `NodeCrypto` draws its keys from the system
const layerMac = Mac.layerWebCryptoWith({
  hmac: (hash, key, data) => new Uint8Array(Crypto.createHmac(hash.replace("-", ""), key).update(data).digest())
})

const layerRandom = Layer.effect(
  SecureRandom.SecureRandom,
  Effect.map(Random.nextInt, (seed) => {
    let drawn = 0
    const block = () => Crypto.createHash("sha256").update(`${seed} ${drawn++}`).digest()
    return SecureRandom.make((size) => {
      const blocks = Array.from({ length: Math.ceil(size / 32) }, block)
      return new Uint8Array(Buffer.concat(blocks).subarray(0, size))
    })
  })
)

/**
 * The crypto services of signed announcements without a promise in them, so that a seed of `Simulation.run` gives the same run again.
 *
 * **Details**
 *
 * `NodeCrypto.layer` signs and verifies on threads of the system. Virtual time does not wait for those, and what they answer may come minutes late, by
 * the clock of the simulation. Here all is done where it is called. Keys are of Ed25519.
 *
 * **Gotchas**
 *
 * For tests alone: secrets are drawn from `Random`, and whoever knows the seed knows them.
 *
 * **Example** (Two hosts that sign)
 *
 * ```ts
 * import { Discovery, Trust, TrustStore } from "@effect-discovery/core"
 * import { SignedBeacon } from "@effect-discovery/core/protocol"
 * import { NodeTestCrypto } from "@effect-discovery/node"
 * import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
 * import { Effect, Layer } from "effect"
 *
 * const makeLive = Effect.map(SignedBeacon.generate, (identity) =>
 *   Discovery.layer({ sources: [SignedBeacon.source({ realm: "chat", identity })] })
 * )
 *
 * const Live = Layer.unwrap(makeLive).pipe(
 *   Layer.provide(Trust.layer()),
 *   Layer.provide([TrustStore.layerMemory(), NodeTestCrypto.layer])
 * )
 *
 * const program = Effect.gen(function*() {
 *   const lan = yield* SimulatedNetwork.make()
 *   const advertise = Effect.andThen(Discovery.advertise({ name: "ada", port: 7100 }), Effect.never)
 *   yield* lan.host("ada").start(advertise.pipe(Effect.scoped, Effect.provide(Live)))
 *   return yield* lan.host("grace").run(Effect.provide(Discovery.awaitPeer(({ name }) => name === "ada"), Live))
 * })
 *
 * const peer = Simulation.run(program, { seed: 7, outside: "fail" })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<
  Aead.Aead | Digest.Digest | Mac.Mac | SecureRandom.SecureRandom | Signature.Signature
> = Layer.mergeAll(
  Layer.effect(Signature.Signature, Effect.map(SecureRandom.SecureRandom, signature)),
  Aead.layerWebCrypto,
  layerMac,
  NodeCrypto.layerDigest
).pipe(Layer.provideMerge(layerRandom))
