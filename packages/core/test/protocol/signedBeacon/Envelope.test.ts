import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Fixtures from "./fixtures.ts"

const datagram = Fixtures.fromHex(Fixtures.announce.hex)
const envelope = Result.getOrThrow(Envelope.decode(datagram))

const with16 = (offset: number, value: number): Uint8Array => {
  const changed = datagram.slice()
  changed.set([value >> 8, value & 0xff], offset)
  return changed
}

/** An envelope of this kind with a body of so many octets, unsigned. */
const sized = (kind: number, ttl: number, length: number): Uint8Array => {
  const octets = new Uint8Array(128 + length)
  octets.set(datagram.subarray(0, 60))
  octets.set([kind], 5)
  octets.set([ttl >> 8, ttl & 0xff, length >> 8, length & 0xff], 60)
  return octets
}

const fails = (octets: Uint8Array, reason: Envelope.Reason) =>
  assert.deepStrictEqual(Envelope.decode(octets), Result.fail(reason))

describe("decode", () => {
  it("S-P3 a length beyond the datagram is refused, whatever it claims", () => {
    for (const length of [0, 32, 34, 1_072, 1_073, 65_535]) fails(with16(62, length), "format")
  })

  it("S-P2 a datagram has 128 to 1,200 octets", () => {
    assert.isTrue(Result.isSuccess(Envelope.decode(sized(1, 90, 0))))
    assert.isTrue(Result.isSuccess(Envelope.decode(sized(1, 90, 1_072))))
    fails(sized(1, 90, 1_073), "size")
    fails(datagram.subarray(0, 127), "size")
  })

  it("SA1 kinds 2 and 5 have no body, kinds 3 and 4 one of 52 octets", () => {
    for (const [kind, length] of [[2, 0], [3, 52], [4, 52], [5, 0]] as const) {
      for (const other of [0, 1, 51, 52, 53]) {
        assert.strictEqual(Result.isSuccess(Envelope.decode(sized(kind, 0, other))), other === length)
      }
    }
  })

  it("SA1 only an announcement has a ttl", () => {
    for (const [kind, length] of [[2, 0], [3, 52], [4, 52], [5, 0]] as const) fails(sized(kind, 1, length), "format")
    fails(sized(1, 0, 0), "format")
    assert.isTrue(Result.isSuccess(Envelope.decode(sized(1, 65_535, 0))))
  })

  it("SA1 reads a part of a larger buffer, and numbers of all sizes", () => {
    const larger = Buffer.concat([Buffer.alloc(5), datagram.fill(0xff, 48, 60), Buffer.alloc(3)])
    const { instance, stamp } = Result.getOrThrow(Envelope.decode(larger.subarray(5, -3)))

    assert.deepStrictEqual(stamp, { ms: 2 ** 48 - 1, counter: 65_535 })
    assert.strictEqual(instance, 2 ** 32 - 1)
  })
})

describe("encodeUnsigned", () => {
  const wrong: ReadonlyArray<readonly [name: string, parts: Partial<Envelope.Parts>]> = [
    ["a tag of 7 octets", { realmTag: new Uint8Array(7) }],
    ["a stamp beyond 48 bits", { stamp: { ms: 2 ** 48, counter: 0 } }],
    ["a counter beyond 16 bits", { stamp: { ms: 0, counter: 65_536 } }],
    ["the instance 0", { instance: 0 }],
    ["an instance beyond 32 bits", { instance: 2 ** 32 }],
    ["no ttl", { ttl: 0 }],
    ["a ttl beyond 16 bits", { ttl: 65_536 }],
    ["a goodbye with a ttl", { kind: "goodbye", body: new Uint8Array() }],
    ["a goodbye with a body", { kind: "goodbye", ttl: 0 }],
    ["a challenge without one", { kind: "challenge", ttl: 0, body: new Uint8Array() }],
    ["a body of 1,073 octets", { body: new Uint8Array(1_073) }]
  ]
  for (const [name, parts] of wrong) {
    it(`SA1 does not write ${name}`, () => {
      assert.throws(() => Envelope.encodeUnsigned({ ...envelope, ...parts }), RangeError)
    })
  }

  it("SA1 does not complete anything with what is no signature", () => {
    assert.throws(() => Envelope.encode(envelope.signed, new Uint8Array(63)), RangeError)
  })
})

describe("a realm", () => {
  it("SA1 is 1 to 63 octets of UTF-8 in the normal form NFC", () => {
    for (const realm of ["a", "demo", "é", "x".repeat(63)]) assert.isTrue(Envelope.isRealm(realm), realm)
    for (const realm of ["", "x".repeat(64), "é".repeat(32), "e\u{301}", "\u{d800}"]) {
      assert.isFalse(Envelope.isRealm(realm), realm)
      assert.throws(() => Envelope.realmLabel(realm), RangeError)
      assert.throws(() => Envelope.signedInput(realm, datagram), RangeError)
    }
  })

  it("SA1 has its length before it, so that no realm is another with more to sign", () => {
    const input = Envelope.signedInput("é", Uint8Array.of(1, 2))

    assert.strictEqual(Fixtures.toHex(input), `${Fixtures.toHex(Buffer.from("LAN-ANNOUNCE-v1\0"))}02c3a90102`)
  })
})

describe("isOfRealm", () => {
  it("compares all of the tag", () => {
    const { realmTag } = envelope
    const others = Array.from(realmTag, (octet, at) => realmTag.with(at, octet ^ 1))

    assert.isTrue(Envelope.isOfRealm(datagram, realmTag))
    assert.isFalse(others.some((tag) => Envelope.isOfRealm(datagram, tag)))
  })
})
