import { assert, describe, it } from "@effect/vitest"
import * as Shortcut from "../../../src/internal/runtime/Shortcut.ts"

/** A shortcut for datagrams of one octet, and what came by it. */
const shortcut = () => {
  const taken: Array<number> = []
  const self = Shortcut.make((payload) => payload.length === 1 && taken.push(payload[0]!) > 0, () => 0)
  return { self, taken, offer: (...octets: Array<number>) => self.intercept(Uint8Array.from(octets), "10.0.0.1", 9) }
}

describe("intercept", () => {
  it("leaves what it does not take to the reader, and then everything until that has been settled", () => {
    const { offer, self, taken } = shortcut()

    assert.deepStrictEqual([offer(1), offer(2, 2), offer(3), offer(4)], [true, false, false, false])
    Shortcut.settle(self, 2, 0)
    assert.isFalse(offer(5))
    Shortcut.settle(self, 4, 0)
    assert.isTrue(offer(6))
    assert.deepStrictEqual(taken, [1, 6])
  })

  it("waits for no datagram that was dropped", () => {
    const { offer, self } = shortcut()
    for (let i = 0; i < 3; i++) offer(i, i)
    Shortcut.settle(self, 1, 2)

    assert.isTrue(offer(4))
  })

  it("reads the clock once for what comes in one turn", () => {
    let reads = 0
    const times: Array<number> = []
    const self = Shortcut.make((_, __, ___, now) => times.push(now) > 0, () => ++reads)
    for (const isSameTurn of [undefined, false, true, true, false, true]) {
      self.intercept(Uint8Array.of(1), "10.0.0.1", 9, isSameTurn)
    }

    assert.deepStrictEqual(times, [1, 2, 2, 2, 3, 3])
  })
})
