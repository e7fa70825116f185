/**
 * Many services that appear at once.
 */
import * as Limits from "@effect-discovery/core/Limits"
import * as Effect from "effect/Effect"
import * as Child from "../harness/Child.ts"
import type * as Group from "../harness/Group.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Row from "../harness/Row.ts"
import * as Burst from "../udp/Burst.ts"
import * as Link from "../udp/Link.ts"
import type * as Receiver from "../udp/Receiver.ts"

const name = "burst"

/** A thousand services in one burst. */
export const burst: Group.Group = {
  name,
  isUdp: false,
  run: Effect.fnUntraced(function*(plan) {
    const granted = yield* Effect.exit(grantedBuffer)
    const isGranted = granted._tag === "Success" && granted.value >= Limits.defaults.kernelReceiveBuffer
    const outcomes = yield* Rounds.run(
      plan.rounds,
      variants,
      (variant, round) => plan.onMeasured(`${name} ${variant} ${round + 1}`)
    )
    return {
      rows: [
        granted._tag === "Success"
          ? Row.measured({ group: name, name: "receive buffer granted", unit: "B", values: [granted.value] })
          : Row.skipped(name, "receive buffer granted", Rounds.reasonOf(granted.cause)),
        ...variants.flatMap((variant) => rowsOf(variant, outcomes.get(variant.name)!, isGranted))
      ],
      granted: granted._tag === "Success" ? granted.value : undefined
    }
  })
}

// what the system gives to a socket that asks for what ours ask for; it tells twice as much as it takes for payload
const grantedBuffer = Effect.scoped(Effect.gen(function*() {
  const link = yield* Effect.promise(() => Link.make("mdns6"))
  const receiver = yield* Child.start<Receiver.Api>(new URL("../udp/raw.ts", import.meta.url))
  const { granted } = yield* receiver.ask("open", { link, limits: {}, subscribers: 0 })
  return granted ?? 0
}))

interface Variant extends Rounds.Variant<Burst.Sample, Child.ChildFailed> {
  readonly isRetry: boolean
  readonly isOurs: boolean
}

const variant = (name: string, options: Burst.Options): Variant => ({
  name,
  isRetry: options.answers,
  isOurs: options.kind === "discovery",
  measure: Burst.measure(options)
})

// what Linux gives to a socket that asks for nothing: room for a sixth of the burst
const defaultBuffer = 106_496

const variants: ReadonlyArray<Variant> = [
  variant("ours", { kind: "discovery", answers: false }),
  variant("burst-retry, ours", {
    kind: "discovery",
    answers: true,
    limits: { kernelReceiveBuffer: defaultBuffer }
  }),
  variant("multicast-dns", { kind: "multicastDns", answers: false }),
  variant("bonjour-service", { kind: "bonjourService", answers: false })
]

const rowsOf = (
  { isOurs, isRetry, name: what }: Variant,
  outcome: Rounds.Outcome<Burst.Sample>,
  isGranted: boolean
): ReadonlyArray<Row.Row> => {
  if (outcome._tag === "Failed") return [Row.skipped(name, what, outcome.reason)]
  const row = (part: string, unit: string, value: (sample: Burst.Sample) => number, target?: Row.Target) =>
    Row.measured({ group: name, name: `${what}, ${part}`, unit, values: outcome.samples.map(value), target })
  const isJudged = isOurs && (isGranted || isRetry)
  const rows = [
    row("found", "services", ({ found }) => found, isJudged ? Row.atLeast(Burst.services) : undefined),
    row(
      "time to all",
      "ms",
      ({ milliseconds }) => milliseconds,
      isJudged ? Row.atMost(isRetry ? 2_000 : 100) : undefined
    )
  ]
  if (!isOurs || isRetry) return rows
  return [
    row("time to send them", "ms", ({ sending }) => sending),
    ...rows,
    // judged exactly: one round in which it is not so is enough
    Row.measured({
      group: name,
      name: `${what}, unaccounted for`,
      unit: "datagrams",
      values: [Math.max(...outcome.samples.map(({ unaccounted = 0 }) => Math.abs(unaccounted)))],
      target: Row.atMost(0)
    })
  ]
}
