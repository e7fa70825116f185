import { assert, describe, it } from "@effect/vitest"
import * as UdpRows from "../src/groups/udpRows.ts"
import * as Row from "../src/harness/Row.ts"

const against = (...losses: ReadonlyArray<number>) => ({
  _tag: "Measured" as const,
  samples: losses.map((loss) => ({ loss }))
})

const row = (ratio: number): Row.Row =>
  Row.measured({
    group: "peers",
    name: "ours",
    unit: "us/datagram",
    values: [1],
    against: "peer",
    ratios: [ratio],
    target: Row.ratioAtMost(0.1)
  })

describe("lenient", () => {
  it("a miss against a peer that lost datagrams tells nothing", () => {
    const { reason, verdict } = UdpRows.lenient(row(0.2), against(0, 0.3, 0.4))

    assert.deepStrictEqual([verdict, reason], ["info", "peer is saturated"])
  })

  it("a pass is one all the same, and a miss against a peer that kept up is a miss", () => {
    assert.strictEqual(UdpRows.lenient(row(0.05), against(0.3)).verdict, "pass")
    assert.strictEqual(UdpRows.lenient(row(0.2), against(0, 0, 0.3)).verdict, "miss")
  })
})
