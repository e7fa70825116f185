import { assert, describe, it } from "@effect/vitest"
import { generateKeyPairSync, sign } from "node:crypto"
import * as Ed25519 from "../../../src/protocol/signedBeacon/Ed25519.ts"
import * as Fixtures from "./fixtures.ts"
import * as Reference from "./reference.ts"

const { fromHex } = Fixtures

const p = 2n ** 255n - 19n
const order = 2n ** 252n + 27742317777372353535851937790883648493n

/** 32 octets, lowest first. */
const encode = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, index) => Number(value >> BigInt(8 * index) & 0xffn))

const point = (y: bigint, isOdd: boolean): Uint8Array => encode(y | (isOdd ? 2n ** 255n : 0n))

const order8 = [
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
]
  .map((hex) => BigInt(`0x${Fixtures.toHex(fromHex(hex).toReversed())}`))

/** The points of small order in each of their 14 encodings. */
const smallOrder = [0n, 1n, p - 1n, p, p + 1n, ...order8].flatMap((y) => [point(y, false), point(y, true)])

/** Signatures of one message by new keys, and the keys. */
const signatures = (count: number) =>
  Array.from({ length: count }, () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519")
    return {
      key: new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(12)),
      signature: new Uint8Array(sign(null, Buffer.from("message"), privateKey))
    }
  })

const withR = (signature: Uint8Array, r: Uint8Array) => Buffer.concat([r, signature.subarray(32)])
const withS = (signature: Uint8Array, s: bigint) => Buffer.concat([signature.subarray(0, 32), encode(s)])

const [sound] = signatures(1)

describe("isWeakKey", () => {
  it("SA1 the points of small order are 14 encodings, by an independent reckoning too", () => {
    assert.strictEqual(new Set(smallOrder.map(Fixtures.toHex)).size, 14)
    for (const encoding of smallOrder) assert.isFalse(Reference.isStrong(Buffer.from(encoding)))
  })

  it("SA1 a key of small order is weak in each of its encodings", () => {
    for (const encoding of smallOrder) assert.isTrue(Ed25519.isWeakKey(encoding), Fixtures.toHex(encoding))
  })

  it("SA1 a key that is not below p is weak", () => {
    for (let y = p; y < 2n ** 255n; y++) {
      assert.isTrue(Ed25519.isWeakKey(point(y, false)))
      assert.isTrue(Ed25519.isWeakKey(point(y, true)))
    }
    assert.isFalse(Ed25519.isWeakKey(point(p - 2n, false)))
  })

  it("SA1 a key that was generated is not weak", () => {
    for (const { key } of signatures(200)) assert.isFalse(Ed25519.isWeakKey(key))
  })
})

describe("isCanonicalSignature", () => {
  it("SA1 a signature that was made is canonical", () => {
    for (const { signature } of signatures(200)) assert.isTrue(Ed25519.isCanonicalSignature(signature))
  })

  it("SA1 S is below L", () => {
    const { signature } = sound!
    for (const s of [0n, 1n, order - 1n]) assert.isTrue(Ed25519.isCanonicalSignature(withS(signature, s)))
    for (const s of [order, order + 1n, 2n * order, 2n ** 253n, 2n ** 255n, 2n ** 256n - 1n]) {
      assert.isFalse(Ed25519.isCanonicalSignature(withS(signature, s)))
    }
  })

  it("SA1 R is below p and not of small order", () => {
    for (const encoding of smallOrder) assert.isFalse(Ed25519.isCanonicalSignature(withR(sound!.signature, encoding)))
    assert.isFalse(Ed25519.isCanonicalSignature(withR(sound!.signature, point(p + 3n, true))))
  })

  it("SA1 a signature has 64 octets", () => {
    for (const length of [0, 32, 63, 65]) assert.isFalse(Ed25519.isCanonicalSignature(new Uint8Array(length)))
  })
})
