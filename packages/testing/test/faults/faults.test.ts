import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { open } from "../endpoint.ts"

const group = "239.1.1.1"
const member = { port: 9778, join: [group] }

const trio = Effect.fnUntraced(function*(options: SimulatedNetwork.Options = {}) {
  const lan = yield* SimulatedNetwork.make({ seed: 1, ...options })
  const ada = yield* open(lan.host("ada"), member)
  const grace = yield* open(lan.host("grace"), member)
  const edith = yield* open(lan.host("edith"), member)
  const tell = Effect.fnUntraced(function*(...texts: ReadonlyArray<string>) {
    for (const text of texts) {
      yield* ada.send(text, `${group}:9778`)
      yield* Effect.sleep("10 millis")
    }
    yield* ada.received
    return [yield* grace.received, yield* edith.received]
  })
  return { lan, ada, grace, edith, tell }
})

const drops = (lan: SimulatedNetwork.SimulatedNetwork) =>
  Effect.map(lan.journal, (journal) => journal.events.filter((event) => event.kind === "drop"))

const simulated = <A, E>(name: string, program: Effect.Effect<A, E, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(program))

describe("cut", () => {
  simulated(
    "takes one direction, and only while its scope is open",
    Effect.gen(function*() {
      const { ada, grace, lan, tell } = yield* trio()
      yield* Effect.scoped(Effect.gen(function*() {
        yield* lan.faults.cut({ from: "ada", to: "grace" })
        assert.deepStrictEqual(yield* tell("one"), [[], ["one"]])
        yield* grace.send("back", "10.11.0.1:9778")
        yield* Effect.sleep("10 millis")
        assert.deepStrictEqual(yield* ada.received, ["back"])
      }))

      assert.deepStrictEqual(yield* tell("two"), [["two"], ["two"]])
      const [drop] = yield* drops(lan)
      const begin = (yield* lan.journal).events.find((event) => event.text === "cut ada grace")
      assert.deepInclude(drop, { reason: "cut", rule: 118 })
      assert.isTrue(drop?.causes.includes(begin!.seq))
    })
  )
})
