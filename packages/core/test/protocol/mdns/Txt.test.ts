import { Attributes } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Equal, Result } from "effect"
import * as Txt from "../../../src/protocol/mdns/Txt.ts"
import * as TxtReader from "../../../src/protocol/mdns/TxtReader.ts"
import * as Given from "../../internal/Given.ts"

const utf8 = new TextEncoder()
const bytes = (...parts: ReadonlyArray<string | number>): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => typeof part === "number" ? [part] : [...utf8.encode(part)]))

/** The data of strings. */
const data = (...strings: ReadonlyArray<string>): Uint8Array =>
  bytes(...strings.flatMap((string) => [utf8.encode(string).length, string]))

const entry = (key: string, value?: string): Txt.Entry => ({
  key,
  value: value === undefined ? undefined : utf8.encode(value)
})

const text = (octets: Uint8Array): ReadonlyArray<readonly [string, string | undefined]> =>
  Txt.decode(octets).map(({ key, value }) => [key, value && new TextDecoder().decode(value)])

const limitOf = (entries: ReadonlyArray<Txt.Entry>, options?: { readonly allowLarge: boolean }): string => {
  const result = Txt.encode(entries, options)
  return Result.isFailure(result) ? result.failure.limit : "none"
}

describe("decode", () => {
  it("D-6.4-7 tells no value, an empty value and a value apart", () =>
    assert.deepStrictEqual(Txt.decode(data("flag", "empty=", "key=value")), [
      entry("flag"),
      entry("empty", ""),
      entry("key", "value")
    ]))

  it("D-6.1-2 a zero octet and no octet mean the same", () => {
    assert.deepStrictEqual(Txt.decode(Txt.none), [])
    assert.deepStrictEqual(Txt.decode(new Uint8Array()), [])
  })

  it("D-6.4-2 a string that begins with = is skipped", () =>
    assert.deepStrictEqual(text(data("=", "=x", "==", "a=1")), [["a", "1"]]))

  it("D-6.4-6 the first of a key holds, without regard to case", () => {
    assert.deepStrictEqual(text(data("A=1", "a=2", "a")), [["A", "1"]])
    assert.deepStrictEqual(text(data("a", "A=2", "b")), [["a", undefined], ["b", undefined]])
    assert.deepStrictEqual(text(data("\u212a=1", "k=2")), [["\u212a", "1"], ["k", "2"]])
  })

  it("D-6.5-3 the first = ends the key, and all else is the value", () =>
    assert.deepStrictEqual(text(data("a==b=", " b = c ", "q=\"x\"")), [["a", "=b="], [" b ", " c "], ["q", "\"x\""]]))

  it("D-6.4-7 names of object properties are ordinary keys", () => {
    const keys = ["__proto__", "constructor", "toString", "hasOwnProperty"]

    assert.deepStrictEqual(text(data(...keys.map((key) => `${key}=1`))), keys.map((key) => [key, "1"]))
  })

  it("D-6.3-1 keys that nobody knows are no fault", () =>
    assert.deepStrictEqual(text(data("never-heard-of=1")), [["never-heard-of", "1"]]))

  it("skips empty strings, keys that are not UTF-8 and what ends beyond the data", () => {
    assert.deepStrictEqual(text(bytes(0, 0, 1, "a", 0)), [["a", undefined]])
    assert.deepStrictEqual(text(bytes(3, 0xff, "=1", 1, "b")), [["b", undefined]])
    assert.deepStrictEqual(text(bytes(1, "a", 9, "b=1")), [["a", undefined]])
  })

  it("D-6.5-2 a value is its octets, in a copy", () => {
    const octets = bytes(4, "v=", 0, 0xff)
    const [{ value }] = Txt.decode(octets) as [Txt.Entry]
    octets.fill(7)

    assert.deepStrictEqual(value, bytes(0, 0xff))
  })

  it("takes any octets", () => {
    const dice = Given.dice(6)
    for (let i = 0; i < 5_000; i++) {
      const octets = Uint8Array.from(
        { length: dice.between(0, 80) },
        () => dice.oneIn(2) ? dice.between(0, 6) : dice.pick([0x3d, 0x41, 0x61, 0xff])
      )
      const entries = Txt.decode(octets)

      assert.isAtMost(
        entries.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0),
        octets.length
      )
      assert.strictEqual(new Set(entries.map(({ key }) => Txt.fold(key))).size, entries.length)
    }
  })
})

