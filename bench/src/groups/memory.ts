/**
 * The groups that weigh: what an unchanged datagram allocates, and what known peers hold.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Row from "../harness/Row.ts"
import type * as Alloc from "../memory/alloc.ts"
import type * as Population from "../memory/population.ts"
import type { Format } from "../Workload.ts"

const collectable = ["--expose-gc"]
/** What a process runs with whose garbage is weighed: no collection falls into a measurement. */
export const uncollected = [...collectable, "--min-semi-space-size=256", "--max-semi-space-size=256"]

/** Rows that one child measures, or one skipped row that says why it could not. */
export const rowsOr = <E>(
  group: string,
  name: string,
  rows: Effect.Effect<ReadonlyArray<Row.Row>, E, Scope.Scope>
): Effect.Effect<ReadonlyArray<Row.Row>> =>
  Effect.scoped(rows).pipe(
    Effect.catchCause((cause) => Effect.succeed([Row.skipped(group, name, Rounds.reasonOf(cause))]))
  )

/** What an unchanged datagram leaves for the garbage collector. */
export const alloc: Group.Group = {
  name: "alloc",
  isUdp: false,
  run: (plan) =>
    Effect.map(
      Effect.forEach(unchanged, ([format, perTurn]) => {
        const name = `${prefixOf(format)}${perTurn} a turn`
        return rowsOr("alloc", name, allocRows(format, perTurn)).pipe(
          Effect.tap(() => Effect.sync(() => plan.onMeasured(`alloc ${name}`)))
        )
      }),
      (rows) => ({ rows: rows.flat() })
    )
}

const unchanged = (["peerage", "mdns6"] as const).flatMap((format) => [[format, 1], [format, 32]] as const)

// the rows that were there first are of Peerage
const prefixOf = (format: Format): string => format === "peerage" ? "" : "mdns, "

const allocRows = Effect.fnUntraced(function*(format: Format, perTurn: number) {
  const child = yield* Child.start<Alloc.Api>(new URL("../memory/alloc.ts", import.meta.url), { execArgv: uncollected })
  const samples = yield* child.ask("measure", { format, perTurn, rounds: 5 })
  const row = (name: string, value: (sample: Alloc.Sample) => number, target?: Row.Target) =>
    Row.measured({
      group: "alloc",
      name: prefixOf(format) + name,
      unit: "B/datagram",
      values: samples.map(value),
      target
    })
  return [
    row(`ours over emitter, ${perTurn} a turn`, ({ emitter, ours }) => ours - emitter, Row.atMost(64)),
    row(`socket over emitter, ${perTurn} a turn`, ({ emitter, socket }) => socket - emitter),
    row(`ours over socket, ${perTurn} a turn`, ({ ours, socket }) => ours - socket)
  ]
})

/** What known peers weigh, in the whole layer. */
export const memory: Group.Group = {
  name: "memory",
  isUdp: false,
  run: (plan) => {
    const row = (name: string, rows: Effect.Effect<ReadonlyArray<Row.Row>, unknown, Scope.Scope>) =>
      rowsOr("memory", name, rows).pipe(Effect.tap(() => Effect.sync(() => plan.onMeasured(`memory ${name}`))))
    return Effect.map(
      Effect.all([
        ...sizes.map((peers) => row(nameOf("mdns6", peers), memoryRow("mdns6", peers))),
        row("mdns, after a repeat", memoryRow("mdns6", 10_000, true)),
        row("bonjour-service", bonjourRows),
        ...sizes.map((peers) => row(nameOf("peerage", peers), memoryRow("peerage", peers))),
        // gigabytes and most of a minute: not for a look
        ...(plan.isQuick ?
          [] :
          (["peerage", "mdns6"] as const).map((format) => row(nameOf(format, million), memoryRow(format, million))))
      ]),
      (rows) => ({ rows: rows.flat() })
    )
  }
}

const sizes = [1_000, 10_000, 100_000]
const million = 1_000_000

type Weighed = Extract<Format, "mdns6" | "peerage">

const nameOf = (format: Weighed, peers: number): string =>
  `${peers.toLocaleString("en")} ${format === "mdns6" ? "mdns services" : "peerage peers"}`

// what would take more fails, and does not take the machine along
const weigherWithin = (mebibytes: number) =>
  Child.start<Population.Api>(new URL("../memory/population.ts", import.meta.url), {
    execArgv: [...collectable, `--max-old-space-size=${mebibytes}`]
  })

const weigher = weigherWithin(2_048)

const memoryRow = Effect.fnUntraced(function*(format: Weighed, peers: number, isRepeated = false) {
  const child = yield* peers === million ? weigherWithin(8_192) : weigher
  const values = [yield* Effect.timeout(child.ask("weigh", { peers, format, isRepeated }), "60 seconds")]
  const target = peers === 10_000 && !isRepeated ? Row.atMost(1_024) : undefined
  const name = isRepeated ? `${nameOf(format, peers)}, after a repeat` : nameOf(format, peers)
  return [Row.measured({ group: "memory", name, unit: "B/peer", values, target })]
})

const compared = 1_000

const bonjourRows = Effect.gen(function*() {
  const own = yield* Effect.flatMap(
    weigher,
    (child) => child.ask("weigh", { peers: compared, format: "mdns6", isRepeated: false })
  )
  const others = yield* Effect.flatMap(weigher, (child) => child.ask("weighBonjour", { peers: compared }))
  const row = (name: string, rest: Partial<Row.Measured> & Pick<Row.Measured, "values">) =>
    Row.measured({ group: "memory", name, unit: "B/peer", ...rest })
  return [
    row("1,000 services, bonjour-service", { values: [others] }),
    row("1,000 services, ours", {
      values: [own],
      against: "1,000 services, bonjour-service",
      ratios: [own / others],
      target: Row.ratioAtMost(0.45)
    })
  ]
})
