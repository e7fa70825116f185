import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Vectors from "../vectors.ts"
import * as Arbitrary from "./arbitrary.ts"

const named = (text: string): Name.Name => Result.getOrThrow(Name.fromString(text))
const hex = ({ wire }: Name.Name): string => Buffer.from(wire).toString("hex")
const isSame = (self: string, that: string): boolean => Name.equals(named(self), named(that))

// without composing, which makes U+212A a K
const raw = (text: string): Name.Name => Result.getOrThrow(Name.fromLabels([Vectors.fromText(text)]))

/** Labels of `length` octets in all, their length octets counted. */
const labelsOf = (length: number): ReadonlyArray<Uint8Array> => {
  const labels: Array<Uint8Array> = []
  // no rest of one octet, which would be an empty label
  for (let rest = length; rest > 0; rest -= labels.at(-1)!.length + 1) {
    labels.push(new Uint8Array(Math.min(63, rest === 65 ? 62 : rest - 1)).fill(0x61))
  }
  return labels
}

describe("fromLabels", () => {
  it("M-3-4 M-C-1 D-7.2-1 makes names of up to 255 octets beside the final zero, and no longer ones", () => {
    for (let length = 2; length <= 255; length++) {
      const name = Result.getOrThrow(Name.fromLabels(labelsOf(length)))

      assert.strictEqual(name.wire.length, length + 1)
      assert.deepStrictEqual(Name.labels(name), labelsOf(length))
    }
    assert.deepStrictEqual(Name.fromLabels(labelsOf(256)), Result.fail("name longer than 255 octets"))
    assert.deepStrictEqual(
      Name.fromLabels(Array.from({ length: 128 }, () => "a")),
      Result.fail("name longer than 255 octets")
    )
  })

  it("D-7.2-1 refuses labels of more than 63 octets, and empty ones", () => {
    assert(Result.isSuccess(Name.fromLabels(["a".repeat(63)])))
    assert.deepStrictEqual(Name.fromLabels(["a".repeat(64)]), Result.fail("label longer than 63 octets"))
    assert.deepStrictEqual(Name.fromLabels(["é".repeat(32)]), Result.fail("label longer than 63 octets"))
    assert.deepStrictEqual(Name.fromLabels(["a", "", "local"]), Result.fail("empty label"))
  })

  it("M-16-1 composes text", () => {
    assert.strictEqual(hex(Result.getOrThrow(Name.fromLabels(["e\u0301"]))), "02c3a900")
    assert.strictEqual(hex(named("e\u0301")), "02c3a900")
  })

  it("M-16-2 adds no byte-order mark", () => {
    assert.strictEqual(hex(named("a.local")), "0161056c6f63616c00")
  })

  it("M-16-3 keeps U+FEFF as any other character", () => {
    assert.strictEqual(hex(named("\u{feff}a")), "04efbbbf6100")
    assert.strictEqual(Name.format(Name.fromWire(Vectors.fromHex("04efbbbf6100"))), "\u{feff}a")
    assert.isFalse(isSame("\u{feff}a", "a"))
  })

  it("M-16-4 writes UTF-8 and no Punycode", () => {
    assert.strictEqual(hex(named("müller.local")), "076dc3bc6c6c6572056c6f63616c00")
  })

  it("keeps octets as they are", () => {
    assert.strictEqual(hex(Result.getOrThrow(Name.fromLabels([Uint8Array.of(0xff, 0xfe), "A"]))), "02fffe014100")
  })
})

describe("equals", () => {
  it("M-16-5 folds the case of ASCII letters and of nothing else", () => {
    assert.isTrue(isSame("AZaz.LOCAL", "azAZ.local"))
    assert.isFalse(isSame("É", "é"))
    for (const odd of ["İ", "ı", "ſ", "\u212a"]) {
      for (const letter of "iIsSkK") assert.isFalse(Name.equals(raw(odd), raw(letter)), `${odd} ${letter}`)
    }
    for (
      const [self, that] of ["@`", "[{", "\\\\|", "]}", "^~", "_\x7f"].map((
        pair
      ) => [pair.slice(0, -1), pair.slice(-1)])
    ) {
      assert.isFalse(isSame(self!, that!))
    }
  })

  it("does not take the length of a label for a letter", () => {
    // 0x21 and 0x01 differ as `A` and `a` do, and so do labels whose octets are lengths
    assert.isFalse(
      Name.equals(Name.fromWire(Vectors.fromHex("02410100")), Name.fromWire(Vectors.fromHex("02610200")))
    )
    assert.isFalse(isSame("a.b", "a\\.b"))
  })

  it("agrees with comparing label by label", () => {
    const draw = Arbitrary.draw(1)
    const fold = (octets: Uint8Array) => octets.map((octet) => octet > 64 && octet < 91 ? octet | 32 : octet).join()
    const names = Array.from({ length: 200 }, () => Arbitrary.name(draw))
    for (const self of names) {
      for (const that of names) {
        const isEqual = Name.labels(self).map(fold).join(".") === Name.labels(that).map(fold).join(".")
        assert.strictEqual(Name.equals(self, that), isEqual)
      }
    }
  })
})

