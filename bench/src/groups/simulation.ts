/**
 * The simulated network: how much faster than life it runs, and what it weighs.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import type * as Lan from "../simulation/lan.ts"
import { rowsOr } from "./memory.ts"

const name = "simulation"

/** All of it, a child for each question. */
export const simulation: Group.Group = {
  name,
  isUdp: false,
  run: (plan) => {
    const parts = {
      "10 hosts": speedRow(plan, 10, 500, 500),
      "100 hosts": speedRow(plan, 100, 20, 30),
      "1,000 hosts": coldRows(plan),
      "1,000 hosts that discover": discoveryRows,
      "own clock": deliveriesRow(plan, "own", 200_000),
      TestClock: deliveriesRow(plan, "TestClock", 40_000),
      property: propertyRow(plan),
      journal: journalRow
    }
    return Effect.map(
      Effect.forEach(
        Object.entries(parts),
        ([part, rows]) =>
          rowsOr(name, part, rows).pipe(Effect.tap(() => Effect.sync(() => plan.onMeasured(`${name} ${part}`))))
      ),
      (rows) => ({ rows: rows.flat() })
    )
  }
}

const start = Child.start<Lan.Api>(new URL("../simulation/lan.ts", import.meta.url), { execArgv: ["--expose-gc"] })

const row = (what: string, unit: string, values: ReadonlyArray<number>, target?: Row.Target) =>
  Row.measured({ group: name, name: what, unit, values, target })

const speedRow = Effect.fnUntraced(function*(plan: Group.Plan, hosts: number, seconds: number, atLeast: number) {
  const child = yield* start
  const values = yield* child.ask("speed", { hosts, seconds, rounds: plan.rounds })
  return [row(`${hosts} hosts discover, a beacon a second`, "virtual s/s", values, Row.atLeast(atLeast))]
})

const coldRows = Effect.fnUntraced(function*(plan: Group.Plan) {
  const runs = yield* Effect.replicateEffect(
    Effect.scoped(Effect.flatMap(start, (child) => child.ask("cold", { hosts: 1_000, discovers: false }))),
    Math.min(3, plan.rounds)
  )
  const unheard = runs.filter(({ known }) => known < 999)
  if (unheard.length > 0) return [Row.skipped(name, "1,000 hosts from cold", "not all heard all others")]
  return [
    row("1,000 hosts from cold, 2 beacons each", "s", runs.map(({ wallSeconds }) => wallSeconds), Row.atMost(15)),
    row("1,000 hosts, memory", "MB", runs.map(({ residentMegabytes }) => residentMegabytes), Row.atMost(500))
  ]
})

// a million peers in one process: their weight is the registry's, see the group memory
const discoveryRows = Effect.gen(function*() {
  const child = yield* start
  const { known, residentMegabytes, wallSeconds } = yield* child.ask("cold", { hosts: 1_000, discovers: true })
  if (known < 999) return [Row.skipped(name, "1,000 hosts discover from cold", "not all found all others")]
  return [
    row("1,000 hosts discover from cold", "s", [wallSeconds], Row.atMost(15)),
    row("1,000 hosts that discovered, memory", "MB", [residentMegabytes])
  ]
})

const deliveriesRow = Effect.fnUntraced(function*(plan: Group.Plan, clock: "own" | "TestClock", atLeast: number) {
  const child = yield* start
  const values = yield* child.ask("deliveries", { clock, rounds: plan.rounds })
  return [
    row(`deliveries, ${clock} clock`.replace("TestClock clock", "TestClock"), "1/s", values, Row.atLeast(atLeast))
  ]
})

const propertyRow = Effect.fnUntraced(function*({ rounds }: Group.Plan) {
  const child = yield* start
  const values = yield* child.ask("property", { runs: 100, rounds })
  return [row("run of a property, 5 hosts", "ms", values, Row.atMost(10))]
})

const journalRow = Effect.gen(function*() {
  const child = yield* start
  return [row("journal", "B/event", yield* child.ask("journal"), Row.atMost(200))]
})
