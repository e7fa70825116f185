import { assert, describe, it } from "@effect/vitest"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Vectors from "../vectors.ts"
import * as Arbitrary from "./arbitrary.ts"
import * as Captured from "./captured.ts"
import * as Plain from "./plain.ts"
import * as Reference from "./reference.ts"

const corpus = [...Captured.captured, ...Captured.malformed].map(({ hex }) => Vectors.fromHex(hex))
const agree = (payload: Uint8Array) => {
  const decoded = Plain.decode(payload)
  const expected = Reference.decode(payload)
  // comparing text is many times cheaper than comparing trees
  if (JSON.stringify(decoded) !== JSON.stringify(expected)) {
    assert.deepStrictEqual(decoded, expected, Buffer.from(payload).toString("hex"))
  }
  assert.strictEqual(JSON.stringify(Plain.decodeCompared(payload)), JSON.stringify(decoded))
  assert.strictEqual(Message.faultOf(payload), "reason" in decoded ? decoded.reason : undefined)
  return "reason" in decoded ? decoded.reason : decoded.skipped > 0 ? "skipped" : "good"
}

describe("decode", () => {
  it("gives back any message that the writer wrote", () => {
    for (let seed = 0; seed < 1_500; seed++) {
      const message = Arbitrary.message(Arbitrary.draw(seed))

      assert.deepStrictEqual(Captured.decode(Captured.encode(message)), message, `seed ${seed}`)
    }
  }, 60_000)

  it("reads captured and malformed datagrams, and every beginning of them, as a plain decoder does", () => {
    for (const payload of corpus) {
      for (let length = 0; length <= Math.min(payload.length, 600); length++) agree(payload.subarray(0, length))
      agree(payload)
    }
  })

  it("X-2 X-8 reads lies about counts, lengths and pointers as a plain decoder does", () => {
    const seen = new Map<string, number>()
    const draw = Arbitrary.draw(1)
    for (let i = 0; i < 4_000; i++) {
      const outcome = agree(Arbitrary.hostile(draw))
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
    }

    for (const outcome of ["good", "skipped", "name", "pointer", "counts", "truncated", "budget", "size"]) {
      assert.isAbove(seen.get(outcome) ?? 0, 1, outcome)
    }
  }, 60_000)
})
