import { PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Display } from "../src/index.ts"
import { toText, units, unsafe } from "./support/hostile.ts"

const arbitrary = { arbitrary: { runs: 1_000 } }

describe("display", () => {
  it.each([
    ["leaves ordinary text", "Ada Lovelace’s büro 研究室 🎉", "Ada Lovelace’s büro 研究室 🎉"],
    ["spells out a terminal's commands", "a\u001b]0;owned\u0007b\u009b2J", "a\\u{1b}]0;owned\\u{7}b\\u{9b}2J"],
    ["spells out line ends", "a\r\n\u2028\u2029\u0085b", "a\\u{d}\\u{a}\\u{2028}\\u{2029}\\u{85}b"],
    ["spells out bidi controls", "exe.\u202egnp", "exe.\\u{202e}gnp"],
    [
      "spells out what is invisible",
      "a\u200bb\ufeff\u{e0041}\u034f\u3164",
      "a\\u{200b}b\\u{feff}\\u{e0041}\\u{34f}\\u{3164}"
    ],
    ["spells out an unpaired surrogate", "a\ud800b", "a\\u{d800}b"],
    ["spells out what is unassigned", "\u0378\uffff", "\\u{378}\\u{ffff}"],
    ["keeps four marks on a letter", "e\u0301\u0302\u0303\u0304", "e\u0301\u0302\u0303\u0304"],
    ["spells out the fifth mark", "e\u0301\u0302\u0303\u0304\u0305", "e\u0301\u0302\u0303\u0304\\u{305}"],
    ["spells out a mark that would sit on our own text", "\u0301a", "\\u{301}a"]
  ])("%s", (_, text, expected) => assert.strictEqual(Display.display(text), expected))

  it("S-D1 cuts at 128 columns", () => {
    assert.strictEqual(Display.display("a".repeat(128)), "a".repeat(128))
    assert.strictEqual(Display.display("a".repeat(129)), `${"a".repeat(127)}…`)
  })

  it("counts wide characters as two columns and never shows half an escape", () => {
    assert.strictEqual(Display.display("研究室", 5), "研究…")
    assert.strictEqual(Display.display("ab\u001bcd", 7), "ab…")
    assert.strictEqual(Display.display("ab\u001b", 8), "ab\\u{1b}")
  })

  it.each([
    ["a letter of Tangut", "\u{17000}", 2],
    ["old Hangul", "\ua960", 2],
    ["a vowel that stands beside its letter", "\u0915\u093e", 2],
    ["a mark that is drawn over its letter", "e\u0301", 1]
  ])("counts the columns of %s", (_, text, columns) => assert.strictEqual(Display.width(text), columns))

  it.effect.prop(
    "S-D1 never lets anything unsafe through",
    { units },
    ({ units }) => Effect.sync(() => assert.notMatch(Display.display(toText(units)), unsafe)),
    arbitrary
  )

  it.effect.prop("S-D1 never takes more columns than asked for", { units }, ({ units }) =>
    Effect.sync(() => {
      for (const columns of [1, 2, 20, 128]) {
        assert.isAtMost(Display.width(Display.display(toText(units), columns)), columns)
      }
    }), arbitrary)

  // written out, so that no property of Unicode is asked whether it was asked rightly
  const ranges: ReadonlyArray<readonly [string, number, number]> = [
    ["C0", 0x00, 0x1f],
    ["DEL and C1", 0x7f, 0x9f],
    ["line and paragraph separators", 0x2028, 0x2029],
    ["the Arabic letter mark", 0x61c, 0x61c],
    ["zero-width characters and marks of direction", 0x200b, 0x200f],
    ["embeddings and overrides", 0x202a, 0x202e],
    ["the word joiner", 0x2060, 0x2060],
    ["isolates", 0x2066, 0x2069],
    ["the byte order mark", 0xfeff, 0xfeff],
    ["surrogates", 0xd800, 0xdfff],
    ["tags", 0xe0000, 0xe007f],
    ["what will never be assigned", 0xfdd0, 0xfdef]
  ]

  it.each(ranges)("S-D1 spells out %s", (_, from, to) => {
    for (let code = from; code <= to; code++) {
      const text = code < 0x10000 ? String.fromCharCode(code) : String.fromCodePoint(code)
      assert.strictEqual(Display.display(`a${text}b`), `a\\u{${code.toString(16)}}b`)
    }
  })

  it.effect.prop(
    "S-D1 no more than four marks follow one another",
    { units },
    ({ units }) => Effect.sync(() => assert.notMatch(Display.display(`a${toText(units)}`), /\p{M}{5}/u)),
    arbitrary
  )

  it.effect.prop("displaying what is displayed changes nothing", { units }, ({ units }) =>
    Effect.sync(() => {
      const once = Display.display(toText(units))
      assert.strictEqual(Display.display(once), once)
    }), arbitrary)
})

describe("json", () => {
  it.effect.prop("S-D1 says the same as JSON, with nothing unsafe in it", { units }, ({ units }) =>
    Effect.sync(() => {
      const value = { text: toText(units) }
      const line = Display.json(value)
      assert.notMatch(line, unsafe)
      assert.deepStrictEqual(JSON.parse(line), value)
    }), arbitrary)
})

describe("fingerprint", () => {
  it("S-T3 shows 64 bits of the key's SHA-256, grouped", () => {
    const key = PeerKey.PeerKey.make("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

    assert.strictEqual(Display.fingerprint(key), "21fe 31df a154 a261")
  })
})
