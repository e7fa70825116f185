/**
 * From the outcomes of rounds to rows.
 */
import type * as Rounds from "./Rounds.ts"
import * as Row from "./Row.ts"
import * as Statistics from "./Statistics.ts"

/** How a row is made of samples. */
export interface Options<A> {
  readonly name: string
  readonly unit: string
  readonly value: (sample: A) => number
  /** The row to compare with, and which of the two goes on top. */
  readonly against?: string | undefined
  readonly ratio?: "cost" | "efficiency" | undefined
  readonly target?: Row.Target | undefined
}

/** The row of one variant of a group; skipped when it, or what it is compared with, could not be measured. */
export const of = <A>(
  group: string,
  outcomes: ReadonlyMap<string, Rounds.Outcome<A>>,
  options: Options<A>,
  extra: (samples: ReadonlyArray<A>) => Partial<Row.Measured> = () => ({})
): Row.Row => {
  const { against, name, target, unit, value } = options
  const own = outcomes.get(name)!
  const other = against === undefined ? undefined : outcomes.get(against)
  if (own._tag === "Failed") return Row.skipped(group, name, own.reason)
  if (other?._tag === "Failed") return Row.skipped(group, name, `no ${against}: ${other.reason}`)
  const values = own.samples.map(value)
  const others = other?.samples.map(value)
  return Row.measured({
    group,
    name,
    unit,
    values,
    against,
    target,
    ratios: others && (options.ratio === "efficiency"
      ? Statistics.ratios(others, values)
      : Statistics.ratios(values, others)),
    ...extra(own.samples)
  })
}
