/**
 * The crypto services on `node:crypto` without a promise in them, so that a simulation that signs goes the same way each time.
 */
import { Effect, Layer, Random } from "effect"
import { Aead, Digest, Mac, SecureRandom, Signature } from "effect/crypto"
import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto"

const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex")
const spki = Buffer.from("302a300506032b6570032100", "hex")

const privateKey = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: "der", type: "pkcs8" })

const publicKey = (octets: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([spki, octets]), format: "der", type: "spki" })

/** The octets of the public key of a seed. */
export const publicOctets = (seed: Uint8Array): Uint8Array =>
  new Uint8Array(createPublicKey(privateKey(seed)).export({ format: "der", type: "spki" }).subarray(-32))

const layerSignature = Layer.succeed(Signature.Signature, {
  generateKeyPair: () => Effect.die("keys of simulations are made from seeds"),
  sign: (key, data) => Effect.map(Signature.toBytes(key), (seed) => new Uint8Array(sign(null, data, privateKey(seed)))),
  verify: (key, signature, data) =>
    Effect.map(Signature.toBytes(key), (octets) => verify(null, data, publicKey(octets), signature)),
  publicKeyOf: ((key: Signature.PrivateKey) =>
    Effect.flatMap(
      Signature.toBytes(key),
      (seed) => Signature.publicKey(Signature.ed25519, publicOctets(seed))
    )) as Signature.Signature["Service"]["publicKeyOf"]
})

const layerDigest = Layer.succeed(Digest.Digest, {
  digest: (_, data) => Effect.sync(() => new Uint8Array(createHash("sha256").update(data).digest())),
  digestHex: (_, data) => Effect.sync(() => createHash("sha256").update(data).digest("hex"))
})

/** Chance out of the simulation's seed. */
const layerRandom = Layer.effect(
  SecureRandom.SecureRandom,
  Effect.map(Random.nextInt, (seed) => {
    let drawn = 0
    const block = () => createHash("sha256").update(`${seed} ${drawn++}`).digest()
    return SecureRandom.make((size) => {
      const blocks = Array.from({ length: Math.ceil(size / 32) }, block)
      return new Uint8Array(Buffer.concat(blocks).subarray(0, size))
    })
  })
)

const layerMac = Mac.layerWebCryptoWith({
  hmac: (_, key, data) => new Uint8Array(createHmac("sha256", key).update(data).digest())
})

/** All of them. */
export const layer = Layer.mergeAll(layerSignature, layerDigest, layerMac, Aead.layerWebCrypto).pipe(
  Layer.provideMerge(layerRandom)
)
