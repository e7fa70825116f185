/**
 * Beside the daemons and libraries of other languages, on a network of two hosts: each does the same work in a host of its own.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Row from "../harness/Row.ts"
import * as Contestant from "../lan/Contestant.ts"
import * as Lan from "../lan/Lan.ts"
import * as Usage from "../lan/Usage.ts"
import type * as Responders from "../udp/responders.ts"
import type * as Sender from "../udp/sender.ts"

const name = "lan"

/** This library, Avahi, python-zeroconf and bonjour-service. */
export const lan: Group.Group = {
  name,
  isUdp: false,
  run: (plan) =>
    Effect.gen(function*() {
      const reason = Lan.unavailable()
      if (reason !== undefined) return { rows: [Row.skipped(name, "all", reason)] }
      const present: Array<Contestant.Contestant> = []
      const absent: Array<Row.Row> = []
      for (const contestant of Contestant.all) {
        const reason = contestant.unavailable()
        if (reason === undefined) present.push(contestant)
        else absent.push(Row.skipped(name, contestant.name, reason))
      }
      const rows = [
        yield* questionRows(plan, present, "known", knowing(plan), knownColumns),
        yield* questionRows(plan, present, "waiting", waiting, waitingColumns),
        yield* questionRows({ ...plan, rounds: 1 }, present, "publishing", publishing, publishingColumns),
        yield* questionRows({ ...plan, rounds: 1 }, present, "resting", resting(plan), restingColumns)
      ]
      return { rows: [...rows.flat(), ...absent] }
    })
}

/** A figure of what is measured together; `isCompared`: whether less is better, and how much is told. */
interface Column<Sample> {
  readonly what: string
  readonly unit: string
  readonly isCompared?: boolean
  readonly value: (sample: Sample) => number
}

type Scoped<A> = Effect.Effect<A, Child.ChildFailed, Scope.Scope>

const questionRows = <Sample>(
  plan: Group.Plan,
  contestants: ReadonlyArray<Contestant.Contestant>,
  question: string,
  measure: (contestant: Contestant.Contestant) => Scoped<Sample>,
  columns: ReadonlyArray<Column<Sample>>
): Effect.Effect<ReadonlyArray<Row.Row>> =>
  Effect.map(
    Rounds.run(
      Math.min(plan.rounds, mostRounds),
      contestants.map((contestant) => ({ name: contestant.name, measure: Effect.scoped(measure(contestant)) })),
      (who, round) => plan.onMeasured(`${name} ${question} ${who} ${round + 1}`)
    ),
    (outcomes) => columns.flatMap((column) => rowsOf(column, outcomes))
  )

// a round takes three minutes
const mostRounds = 3

// one figure of all of them, the others' over ours
const rowsOf = <Sample>(
  { isCompared = true, unit, value, what }: Column<Sample>,
  outcomes: ReadonlyMap<string, Rounds.Outcome<Sample>>
): ReadonlyArray<Row.Row> => {
  const ours = outcomes.get(Contestant.ours.name)
  const own = ours?._tag === "Measured" ? ours.samples.map(value) : []
  return Array.from(outcomes, ([who, outcome]) => {
    const label = `${who}, ${what}`
    if (outcome._tag === "Failed") return Row.skipped(name, label, outcome.reason)
    const values = outcome.samples.map(value)
    const isBeside = isCompared && outcome !== ours && own.length > 0 && !own.includes(0)
    const beside = isBeside
      ? { against: `${Contestant.ours.name}, ${what}`, ratios: values.map((figure, round) => figure / own[round]!) }
      : undefined
    return Row.measured({ group: name, name: label, unit, values, ...beside })
  })
}

const services = 1_000

/** Datagrams a second that all of them can take in. */
const rate = 500

/** A thousand services that appear at once, and then are known and repeat what they said. */
interface Known {
  readonly found: number
  /** Milliseconds from the first datagram of the burst until all were found; `patience` when they were not. */
  readonly milliseconds: number
  /** Microseconds of CPU time for each repeated datagram. */
  readonly cpu: number
  /** Octets of memory in all. */
  readonly resident: number
}

const knowing = (plan: Group.Plan) => (contestant: Contestant.Contestant): Scoped<Known> =>
  Effect.gen(function*() {
    const { child, lan, pid } = yield* onLan(contestant, services)
    yield* child.ask("browse")
    yield* Effect.sleep(settling)
    const { from } = yield* burst(lan)
    const found = yield* untilKnown(child, services, patience)
    const lastFoundAt = yield* child.ask("lastFoundAt")
    yield* repeat(lan, services)
    yield* untilAll(contestant, child, services)
    yield* Effect.sleep(warmUp)
    const before = Usage.of(pid)
    yield* Effect.sleep(4 * plan.pacedWindow)
    const after = Usage.of(pid)
    const { cpu, received } = Usage.since(before, after)
    return {
      found,
      milliseconds: found === services ? Math.max(0, lastFoundAt - from) : patience,
      cpu: cpu / received,
      resident: after.resident
    }
  })

const knownColumns: ReadonlyArray<Column<Known>> = [
  { what: "found of a burst", unit: "services", isCompared: false, value: ({ found }) => found },
  { what: "time to all of it", unit: "ms", value: ({ milliseconds }) => milliseconds },
  { what: `known, ${rate}/s`, unit: "us/datagram", value: ({ cpu }) => cpu },
  { what: "memory in all", unit: "MB", value: ({ resident }) => resident / 1e6 }
]

const settling = 1_500
const patience = 5_000
// a few rounds
const warmUp = 8_000

const onLan = Effect.fnUntraced(function*(contestant: Contestant.Contestant, peers: number) {
  const lan = yield* Lan.make(peers)
  const child = yield* contestant.start(lan.self)
  const pid = yield* child.ask("open", lan.self)
  return { lan, child, pid }
})

