import { assert, describe, it } from "@effect/vitest"
import * as Rename from "../../../src/protocol/mdns/Rename.ts"
import * as Given from "../../internal/Given.ts"

const octets = (text: string): number => new TextEncoder().encode(text).length

/** Whether no character was cut in two. */
const isWhole = (text: string): boolean => new TextDecoder().decode(new TextEncoder().encode(text)) === text

const names = (next: (label: string) => string, first: string, count: number): ReadonlyArray<string> => {
  const names = [first]
  while (names.length < count) names.push(next(names.at(-1)!))
  return names
}

describe("instance", () => {
  it("M-9-5 counts in brackets", () =>
    assert.deepStrictEqual(names(Rename.instance, "My Thing", 4), [
      "My Thing",
      "My Thing (2)",
      "My Thing (3)",
      "My Thing (4)"
    ]))

  it.each([
    ["x (9)", "x (10)"],
    ["x (99)", "x (100)"],
    ["x(2)", "x(2) (2)"],
    ["x (0)", "x (0) (2)"],
    ["x (02)", "x (02) (2)"],
    [" (2)", " (2) (2)"],
    ["(2)", "(2) (2)"],
    ["x (1234567890)", "x (1234567890) (2)"],
    ["a\nb (2)", "a\nb (3)"]
  ])("M-9-5 %j is followed by %j", (label, next) => assert.strictEqual(Rename.instance(label), next))

  it("D-4.1.1-6 cuts at a character, never within its octets", () => {
    const label = "€".repeat(21)

    assert.strictEqual(octets(label), 63)
    assert.strictEqual(Rename.instance(label), `${"€".repeat(19)} (2)`)
    assert.strictEqual(Rename.instance("😀".repeat(15) + "abc"), `${"😀".repeat(14)} (2)`)
  })
})

describe("host", () => {
  it("M-9-5 counts after a hyphen", () =>
    assert.deepStrictEqual(names(Rename.host, "name", 3), ["name", "name-2", "name-3"]))

  it("M-9-5 a name never grows beyond 63 octets, nor comes again", () => {
    const dice = Given.dice(9)
    for (let i = 0; i < 40; i++) {
      const label = Rename.cut(
        Array.from({ length: 40 }, () => dice.pick(["a", "-", "é", "€", "😀", "2", " ", ")"])).join("")
      )
      for (const next of [Rename.host, Rename.instance]) {
        const all = names(next, label, 120)

        assert.isTrue(all.every((name) => octets(name) <= 63 && isWhole(name)))
        assert.strictEqual(new Set(all).size, 120)
      }
    }
  })
})

describe("initial", () => {
  it("D-4.1.1-3 a service without a name has its host's, where one was chosen", () =>
    assert.strictEqual(Rename.initial("kitchen", "_http._tcp"), "kitchen"))

  it("D-4.1.1-3 D-4.1.1-4 D-4.1.1-5 else that of its type, the same for all hosts", () => {
    assert.strictEqual(Rename.initial(undefined, "_http._tcp"), "http")
    assert.strictEqual(Rename.initial(undefined, "_my-chat._udp"), "my chat")
    assert.notMatch(Rename.initial(undefined, "_http._tcp"), /[0-9a-f]{6,}/)
  })
})

describe("cut", () => {
  it("M-16-1 counts the octets of the composed form", () => {
    assert.strictEqual(Rename.cut("e\u0301".repeat(40)), "é".repeat(31))
    assert.strictEqual(Rename.cut("short"), "short")
    assert.strictEqual(Rename.cut(""), "")
  })
})
