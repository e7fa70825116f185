import { Announcement, Attributes, type Claim } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Carriage from "../../../src/protocol/signedBeacon/Carriage.ts"

const claimOf = (attributes: Attributes.Input): Claim.Claim => ({
  identity: "ada",
  name: "ada",
  addresses: [],
  attributes: Attributes.make(attributes),
  ttl: 1,
  authentication: "none"
})

const envelope = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 37 + 128) & 0xff)
const announcement = Announcement.make({ name: "ada", attributes: { v: "1", SA0: "not ours" } })

describe("attributes", () => {
  for (const length of [128, 252, 253, 502, 503, 1_244, 1_255]) {
    it(`an envelope of ${length} octets comes out as it went in, in values that a TXT record has room for`, () => {
      const { attributes } = Carriage.attributes.put(announcement, envelope(length))

      assert.deepStrictEqual(Carriage.take(claimOf(attributes)), envelope(length))
      for (const key of attributes.keys()) assert.isAtMost(key.length + 1 + attributes.bytes(key)!.length, 255)
      assert.strictEqual(attributes.has("sa"), length <= 252)
    })
  }

  it("what else is announced stays, but for what would be taken for a part", () =>
    assert.deepStrictEqual(
      [...Carriage.attributes.put(announcement, envelope(300)).attributes.keys()],
      ["v", "sa0", "sa1"]
    ))

  it("keys are taken in any case, parts up to a gap and no more than five", () => {
    assert.deepStrictEqual(Carriage.take(claimOf({ Sa: "x" })), new TextEncoder().encode("x"))
    assert.deepStrictEqual(Carriage.take(claimOf({ sa0: "a", SA1: "b", sa3: "d" })), new TextEncoder().encode("ab"))
    const many = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`sa${i}`, String(i)]))
    assert.deepStrictEqual(Carriage.take(claimOf(many)), new TextEncoder().encode("01234"))
  })

  it("a claim without is one that carries none, a key without a value an empty envelope", () => {
    assert.isUndefined(Carriage.take(claimOf({ v: "1", sab: "x" })))
    assert.deepStrictEqual(Carriage.take(claimOf({ sa: true })), new Uint8Array(0))
  })
})