// in a scope of its own: whoever repeats has the same addresses
const burst = (lan: Lan.Lan) =>
  Effect.scoped(Effect.gen(function*() {
    const { namespace } = lan.others
    const responders = yield* Child.start<Responders.Api>(new URL("../udp/responders.ts", import.meta.url), {
      namespace
    })
    yield* responders.ask("open", { link: lan.link, peers: services, answers: false })
    return yield* responders.ask("burst")
  }))

const repeat = Effect.fnUntraced(function*(lan: Lan.Lan, peers: number) {
  const { namespace } = lan.others
  const sender = yield* Child.start<Sender.Api>(new URL("../udp/sender.ts", import.meta.url), { namespace })
  yield* sender.ask("open", { link: lan.link, peers })
  yield* sender.ask("send", { rate, burst: 1 })
})

const untilKnown = Effect.fnUntraced(function*(
  child: Child.Child<Contestant.Api>,
  count: number,
  milliseconds: number
) {
  const deadline = Date.now() + milliseconds
  while (true) {
    const known = yield* child.ask("known")
    if (known >= count || Date.now() > deadline) return known
    yield* Effect.sleep(50)
  }
})

// who loses some finds them when they are repeated
const untilAll = Effect.fnUntraced(function*(
  { name: who }: Contestant.Contestant,
  child: Child.Child<Contestant.Api>,
  count: number
) {
  const known = yield* untilKnown(child, count, 10 * patience)
  if (known < count) return yield* new Child.ChildFailed({ child: who, message: `finds ${known} of ${count} services` })
})

/** Milliseconds that a user waits. */
interface Waiting {
  readonly published: number
  readonly browsed: number
}

/** What it publishes is found by this library on the other host; what that publishes is found by it, which has just started. */
const waiting = (contestant: Contestant.Contestant): Scoped<Waiting> =>
  Effect.gen(function*() {
    const lan = yield* Lan.make(0)
    const other = yield* Contestant.ours.start(lan.others)
    yield* other.ask("browse")
    yield* other.ask("publish", 1)
    // it probes and announces twice, which whoever runs by then would remember
    yield* Effect.sleep(announced)
    const child = yield* contestant.start(lan.self)
    yield* child.ask("open", lan.self)
    yield* Effect.sleep(settling)
    const browsing = yield* child.ask("browse")
    yield* untilAll(contestant, child, 1)
    const browsed = (yield* child.ask("lastFoundAt")) - browsing
    // the other one finds its own as well, which another part of it publishes
    const publishing = yield* child.ask("publish", 1)
    yield* untilAll(contestant, other, 2)
    return { browsed, published: (yield* other.ask("lastFoundAt")) - publishing }
  })

const announced = 4_000

const waitingColumns: ReadonlyArray<Column<Waiting>> = [
  { what: "publish to found", unit: "ms", value: ({ published }) => published },
  { what: "browse to found", unit: "ms", value: ({ browsed }) => browsed }
]

/** Datagrams for each of a thousand services, until nothing more is sent. */
const publishing = (contestant: Contestant.Contestant): Scoped<number> =>
  Effect.gen(function*() {
    const { child, pid } = yield* onLan(contestant, 0)
    yield* Effect.sleep(settling)
    const before = Usage.of(pid)
    yield* child.ask("publish", services)
    let sent = 0
    for (let calm = 0, second = 0; calm < 5 && second < 60; second++) {
      yield* Effect.sleep(1_000)
      const now = Usage.since(before, Usage.of(pid)).sent
      calm = now > sent || now === 0 ? 0 : calm + 1
      sent = now
    }
    return sent / services
  })

const publishingColumns: ReadonlyArray<Column<number>> = [{
  what: `${services.toLocaleString("en")} published`,
  unit: "datagrams/service",
  value: (sent) => sent
}]

// what starting left behind, as in `idle`
const calming = 30_000

/** A thousand services that are known, while nothing is heard. */
interface Resting {
  /** What a minute takes. */
  readonly minute: Usage.Usage
  /** Octets that are held for each service. */
  readonly held: number
}

const few = 100

const resting = (plan: Group.Plan) => (contestant: Contestant.Contestant): Scoped<Resting> =>
  Effect.gen(function*() {
    const { child, lan, pid } = yield* onLan(contestant, services)
    yield* child.ask("browse")
    yield* Effect.sleep(settling)
    yield* introduce(contestant, child, lan, few)
    const before = yield* child.ask("held")
    yield* introduce(contestant, child, lan, services)
    const held = ((yield* child.ask("held")) - before) / (services - few)
    yield* Effect.sleep(calming)
    const from = Usage.of(pid)
    // a process lives for two minutes
    const window = plan.idle / 2
    yield* Effect.sleep(window)
    return { held, minute: Usage.scaled(Usage.since(from, Usage.of(pid)), 60_000 / window) }
  })

// several times, so that what it takes to know any is there
const introduce = (
  contestant: Contestant.Contestant,
  child: Child.Child<Contestant.Api>,
  lan: Lan.Lan,
  peers: number
): Effect.Effect<void, Child.ChildFailed> =>
  Effect.scoped(Effect.gen(function*() {
    yield* repeat(lan, peers)
    yield* untilAll(contestant, child, peers)
    yield* Effect.sleep(settling)
  }))

const restingColumns: ReadonlyArray<Column<Resting>> = [
  { what: "memory of a service", unit: "B/service", value: ({ held }) => held },
  { what: "1,000 known, idle", unit: "ms/min", value: ({ minute }) => minute.cpu / 1_000 },
  { what: "1,000 known, idle, wake-ups", unit: "/min", value: ({ minute }) => minute.wakeUps }
]