describe("format", () => {
  it("D-4.3-1 X-11 joins any labels so that they are told apart again", () => {
    const draw = Arbitrary.draw(2)
    for (let i = 0; i < 5_000; i++) {
      const name = Arbitrary.name(draw)
      const read = Result.getOrThrow(Name.fromString(Name.format(name)))

      assert.deepStrictEqual(read.wire, name.wire)
    }
  })

  it("D-4.3-1 tells text that is not composed by its octets", () => {
    assert.strictEqual(Name.format(raw("e\u0301")), "e\\204\\129")
    assert.deepStrictEqual(named("e\\204\\129"), raw("e\u0301"))
  })

  it("D-4.3-2 X-11 escapes dots and backslashes, and control characters by number", () => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      ["412e62", "A\\.b"],
      ["5c", "\\\\"],
      ["5c2e", "\\\\\\."],
      ["00", "\\000"],
      ["7f", "\\127"],
      ["fffe", "\\255\\254"],
      ["c3a9", "é"],
      ["5c303635", "\\\\065"],
      ["5c".repeat(63), "\\\\".repeat(63)]
    ]
    for (const [label, text] of cases) {
      const name = Result.getOrThrow(Name.fromLabels([Vectors.fromHex(label)]))

      assert.strictEqual(Name.format(name), text)
      assert.deepStrictEqual(named(text).wire, name.wire)
    }
  })

  it.each([
    ["412e62", "A.b"],
    ["5c303635", "\\065"],
    ["c3a9", "é"]
  ])("the label %s by itself is the text %j that gives it again", (label, text) => {
    assert.strictEqual(Name.labelText(Vectors.fromHex(label)), text)
    assert.deepStrictEqual(
      Result.getOrThrow(Name.fromLabels([text])),
      Result.getOrThrow(Name.fromLabels([Vectors.fromHex(label)]))
    )
  })

  it.each([
    ["09", "\\009"],
    ["65cc81", "e\\204\\129"],
    ["fffe", "\\255\\254"]
  ])("the label %s by itself, which no text gives, is escaped as %j", (label, text) => {
    assert.strictEqual(Name.labelText(Vectors.fromHex(label)), text)
  })

  it("the first label is the same text, whoever has the name", () => {
    const labels = ["Dr. Pepper", "aZ".repeat(31), "É", "a\u0001b", "\\", "A"].map(Vectors.fromText)
    for (const label of [...labels, Vectors.fromHex("fffe"), Vectors.fromHex("7f")]) {
      const name = Result.getOrThrow(Name.fromLabels([label, "Local"]))

      assert.strictEqual(Name.firstLabelText(name), Name.labelText(label))
      assert.strictEqual(Name.firstLabelText(Name.keep(name)), Name.labelText(label))
    }
    assert.strictEqual(Name.firstLabelText(Name.root), "")
  })

  it("X-11 refuses names with an empty label and escapes that say nothing", () => {
    assert.deepStrictEqual(Name.fromString("a..b"), Result.fail("empty label"))
    assert.deepStrictEqual(Name.fromString(".a"), Result.fail("empty label"))
    for (const text of ["a\\", "\\256", "\\25", "\\2x5"]) {
      assert.deepStrictEqual(Name.fromString(text), Result.fail("escape"))
    }
  })
})

describe("a name in a datagram", () => {
  it("is the same to whoever compares names", () => {
    const name = Name.fromDatagram(Vectors.fromHex("0161000162c000"), 3, 5)

    assert.notDeepEqual(name, named("b.b"))
    assert.deepStrictEqual(Name.fromDatagram(Vectors.fromHex("01610003426262c000"), 3, 7), named("Bbb.a"))
  })

  it("no longer needs the datagram once it was looked at", () => {
    const datagram = Vectors.fromHex("01610003426262c000")
    const name = Name.fromDatagram(datagram, 3, 7)
    const { key } = name
    datagram.fill(0)

    assert.strictEqual(hex(name), "03426262016100")
    assert.strictEqual(key, "\x03bbb\x01a\0")
  })
})

describe("parent and isWithin", () => {
  it("know an ancestor by its labels and not by its octets", () => {
    assert.strictEqual(hex(Name.parent(named("a.B.c"))), hex(named("B.c")))
    assert.deepStrictEqual(Name.parent(named("a.B.c")), named("B.c"))
    assert.isTrue(Name.isWithin(named("a._HTTP._tcp.local"), named("_http._tcp.local")))
    assert.isFalse(Name.isWithin(named("x\\001c"), named("c")))
    assert.strictEqual(Name.parent(Name.root), Name.root)
  })
})
