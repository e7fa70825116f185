import { Attributes, Claim, Limits, Seed } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Equal } from "effect"
import * as Txt from "../../../src/protocol/mdns/Txt.ts"
import * as TxtReader from "../../../src/protocol/mdns/TxtReader.ts"

const utf8 = new TextEncoder()
const bytes = (...parts: ReadonlyArray<string | number>): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => typeof part === "number" ? [part] : [...utf8.encode(part)]))

/** The data of strings. */
const data = (...strings: ReadonlyArray<string>): Uint8Array =>
  bytes(...strings.flatMap((string) => [utf8.encode(string).length, string]))

/** What the data says, by decoding all of it. */
const decoded = (octets: Uint8Array): Attributes.Attributes =>
  Attributes.make(Txt.decode(octets).map(({ key, value }) => [key, value ?? true] as const))

const parts = ["a=1", "a=2", "a", "A=1", "a=", "=x", "", "b=1", "\u212a=1", "k=\u00e9", "c=\ufeff1"].map((text) =>
  data(text)
)
const ends = [[], [0], [9, 97], [3, 97, 61, 0xff], [4, 0xff, 61, 49]].map((octets) => Uint8Array.from(octets))

/** Records of such strings, one for each seed. */
const recordOf = (seed: Seed.Seed): Uint8Array => {
  const strings: Array<Uint8Array> = []
  let rest = seed
  const pick = <A>(from: ReadonlyArray<A>): A => {
    const [index, next] = Seed.between(rest, 0, from.length - 1)
    rest = next
    return from[index]!
  }
  for (let count = pick([0, 1, 2, 3, 4]); count > 0; count--) strings.push(pick(parts))
  return bytes(...[...strings, pick(ends)].flatMap((octets) => [...octets]))
}

describe("of any data", () => {
  const records = Array.from({ length: 200 }, (_, index) => recordOf(Seed.derive(index, "text")))

  it("says what decoding says", () => {
    for (const octets of records) assert.deepStrictEqual(TxtReader.toAttributes(octets), decoded(octets))
  })

  it("is equal where decoded attributes are", () => {
    for (const octets of records) {
      for (const other of records) {
        assert.strictEqual(
          Equal.equals(TxtReader.toAttributes(octets), TxtReader.toAttributes(other)),
          Equal.equals(decoded(octets), decoded(other)),
          `${octets.join()} and ${other.join()}`
        )
      }
    }
  })
})

describe("toAttributes", () => {
  it("equals attributes that were made of the same keys and values, before anybody has looked", () => {
    const made = Attributes.make({ id: "1", flag: true, raw: Uint8Array.of(0xff, 0) })
    const read = TxtReader.toAttributes(bytes(4, "id=1", 4, "flag", 6, "raw=", 0xff, 0))

    assert.isTrue(Equal.equals(read, made))
    assert.isTrue(Equal.equals(made, read))
    assert.deepStrictEqual(read, made)
    assert.strictEqual(Equal.equals(read, TxtReader.toAttributes(data("id=2", "flag"))), false)
  })

  it("says the same however its strings are laid out, and of two records looked at in turn", () => {
    const [one, other] = [
      TxtReader.toAttributes(data("a=1", "b=2")),
      TxtReader.toAttributes(data("", "a=1", "A=3", "b=2"))
    ]

    assert.isTrue(Equal.equals(one, other))
    assert.deepStrictEqual([one.get("a"), other.get("b"), one.get("b"), other.size], ["1", "2", "2", 2])
  })

  it("is its own, whatever becomes of the octets", () => {
    const octets = data("a=1")
    const attributes = TxtReader.toAttributes(octets)
    octets.fill(0)

    assert.strictEqual(attributes.get("a"), "1")
  })

  it("claims of it are judged by what it holds", () => {
    const many = TxtReader.toAttributes(data(...Array.from({ length: 17 }, (_, index) => `k${index}`)))
    const repeated = TxtReader.toAttributes(data(...Array.from({ length: 17 }, () => "k")))
    const excess = (attributes: Attributes.Attributes) =>
      Claim.excess(Claim.fromAnnouncement({ name: "a", attributes }, { ttl: 1 }), Limits.defaults)

    assert.deepStrictEqual([excess(many), excess(repeated)], ["attributes", undefined])
  })
})
