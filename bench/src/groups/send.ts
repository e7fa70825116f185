/**
 * What it takes to announce.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Noise from "../harness/Noise.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Row from "../harness/Row.ts"
import * as Rows from "../harness/Rows.ts"
import type * as Announcer from "../udp/announcer.ts"
import * as Link from "../udp/Link.ts"

const name = "send"

/** A thousand peers' datagrams that one process announces 25 times a second, against sending the same buffers. */
export const send: Group.Group = {
  name,
  isUdp: true,
  run: (plan) => {
    const variants = specs.map(({ kind, name }) => ({ name, measure: measure(kind, plan) }))
    const measured = Rounds.run(plan.rounds, variants, (row, round) => plan.onMeasured(`${name} ${row} ${round + 1}`))
    return Effect.map(measured, (outcomes) => ({
      rows: specs.map((spec) =>
        Rows.of(name, outcomes, { ...spec, unit: "us/datagram", value: ({ cpu, sent }) => cpu / sent })
      )
    }))
  }
}

const specs = [
  { name: "raw", kind: "raw" },
  { name: Noise.rowName, kind: "raw", against: "raw", ratio: "efficiency" },
  { name: "ours", kind: "ours", against: "raw", ratio: "cost", target: Row.ratioAtMost(1.25) }
] as const

const peers = 1_000
const interval = 40
/** Milliseconds until what is sent is compiled. */
const warmUp = 3_000

const measure = (kind: Announcer.Kind, plan: Group.Plan) =>
  Effect.gen(function*() {
    const link = yield* Effect.promise(() => Link.make("json"))
    const child = yield* Child.start<Announcer.Api>(new URL("../udp/announcer.ts", import.meta.url))
    yield* child.ask("open", { kind, link, peers, interval })
    yield* Effect.sleep(warmUp)
    return yield* child.ask("measure", { milliseconds: plan.pacedWindow })
  }).pipe(Effect.scoped)
