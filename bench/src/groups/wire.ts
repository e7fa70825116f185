/**
 * The group that counts what hosts cost on the wire that announce themselves, and how soon they know each other. Its figures are of virtual time,
 * the same on every machine.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import type * as Wire from "../simulation/wire.ts"
import { rowsOr } from "./memory.ts"

const name = "wire"
const populations = [10, 100, 1_000, 10_000] as const

/** Hosts of our own format; beside each row the same with an interval that does not scale. */
export const wire: Group.Group = {
  name,
  isUdp: false,
  run: (plan) =>
    Effect.map(
      Effect.forEach(populations, (hosts) =>
        rowsOr(name, named(hosts), rowsOf(plan, hosts)).pipe(
          Effect.tap(() => Effect.sync(() => plan.onMeasured(`${name} ${named(hosts)}`)))
        )),
      (rows) => ({ rows: rows.flat() })
    )
}

const named = (hosts: number) => `${hosts.toLocaleString("en")} hosts`

const start = Child.start<Wire.Api>(new URL("../simulation/wire.ts", import.meta.url))

const rowsOf = Effect.fnUntraced(function*(plan: Group.Plan, hosts: number) {
  const child = yield* start
  const rounds = hosts > 1_000 && plan.isQuick ? 1 : 5
  const starts = yield* child.ask("start", { hosts, rounds })
  const rests = yield* child.ask("rest", { hosts, rounds })
  const fixed = yield* child.ask("fixed", { hosts })
  const title = (what: string) => `${named(hosts)}, ${what}`
  const alone = (what: string, unit: string, values: ReadonlyArray<number | undefined>, target?: Row.Target) => {
    const known = values.filter((value) => value !== undefined)
    return Row.measured({ group: name, name: title(what), unit, values: known, target })
  }
  const row = (
    what: string,
    unit: string,
    values: ReadonlyArray<number | undefined>,
    other: number | undefined,
    target?: Row.Target
  ) => [alone(what, unit, values, target), alone(`${what}, fixed interval`, unit, [other])]
  return [
    row("at rest", "datagrams/s", rests.map(({ perSecond }) => perSecond), fixed.perSecond, Row.atMost(25)),
    row("all start, most in 100 ms", "datagrams", starts.map(({ peak }) => peak), fixed.peak, Row.atMost(100)),
    row("all start, 99 % know 98 %", "s", starts.map(({ most }) => most), fixed.most),
    row("all start, 99 % know 99 %", "s", starts.map(({ all }) => all), fixed.all),
    row("a newcomer knows 99 %", "s", rests.map(({ newcomerMost }) => newcomerMost), fixed.newcomerMost, within[hosts]),
    row("a newcomer knows all", "s", rests.map(({ newcomerAll }) => newcomerAll), fixed.newcomerAll),
    row("a silent death is noticed", "s", rests.map(({ death }) => death), fixed.death),
    alone("for a newcomer, to all", "datagrams", rests.map(({ toAll }) => toAll)),
    alone("for a newcomer, between two", "datagrams", rests.map(({ between }) => between))
  ].flat()
})

const within: { readonly [hosts: number]: Row.Target } = { 1_000: Row.atMost(1), 10_000: Row.atMost(2) }
