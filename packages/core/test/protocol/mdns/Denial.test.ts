import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import { Type } from "../../../src/protocol/mdns/Record.ts"
import * as Writer from "../../../src/protocol/mdns/Writer.ts"
import * as Given from "../../internal/Given.ts"

const owner = Result.getOrThrow(Name.fromString("ada.local"))

const denialOf = (types: ReadonlyArray<number>): Uint8Array => {
  const writer = Writer.make({ limit: 1_440, kind: "response" })
  const data = { _tag: "Denial", next: owner, types } as const
  assert.isTrue(
    Writer.record(writer, "answers", { name: owner, type: Type.NSEC, class: 1, flush: true, ttl: 120, data })
  )
  return Writer.finish(writer)
}

describe("a denial", () => {
  it("M-6.1-3 of any types below 256 is written as one block of 1 to 32 octets, and read as what it was", () => {
    const dice = Given.dice(47)
    for (let i = 0; i < 2_000; i++) {
      const wanted = new Set(Array.from({ length: dice.between(1, 40) }, () => dice.between(1, 255)))
      const types = Array.from(wanted).toSorted((a, b) => a - b)
      const octets = denialOf(types)
      // behind header, name, type, class, ttl and length: the owner by a pointer, block 0, and its length
      const data = octets.subarray(12 + 11 + 10)
      const [answer] = Result.getOrThrow(Message.decode(octets)).answers

      assert.deepStrictEqual(Array.from(data.subarray(0, 3)), [0xc0, 12, 0])
      assert.strictEqual(data[3], (types.at(-1)! >> 3) + 1)
      assert.strictEqual(data.length, 4 + data[3]!)
      assert.deepStrictEqual(answer?.data, { _tag: "Denial", next: answer!.name, types })
    }
  })
})
