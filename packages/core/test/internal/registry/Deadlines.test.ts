import { assert, describe, it } from "@effect/vitest"
import * as Deadlines from "../../../src/internal/registry/Deadlines.ts"
import * as Given from "../Given.ts"

interface Item extends Deadlines.Due {
  readonly name: number
}

const item = (name: number, dueAt: number): Item => ({ name, dueAt, slot: -1 })

const drain = (heap: Deadlines.Deadlines<Item>): Array<number> => {
  const taken: Array<number> = []
  while (heap.length > 0) {
    taken.push(heap[0]!.dueAt)
    Deadlines.remove(heap, heap[0]!)
  }
  return taken
}

describe("nextAt", () => {
  it("is never while nothing is due", () => {
    assert.strictEqual(Deadlines.nextAt([]), Infinity)
  })

  it("is the first of all that was added, moved and removed", () => {
    const heap: Deadlines.Deadlines<Item> = []
    const [a, b, c] = [item(1, 300), item(2, 100), item(3, 200)]
    for (const each of [a, b, c]) Deadlines.add(heap, each)
    assert.strictEqual(Deadlines.nextAt(heap), 100)

    Deadlines.move(heap, b, 400)
    assert.strictEqual(Deadlines.nextAt(heap), 200)

    Deadlines.move(heap, a, 50)
    assert.strictEqual(Deadlines.nextAt(heap), 50)

    Deadlines.remove(heap, a)
    assert.deepStrictEqual([Deadlines.nextAt(heap), a.slot], [200, -1])
  })
})

describe("the heap", () => {
  it("gives back whatever it was given in the order in which it falls due", () => {
    for (let seed = 0; seed < 200; seed++) {
      const dice = Given.dice(seed)
      const times = Array.from({ length: dice.between(0, 60) }, () => dice.between(0, 30))
      const heap: Deadlines.Deadlines<Item> = []
      times.forEach((at, name) => Deadlines.add(heap, item(name, at)))

      assert.deepStrictEqual(drain(heap), times.toSorted((a, b) => a - b), `seed ${seed}`)
    }
  })

  it("agrees with a sorted array through any additions, removals and moves, and every item knows its slot", () => {
    const dice = Given.dice(1)
    const heap: Deadlines.Deadlines<Item> = []
    const items: Array<Item> = []
    for (let step = 0; step < 20_000; step++) {
      const some = items.length === 0 ? undefined : dice.pick(items)
      const at = dice.oneIn(20) ? Infinity : dice.between(0, 1_000)
      if (some === undefined || (dice.oneIn(3) && items.length < 100)) {
        const added = item(step, at)
        items.push(added)
        Deadlines.add(heap, added)
      } else if (dice.oneIn(2)) {
        items.splice(items.indexOf(some), 1)
        Deadlines.remove(heap, some)
      } else Deadlines.move(heap, some, at)

      assert.strictEqual(Deadlines.nextAt(heap), Math.min(...items.map(({ dueAt }) => dueAt)), `step ${step}`)
      assert.strictEqual(heap.length, items.length)
      assert.isTrue(items.every((each) => heap[each.slot] === each), `step ${step}`)
    }
  })
})
