import { Attributes } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Equal, Hash, Schema } from "effect"
import { inspect } from "node:util"
import * as TxtReader from "../src/protocol/mdns/TxtReader.ts"
import * as Given from "./internal/Given.ts"

const bytes = (...octets: ReadonlyArray<number>): Uint8Array => Uint8Array.from(octets)

// property names that an ordinary object already has or gives a meaning to (S-P8)
const treacherous = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"]

describe("make", () => {
  it("takes entries, a Map and a record alike", () => {
    const entries = [["role", "leader"], ["load", "0.7"]] as const
    const attributes = Attributes.make(entries)

    assert.deepStrictEqual([...attributes], [["role", "leader"], ["load", "0.7"]])
    assert.isTrue(Equal.equals(Attributes.make(new Map(entries)), attributes))
    assert.isTrue(Equal.equals(Attributes.make(Object.fromEntries(entries)), attributes))
  })

  it("of two entries with the same key the later one holds", () => {
    assert.deepStrictEqual([...Attributes.make([["a", "1"], ["b", "2"], ["a", "3"]])], [["a", "3"], ["b", "2"]])
  })

  it("gives attributes back as they are, and one value for none", () => {
    const attributes = Attributes.make({ a: "1" })

    assert.strictEqual(Attributes.make(attributes), attributes)
    assert.strictEqual(Attributes.make({}), Attributes.empty)
    assert.strictEqual(Attributes.make([]), Attributes.empty)
  })

  it("no later change of its input changes them", () => {
    const value = bytes(0xff, 1)
    const input = new Map<string, string | Uint8Array>([["raw", value]])
    const attributes = Attributes.make(input)
    value[1] = 2
    input.set("more", "x")

    assert.deepStrictEqual(attributes.bytes("raw"), bytes(0xff, 1))
    assert.strictEqual(attributes.size, 1)
  })

  it("keys that objects treat specially are keys like any other (S-P8)", () => {
    const attributes = Attributes.make(treacherous.map((key) => [key, `value of ${key}`] as const))

    assert.deepStrictEqual([...attributes.keys()], treacherous)
    for (const key of treacherous) assert.strictEqual(attributes.get(key), `value of ${key}`)
    assert.isFalse(attributes.has("valueOf"))
    assert.isUndefined(attributes.get("valueOf"))
  })
})

describe("get and bytes", () => {
  it("keep every value byte for byte, whatever the bytes", () => {
    const dice = Given.dice(1)
    for (let round = 0; round < 2_000; round++) {
      const value = Uint8Array.from({ length: dice.between(0, 12) }, () => dice.between(0, 255))

      assert.deepStrictEqual(Attributes.make([["key", value]]).bytes("key"), value, `round ${round}`)
    }
  })

  it("read what is not UTF-8 with a replacement character", () => {
    const attributes = Attributes.make({ raw: bytes(0x61, 0xff, 0x62) })

    assert.strictEqual(attributes.get("raw"), "a\uFFFDb")
  })

  it("keep a leading byte order mark (S-P6)", () => {
    const attributes = Attributes.make({ key: bytes(0xef, 0xbb, 0xbf, 0x61) })

    assert.strictEqual(attributes.get("key"), "\uFEFFa")
    assert.strictEqual(Attributes.make({ key: bytes(0xef, 0xbb, 0xbf, 0xff) }).get("key"), "\uFEFF\uFFFD")
    assert.deepStrictEqual(attributes.bytes("key"), bytes(0xef, 0xbb, 0xbf, 0x61))
  })

  it("hand out copies", () => {
    const attributes = Attributes.make({ raw: bytes(0xff) })
    attributes.bytes("raw")![0] = 0

    assert.deepStrictEqual(attributes.bytes("raw"), bytes(0xff))
  })
})

describe("isFlag", () => {
  it("D-6.4-7 tells a key without a value from one with an empty value, and from none", () => {
    const attributes = Attributes.make([["flag", true], ["empty", ""], ["none", bytes()]])

    assert.deepStrictEqual(["flag", "empty", "none", "absent"].map((key) => attributes.isFlag(key)), [
      true,
      false,
      false,
      false
    ])
    assert.isTrue(attributes.has("flag"))
  })

  it("a key without a value reads as empty", () => {
    const attributes = Attributes.make({ flag: true })

    assert.strictEqual(attributes.get("flag"), "")
    assert.deepStrictEqual(attributes.bytes("flag"), bytes())
    assert.deepStrictEqual([...attributes], [["flag", ""]])
    assert.deepStrictEqual({ ...attributes.toJSON() }, { flag: "" })
    assert.strictEqual(Attributes.byteLength(attributes), 4)
  })
})

