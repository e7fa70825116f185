/**
 * What refusing costs: ten thousand datagrams a second that nobody has asked for, against reading them and nothing else; and how soon an
 * honest newcomer is found meanwhile.
 */
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Noise from "../harness/Noise.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Row from "../harness/Row.ts"
import * as Rows from "../harness/Rows.ts"
import type * as Flooder from "../udp/flooder.ts"
import * as Link from "../udp/Link.ts"
import type * as Newcomers from "../udp/newcomers.ts"
import type * as Receiver from "../udp/Receiver.ts"
import type { Format } from "../Workload.ts"
import * as Workload from "../Workload.ts"

const perSecond = 10_000

/** With the limits that a program has which sets none. */
export const flood: Group.Group = {
  name: "flood",
  isUdp: true,
  run: (plan) => {
    const costs = specs.map(({ flood, name, receiver }) => ({ name, measure: measure(plan, receiver, flood) }))
    const waits = newcomerSpecs.map(({ flood, name }) => ({ name, measure: waitOf(flood) }))
    const measured = Rounds.run(
      Math.min(plan.rounds, 3),
      [...costs, ...waits],
      (name, round) => plan.onMeasured(`flood ${name} ${round + 1}`)
    )
    return Effect.map(measured, (outcomes) => ({
      rows: [
        ...specs.map((spec) => Rows.of("flood", outcomes, { ...spec, unit: "us/datagram", value: (cost) => cost })),
        ...newcomerSpecs.map((spec) =>
          Rows.of("flood", outcomes, { ...spec, unit: "intervals", value: (wait) => wait })
        )
      ]
    }))
  }
}

interface Flood {
  readonly format: Format
  readonly kind: Flooder.Kind
}

interface Spec {
  readonly name: string
  readonly receiver: "raw" | "discovery"
  readonly flood: Flood
  readonly against?: string | undefined
  readonly ratio?: "cost" | "efficiency" | undefined
  readonly target?: Row.Target | undefined
}

const compared = (flood: Flood): ReadonlyArray<Spec> => {
  const against = `raw, ${named(flood)}`
  const target = Row.ratioAtMost(2)
  return [
    { name: against, receiver: "raw", flood },
    { name: `ours, ${named(flood)}`, receiver: "discovery", flood, against, ratio: "cost", target }
  ]
}

const named = ({ format, kind }: Flood): string => `${format === "mdns6" ? "mdns" : format} ${kind}`

const forged = { format: "json", kind: "forged" } as const

const specs: ReadonlyArray<Spec> = [
  ...compared(forged),
  { name: Noise.rowName, receiver: "raw", flood: forged, against: `raw, ${named(forged)}`, ratio: "efficiency" },
  ...compared({ format: "json", kind: "garbage" }),
  ...compared({ format: "mdns6", kind: "forged" }),
  ...compared({ format: "mdns6", kind: "garbage" }),
  ...compared({ format: "mdns6", kind: "hostile" })
]

// until everything is full and compiled, and the bursts that every limit allows are used up
const settling = 4_000

// a newcomer is to be found within three of its intervals
const newcomerSpecs = ([forged, { format: "mdns6", kind: "forged" }, { format: "mdns6", kind: "hostile" }] as const)
  .map((flood) => ({ name: `newcomers, ${named(flood)}`, flood, target: Row.atMost(3) }))

// by what was sent: what is refused is counted nowhere, and what the system drops under a flood has cost us nothing
const measure = (plan: Group.Plan, receiver: Spec["receiver"], flood: Flood) =>
  Effect.scoped(Effect.gen(function*() {
    const { child } = yield* begin(receiver, flood)
    const window = yield* child.ask("measure", { milliseconds: plan.pacedWindow })
    return window.cpu / (((window.to - window.from) / 1_000) * perSecond)
  }))

const begin = Effect.fnUntraced(function*(receiver: Spec["receiver"], { format, kind }: Flood) {
  const link = yield* Effect.promise(() => Link.make(format))
  const child = yield* Child.start<Receiver.Api>(new URL(`../udp/${receiver}.ts`, import.meta.url))
  const flooder = yield* Child.start<Flooder.Api>(new URL("../udp/flooder.ts", import.meta.url))
  yield* child.ask("open", {
    link,
    isRoomy: false,
    limits: {},
    subscribers: 1
  })
  yield* flooder.ask("open", { link, kind })
  yield* flooder.ask("send", perSecond)
  yield* Effect.sleep(settling)
  return { link, child }
})

/** Those who come, and how often each announces itself: identities and addresses that nobody forges. */
const newcomers = { first: 0xf0000, count: 16, times: 4 }

// of RFC 6762, section 8.3, and of the JSON beacon
const intervals: Partial<Record<Format, number>> = { mdns6: 1_000, json: 2_000 }

// in intervals of the one that waited longest; one that was not found at all has waited for all of them and one more
const waitOf = (flood: Flood) =>
  Effect.scoped(Effect.gen(function*() {
    const { child, link } = yield* begin("discovery", flood)
    const interval = intervals[flood.format]!
    const names = Array.from({ length: newcomers.count }, (_, i) => Workload.deviceName(newcomers.first + i))
    yield* child.ask("watch", names)
    const honest = yield* Child.start<Newcomers.Api>(new URL("../udp/newcomers.ts", import.meta.url))
    const came = yield* honest.ask("come", { link, interval, ...newcomers })
    const found = yield* child.ask("watched")
    const waits = came.map((from, i) => (found[names[i]!] ?? from + (newcomers.times + 1) * interval) - from)
    return Math.max(...waits) / interval
  }))
