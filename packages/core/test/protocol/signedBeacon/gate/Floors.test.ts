import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Envelope from "../../../../src/protocol/signedBeacon/Envelope.ts"
import * as Floors from "../../../../src/protocol/signedBeacon/gate/Floors.ts"
import * as Stamp from "../../../../src/protocol/signedBeacon/Stamp.ts"
import { ada, datagram, type Words } from "../given.ts"

const header = (words: Words = {}): Envelope.Header => Result.getOrThrow(Envelope.decodeHeader(datagram(words)))

describe("restore", () => {
  it("of the floor that is known already lets nothing be taken once more", () => {
    const floors = Floors.make(4, 3_600_000, 300_000)
    const { floor } = Floors.raise(floors, header(), { isListed: true }, 0)
    Floors.restore(floors, ada, floor, true, 0)

    assert.isTrue(Floors.isStale(Floors.get(floors, ada, 0), header()))
  })
})

describe("lasting", () => {
  it("is above all that was, as far as there is a stamp above it", () => {
    for (const [counter, expected] of [[3, 4], [Stamp.maxCounter, Stamp.maxCounter]] as const) {
      const floors = Floors.make(4, 3_600_000, 300_000)
      const { floor: { ms } } = Floors.raise(floors, header(), { isListed: true }, 0)
      Floors.raise(floors, header({ stamp: { ms, counter } }), { isListed: true }, 0)
      const lowered = Floors.lower(floors, header({ at: -1_000, instance: 2 }), true, 0)

      assert.deepStrictEqual(Floors.lasting(lowered), { ms, counter: expected, instance: 0 })
    }
  })
})
