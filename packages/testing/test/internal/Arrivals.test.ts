import { Seed } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { type Arrival, Arrivals, type Way } from "../../src/internal/kernel/Arrivals.ts"

// what they are made of does not matter here
const way = (name: string) => ({ frame: { name }, from: undefined, on: undefined, sockets: [] }) as unknown as Way
const receiver = (name: string) => name as unknown as Arrival["to"]
const receivers = ({ others, to }: Arrival) => [to, ...others ?? []]

const drain = (arrivals: Arrivals): ReadonlyArray<string> => {
  const taken: Array<string> = []
  for (let first = arrivals.first; first !== undefined; first = arrivals.first) {
    arrivals.remove(first)
    taken.push(`${first.at} ${receivers(first).join(" ")}`)
  }
  return taken
}

describe("share", () => {
  it("puts those together that get one datagram at one time", () => {
    const arrivals = new Arrivals()
    const sent = way("one")
    for (const [at, to] of [[2, "a"], [1, "b"], [2, "c"]] as const) arrivals.share(at, sent, receiver(to))
    arrivals.share(2, way("two"), receiver("d"))

    assert.deepStrictEqual(drain(arrivals), ["1 b", "2 a c", "2 d"])
  })

  it("leaves alone what may be withdrawn", () => {
    const arrivals = new Arrivals()
    const sent = way("one")
    const held = arrivals.add(1, sent, receiver("a"))
    arrivals.share(1, sent, receiver("b"))
    arrivals.remove(held)

    assert.deepStrictEqual(drain(arrivals), ["1 b"])
  })
})

describe("first", () => {
  it("is the soonest that was added first, as in a list that is sorted", () => {
    let seed = Seed.derive(1, "arrivals")
    const below = (count: number) => {
      const [value, next] = Seed.between(seed, 0, count - 1)
      seed = next
      return value
    }
    const arrivals = new Arrivals()
    let model: Array<Arrival> = []
    for (let step = 0; step < 20_000; step++) {
      if (below(5) < 3) model.push(arrivals.add(step + below(20), way(""), receiver("")))
      else {
        const gone = below(2) === 0 ? arrivals.first : model[below(model.length)]
        if (gone !== undefined) arrivals.remove(gone)
        model = model.filter((one) => one !== gone)
      }
      assert.strictEqual(arrivals.first, model.toSorted((a, b) => a.at - b.at || a.order - b.order)[0])
      if (model.length > 100) {
        for (const one of model) arrivals.remove(one)
        model = []
      }
    }
  })
})
