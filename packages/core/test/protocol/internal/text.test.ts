import { assert, describe, it } from "@effect/vitest"
import * as Text from "../../../src/protocol/internal/text.ts"

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const orUndefined = (octets: Uint8Array): string | undefined => {
  try {
    return strict.decode(octets)
  } catch {
    return undefined
  }
}

// what sequences of UTF-8 begin, go on and end with, and the limits of each
const telling = [
  0x00,
  0x41,
  0x7f,
  0x80,
  0x8f,
  0x90,
  0x9f,
  0xa0,
  0xbd,
  0xbf,
  0xc0,
  0xc2,
  0xe0,
  0xed,
  0xef,
  0xf0,
  0xf4,
  0xf5
]

describe("fromUtf8", () => {
  it("takes and refuses what a strict decoder does, whatever four octets there are", () => {
    for (const first of telling) {
      for (const second of telling) {
        for (const third of telling) {
          for (const fourth of telling) {
            const octets = Uint8Array.of(first, second, third, fourth)
            assert.strictEqual(Text.fromUtf8(octets), orUndefined(octets))
          }
        }
      }
    }
  })

  it("takes from an offset on what it takes of these octets alone, of any length", () => {
    for (const length of [0, 3, 40, 48, 49, 200]) {
      for (const last of telling) {
        const octets = Uint8Array.from({ length }, (_, at) => at === length - 1 ? last : 0x41 + at % 26)

        assert.strictEqual(Text.fromUtf8(Uint8Array.of(0xff, 0xef, ...octets), 2), orUndefined(octets))
      }
    }
  })

  it("takes a replacement character that was sent, and none that was made", () => {
    const sent = Text.toUtf8("a\ufffdb\ufffd\ufeff")

    assert.strictEqual(Text.fromUtf8(sent), "a\ufffdb\ufffd\ufeff")
    assert.isUndefined(Text.fromUtf8(Uint8Array.of(...sent, 0xef)))
    assert.isUndefined(Text.fromUtf8(Uint8Array.of(0xe0, ...sent)))
    assert.isUndefined(Text.fromUtf8(sent.subarray(0, -1)))
  })
})
