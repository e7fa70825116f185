import { assert, describe, it } from "@effect/vitest"
import * as Latin1 from "../../src/internal/Latin1.ts"

const octets = (length: number) => Uint8Array.from({ length }, (_, at) => (250 + at * 7) % 256)

describe("fromOctets", () => {
  for (const make of [octets, (length: number) => Buffer.from(octets(length))]) {
    const kind = make(0).constructor.name
    it.each([0, 1, 23, 24, 25, 26, 255, 256, 257, 1_000])(
      `gives %d octets a character each, and none of those beside them, as ${kind}`,
      (length) => {
        const all = make(length + 5)
        const text = Latin1.fromOctets(all, 3, 3 + length)

        assert.deepStrictEqual(Array.from(text, (character) => character.charCodeAt(0)), [
          ...all.subarray(3, 3 + length)
        ])
        assert.deepStrictEqual(Latin1.toOctets(text), octets(length + 5).slice(3, 3 + length))
      }
    )
  }
})
