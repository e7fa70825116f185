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
import type * as MdnsLatency from "../udp/mdnsLatency.ts"
import type * as Sender from "../udp/sender.ts"
import type { Format } from "../Workload.ts"
import { rowsOr } from "./memory.ts"

/** How long a user waits. Judged by the medians; the noise rule is not for it. */
export const latency: Group.Group = {
  name: "latency",
  isUdp: false,
  run: (plan) =>
    Effect.map(
      Effect.all([
        rowsOr("latency", "all", latencyRows(plan)),
        rowsOr("latency", "mdns", mdnsRows(plan)),
        rowsOr("latency", "bonjour-service", bonjourRows(plan))
      ]),
      (rows) => ({ rows: rows.flat() })
    )
}

const trials = ({ isQuick }: Group.Plan): { readonly trials: number } => ({ trials: isQuick ? 3 : 9 })

const startMdns = Child.start<MdnsLatency.Api>(new URL("../udp/mdnsLatency.ts", import.meta.url))

const mdnsRow = (
  name: string,
  values: ReadonlyArray<number>,
  target?: Row.Target
): Row.Row => Row.measured({ group: "latency", name, unit: "ms", values, target })

const mdnsRows = Effect.fnUntraced(function*(plan: Group.Plan) {
  const child = yield* startMdns
  const samples = yield* child.ask("ours", trials(plan))
  plan.onMeasured("latency mdns")
  const published = samples.flatMap(({ published }) => published)
  return [
    mdnsRow("mdns, publish to found", published, Row.atMost(900)),
    mdnsRow("mdns, publish to found, the longest", [Math.max(...published)], Row.atMost(1_010)),
    mdnsRow("mdns, resolve to answer", samples.map(({ resolved = NaN }) => resolved), Row.atMost(10)),
    mdnsRow("mdns, browse to found", samples.map(({ browsed }) => browsed), Row.atMost(130)),
    // what is withdrawn is kept for a second more, lest another announces it (RFC 6762, section 10.1)
    mdnsRow("mdns, goodbye to event", samples.map(({ goodbye }) => goodbye)),
    mdnsRow("mdns, scope closed to port free", samples.map(({ closed }) => closed), Row.atMost(10))
  ]
})

const bonjourRows = Effect.fnUntraced(function*(plan: Group.Plan) {
  const child = yield* startMdns
  const samples = yield* child.ask("bonjour", trials(plan))
  plan.onMeasured("latency bonjour-service")
  return [
    mdnsRow("bonjour-service, publish to found", samples.flatMap(({ published }) => published)),
    mdnsRow("bonjour-service, browse to found", samples.map(({ browsed }) => browsed)),
    mdnsRow("bonjour-service, goodbye to event", samples.map(({ goodbye }) => goodbye)),
    mdnsRow("bonjour-service, destroyed to port free", samples.map(({ closed }) => closed))
  ]
})

const latencyRows = Effect.fnUntraced(function*(plan: Group.Plan) {
  const child = yield* Child.start<Latency.Api>(new URL("../udp/latency.ts", import.meta.url))
  const trials = yield* child.ask("measure", { trials: 9 })
  plan.onMeasured("latency")
  const row = (name: string, values: ReadonlyArray<number>, bound?: number) =>
    Row.measured({
      group: "latency",
      name,
      unit: "ms",
      values,
      target: bound === undefined ? undefined : Row.atMost(bound)
    })
  return [
    row("announce to found", trials.map(({ found }) => found), 5),
    row("announce to found, where a crowd could start", trials.map(({ foundLater }) => foundLater)),
    row("goodbye to event", trials.map(({ goodbye }) => goodbye), 5),
    row("scope closed to port free", trials.map(({ closed }) => closed), 10)
  ]
})

/** What knowing peers takes while nothing is heard of them, beyond what Node.js takes without us. All windows are the same minutes. */
export const idle: Group.Group = {
  name: "idle",
  isUdp: false,
  run: (plan) => Effect.map(rowsOr("idle", "all", idleRows(plan)), (rows) => ({ rows }))
}

const idleRows = Effect.fnUntraced(function*(plan: Group.Plan) {
  const processes = yield* Effect.all(
    [bare, knowing("peerage", 0), knowing("peerage", 100), knowing("peerage", 1_000), knowing("mdns6", 1_000)],
    { concurrency: "unbounded" }
  )
  yield* Effect.sleep(calming)
  const minutes = yield* Effect.forEach(
    processes,
    (child) => child.ask("measure", { milliseconds: plan.idle }),
    { concurrency: "unbounded" }
  )
  plan.onMeasured("idle")
  const [nothing, none, some, many, services] = minutes as [
    Idle.Minute,
    Idle.Minute,
    Idle.Minute,
    Idle.Minute,
    Idle.Minute
  ]
  return [
    ...minuteRows("bare Node.js", nothing),
    ...minuteRows("0 known", none, nothing, { cpu: 2, wakeUps: 6 }),
    ...minuteRows("100 known", some, nothing),
    ...minuteRows("1,000 known", many, nothing, { cpu: 20, wakeUps: 30 }),
    ...minuteRows("mdns, 1,000 known", services, nothing, { cpu: 20, wakeUps: 30 })
  ]
})

// what starting left behind: looks at the interfaces come at rest, and so does the garbage collector
const calming = 35_000

const bare = Child.start<Idle.Api>(new URL("../udp/idle.ts", import.meta.url))

const knowing = Effect.fnUntraced(function*(format: Format, peers: number) {
  const link = yield* Effect.promise(() => Link.make(format))
  const child = yield* bare
  yield* child.ask("open", { link, limits: {} })
  if (peers > 0) yield* introduce(link, child, peers)
  return child
})

const minuteRows = (name: string, minute: Idle.Minute, bare?: Idle.Minute, bounds?: Idle.Minute): Array<Row.Row> => {
  const row = (what: "cpu" | "wakeUps", label: string, unit: string) => {
    const value = minute[what]
    if (value === undefined) return Row.skipped("idle", `${name}, ${label}`, "only Linux counts them")
    const bound = bounds?.[what]
    return Row.measured({
      group: "idle",
      name: `${name}, ${label}`,
      unit,
      values: [value - (bare?.[what] ?? 0)],
      target: bound === undefined ? undefined : Row.atMost(bound)
    })
  }
  return [row("cpu", "CPU", "ms/min"), row("wakeUps", "wake-ups", "/min")]
}

// in a scope of its own: the senders are gone before anything is measured
const introduce = (link: Link.Link, child: Child.Child<Idle.Api>, peers: number) =>
  Effect.scoped(Effect.gen(function*() {
    const sender = yield* Child.start<Sender.Api>(new URL("../udp/sender.ts", import.meta.url))
    yield* sender.ask("open", { link, peers })
    yield* sender.ask("send", link.format === "mdns6" ? { rate: 2_000, burst: 1 } : { rate: 20_000, burst: 32 })
    for (let attempt = 0; attempt < 200; attempt++) {
      if ((yield* child.ask("known")) === peers) return
      yield* Effect.sleep(50)
    }
    return yield* new Child.ChildFailed({ child: "idle", message: "not every peer was heard" })
  }))
