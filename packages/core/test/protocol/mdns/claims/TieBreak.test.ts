import { assert, describe, it } from "@effect/vitest"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import * as TieBreak from "../../../../src/protocol/mdns/claims/TieBreak.ts"
import type * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bus from "./Bus.ts"

const records = (chance: Chance.Chance): ReadonlyArray<Record.Record> => {
  const upTo = (max: number) => Chance.between(chance, 0, max)
  return Array.from({ length: upTo(4) }, () => ({
    ...Bus.opaque("a.local", 1 + upTo(2), Array.from({ length: upTo(3) }, () => upTo(3) * 85)),
    class: 1 + upTo(1)
  }))
}

describe("compare", () => {
  it.each(
    [
      ["M-8.2-3 169.254.200.50 beats 169.254.99.200", ["169.254.200.50"], ["169.254.99.200"], 1],
      ["M-8.2.1-1 who has records left wins", ["10.0.0.1", "10.0.0.2"], ["10.0.0.1"], 1],
      ["M-8.2.1-1 order does not matter", ["10.0.0.2", "10.0.0.1"], ["10.0.0.1", "10.0.0.2"], 0],
      ["M-8.2.1-1 the first that differs decides, not how many there are", ["10.0.0.1", "10.0.0.9"], ["10.0.0.2"], -1],
      ["M-8.2.1-1 something beats nothing", ["10.0.0.1"], [], 1]
    ] as const
  )("%s", (_, self, that, expected) => {
    const of = (addresses: ReadonlyArray<string>) => addresses.map((address) => Bus.a("a.local", address))

    assert.strictEqual(TieBreak.compare(of(self), of(that)), expected)
  })

  it("M-8.2-3 type goes before data, and class before type", () => {
    const one = Bus.opaque("a.local", 1, [255])
    const two = Bus.opaque("a.local", 2, [0])

    assert.strictEqual(TieBreak.compare([one], [two]), -1)
    assert.strictEqual(TieBreak.compare([{ ...one, class: 3 }], [two]), 1)
    assert.strictEqual(TieBreak.compare([{ ...one, flush: false }], [one]), 0)
  })

  it("M-8.2-1 the target of SRV is compared uncompressed", () => {
    const long = Bus.srv("a._http._tcp.local", "a.local", 80)

    assert.strictEqual(TieBreak.compare([long], [Bus.srv("b.local", "a.local", 80)]), 0)
    assert.strictEqual(TieBreak.compare([long], [Bus.srv("a._http._tcp.local", "b.local", 80)]), -1)
  })

  it("M-8.2-3 is a total order whatever the order of the records", () => {
    const chance = Chance.make(1, "ties")
    for (let run = 0; run < 20_000; run++) {
      const [a, b, c] = [records(chance), records(chance), records(chance)] as const
      const turn = Chance.between(chance, 0, 4)

      assert.strictEqual(TieBreak.compare(a, [...a.slice(turn), ...a.slice(0, turn)]), 0)
      assert.strictEqual(TieBreak.compare(a, b) + TieBreak.compare(b, a), 0)
      if (TieBreak.compare(a, b) >= 0 && TieBreak.compare(b, c) >= 0) assert.isAtLeast(TieBreak.compare(a, c), 0)
    }
  })
})
