/**
 * One line of the result: what was measured, against what, and whether that is good enough.
 */
import * as Statistics from "./Statistics.ts"

/** `void`: the machine was too noisy to tell. `skip`: not measured, for a reason. */
export type Verdict = "pass" | "miss" | "info" | "void" | "skip"

/** A row as it is stored. Rows that were skipped have no figures, rows without a counterpart no ratio. */
export interface Row {
  readonly group: string
  readonly name: string
  readonly unit: string
  readonly value?: number | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly rounds?: number | undefined
  readonly against?: string | undefined
  readonly ratio?: number | undefined
  readonly ratioMin?: number | undefined
  readonly ratioMax?: number | undefined
  readonly target?: string | undefined
  readonly verdict: Verdict
  readonly reason?: string | undefined
  /** Datagrams received a second, and the share of those sent that was not; printed, never judged. */
  readonly throughput?: number | undefined
  readonly loss?: number | undefined
}

/** A bound on a row's ratio or on its value. */
export interface Target {
  readonly on: "ratio" | "value"
  readonly is: ">=" | "<="
  readonly bound: number
}

/** The ratio has to be at least this. */
export const ratioAtLeast = (bound: number): Target => ({ on: "ratio", is: ">=", bound })

/** The ratio has to be at most this. */
export const ratioAtMost = (bound: number): Target => ({ on: "ratio", is: "<=", bound })

/** The value has to be at most this. */
export const atMost = (bound: number): Target => ({ on: "value", is: "<=", bound })

/** The value has to be at least this. */
export const atLeast = (bound: number): Target => ({ on: "value", is: ">=", bound })

/** What the rounds of a row gave. A row without a target is for information. */
export interface Measured {
  readonly group: string
  readonly name: string
  readonly unit: string
  readonly values: ReadonlyArray<number>
  readonly against?: string | undefined
  readonly ratios?: ReadonlyArray<number> | undefined
  readonly target?: Target | undefined
  readonly throughput?: number | undefined
  readonly loss?: number | undefined
}

/** Judges what was measured by the medians. */
export const measured = (options: Measured): Row => {
  const { against, group, loss, name, target, throughput, unit } = options
  const value = Statistics.summarise(options.values)
  const ratio = options.ratios === undefined ? undefined : Statistics.summarise(options.ratios)
  return {
    group,
    name,
    unit,
    value: value.median,
    min: value.min,
    max: value.max,
    rounds: options.values.length,
    against,
    ratio: ratio?.median,
    ratioMin: ratio?.min,
    ratioMax: ratio?.max,
    target: target && `${target.is}${target.bound}`,
    verdict: target === undefined ? "info" : judge(target, (target.on === "ratio" ? ratio : value)!.median),
    throughput,
    loss
  }
}

/** A row that could not be measured. */
export const skipped = (group: string, name: string, reason: string): Row => ({
  group,
  name,
  unit: "",
  verdict: "skip",
  reason
})

const judge = (target: Target, figure: number): Verdict =>
  (target.is === ">=" ? figure >= target.bound : figure <= target.bound) ? "pass" : "miss"
