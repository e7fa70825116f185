/**
 * The groups that need no network: allocation, codecs, the registry, and what peers weigh.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Row from "../harness/Row.ts"
import * as Statistics from "../harness/Statistics.ts"
import type * as Alloc from "../memory/alloc.ts"
import type * as Codec from "../memory/codec.ts"
import type * as Population from "../memory/population.ts"

const collectable = ["--expose-gc"]
const uncollected = [...collectable, "--min-semi-space-size=256", "--max-semi-space-size=256"]

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
      Effect.forEach([1, 32], (perTurn) =>
        rowsOr("alloc", `${perTurn} a turn`, allocRows(perTurn)).pipe(
          Effect.tap(() => Effect.sync(() => plan.onMeasured(`alloc ${perTurn} a turn`)))
        )),
      (rows) => ({ rows: rows.flat() })
    )
}

const allocRows = Effect.fnUntraced(function*(perTurn: number) {
  const child = yield* Child.start<Alloc.Api>(new URL("../memory/alloc.ts", import.meta.url), { execArgv: uncollected })
  const samples = yield* child.ask("measure", { perTurn, rounds: 5 })
  const row = (name: string, value: (sample: Alloc.Sample) => number, target?: Row.Target) =>
    Row.measured({ group: "alloc", name, unit: "B/datagram", values: samples.map(value), target })
  return [
    row(`ours over emitter, ${perTurn} a turn`, ({ emitter, ours }) => ours - emitter, Row.atMost(64)),
    row(`socket over emitter, ${perTurn} a turn`, ({ emitter, socket }) => socket - emitter),
    row(`ours over socket, ${perTurn} a turn`, ({ ours, socket }) => ours - socket)
  ]
})

/** Decoding, against the least it could take. */
export const codec: Group.Group = {
  name: "codec",
  isUdp: false,
  run: (plan) => Effect.map(rowsOr("codec", "all", codecRows(plan)), (rows) => ({ rows }))
}

interface Judged {
  readonly name: Codec.Name
  readonly against: Codec.Name
  readonly bytes: number
  readonly target?: Row.Target | undefined
}

const decoders: ReadonlyArray<Judged> = [
  { name: "json decode", against: "JSON.parse(buffer.toString())", bytes: 141, target: Row.ratioAtMost(2.3) },
  { name: "json step", against: "JSON.parse(buffer.toString())", bytes: 141 },
  { name: "peerage decode", against: "peerage buffer.toString()", bytes: 25, target: Row.ratioAtMost(3) },
  { name: "peerage step", against: "peerage buffer.toString()", bytes: 25 },
  { name: "syncthing0 decode", against: "syncthing0 buffer.toString()", bytes: 21 },
  { name: "syncthing0 step", against: "syncthing0 buffer.toString()", bytes: 21 },
  ...([["mdns4", 162], ["mdns6", 210], ["mdns21", 757]] as const).flatMap(([format, bytes]): ReadonlyArray<Judged> => [
    {
      name: `${format} decode`,
      against: `${format} dns-packet decode`,
      bytes,
      target: format === "mdns4" ? undefined : Row.ratioAtMost(0.1)
    },
    {
      name: `${format} decode, all looked at`,
      against: `${format} dns-packet decode`,
      bytes,
      target: format === "mdns6" ? Row.ratioAtMost(0.25) : undefined
    },
    {
      name: `${format} encode`,
      against: `${format} dns-packet encode`,
      bytes,
      target: format === "mdns6" ? Row.ratioAtMost(0.15) : undefined
    }
  ]),
  { name: "mdns of 12 octets", against: "mdns of 12 octets, dns-packet", bytes: 12, target: Row.atMost(2_000) },
  { name: "mdns hostile", against: "mdns hostile, dns-packet", bytes: 8_972, target: Row.atMost(300_000) }
]

const codecRows = Effect.fnUntraced(function*(plan: Group.Plan) {
  const module = new URL("../memory/codec.ts", import.meta.url)
  const timing = yield* Child.start<Codec.Api>(module)
  const times = yield* timing.ask("time", { rounds: plan.rounds })
  plan.onMeasured("codec time")
  const weighing = yield* Child.start<Codec.Api>(module, { execArgv: uncollected })
  const allocated = yield* weighing.ask("allocated", { rounds: 5 })
  plan.onMeasured("codec allocation")
  return decoders.flatMap(({ against, bytes, name, target }) => {
    const ratios = Statistics.ratios(times[name], times[against])
    return [
      Row.measured({ group: "codec", name, unit: "ns/op", values: times[name], against, ratios, target }),
      Row.measured({ group: "codec", name: `${name}, rate`, unit: "MB/s", values: times[name].map(rateOf(bytes)) }),
      Row.measured({ group: "codec", name: `${name}, allocated`, unit: "B/op", values: allocated[name] })
    ]
  })
})

const rateOf = (bytes: number) => (nanoseconds: number): number => (bytes * 1_000) / nanoseconds

/** What known peers weigh, in the whole layer. */
export const memory: Group.Group = {
  name: "memory",
  isUdp: false,
  run: (plan) =>
    Effect.map(
      Effect.forEach([1_000, 10_000, 100_000], (peers) =>
        rowsOr("memory", nameOf(peers), memoryRow(peers)).pipe(
          Effect.tap(() => Effect.sync(() => plan.onMeasured(`memory ${nameOf(peers)}`)))
        )),
      (rows) => ({ rows: rows.flat() })
    )
}

const nameOf = (peers: number): string => `${peers.toLocaleString("en")} peerage peers`

const memoryRow = Effect.fnUntraced(function*(peers: number) {
  const child = yield* Child.start<Population.Api>(new URL("../memory/population.ts", import.meta.url), {
    execArgv: collectable
  })
  const values = [yield* child.ask("weigh", { peers })]
  const target = peers === 10_000 ? Row.atMost(1_024) : undefined
  return [Row.measured({ group: "memory", name: nameOf(peers), unit: "B/peer", values, target })]
})
