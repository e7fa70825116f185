import { assert, describe, it } from "@effect/vitest"
import * as Timers from "../../src/internal/Timers.ts"
import * as Seed from "../../src/Seed.ts"

interface Item extends Timers.Timer {
  readonly id: number
}

describe("timers", () => {
  it("give what a sorted list gives, whatever is set, moved and cleared", () => {
    for (let run = 0; run < 200; run++) {
      let seed = Seed.derive(run, "timers")
      const draw = (most: number) => {
        const [value, next] = Seed.between(seed, 0, most)
        seed = next
        return value
      }
      const timers = Timers.make<Item>()
      const items: ReadonlyArray<Item> = Array.from({ length: 20 }, (_, id): Item => ({ id, slot: -1 }))
      const model = new Map<number, number>()
      for (let step = 0; step < 200; step++) {
        const item = items[draw(19)]!
        const choice = draw(9)
        if (choice < 6) {
          const at = choice === 0 ? Infinity : draw(50)
          Timers.set(timers, item, at)
          if (at === Infinity) model.delete(item.id)
          else model.set(item.id, at)
        } else if (choice < 8) {
          Timers.clear(timers, item)
          model.delete(item.id)
        } else if (choice === 8) {
          const idle = items.find(({ id }) => !model.has(id))
          const at = model.get(item.id)
          if (idle === undefined || at === undefined) continue
          Timers.replace(timers, item, idle)
          model.delete(item.id)
          model.set(idle.id, at)
        } else {
          const now = draw(50)
          const earliest = Math.min(...model.values())
          const taken = Timers.takeDue(timers, now)
          assert.strictEqual(
            taken === undefined ? Infinity : model.get(taken.id)!,
            earliest <= now ? earliest : Infinity
          )
          if (taken !== undefined) model.delete(taken.id)
        }
        assert.strictEqual(Timers.next(timers), Math.min(...model.values()))
        const then = draw(50)
        assert.deepStrictEqual(
          new Set(Timers.dueBy(timers, then).map(({ id }) => id)),
          new Set(Array.from(model).flatMap(([id, at]) => at <= then ? [id] : []))
        )
        assert.strictEqual(timers.heap.length, model.size)
        assert.isTrue(items.every((each) => Timers.of(timers, each) === (model.get(each.id) ?? Infinity)))
      }
    }
  })
})
