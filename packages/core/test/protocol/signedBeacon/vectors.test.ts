import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { createDecipheriv, createHash, createHmac } from "node:crypto"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import * as Ed25519 from "../../../src/protocol/signedBeacon/Ed25519.ts"
import * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Seal from "../../../src/protocol/signedBeacon/Seal.ts"
import * as Fixtures from "./fixtures.ts"

const { fromHex, toHex } = Fixtures

const decode = (hex: string): readonly [Envelope.Envelope, Body.Body] => {
  const envelope = Result.getOrThrow(Envelope.decode(fromHex(hex)))
  return [envelope, Result.getOrThrow(Body.decode(envelope.body, envelope.kind))]
}

describe("the vectors of SA1", () => {
  for (const { expected, hex, id } of Fixtures.plain) {
    it(`SA1 ${id} says what it should`, () => {
      assert.deepStrictEqual<unknown>(Fixtures.describe(...decode(hex)), expected)
    })

    it(`SA1 ${id} is encoded again octet for octet`, () => {
      const [envelope, body] = decode(hex)
      const again = Envelope.encodeUnsigned({ ...envelope, body: Result.getOrThrow(Body.encode(body)) })

      assert.strictEqual(toHex(Envelope.encode(again, envelope.signature)), hex)
    })

    it(`SA1 ${id} has a key and a signature that may be verified`, () => {
      const [envelope] = decode(hex)

      assert.isFalse(Ed25519.isWeakKey(Envelope.keyOctets(envelope)))
      assert.isTrue(Ed25519.isCanonicalSignature(envelope.signature))
    })
  }

  it("SA1 what is signed for the announcement is its vector", () => {
    const [{ signed }] = decode(Fixtures.announce.hex)

    assert.strictEqual(toHex(Envelope.signedInput("demo", signed)), Fixtures.announce.signedInput)
  })

  it("SA1 the realm's tag is the start of the hash of its label", () => {
    const hash = createHash("sha256").update(Envelope.realmLabel("demo")).digest()

    assert.strictEqual(
      toHex(hash.subarray(0, Envelope.realmTagOctets)),
      toHex(decode(Fixtures.announce.hex)[0].realmTag)
    )
  })
})

describe("the vector of SG1", () => {
  const { hex, sharedKey } = Fixtures.sealed
  const seal = Result.getOrThrow(Seal.decode(fromHex(hex)))

  it("SG1 opens to the announcement", () => {
    const key = createHmac("sha256", fromHex(sharedKey!)).update(Seal.messageKeyInput(seal.salt)).digest()
    const cipher = createDecipheriv("chacha20-poly1305", key, new Uint8Array(12), { authTagLength: Seal.tagOctets })
    const ciphertext = seal.sealed.subarray(0, -Seal.tagOctets)
    cipher.setAAD(seal.header, { plaintextLength: ciphertext.length }).setAuthTag(
      seal.sealed.subarray(ciphertext.length)
    )
    const opened = [cipher.update(ciphertext), cipher.final()]

    assert.strictEqual(toHex(Buffer.concat(opened)), Fixtures.announce.hex)
  })

  it("SG1 the id of the key is the start of the hash of its label", () => {
    const hash = createHash("sha256").update(Seal.keyIdInput(fromHex(sharedKey!))).digest()

    assert.strictEqual(toHex(hash.subarray(0, Seal.keyIdOctets)), seal.keyId)
  })

  it("SG1 is encoded again octet for octet", () => {
    assert.strictEqual(toHex(Seal.encode(Seal.encodeHeader(seal.keyId, seal.salt), seal.sealed)), hex)
  })
})
