import { assert, describe, it } from "@effect/vitest"
import * as Choice from "../../../../src/protocol/mdns/browsing/Choice.ts"
import * as Chance from "../../../../src/protocol/mdns/Chance.ts"
import { name } from "./Bench.ts"

const service = (port: number, priority: number, weight: number): Choice.Service => ({
  _tag: "Service",
  priority,
  weight,
  port,
  target: name("host.local")
})

/** How often each port is chosen, by its share of 10,000 draws. */
const shares = (services: ReadonlyArray<Choice.Service>): ReadonlyMap<number, number> => {
  const chance = Chance.make(5, "test")
  const counts = new Map<number, number>()
  for (let i = 0; i < 10_000; i++) {
    const { port } = Choice.choose(services, chance)!
    counts.set(port, (counts.get(port) ?? 0) + 1 / 10_000)
  }
  return counts
}

describe("choose", () => {
  it("D-5-1 draws among the lowest priority by weight", () => {
    const drawn = shares([service(1, 5, 10), service(2, 5, 30), service(3, 5, 60), service(4, 6, 1_000)])

    assert.isFalse(drawn.has(4))
    assert.approximately(drawn.get(1)!, 0.1, 0.03)
    assert.approximately(drawn.get(2)!, 0.3, 0.03)
    assert.approximately(drawn.get(3)!, 0.6, 0.03)
  })

  it("D-5-1 without weights any is as good, and with some none is without", () => {
    const drawn = shares([service(1, 0, 0), service(2, 0, 0)])

    assert.approximately(drawn.get(1)!, 0.5, 0.03)
    assert.deepStrictEqual(Array.from(shares([service(1, 0, 0), service(2, 0, 1)]).keys()), [2])
  })

  it("takes the only one, and none of none", () => {
    assert.strictEqual(Choice.choose([service(9, 1, 1)], Chance.make(1, "test"))?.port, 9)
    assert.isUndefined(Choice.choose([], Chance.make(1, "test")))
  })
})