describe("encode", () => {
  it("D-6.1-1 nothing to say is one zero octet", () =>
    assert.deepStrictEqual(Txt.encode([]), Result.succeed(Uint8Array.of(0))))

  it("D-6.5-1 writes keys and values as they are", () =>
    assert.deepStrictEqual(
      Txt.encode([entry("txtvers", "1"), entry("path", "/"), entry("flag"), entry("empty", "")]),
      Result.succeed(data("txtvers=1", "path=/", "flag", "empty="))
    ))

  it("D-6.5-2 D-6.5-3 what is encoded is decoded, whatever the octets of its values", () => {
    const dice = Given.dice(12)
    for (let i = 0; i < 1_000; i++) {
      const entries = Array.from({ length: dice.between(0, 8) }, (_, index): Txt.Entry => ({
        key: `${index}${String.fromCharCode(dice.between(0x20, 0x3c), dice.between(0x3e, 0x7e))}`,
        value: dice.oneIn(4) ? undefined : Uint8Array.from({ length: dice.between(0, 9) }, () => dice.between(0, 255))
      }))
      const octets = Result.getOrThrow(Txt.encode(entries))

      assert.isTrue(Txt.isSound(octets))
      assert.deepStrictEqual(Txt.decode(octets), entries)
    }
  })

  it("D-6.4-1 refuses an empty key", () => assert.match(limitOf([entry("", "x")]), /printable ASCII/))

  it("D-6.4-4 takes keys of printable ASCII without =, octet by octet", () => {
    for (let code = 0; code < 256; code++) {
      const isAllowed = code >= 0x20 && code <= 0x7e && code !== 0x3d
      assert.strictEqual(limitOf([entry(`k${String.fromCharCode(code)}`)]) === "none", isAllowed, `${code}`)
    }
  })

  it("D-6.4-5 refuses a key that comes twice", () => {
    assert.match(limitOf([entry("a"), entry("a", "1")]), /"a" comes twice/)
    assert.match(limitOf([entry("a"), entry("A")]), /"A" comes twice/)
  })

  it("refuses a string of more than 255 octets", () => {
    assert.strictEqual(limitOf([entry("k", "x".repeat(253))]), "none")
    assert.match(limitOf([entry("k", "x".repeat(254))]), /at most 255 octets .* takes 256/)
  })

  it("M-17-3 D-6.2-1 refuses more than 1,300 octets unless they are meant", () => {
    const entries = (count: number) =>
      Array.from({ length: count }, (_, i) => entry(`${i}`.padStart(3, "0"), "x".repeat(95)))

    assert.strictEqual(limitOf(entries(13)), "none")
    assert.match(limitOf(entries(14)), /at most 1300 octets, and these take 1400/)
    assert.strictEqual(limitOf(entries(86), { allowLarge: true }), "none")
  })

  it("X-12 refuses 100,000 octets in any case", () => {
    assert.match(limitOf([{ key: "k", value: new Uint8Array(100_000) }], { allowLarge: true }), /at most 255/)
    assert.match(
      limitOf(Array.from({ length: 500 }, (_, i) => entry(`${i}`, "x".repeat(200))), { allowLarge: true }),
      /at most 8600 octets/
    )
  })
})

it("D-6.4-3 keys of more than 9 characters are found", () => {
  assert.deepStrictEqual(Txt.longKeys(data("ninechars=1", "tencharact=1", "flag")), ["tencharact"])
})

describe("isSound", () => {
  it.each([[[0], true], [[1, 65], true], [[], false], [[1], false], [[2, 65], false], [[0, 1, 65, 0], true]] as const)(
    "D-6.1-1 %j: %s",
    (octets, expected) => assert.strictEqual(Txt.isSound(Uint8Array.from(octets)), expected)
  )
})

describe("toAttributes and fromAttributes", () => {
  it("D-6.4-7 D-6.5-2 keep all four states and octets that are no text", () => {
    const octets = bytes(...data("flag", "empty=", "__proto__=é"), 5, "raw=", 0xff)
    const attributes = TxtReader.toAttributes(octets)

    assert.isTrue(
      Equal.equals(
        attributes,
        Attributes.make([["flag", true], ["empty", ""], ["__proto__", "é"], ["raw", bytes(0xff)]])
      )
    )
    assert.deepStrictEqual(Txt.fromAttributes(attributes), Result.succeed(octets))
  })

  it("D-6.1-1 D-6.1-2 no attributes are one zero octet, and that and nothing are none", () => {
    assert.deepStrictEqual(Txt.fromAttributes(Attributes.empty), Result.succeed(Txt.none))
    assert.strictEqual(TxtReader.toAttributes(Txt.none).size, 0)
    assert.strictEqual(TxtReader.toAttributes(new Uint8Array()).size, 0)
  })

  it("D-6.4-5 refuses attributes that differ in case only", () =>
    assert.isTrue(Result.isFailure(Txt.fromAttributes(Attributes.make({ a: "1", A: "2" })))))
})
