import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as Ed25519 from "../../../src/protocol/signedBeacon/Ed25519.ts"
import * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Fixtures from "./fixtures.ts"
import * as Pipeline from "./pipeline.ts"
import * as Reference from "./reference.ts"

const announce = Fixtures.fromHex(Fixtures.announce.hex)
const key = Reference.privateKey(Fixtures.announce.seed)
const order = 2n ** 252n + 27742317777372353535851937790883648493n

/** The announcement with one octet changed, and signed again. */
const altered = (offset: number, octet: number, realm = "demo"): Uint8Array => {
  const unsigned = announce.slice(0, -64)
  unsigned[offset] = octet
  return Reference.signAs(unsigned, realm, key)
}

const fields = {
  name: "0105616c706861",
  service: "020a5f636861742e5f746370",
  endpoint: "0307011bbcc0a8010a",
  attribute: "0503017631"
}

/** The announcement with other fields, signed as it should be. */
const saying = (...body: ReadonlyArray<string>): Uint8Array => {
  const octets = Fixtures.fromHex(body.join(""))
  const header = announce.slice(0, 64)
  header[62] = octets.length >> 8
  header[63] = octets.length & 0xff
  return Reference.signAs(Buffer.concat([header, octets]), "demo", key)
}

/** The announcement under another key and with another signature. */
const forged = (key: string, signature: Uint8Array): Uint8Array => {
  const datagram = announce.slice()
  datagram.set(Fixtures.fromHex(key), 16)
  datagram.set(signature, datagram.length - 64)
  return datagram
}

const identity = `01${"00".repeat(31)}`

const plusOrder = (signature: Uint8Array): Uint8Array => {
  let sum = BigInt(`0x${Fixtures.toHex(signature.slice(32).toReversed())}`) + order
  return signature.map((octet, index) => {
    if (index < 32) return octet
    const next = Number(sum & 0xffn)
    sum >>= 8n
    return next
  })
}

const refused = (name: string, datagram: () => Uint8Array, refusal: Pipeline.Refusal, realm = "demo") =>
  it.effect(name, () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Pipeline.verdict(datagram(), realm), refusal)
      assert.isUndefined(Reference.read(datagram(), realm))
    }).pipe(Effect.provide(Pipeline.layer)))

describe("no announcement", () => {
  refused("SA1 nothing at all", () => new Uint8Array(), "size")
  refused("S-P2 an octet more than 1,200", () => new Uint8Array(1_201), "size")
  refused("SA1 one trailing octet", () => Buffer.concat([announce, Uint8Array.of(0)]), "format")
  refused("SA1 another realm by its tag", () => announce, "realm", "dema")
  refused("SA1 flags 2", () => altered(7, 2), "format")
  refused("SA1 kind 0", () => altered(5, 0), "format")
  refused("SA1 kind 6", () => altered(5, 6), "format")
  refused("SA1 suite 2", () => altered(6, 2), "format")
  refused("SA1 version 2", () => altered(4, 2), "format")
  refused("SA1 ttl 0", () => altered(61, 0), "format")
  refused("SA1 a body one octet shorter than it says", () => altered(63, 0x22), "format")
  refused("SA1 a body one octet longer than it says", () => altered(63, 0x20), "format")
  refused("SA1 instance 0", () => Reference.signAs(announce.slice(0, -64).fill(0, 56, 60), "demo", key), "format")
  refused(
    "SA1 two fields swapped",
    () => saying(fields.name, fields.endpoint, fields.service, fields.attribute),
    "body"
  )
  refused("SA1 two services swapped", () => saying("02075f622e5f746370", "02075f612e5f746370"), "body")
  refused("SA1 one field repeated", () => saying(fields.name, fields.service, fields.service), "body")
  refused("SA1 an unknown critical type", () => saying(fields.name, "0a00"), "body")
  refused("SA1 the type 0", () => saying("0000", fields.name), "body")
  refused("SA1 a name with ESC", () => saying("0105616c701b61"), "body")
  refused("S-P6 a name in the normal form NFD", () => saying("010365cc81"), "body")
  refused("S-U6 an endpoint with port 0", () => saying("0307010000c0a8010a"), "body")
})

describe("no key or signature", () => {
  refused(
    "SA1 S + L",
    () => forged(Fixtures.toHex(announce.subarray(16, 48)), plusOrder(announce.slice(-64))),
    "not-canonical"
  )
  refused("SA1 a key of zeros", () => forged("00".repeat(32), announce.slice(-64)), "weak-key")
  refused(
    "SA1 the identity as key with the identity as R and S = 0",
    () => forged(identity, Fixtures.fromHex(identity + "00".repeat(32))),
    "weak-key"
  )
  refused(
    "SA1 the identity as R and S = 0 under a sound key",
    () => forged(Fixtures.toHex(announce.subarray(16, 48)), Fixtures.fromHex(identity + "00".repeat(32))),
    "not-canonical"
  )
  refused("SA1 the realm whole, behind the same tag", () => altered(0, 0xd1, "dema"), "signature")
  refused("SA1 a signature by another key", () => {
    const other = Reference.privateKey(Fixtures.successor.nextSeed!)
    return Reference.signAs(announce.slice(0, -64), "demo", other)
  }, "signature")
})

layer(Pipeline.layer)("the announcement changed", (it) => {
  it.effect("SA1 is accepted when it is not", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Pipeline.verdict(announce, "demo"), "accepted")
      assert.strictEqual(yield* Pipeline.verdict(altered(0, 0xd1), "demo"), "accepted")
      assert.strictEqual(yield* Pipeline.verdict(saying(...Object.values(fields)), "demo"), "accepted")
    }))

  it.effect("S-P1 every truncation is refused by its length", () =>
    Effect.gen(function*() {
      for (let length = 0; length < announce.length; length++) {
        const expected = length < Envelope.minOctets ? "size" : "format"
        assert.strictEqual(yield* Pipeline.verdict(announce.subarray(0, length), "demo"), expected)
      }
    }))

  it.effect("SA1 each of the 1,288 flips of one bit is refused", () =>
    Effect.gen(function*() {
      const refusals = new Map<string, number>()
      for (const flipped of flips(announce)) {
        const refusal = yield* Pipeline.verdict(flipped, "demo")
        refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1)
        assert.isUndefined(Reference.read(flipped, "demo"))
      }

      assert.isFalse(refusals.has("accepted"))
      assert.strictEqual(Array.from(refusals.values()).reduce((sum, count) => sum + count), 1_288)
      for (const refusal of ["format", "realm", "not-canonical", "signature"]) {
        assert.isTrue(refusals.has(refusal), refusal)
      }
    }))

  it.effect("SA1 each flip of one bit of the goodbye and of the successor's announcement is refused", () =>
    Effect.gen(function*() {
      for (const { hex } of [Fixtures.goodbye, Fixtures.successor]) {
        for (const flipped of flips(Fixtures.fromHex(hex))) {
          assert.notStrictEqual(yield* Pipeline.verdict(flipped, "demo"), "accepted")
        }
      }
    }))

  it("SA1 S + L differs from S in nothing but its form", () => {
    assert.isFalse(Ed25519.isCanonicalSignature(plusOrder(announce.slice(-64))))
    assert.isTrue(Ed25519.isCanonicalSignature(announce.slice(-64)))
    assert.isTrue(Result.isSuccess(Envelope.decode(announce)))
  })
})

const flips = function*(datagram: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < datagram.length * 8; bit++) {
    const flipped = datagram.slice()
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    yield flipped
  }
}
