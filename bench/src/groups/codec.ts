/**
 * Decoders and encoders, against the least they could take and against those of others.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import * as Statistics from "../harness/Statistics.ts"
import type * as Codec from "../memory/codec.ts"
import type * as Loops from "../memory/Loops.ts"
import { rowsOr, uncollected } from "./memory.ts"

/** Decoding, against the least it could take. */
export const codec: Group.Group = {
  name: "codec",
  isUdp: false,
  run: (plan) => Effect.map(rowsOr("codec", "all", codecRows(plan)), (rows) => ({ rows }))
}

interface Judged {
  readonly name: string
  readonly against: string
  readonly bytes: number
  readonly target?: Row.Target | undefined
}

const decoders: ReadonlyArray<Judged> = [
  { name: "json decode", against: "JSON.parse(buffer.toString())", bytes: 141, target: Row.ratioAtMost(2.3) },
  { name: "json step", against: "JSON.parse(buffer.toString())", bytes: 141 },
  { name: "peerage decode", against: "peerage buffer.toString()", bytes: 25, target: Row.ratioAtMost(3) },
  { name: "peerage step", against: "peerage buffer.toString()", bytes: 25 },
  { name: "syncthing4 decode", against: "syncthing4 protobufjs decode", bytes: 93, target: Row.ratioAtMost(0.7) },
  { name: "syncthing4 step", against: "syncthing4 decode", bytes: 93 },
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
      name: `${format} index`,
      against: `${format} dns-packet decode`,
      bytes,
      target: format === "mdns6" ? Row.ratioAtMost(0.03) : undefined
    },
    {
      name: `${format} encode`,
      against: `${format} dns-packet encode`,
      bytes,
      target: format === "mdns6" ? Row.ratioAtMost(0.15) : undefined
    }
  ]),
  {
    name: "mdns6 unchanged check",
    against: "mdns6 dns-packet decode",
    bytes: 210,
    target: Row.ratioAtMost(0.02)
  },
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
  const sizes = yield* weighing.ask("sizes")
  return [
    ...decoders.flatMap((judged) => rowsOf(judged, times, allocated)),
    ...["mdns4", "mdns6", "mdns21"].flatMap((format) => peerRows(format, times)),
    fastestRow(times),
    Row.measured({
      group: "codec",
      name: "mdns6 encode, size",
      unit: "B",
      values: [sizes.ours],
      against: "dns-packet",
      ratios: [sizes.ours / sizes.dnsPacket],
      target: Row.ratioAtMost(0.6)
    })
  ]
})

const rowsOf = (
  { against, bytes, name, target }: Judged,
  times: Loops.Timings<string>,
  allocated: Loops.Timings<string>
): ReadonlyArray<Row.Row> => {
  const own = times[name]!
  const others = times[against]
  return [
    others === undefined
      ? Row.skipped("codec", name, `there is no ${against}: it is not installed`)
      : Row.measured({
        group: "codec",
        name,
        unit: "ns/op",
        values: own,
        against,
        ratios: Statistics.ratios(own, others),
        target
      }),
    ...weightRows(name, own, bytes, allocated[name]!)
  ]
}

const weightRows = (
  name: string,
  own: ReadonlyArray<number>,
  bytes: number,
  allocated: ReadonlyArray<number>
): ReadonlyArray<Row.Row> => [
  Row.measured({ group: "codec", name: `${name}, rate`, unit: "MB/s", values: own.map(rateOf(bytes)) }),
  Row.measured({ group: "codec", name: `${name}, allocated`, unit: "B/op", values: allocated })
]

const others = ["dns-packet", "@dnsquery/dns-packet", "@homebridge/ciao"]

const peerRows = (format: string, times: Loops.Timings<string>): ReadonlyArray<Row.Row> =>
  others.map((peer) => {
    const name = `${format} ${peer} decode`
    const values = times[name]
    return values === undefined
      ? Row.skipped("codec", name, "it is not installed")
      : Row.measured({ group: "codec", name, unit: "ns/op", values })
  })

const fastestRow = (times: Loops.Timings<string>): Row.Row => {
  const own = times["mdns6 decode, all looked at"]!
  const installed = others.map((peer) => times[`mdns6 ${peer} decode`]).filter((values) => values !== undefined)
  return Row.measured({
    group: "codec",
    name: "mdns6 decode, all looked at, and the fastest of others",
    unit: "ns/op",
    values: own,
    against: "the fastest of others",
    ratios: own.map((nanoseconds, round) => nanoseconds / Math.min(...installed.map((values) => values[round]!))),
    target: Row.ratioAtMost(0.35)
  })
}

const rateOf = (bytes: number) => (nanoseconds: number): number => (bytes * 1_000) / nanoseconds
