import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Namespace from "../lan/Namespace.ts"
import * as Campaign from "./Campaign.ts"
import * as LoopbackBed from "./LoopbackBed.ts"
import * as NamespaceBed from "./NamespaceBed.ts"

const seed = 20_000

if (Namespace.unavailable !== undefined) console.warn(`skipped, since ${Namespace.unavailable}`)

describe("random programs", () => {
  it.live("go the same way on the loopback interface as simulated", () =>
    Effect.gen(function*() {
      const bed = yield* LoopbackBed.make
      const report = yield* Campaign.run(bed, { seed, programs: 300, place: "loopback" })

      assert.strictEqual(report.differences.length, 0, Campaign.format(report))
      assert.isAbove(report.deliveries, 300)
    }), 60_000)

  it.live("a port that the simulation draws for two sockets of two families makes no difference", () =>
    Effect.gen(function*() {
      const bed = yield* LoopbackBed.make
      const report = yield* Campaign.run(bed, { seed: 1_900_000_398, programs: 1, place: "loopback" })

      assert.strictEqual(report.differences.length, 0, Campaign.format(report))
    }))

  it.live.skipIf(Namespace.unavailable !== undefined)(
    "go the same way in namespaces as simulated",
    () =>
      Effect.gen(function*() {
        const bed = yield* NamespaceBed.make({ hosts: ["h1", "h2", "h3", "h4"], isAcquainted: true })
        const report = yield* Campaign.run(bed, { seed, programs: 40, place: "lan" })

        assert.strictEqual(report.differences.length, 0, Campaign.format(report))
        assert.isAbove(report.deliveries, 20)
      }),
    60_000
  )
})
