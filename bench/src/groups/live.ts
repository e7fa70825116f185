/**
 * The groups that run on real sockets but are not about throughput: how long things take, and what doing nothing takes.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Row from "../harness/Row.ts"
import type * as Idle from "../udp/idle.ts"
import type * as Latency from "../udp/latency.ts"
import * as Link from "../udp/Link.ts"
import type * as Sender from "../udp/sender.ts"
import { rowsOr } from "./memory.ts"

/** How long a user waits. Judged by the medians; the noise rule is not for it. */
export const latency: Group.Group = {
  name: "latency",
  isUdp: false,
  run: (plan) => Effect.map(rowsOr("latency", "all", latencyRows(plan)), (rows) => ({ rows }))
}

const latencyRows = Effect.fnUntraced(function*(plan: Group.Plan) {
  const child = yield* Child.start<Latency.Api>(new URL("../udp/latency.ts", import.meta.url))
  const trials = yield* child.ask("measure", { trials: 9 })
  plan.onMeasured("latency")
  const row = (name: string, values: ReadonlyArray<number>, bound: number) =>
    Row.measured({ group: "latency", name, unit: "ms", values, target: Row.atMost(bound) })
  return [
    row("announce to found", trials.map(({ found }) => found), 5),
    row("goodbye to event", trials.map(({ goodbye }) => goodbye), 5),
    row("scope closed to port free", trials.map(({ closed }) => closed), 10)
  ]
})

/** What knowing peers takes while nothing is heard of them. Both windows are the same minutes. */
export const idle: Group.Group = {
  name: "idle",
  isUdp: false,
  run: (plan) =>
    Effect.map(
      Effect.forEach([0, 1_000], (peers) => rowsOr("idle", knownName(peers), idleRows(plan, peers)), {
        concurrency: "unbounded"
      }),
      (rows) => ({ rows: rows.flat() })
    )
}

const knownName = (peers: number): string => `${peers.toLocaleString("en")} known`

const idleRows = Effect.fnUntraced(function*(plan: Group.Plan, peers: number) {
  const link = yield* Effect.promise(() => Link.make("peerage"))
  const child = yield* Child.start<Idle.Api>(new URL("../udp/idle.ts", import.meta.url))
  yield* child.ask("open", { link, limits: {} })
  if (peers > 0) yield* introduce(link, child, peers)
  // whatever starting left behind
  yield* Effect.sleep(500)
  const minute = yield* child.ask("measure", { milliseconds: plan.idle })
  plan.onMeasured(`idle ${knownName(peers)}`)
  const [cpu, wakeUps] = peers === 0 ? [2, 6] : [20, 30]
  const row = (what: string, unit: string, value: number, bound: number) =>
    Row.measured({
      group: "idle",
      name: `${knownName(peers)}, ${what}`,
      unit,
      values: [value],
      target: Row.atMost(bound)
    })
  return [
    row("CPU", "ms/min", minute.cpu, cpu),
    minute.wakeUps === undefined
      ? Row.skipped("idle", `${knownName(peers)}, wake-ups`, "only Linux counts them")
      : row("wake-ups", "/min", minute.wakeUps, wakeUps)
  ]
})

// in a scope of its own: the senders are gone before anything is measured
const introduce = (link: Link.Link, child: Child.Child<Idle.Api>, peers: number) =>
  Effect.scoped(Effect.gen(function*() {
    const sender = yield* Child.start<Sender.Api>(new URL("../udp/sender.ts", import.meta.url))
    yield* sender.ask("open", { link, peers })
    yield* sender.ask("send", { rate: 20_000, burst: 32 })
    for (let attempt = 0; attempt < 100; attempt++) {
      if ((yield* child.ask("known")) === peers) return
      yield* Effect.sleep(50)
    }
    return yield* new Child.ChildFailed({ child: "idle", message: "not every peer was heard" })
  }))
