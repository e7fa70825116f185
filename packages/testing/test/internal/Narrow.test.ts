import type { Fault } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Narrow from "../../src/internal/property/Narrow.ts"

const left = (fault: Fault.FaultEvent) => Narrow.without([fault], new Set(["ada"]))[0]

describe("without", () => {
  it("a partition loses its names, and is none with one side", () => {
    const groups = [["ada", "grace"], ["edith"]]

    assert.deepStrictEqual(left({ _tag: "Partition", groups }), { _tag: "Partition", groups: [["grace"], ["edith"]] })
    assert.isUndefined(left({ _tag: "Partition", groups: [["ada"], ["edith"]] }))
  })

  it("what is about a host that is gone is gone", () => {
    assert.isUndefined(left({ _tag: "Cut", from: "grace", to: "ada" }))
    assert.isUndefined(left({ _tag: "Loss", host: "ada", probability: 1 }))
    assert.isUndefined(left({ _tag: "Hold", match: { to: "ada" } }))
    assert.isUndefined(left({ _tag: "DuplicateAddress", owner: "grace", thief: "ada" }))
    assert.isUndefined(left({ _tag: "Pause", host: "ada", duration: 10 }))
  })

  it("what is about all or about others stays", () => {
    const faults: ReadonlyArray<Fault.FaultEvent> = [
      { _tag: "Loss", probability: 1 },
      { _tag: "Snooping", after: 1000 },
      { _tag: "Replay", match: { from: "grace" }, delay: 10 },
      { _tag: "Crash", host: "grace" }
    ]

    assert.deepStrictEqual(Narrow.without(faults, new Set(["ada"])), faults)
  })
})
