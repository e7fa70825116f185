import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { createDecipheriv, createHmac } from "node:crypto"
import * as Seal from "../../../src/protocol/signedBeacon/Seal.ts"
import * as Fixtures from "./fixtures.ts"

const datagram = Fixtures.fromHex(Fixtures.sealed.hex)
const sharedKey = Fixtures.fromHex(Fixtures.sealed.sharedKey!)

const fails = (octets: Uint8Array, reason: Seal.Reason) =>
  assert.deepStrictEqual(Seal.decode(octets), Result.fail(reason))

const changed = (offset: number, octet: number): Uint8Array => datagram.with(offset, octet)

describe("decode", () => {
  it("S-P2 a datagram has 172 to 1,244 octets", () => {
    const sized = (length: number) => {
      const octets = new Uint8Array(length)
      octets.set(datagram.subarray(0, 28))
      return octets
    }
    for (const length of [172, 1_244]) assert.isTrue(Result.isSuccess(Seal.decode(sized(length))))
    for (const length of [171, 1_245]) fails(sized(length), "size")
    for (let length = 0; length < 172; length++) fails(datagram.subarray(0, length), "size")
  })

  it("SG1 refuses what is another format, version or suite, or not zero where it has to be", () => {
    for (const [offset, octet] of [[0, 0], [3, 0x56], [4, 2], [5, 0], [6, 1], [7, 1]] as const) {
      fails(changed(offset, octet), "format")
    }
    fails(Fixtures.fromHex(Fixtures.successor.hex), "format")
  })

  it("SG1 names key, salt, additional data and ciphertext", () => {
    const { header, keyId, salt, sealed } = Result.getOrThrow(Seal.decode(datagram))

    assert.strictEqual(keyId, "5288e8c3")
    assert.deepStrictEqual(salt, Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index))
    assert.strictEqual(Fixtures.toHex(header) + Fixtures.toHex(sealed), Fixtures.sealed.hex)
    assert.strictEqual(sealed.length, 161 + 16)
  })

  it("SG1 each flip of one bit is refused, or names another key, or does not open", () => {
    for (let bit = 0; bit < datagram.length * 8; bit++) {
      const flipped = datagram.with(bit >> 3, datagram[bit >> 3]! ^ (1 << (bit & 7)))
      const decoded = Result.getOrUndefined(Seal.decode(flipped))
      if (decoded?.keyId === "5288e8c3") assert.throws(() => open(decoded))
    }
    open(Result.getOrThrow(Seal.decode(datagram)))
  })
})

const open = ({ header, salt, sealed }: Seal.Seal): void => {
  const key = createHmac("sha256", sharedKey).update(Seal.messageKeyInput(salt)).digest()
  const cipher = createDecipheriv("chacha20-poly1305", key, new Uint8Array(12), { authTagLength: Seal.tagOctets })
  const length = sealed.length - Seal.tagOctets
  cipher.setAAD(header, { plaintextLength: length }).setAuthTag(sealed.subarray(length))
  cipher.update(sealed.subarray(0, length))
  cipher.final()
}

describe("isSealed", () => {
  it("SG1 goes by the first four octets", () => {
    assert.isTrue(Seal.isSealed(datagram))
    assert.isTrue(Seal.isSealed(datagram.subarray(0, 4)))
    assert.isFalse(Seal.isSealed(datagram.subarray(0, 3)))
    assert.isFalse(Seal.isSealed(Fixtures.fromHex(Fixtures.announce.hex)))
  })
})

describe("encodeHeader", () => {
  it("SG1 does not write what is no key's id or no salt", () => {
    const salt = new Uint8Array(16)
    for (const keyId of ["", "5288e8", "5288e8c3c3", "not hex!"]) {
      assert.throws(() => Seal.encodeHeader(keyId, salt), RangeError)
    }
    assert.throws(() => Seal.encodeHeader("5288e8c3", new Uint8Array(15)), RangeError)
  })
})
