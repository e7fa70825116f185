import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Queue } from "../../src/internal/links/Queue.ts"

interface Offer {
  readonly after: number
  readonly octets: number
}

// One list of who waits, walked from the start each time.
const naive = (offers: ReadonlyArray<Offer>, bitsPerSecond: number, limit: number) => {
  const accepted: Array<{ readonly until: number; readonly octets: number }> = []
  let now = 0
  return offers.map(({ after, octets }) => {
    now += after
    const waiting = accepted.filter(({ until }) => until > now)
    const held = waiting.reduce((sum, one) => sum + one.octets, 0)
    if (held > 0 && held + octets > limit) return undefined
    const start = Math.max(now, accepted.at(-1)?.until ?? 0)
    const until = start + (octets * 8_000_000) / bitsPerSecond
    accepted.push({ until, octets })
    return Math.ceil(until)
  })
}

const offers = Schema.Array(Schema.Struct({
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5000 })),
  octets: Schema.Int.check(Schema.isBetween({ minimum: 28, maximum: 1500 }))
}))

describe("a queue", () => {
  it.prop("takes and loses what a naive one does", { offers }, ({ offers }) => {
    const queue = new Queue()
    let now = 0
    const until = offers.map(({ after, octets }) => queue.enter(now += after, octets, 2_000_000, 4000))

    assert.deepStrictEqual(until, naive(offers, 2_000_000, 4000))
  })

  it("takes one datagram however small it is", () => {
    const queue = new Queue()

    assert.strictEqual(queue.enter(0, 1000, 8_000_000, 10), 1000)
    assert.strictEqual(queue.enter(0, 1000, 8_000_000, 10), undefined)
    assert.strictEqual(queue.enter(1000, 1000, 8_000_000, 10), 2000)
  })
})
