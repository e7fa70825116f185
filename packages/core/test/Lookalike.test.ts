import { Lookalike, PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const key = (octet: number): PeerKey.PeerKey => PeerKey.fromBytes(new Uint8Array(32).fill(octet))

describe("isLookalike", () => {
  it.each([
    ["paypal", "раураӏ", "Cyrillic"],
    ["Alice", "Αlісе", "Greek and Cyrillic"],
    ["PATRICK", "РАТRІСК", "capitals"],
    ["HOME", "НОМЕ", "capitals whose small forms look otherwise"],
    ["Bob", "BOB", "another case"],
    ["admin", "adrnin", "two letters for one"],
    ["willow", "wi11ow", "digits"],
    ["bill", "biIl", "a capital i"],
    ["window", "vvindovv", "two letters for a w"],
    ["office", "oﬃce", "a ligature"],
    ["ada", "ａｄａ", "full width"],
    ["ada", "𝐚𝒅𝖆", "mathematical letters"],
    ["café", "cafe\u0301", "not composed"],
    ["ada", "a\u200bd\u202ea\ufeff", "invisible characters"],
    ["ada lovelace", " ada \u00a0 lovelace ", "spaces"],
    ["ναυς", "ναυσ", "the end of a Greek word"],
    ["Strasse", "Straße", "a letter with two capitals"],
    ["Ηλίας", "ηλίας", "Greek in another case"],
    ["ada", "ada", "itself"]
  ])("S-D4 %s and %s: %s", (name, other) => {
    assert.isTrue(Lookalike.isLookalike(name, other))
    assert.isTrue(Lookalike.isLookalike(other, name))
  })

  it.each([["ada", "bob"], ["ada", "adah"], ["cafe", "café"], ["研究", "室"], ["peer-1", "peer-2"], ["", "a"], [
    "ада",
    "ода"
  ]])(
    "S-D4 not %s and %s",
    (name, other) => assert.isFalse(Lookalike.isLookalike(name, other))
  )
})

describe("skeleton", () => {
  const text = Schema.String.check(Schema.isMaxLength(40))

  it.prop("S-D4 of a skeleton is that skeleton, but for what two letters became", { text }, ({ text }) => {
    const once = Lookalike.skeleton(text)

    if (!/r{2,}n|v{3,}|rvv|vrn/.test(once)) assert.strictEqual(Lookalike.skeleton(once), once)
  })

  it.prop("S-D4 is the same in any case, of names of ASCII letters", {
    letters: Schema.Array(Schema.Literals(Array.from("abcdefghijklmnopqrstuvwxyz 0123456789-")))
  }, ({ letters }) => {
    const name = letters.join("")

    assert.isTrue(Lookalike.isLookalike(name, name.toUpperCase()))
  })

  it("S-P9 of a long name takes time in proportion to it", () => {
    for (const character of ["a", "р", "ﷺ", " ", "\u200b", "r", "v", "\u0301"]) {
      const started = performance.now()
      const { length } = Lookalike.skeleton(character.repeat(10_000))

      assert.isAtMost(length, 10_000 * 18)
      assert.isBelow(performance.now() - started, 2_000)
    }
  })
})

describe("among", () => {
  const known = [{ name: "grace", key: key(1) }, { key: key(2) }, { name: "ada", key: key(3) }]

  it("S-D4 gives the peer of another key that one could be taken for", () => {
    assert.strictEqual(Lookalike.among({ name: "аdа", key: key(9) }, known), known[2])
    assert.strictEqual(Lookalike.among({ name: "Grасе" }, known), known[0])
  })

  it("S-D4 gives nobody for the peer itself, nor for names of their own", () => {
    assert.isUndefined(Lookalike.among({ name: "аdа", key: key(3) }, known))
    assert.isUndefined(Lookalike.among({ name: "mary", key: key(9) }, known))
    assert.isUndefined(Lookalike.among({ key: key(9) }, known))
  })
})