describe("findKey", () => {
  it("D-6.4-6 does not regard the case of ASCII letters, and gives the key as announced", () => {
    const attributes = Attributes.make({ TxtVers: "1", "\u212a": "kelvin" })

    assert.strictEqual(Attributes.findKey(attributes, "TXTVERS"), "TxtVers")
    assert.isUndefined(Attributes.findKey(attributes, "k"))
    assert.isUndefined(Attributes.findKey(attributes, "__proto__"))
  })

  it("prefers the very key", () =>
    assert.strictEqual(Attributes.findKey(Attributes.make({ A: "1", a: "2" }), "a"), "a"))
})

describe("equality", () => {
  const same = (self: Attributes.Input, that: Attributes.Input) => {
    const [a, b] = [Attributes.make(self), Attributes.make(that)]
    if (Equal.equals(a, b)) assert.strictEqual(Hash.hash(a), Hash.hash(b))
    return Equal.equals(a, b)
  }

  it("does not look at the order", () => {
    assert.isTrue(same([["a", "1"], ["b", "2"]], [["b", "2"], ["a", "1"]]))
  })

  it("text equals its own UTF-8 bytes", () => {
    assert.isTrue(same({ a: "é" }, { a: bytes(0xc3, 0xa9) }))
    assert.isTrue(same({ a: bytes(0xff, 0xfe) }, { a: bytes(0xff, 0xfe) }))
  })

  it("bytes that are no text differ from the text they are read as", () => {
    assert.isFalse(same({ a: bytes(0xff) }, { a: "\uFFFD" }))
    assert.isFalse(same({ a: "\uFFFD" }, { a: bytes(0xff) }))
    assert.isTrue(same({ a: "\uFFFD" }, { a: bytes(0xef, 0xbf, 0xbd) }))
    assert.isFalse(same({ a: "\uFFFD\uFFFD" }, { a: bytes(0xef, 0xbf, 0xbd, 0xff) }))
    assert.isFalse(same({ a: bytes(0xff, 1) }, { a: bytes(0xfe, 1) }))
  })

  it("a key without a value differs from one with an empty value", () => {
    assert.isFalse(same({ a: true }, { a: "" }))
    assert.isFalse(same({ a: bytes() }, { a: true }))
    assert.isTrue(same({ a: true }, { a: true }))
  })

  it("one key or value more, less or other makes a difference", () => {
    assert.isFalse(same({ a: "1" }, { a: "2" }))
    assert.isFalse(same({ a: "1" }, { b: "1" }))
    assert.isFalse(same({ a: "1" }, { a: "1", b: "2" }))
    assert.isFalse(same({ a: "1", b: "2" }, { a: "1" }))
  })
})

describe("byteLength", () => {
  it("counts the octets of keys and values, not their characters", () => {
    assert.strictEqual(Attributes.byteLength(Attributes.empty), 0)
    assert.strictEqual(Attributes.byteLength(Attributes.make({ "é": "€", raw: bytes(0xff, 0xff) })), 2 + 3 + 3 + 2)
  })
})

describe("toJSON", () => {
  it("holds treacherous keys as its own and changes no prototype (S-P8)", () => {
    const json = Attributes.make(treacherous.map((key) => [key, "x"] as const)).toJSON()

    assert.isNull(Object.getPrototypeOf(json))
    assert.deepStrictEqual(Object.keys(json), treacherous)
  })
})

describe("inspect", () => {
  it.each([
    ["made", Attributes.make({ path: "/", flag: true })],
    ["read when they are looked at", TxtReader.fromText("\u0006path=/\u0004flag")]
  ])(
    "what is logged are keys and values of those that are %s",
    (_, attributes) =>
      assert.strictEqual(inspect({ attributes }), "{ attributes: [Object: null prototype] { path: '/', flag: '' } }")
  )
})

describe("FromRecord", () => {
  const decode = Schema.decodeUnknownSync(Attributes.FromRecord)
  const encode = Schema.encodeSync(Attributes.FromRecord)

  it("decodes a record of text and encodes it again", () => {
    const attributes = decode({ role: "leader", load: "0.7" })

    assert.deepStrictEqual([...attributes], [["role", "leader"], ["load", "0.7"]])
    assert.deepStrictEqual(encode(attributes), { role: "leader", load: "0.7" })
  })

  it("keeps treacherous keys both ways (S-P8)", () => {
    const json = JSON.stringify(Object.fromEntries(treacherous.map((key) => [key, "x"])))
    const attributes = decode(JSON.parse(json))

    assert.sameMembers([...attributes.keys()], treacherous)
    assert.sameMembers(Object.keys(encode(attributes)), treacherous)
  })

  it("refuses values that are no text", () => {
    assert.throws(() => decode({ load: 0.7 }))
  })

  it("encodes what is not UTF-8 with a replacement character", () => {
    assert.deepStrictEqual(encode(Attributes.make({ raw: bytes(0xff) })), { raw: "\uFFFD" })
  })
})
