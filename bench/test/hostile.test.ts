import { assert, describe, it } from "@effect/vitest"
import * as Hostile from "../src/Hostile.ts"
import * as Workload from "../src/Workload.ts"

describe("Hostile", () => {
  const messages = Hostile.messages()

  it("messages are as many and as long as the specification says", () => {
    const sizes = Array.from(messages.values(), (payloads) => [payloads.length, payloads.at(-1)!.length])

    assert.deepStrictEqual(sizes.slice(0, 4), [[1, 12], [1, 1_483], [1, 8_861], [1, 8_922]])
    assert.deepStrictEqual(sizes.slice(-3).map(([count]) => count), [210, 757, 20_000])
  })

  it("messages are what they have always been", () => {
    assert.strictEqual(
      Hostile.digest(Array.from(messages.values()).flat()),
      "f16f0c66c9cd58759ebcd9928be7545e30b592fbe9fff50346d10ffccf2c89d3"
    )
  })

  it("mutants are changed, nearly all of them", () => {
    for (const format of ["syncthing4", "json", "peerage"] as const) {
      const originals = new Set(Workload.datagrams(format, 1_000).map(String))
      const left = Hostile.mutants(format, 1_000).filter((payload) => originals.has(String(payload)))

      assert.isBelow(left.length, 100)
    }
  })
})
