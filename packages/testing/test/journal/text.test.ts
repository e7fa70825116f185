import { Journal } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { record, Steps } from "./recorded.ts"
import { journalOf } from "./scenario.ts"

describe("toText", () => {
  it.effect("it shows who heard whom, and who did not", () =>
    Effect.gen(function*() {
      const text = Journal.toText(yield* journalOf(), { from: "900 millis", to: "1900 millis" })

      assert.strictEqual(
        text,
        `                ada        grace        mary
     1.000  ====================================  mark apart
     1.000  ====================================  fault partition ada mary | grace
     1.000        o           |           |       send f2
     1.000        |-f2----x   |           |       partition
     1.000        *           |           |       deliver f2
     1.001        |-f2------------------->|`
      )
    }))

  it.prop(
    "it has a line for every event but what stays on a host, and nothing that a terminal obeys",
    { steps: Steps },
    ({ steps }) => {
      const text = Journal.toText(record(steps, 1000, ["ada\u001b[2J", "grace", "mary\ud800"]))

      assert.notMatch(text, /[^\P{Cc}\n]|\p{Surrogate}/u)
      assert.strictEqual(text.split("\n").length, 1 + record(steps).events.length)
    }
  )

  it("what is too much is counted", () => {
    const send = { kind: "send", host: 0, pick: 1, after: 500, payload: [] } as const
    const steps = [send, ...Array.from({ length: 2500 }, () => ({ ...send, kind: "drop", host: 1, pick: 0 }) as const)]
    const text = Journal.toText(record(steps, 10_000))

    assert.include(text, "2500 arrows folded")
    assert.match(text, / {2}ada > grace {2}0 delivered, \d+ lost/)
    assert.isBelow(text.length, 10_000)
  })
})
