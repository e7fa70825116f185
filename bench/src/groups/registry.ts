/**
 * The registry by itself: renewing, changing, expiring, and standing a flood.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import * as Statistics from "../harness/Statistics.ts"
import type * as Population from "../memory/population.ts"
import type * as Registry from "../memory/registry.ts"
import { rowsOr } from "./memory.ts"

const name = "registry"

/** All of it, a child for each kind of question. */
export const registry: Group.Group = {
  name,
  isUdp: false,
  run: (plan) => {
    const parts = {
      touch: touchRows(plan),
      change: changeRows(plan),
      expiry: expiryRows(plan),
      subscribers: subscriberRows(plan),
      flood: floodRows()
    }
    return Effect.map(
      Effect.forEach(
        Object.entries(parts),
        ([part, rows]) =>
          rowsOr(name, part, rows).pipe(Effect.tap(() => Effect.sync(() => plan.onMeasured(`registry ${part}`))))
      ),
      (rows) => ({ rows: rows.flat() })
    )
  }
}

const sizes = [1_000, 10_000, 100_000]

const sized = (what: string, entries: number): string => `${what}, ${entries.toLocaleString("en")}`

const start = (execArgv: ReadonlyArray<string> = []) =>
  Child.start<Registry.Api>(new URL("../memory/registry.ts", import.meta.url), { execArgv })

const touchRows = Effect.fnUntraced(function*({ rounds }: Group.Plan) {
  const rows: Array<Row.Row> = []
  for (const entries of sizes) {
    const child = yield* start()
    const { intake, map, observe, repeat, touch } = yield* child.ask("touch", { entries, rounds })
    const over = (values: ReadonlyArray<number>) => values.map((value, round) => value - map[round]!)
    const row = (what: string, values: ReadonlyArray<number>, target?: Row.Target) =>
      Row.measured({ group: name, name: sized(what, entries), unit: "ns", values, target })
    rows.push(
      row("Map.get", map),
      row("touch over Map.get", over(touch), Row.atMost(50)),
      row("touch and its octets compared over Map.get", over(repeat)),
      row("whole intake over Map.get", over(intake)),
      row("observe unchanged over Map.get", over(observe))
    )
  }
  return rows
})

const kinds = [
  { kind: "insert", map: "mapInsert" },
  { kind: "update", map: "mapUpdate" },
  { kind: "remove", map: "mapRemove" }
] as const

// a change is flat when it takes no longer among many than among few, not counting what a Map takes longer for the same keys
const changeRows = Effect.fnUntraced(function*({ rounds }: Group.Plan) {
  const child = yield* start(["--expose-gc"])
  const samples = new Map<number, Array<Registry.Changes>>(sizes.map((entries) => [entries, []]))
  // one more, the first, to have everything compiled
  for (let round = 0; round <= rounds; round++) {
    for (const entries of sizes) {
      const sample = yield* child.ask("change", { entries })
      if (round > 0) samples.get(entries)!.push(sample)
    }
  }
  const [smallest = 0] = sizes
  return kinds.flatMap(({ kind, map }) => {
    const own = (entries: number) => samples.get(entries)!.map((sample) => sample[kind] - sample[map])
    return sizes.map((entries) =>
      Row.measured({
        group: name,
        name: sized(kind, entries),
        unit: "ns",
        values: samples.get(entries)!.map((sample) => sample[kind]),
        ...(entries === smallest ? undefined : {
          against: sized(kind, smallest),
          ratios: Statistics.ratios(own(entries), own(smallest)),
          target: Row.ratioAtMost(1.5)
        })
      })
    )
  })
})

const expiring = 10_000

const expiryRows = Effect.fnUntraced(function*({ rounds }: Group.Plan) {
  const child = yield* start(["--expose-gc"])
  const at = (span: number) =>
    Effect.forEach(Array.from({ length: rounds + 1 }), () => child.ask("expire", { entries: expiring, span }))
  const [, ...together] = yield* at(0)
  const [, ...within] = yield* at(1_000)
  const timers = yield* Effect.forEach([1_000, 10_000], (entries) => child.ask("timers", { entries }))
  const weigher = yield* startPopulation
  const { deadline, lease } = yield* weigher.ask("weighExpiry", { entries: 100_000 })
  const row = (what: string, unit: string, values: ReadonlyArray<number>, target?: Row.Target) =>
    Row.measured({ group: name, name: what, unit, values, target })
  const milliseconds = (samples: ReadonlyArray<Registry.Expiry>) => samples.map((sample) => sample.milliseconds)
  const batches = (samples: ReadonlyArray<Registry.Expiry>) => samples.map((sample) => sample.batches)
  return [
    row("expire 10,000 at one instant", "ms", milliseconds(together), Row.atMost(20)),
    row("expire 10,000 at one instant, batches", "batches", batches(together), Row.atMost(1)),
    row("expire 10,000 within one second", "ms", milliseconds(within), Row.atMost(20)),
    row("expire 10,000 within one second, batches", "batches", batches(within), Row.atMost(1)),
    row("timers alive, 1,000 and 10,000 known", "timers", timers, Row.atMost(1)),
    row("expiry, deadline of an entry", "B/entry", [deadline], Row.atMost(64)),
    row("expiry, lease of an entry", "B/entry", [lease])
  ]
})

const stuck = 1_000
const seen = 10_000

// who never reads costs the others nothing, and all of them hold what one does
const subscriberRows = Effect.fnUntraced(function*({ rounds }: Group.Plan) {
  const child = yield* startPopulation
  const ask = (subscribers: number) => child.ask("subscribe", { subscribers, peers: seen })
  const ones: Array<Population.Stuck> = []
  const many: Array<Population.Stuck> = []
  // one more, the first, to have everything compiled
  for (let round = 0; round <= rounds; round++) {
    ones[round] = yield* ask(1)
    many[round] = yield* ask(stuck)
  }
  const rows = (what: string, unit: string, of: (sample: Population.Stuck) => number) => {
    const [, ...few] = ones.map(of)
    const [, ...all] = many.map(of)
    const against = `${what}, 1 stuck subscriber`
    return [
      Row.measured({ group: name, name: against, unit, values: few }),
      Row.measured({
        group: name,
        name: `${what}, 1,000 stuck subscribers`,
        unit,
        values: all,
        against,
        ratios: Statistics.ratios(all, few)
      })
    ]
  }
  return [
    ...rows("a change is told", "ns", ({ told }) => told),
    ...rows("10,000 known, held by all", "B", ({ octets }) => octets)
  ]
})

const startPopulation = Child.start<Population.Api>(new URL("../memory/population.ts", import.meta.url), {
  execArgv: ["--expose-gc"]
})

const forged = 100_000

const floodRows = Effect.fnUntraced(function*() {
  const raised = yield* Effect.scoped(ask(true))
  const limited = yield* Effect.scoped(ask(false))
  const row = (what: string, flood: Population.Flood) =>
    Row.measured({
      group: name,
      name: what,
      unit: "us/datagram",
      values: [flood.cost],
      against: "repeats of known peers",
      ratios: [flood.cost / flood.steady]
    })
  return [
    Row.measured({
      group: name,
      name: "flood, memory of a full registry",
      unit: "B/peer",
      values: [raised.flooded / raised.capacity],
      against: "before the flood",
      ratios: [raised.flooded / raised.full],
      target: Row.ratioAtMost(1.1)
    }),
    row("flood, rates raised", raised),
    row("flood, default rates", limited)
  ]
})

const ask = (raised: boolean) => Effect.flatMap(startPopulation, (child) => child.ask("flood", { forged, raised }))
