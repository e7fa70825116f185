/** What holds of every beacon: when it speaks, and for how long it is believed. */
import { Machine } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { advertise, announced, hear, sent, type Subject, withdraw } from "./laws.ts"

export interface Beacon<State> extends Subject<State> {
  /** Milliseconds between two announcements. */
  readonly min: number
  readonly max: number
  /** Milliseconds for which an announcement holds that does not say so. */
  readonly ttl: number
}

const gaps = (times: ReadonlyArray<number>): ReadonlyArray<number> =>
  times.slice(1).map((time, index) => time - times[index]!)

export const beaconLaws = <State>({ announcements: [first, second], max, min, protocol, ttl }: Beacon<State>): void => {
  const times = (seed: number) =>
    sent(Machine.replay(protocol, { seed, inputs: [[0, advertise(first)]], until: 500 * max })).map(([at]) => at)

  describe(`${protocol.name}, as every beacon,`, () => {
    it("announces at once, and then again within its interval", () => {
      const [start, ...rest] = times(1)

      assert.strictEqual(start, 0)
      assert.isAtLeast(rest.length, 500)
      assert.isAtLeast(Math.min(...gaps(times(1))), min)
      assert.isAtMost(Math.max(...gaps(times(1))), max)
    })

    it("uses all of its interval", () => {
      const width = max - min

      assert.isBelow(Math.min(...gaps(times(1))), min + width / 20)
      assert.isAbove(Math.max(...gaps(times(1))), max - width / 20)
    })

    it("does not fall into step with another host", () => {
      const there = new Set(times(2))

      assert.isAtMost(times(1).filter((time) => there.has(time)).length, 3)
    })

    it("announces a change at once, and from then on only that", () => {
      const inputs = [[0, advertise(first)], [min / 2, advertise(second)]] as const
      const [before, ...after] = sent(Machine.replay(protocol, { seed: 3, inputs, until: 20 * max }))

      assert.deepStrictEqual(before, [0, announced(protocol, first, 3)[0]!])
      assert.strictEqual(after.find(([, payload]) => isSame(payload, before![1])), undefined)
      assert.strictEqual(after[0]![0], min / 2)
    })

    it("announces several things, each in its own time, until each is withdrawn", () => {
      const inputs = [[0, advertise(first, 1)], [100, advertise(second, 2)], [10 * max, withdraw(1)]] as const
      const all = sent(Machine.replay(protocol, { seed: 4, inputs, until: 20 * max }))
      const one = all[0]![1]
      const two = all[1]![1]
      const timesOf = (wanted: Uint8Array) => all.filter(([, payload]) => isSame(payload, wanted)).map(([at]) => at)

      assert.isAtMost(Math.max(...timesOf(one)), 10 * max)
      assert.isAtLeast(Math.max(...timesOf(two)), 19 * max)
      for (const gap of [...gaps(timesOf(one)), ...gaps(timesOf(two))]) assert.isTrue(gap >= min && gap <= max)
    })

    it("is believed for its ttl, which outlasts three announcements", () => {
      const [output] = announced(protocol, first).flatMap((payload) => hear(protocol, payload))

      assert.strictEqual(output?._tag === "Announced" ? output.claim.ttl : undefined, ttl)
      assert.isAtLeast(ttl, 3 * max)
    })
  })
}

const isSame = (self: Uint8Array, that: Uint8Array): boolean =>
  self.length === that.length && self.every((octet, index) => octet === that[index])
