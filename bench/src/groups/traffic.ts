/**
 * What mDNS costs on the wire, counted exactly in the simulated network.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import type * as Traffic from "../simulation/traffic.ts"
import { rowsOr } from "./memory.ts"

const name = "traffic"

/** Services of one process, and one that browses. The targets are for a thousand of them. */
export const traffic: Group.Group = {
  name,
  isUdp: false,
  run: (plan) =>
    Effect.map(
      Effect.forEach([10, 100, 1_000], (services) =>
        rowsOr(name, named(services), rows(services)).pipe(
          Effect.tap(() => Effect.sync(() => plan.onMeasured(`${name} ${named(services)}`)))
        )),
      (rows) => ({ rows: rows.flat() })
    )
}

const named = (services: number): string => `${services.toLocaleString("en")} services`

const rows = Effect.fnUntraced(function*(services: number) {
  const child = yield* Child.start<Traffic.Api>(new URL("../simulation/traffic.ts", import.meta.url))
  const { atRest, busiest, found, publish } = yield* child.ask("measure", { services })
  if (found !== services) throw new Error(`${found} of ${services} services were found`)
  const isJudged = services === 1_000
  const row = (what: string, unit: string, value: number, bound?: number) =>
    Row.measured({
      group: name,
      name: `${named(services)}, ${what}`,
      unit,
      values: [value],
      target: isJudged && bound !== undefined ? Row.atMost(bound) : undefined
    })
  return [
    row("to publish", "datagrams/service", publish.datagrams / services, 0.9),
    row("to publish, octets", "B/service", publish.octets / services),
    row("at rest", "datagrams/min", atRest.datagrams, 60),
    row("at rest, octets", "B/min", atRest.octets),
    row("at rest, the busiest minute", "datagrams/min", busiest)
  ]
})
