/**
 * Rows of a UDP group: each a way of receiving, measured in turn with the others.
 */
import * as Effect from "effect/Effect"
import type * as Group from "../harness/Group.ts"
import * as Noise from "../harness/Noise.ts"
import * as Rounds from "../harness/Rounds.ts"
import type * as Row from "../harness/Row.ts"
import * as Rows from "../harness/Rows.ts"
import * as Statistics from "../harness/Statistics.ts"
import * as Feed from "../udp/Feed.ts"
import type { Format } from "../Workload.ts"

/** A row to measure. `ratio`: CPU time of the other over our own (efficiency), or our own over the other's (cost). */
export interface Spec {
  readonly name: string
  readonly feed: Pick<Feed.Options, "kind" | "format"> & Partial<Feed.Options>
  readonly against?: string | undefined
  readonly ratio?: "cost" | "efficiency" | undefined
  readonly target?: Row.Target | undefined
  /** Whether what it is compared with must not lose datagrams: if it does, what it takes for each is more than was measured. */
  readonly isLossless?: boolean | undefined
}

/** Raw, and raw again, in a format: what the noise rule needs of every UDP group. */
export const rawTwice = (format: Format, feed: Partial<Feed.Options> = {}): ReadonlyArray<Spec> => [
  raw(format, feed),
  { name: Noise.rowName, feed: { kind: "raw", format, ...feed }, against: `raw ${label(format)}`, ratio: "efficiency" }
]

/** What rows call a format. */
export const label = (format: Format): string => format === "mdns6" ? "mdns" : format

/** A bare socket. */
export const raw = (format: Format, feed: Partial<Feed.Options> = {}): Spec => ({
  name: `raw ${label(format)}`,
  feed: { kind: "raw", format, ...feed }
})

/** Ours against the bare socket. */
export const ours = (format: Format, target?: Row.Target, feed: Partial<Feed.Options> = {}): Spec => ({
  name: `ours ${label(format)}`,
  feed: { kind: "discovery", format, ...feed },
  against: `raw ${label(format)}`,
  ratio: "efficiency",
  target
})

/** Measures the rows of a group. */
export const run = (group: string, plan: Group.Plan, specs: ReadonlyArray<Spec>): Effect.Effect<Group.Result> => {
  const variants = specs.map(({ feed, name }): Rounds.Variant<Feed.Sample, unknown> => ({
    name,
    measure: Feed.measure({ peers: 1_000, window: plan.window, warmUp: plan.warmUp, ...feed })
  }))
  const measured = Rounds.run(plan.rounds, variants, (name, round) => plan.onMeasured(`${group} ${name} ${round + 1}`))
  return Effect.map(measured, (outcomes) => ({
    rows: specs.map((spec) => {
      const row = Rows.of(group, outcomes, { ...spec, unit: "us/datagram", value: ({ cost }) => cost }, traffic)
      return spec.isLossless === true ? lenient(row, outcomes.get(spec.against!)!) : row
    }),
    granted: grantedBy(outcomes)
  }))
}

// one in a hundred may get lost on a quiet machine as well
const mostLoss = 0.01

/**
 * A row that is compared with one that could not take all it was sent: that took at least so much, so that the ratio is at most what was
 * measured. That may be good enough; if not, it tells nothing.
 */
export const lenient = (row: Row.Row, against: Rounds.Outcome<{ readonly loss: number }>): Row.Row =>
  row.verdict === "miss" && against._tag === "Measured" && medianLoss(against.samples) > mostLoss
    ? { ...row, verdict: "info", reason: `${row.against} is saturated` }
    : row

const medianLoss = (samples: ReadonlyArray<{ readonly loss: number }>): number =>
  Statistics.summarise(samples.map(({ loss }) => loss)).median

const traffic = (samples: ReadonlyArray<Feed.Sample>) => ({
  throughput: Statistics.summarise(samples.map(({ throughput }) => throughput)).median,
  loss: medianLoss(samples)
})

const grantedBy = (outcomes: ReadonlyMap<string, Rounds.Outcome<Feed.Sample>>): number | undefined => {
  for (const outcome of outcomes.values()) {
    if (outcome._tag === "Failed") continue
    const granted = outcome.samples.find((sample) => sample.granted !== undefined)?.granted
    if (granted !== undefined) return granted
  }
  return undefined
}
