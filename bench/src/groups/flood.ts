/**
 * What refusing costs: ten thousand datagrams a second that nobody has asked for, against reading them and nothing else.
 */
import * as Limits from "@effect-discovery/core/Limits"
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Noise from "../harness/Noise.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Row from "../harness/Row.ts"
import * as Rows from "../harness/Rows.ts"
import type * as Flooder from "../udp/flooder.ts"
import * as Link from "../udp/Link.ts"
import type * as Receiver from "../udp/Receiver.ts"
import type { Format } from "../Workload.ts"

const perSecond = 10_000

/** With the limits that a program has which sets none. */
export const flood: Group.Group = {
  name: "flood",
  isUdp: true,
  run: (plan) => {
    const variants = specs.map(({ flood, name, receiver }) => ({ name, measure: measure(plan, receiver, flood) }))
    const measured = Rounds.run(
      Math.min(plan.rounds, 3),
      variants,
      (name, round) => plan.onMeasured(`flood ${name} ${round + 1}`)
    )
    return Effect.map(measured, (outcomes) => ({
      rows: specs.map((spec) => Rows.of("flood", outcomes, { ...spec, unit: "us/datagram", value: (cost) => cost }))
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

// until everything is full and compiled
const settling = 2_000

const { datagramsPerSession, datagramsPerSource } = Limits.make({})

// by what was sent: what is refused is counted nowhere, and what the system drops under a flood has cost us nothing
const measure = (plan: Group.Plan, receiver: Spec["receiver"], { format, kind }: Flood) =>
  Effect.scoped(Effect.gen(function*() {
    const link = yield* Effect.promise(() => Link.make(format))
    const child = yield* Child.start<Receiver.Api>(new URL(`../udp/${receiver}.ts`, import.meta.url))
    const flooder = yield* Child.start<Flooder.Api>(new URL("../udp/flooder.ts", import.meta.url))
    yield* child.ask("open", { link, limits: { datagramsPerSession, datagramsPerSource }, subscribers: 1 })
    yield* flooder.ask("open", { link, kind })
    yield* flooder.ask("send", perSecond)
    yield* Effect.sleep(settling)
    const window = yield* child.ask("measure", { milliseconds: plan.pacedWindow })
    return window.cpu / (((window.to - window.from) / 1_000) * perSecond)
  }))
