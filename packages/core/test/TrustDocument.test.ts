import { TrustDocument, TrustEntry } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import * as Given from "./internal/Given.ts"

const [ada, eve] = [Given.key(1), Given.key(2)]

const entries: ReadonlyArray<TrustEntry.TrustEntry> = [
  { key: ada, state: "trusted", addedAt: 5, name: "Ada \u2028\u001b[31m", floor: { ms: 1, counter: 2, instance: 3 } },
  { key: eve, state: "denied", addedAt: 6, via: ada, hops: 1, until: 7, isRetired: true }
]
const text = TrustDocument.encode(entries)

const faultOf = (text: string): string => {
  const { problem, where } = Result.getOrThrow(Result.flip(TrustDocument.decode(text)))
  return `${where}: ${problem}`
}

describe("decode", () => {
  it("reads what encode writes, one entry a line", () => {
    assert.deepStrictEqual(Result.getOrThrow(TrustDocument.decode(text)), entries)
    assert.strictEqual(text.split("\n").length, 5)
    assert.deepStrictEqual(Result.getOrThrow(TrustDocument.decode(TrustDocument.encode([]))), [])
  })

  it.effect.prop("any list", { list: Schema.Array(TrustEntry.TrustEntry) }, ({ list }) =>
    Effect.sync(() => {
      const unique = [...new Map(list.map((entry) => [entry.key, entry])).values()]
      assert.deepStrictEqual(Result.getOrThrow(TrustDocument.decode(TrustDocument.encode(unique))), unique)
    }))

  it.each<[string, string, string]>([
    ["an empty file", "", "line 1: no JSON"],
    ["a file cut short", text.slice(0, -3), "line 4: no JSON"],
    ["a line that is cut", text.replace("\"denied\"", "\"den"), "line 3: no JSON"],
    ["a comma too many", text.replace("\n]}", ",\n]}"), "line 5: no JSON"],
    ["a key cut short", text.replace(ada, ada.slice(1)), "entry 1, field key: "],
    ["a key in capitals", text.replace(eve, "AB".repeat(32)), "entry 2, field key: "],
    ["no key", text.replace(`"key":"${eve}",`, ""), "entry 2, field key: "],
    ["another state", text.replace("denied", "unknown"), "entry 2, field state: "],
    ["a field misspelt", text.replace("until", "untill"), "entry 2, field untill: "],
    ["a floor beyond its bits", text.replace("\"counter\":2", "\"counter\":65536"), "entry 1, field floor.counter: "],
    ["a key twice", text.replace(eve, ada), "entry 2, field key: another entry has the same"],
    ["another version", text.replace("\"version\":1", "\"version\":2"), "the document, field version: "],
    ["a list", "[]", "the document: "],
    ["an entry that is a number", `{"version":1,"entries":[7]}`, "entry 1: "],
    ["a text that is none of ours", "hello", "line 1: no JSON"]
  ])("S-T4 says where %s is wrong", (_, text, fault) => {
    assert.include(faultOf(text), fault)
  })

  it("S-T4 never throws, and never takes a damaged file for an empty list", () => {
    for (let end = 0; end < text.length - 1; end++) {
      assert.isTrue(Result.isFailure(TrustDocument.decode(text.slice(0, end))), `${end}`)
    }
  })

  it("does not repeat in its words what the file says", () => {
    assert.notInclude(faultOf(text.replace("denied", "\\u001b[31m")), "\u001b")
    assert.include(faultOf(text.replace("until", "\\u001b[31m\\n")), "entry 2, field of a strange name: ")
    assert.isBelow(faultOf(text.replace("until", "a".repeat(1e6))).length, 100)
  })

  it("is not fooled by names of properties that objects have", () => {
    assert.include(faultOf(text.replace("\"state\":\"denied\"", "\"__proto__\":{\"state\":\"trusted\"}")), "entry 2")
  })
})

describe("apply", () => {
  it("a floor does not bring back what was removed, and never sinks", () => {
    const floor = (ms: number) => ({ _tag: "Floor", key: ada, floor: { ms, counter: 0, instance: 9 } }) as const
    const [first] = entries

    assert.deepStrictEqual(TrustEntry.apply([], [floor(2)]), [])
    assert.deepStrictEqual(TrustEntry.apply([first!], [floor(0)]), [first!])
    assert.deepStrictEqual(TrustEntry.apply([first!], [floor(2)])[0]?.floor, floor(2).floor)
  })

  const put = (entry: Partial<TrustEntry.TrustEntry>) =>
    ({ _tag: "Put", entry: { key: ada, state: "trusted", addedAt: 5, ...entry } }) as const
  const floor = (ms: number) => ({ ms, counter: 0, instance: 9 })

  it("what was denied stays so until it is dropped, and what was retired for good", () => {
    const drop = { _tag: "Drop", key: ada } as const
    const [denied] = TrustEntry.apply([], [put({ state: "denied" })])
    const [retired] = TrustEntry.apply([denied!], [put({ state: "denied", isRetired: true })])

    assert.deepStrictEqual(TrustEntry.apply([denied!], [put({ state: "pinned" })]), [denied!])
    assert.deepStrictEqual(TrustEntry.apply([denied!], [{ ...drop, state: "pinned" }]), [denied!])
    assert.deepStrictEqual(TrustEntry.apply([denied!], [drop, put({})])[0]?.state, "trusted")
    assert.deepStrictEqual(TrustEntry.apply([retired!], [drop, put({}), put({ state: "denied" })]), [retired!])
  })

  it("an entry that takes the place of another has no lower floor", () => {
    const [entry] = TrustEntry.apply([], [put({ floor: floor(2) })])

    for (const lower of [put({}), put({ floor: floor(1) }), put({ state: "denied" })]) {
      assert.deepStrictEqual(TrustEntry.apply([entry!], [lower])[0]?.floor, floor(2))
    }
    assert.deepStrictEqual(TrustEntry.apply([entry!], [put({ floor: floor(3) })])[0]?.floor, floor(3))
  })
})
