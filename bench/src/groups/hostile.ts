/**
 * Datagrams that are made to cost, in memory.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import * as Statistics from "../harness/Statistics.ts"
import type * as Hostile from "../memory/hostile.ts"
import { rowsOr, uncollected } from "./memory.ts"

const name = "hostile"

/** All decoders, and dns-packet beside that of mDNS. */
export const hostile: Group.Group = {
  name,
  isUdp: false,
  run: (plan) => {
    const part = (what: string, rows: Parameters<typeof rowsOr>[2]) =>
      rowsOr(name, what, rows).pipe(Effect.tap(() => Effect.sync(() => plan.onMeasured(`${name} ${what}`))))
    return Effect.map(
      Effect.all([part("time", timeRows(plan)), part("promises", promiseRows), part("allocation", allocationRows)]),
      (rows) => ({ rows: rows.flat() })
    )
  }
}

const module = new URL("../memory/hostile.ts", import.meta.url)

const row = (what: string, unit: string, values: ReadonlyArray<number>, rest: Partial<Row.Measured> = {}): Row.Row =>
  Row.measured({ group: name, name: what, unit, values, ...rest })

const timeRows = Effect.fnUntraced(function*({ rounds }: Group.Plan) {
  const child = yield* Child.start<Hostile.Api>(module)
  return (yield* child.ask("time", { rounds })).flatMap(rowsOf)
})

// a header alone is judged by itself: it has too few octets to share what it costs
const rowsOf = (kind: Hostile.Kind): ReadonlyArray<Row.Row> => {
  const isHeader = kind.octets <= 12
  const [unit, share, bound] = isHeader ? ["ns/datagram", 1, 5_000] : ["ns/B", kind.octets, 60]
  const values = (passes: ReadonlyArray<number>) => passes.map((nanoseconds) => nanoseconds / Number(share))
  const { dnsPacket, name: what, ours } = kind
  const target = Row.atMost(Number(bound))
  if (dnsPacket === undefined) return [row(what, String(unit), values(ours), { target })]
  const other = `${what}, dns-packet`
  const ratios = Statistics.ratios(ours, dnsPacket)
  return [
    row(what, String(unit), values(ours), { target, against: other, ratios }),
    row(other, String(unit), values(dnsPacket))
  ]
}

const promiseRows = Effect.gen(function*() {
  const child = yield* Child.start<Hostile.Api>(module)
  const { accepted, acceptedByDnsPacket, truncations, untyped } = yield* child.ask("promises")
  return [
    row("truncations accepted", `of ${truncations}`, [accepted], { target: Row.atMost(0) }),
    row("truncations accepted, dns-packet", `of ${truncations}`, [acceptedByDnsPacket]),
    row("errors of no kind", "datagrams", [untyped], { target: Row.atMost(0) })
  ]
})

const allocationRows = Effect.gen(function*() {
  const child = yield* Child.start<Hostile.Api>(module, { execArgv: uncollected })
  return [row("allocation, the worst", "B/B", [yield* child.ask("allocated")], { target: Row.atMost(64) })]
})
