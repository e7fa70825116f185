import { Attributes, TypedAttributes } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Equal, Result, Schema } from "effect"

const Printer = TypedAttributes.schema({
  rp: Schema.String,
  pages: Schema.optionalKey(Schema.NumberFromString),
  secure: TypedAttributes.Flag,
  raw: Schema.optionalKey(TypedAttributes.Octets)
})

const read = (input: Attributes.Input) => TypedAttributes.decode(Printer)(Attributes.make(input))

const problemOf = (input: Attributes.Input): string =>
  Result.match(read(input), { onFailure: ({ message }) => message, onSuccess: () => "none" })

describe("decode", () => {
  it("gives the fields their types", () => {
    const result = read([["rp", "lp"], ["pages", "12"], ["secure", true], ["raw", Uint8Array.of(0xff)]])
    const printer: { rp: string; pages?: number; secure: boolean; raw?: Uint8Array } = Result.getOrThrow(result)

    assert.deepStrictEqual(printer, { rp: "lp", pages: 12, secure: true, raw: Uint8Array.of(0xff) })
  })

  it("D-6.4-7 a flag is a key without a value, and absent it is false", () => {
    assert.isFalse(Result.getOrThrow(read({ rp: "lp" })).secure)
    assert.isTrue(Result.getOrThrow(read({ rp: "lp", secure: true })).secure)
    assert.isTrue(Result.getOrThrow(read({ rp: "lp", secure: "" })).secure)
    assert.include(problemOf({ rp: "lp", secure: "0" }), "secure")
  })

  it("D-6.3-1 D-6.4-6 ignores other keys, and the case of keys", () =>
    assert.deepStrictEqual(Result.getOrThrow(read({ RP: "lp", Pages: "3", other: "x", __proto__x: "y" })), {
      rp: "lp",
      pages: 3,
      secure: false
    }))

  it("says which field is missing or is not what it should be, and throws nothing", () => {
    assert.include(problemOf({}), "rp")
    assert.include(problemOf({ rp: true }), "rp")
    assert.include(problemOf({ rp: Uint8Array.of(0xff) }), "rp")
    assert.strictEqual(problemOf({ rp: "" }), "none")
  })

  it("D-6.5-2 octets are octets, whether or not they are text", () =>
    assert.deepStrictEqual(Result.getOrThrow(read({ rp: "lp", raw: "é" })).raw, Uint8Array.of(0xc3, 0xa9)))

  it("keys that objects treat specially are keys like any other (S-P8)", () => {
    const schema = TypedAttributes.schema({ constructor: Schema.optionalKey(Schema.String) })

    assert.deepStrictEqual(
      Result.getOrThrow(TypedAttributes.decode(schema)(Attributes.make([["__proto__", "x"]]))),
      {} as never
    )
  })
})

describe("versions", () => {
  const Versioned = TypedAttributes.schema({ a: Schema.String }, { versions: ["2", "1"] })
  const isRead = (input: Attributes.Input) =>
    Result.isSuccess(TypedAttributes.decode(Versioned)(Attributes.make(input)))

  it("D-6.7-1 attributes of an unknown version are a problem, and those of none are not", () => {
    assert.isTrue(isRead({ txtvers: "1", a: "x" }))
    assert.isTrue(isRead({ TXTVERS: "2", a: "x" }))
    assert.isTrue(isRead({ a: "x" }))
    assert.isFalse(isRead({ txtvers: "3", a: "x" }))
    assert.isFalse(isRead({ txtvers: true, a: "x" }))
  })

  it("D-6.7-1 says the first version first", () =>
    assert.deepStrictEqual([...Result.getOrThrow(TypedAttributes.encode(Versioned)({ a: "x" }))], [
      ["txtvers", "2"],
      ["a", "x"]
    ]))
})

describe("encode", () => {
  it("what is encoded is decoded", () => {
    const printer = { rp: "lp", pages: 12, secure: true, raw: Uint8Array.of(1, 0xff) }
    const attributes = Result.getOrThrow(TypedAttributes.encode(Printer)(printer))

    assert.isTrue(
      Equal.equals(
        attributes,
        Attributes.make([["rp", "lp"], ["pages", "12"], ["secure", true], ["raw", Uint8Array.of(1, 0xff)]])
      )
    )
    assert.deepStrictEqual(TypedAttributes.decode(Printer)(attributes), Result.succeed(printer))
  })

  it("leaves out flags that are not set", () =>
    assert.deepStrictEqual(
      [...Result.getOrThrow(TypedAttributes.encode(Printer)({ rp: "lp", secure: false }))],
      [["rp", "lp"]]
    ))
})
