/**
 * Which datagrams a link loses: plain data.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A model of loss.
 *
 * **Details**
 *
 * With `Independent` each datagram is lost with the same `probability`, whatever became of others. `GilbertElliott` has two states: from
 * the good one it goes to the bad one with probability `p` at each datagram, and back with `r`; it loses with `lossGood` in the one and
 * `lossBad` in the other. The share of bad time is p / (p + r), a bad spell lasts 1 / r datagrams on average.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Loss = Schema.Union([
  Schema.TaggedStruct("Independent", { probability: Schema.Finite }),
  Schema.TaggedStruct("GilbertElliott", {
    p: Schema.Finite,
    r: Schema.Finite,
    lossGood: Schema.Finite,
    lossBad: Schema.Finite
  })
])

/**
 * A model of loss.
 *
 * @category models
 * @since 0.1.0
 */
export type Loss = typeof Loss.Type

/**
 * Nothing is lost.
 *
 * @category constructors
 * @since 0.1.0
 */
export const none: Loss = { _tag: "Independent", probability: 0 }

/**
 * Each datagram by itself, as by noise on a cable or a queue that is full now and then.
 *
 * @category constructors
 * @since 0.1.0
 */
export const independent = (probability: number): Loss => ({ _tag: "Independent", probability })

/**
 * Loss in bursts, as by somebody who walks through the radio path, or a microwave oven (Gilbert 1960, Elliott 1963).
 *
 * **Example** (One datagram in a hundred begins a spell of about three that loses four of five)
 *
 * ```ts
 * import { Loss } from "@effect-discovery/testing"
 *
 * export const loss = Loss.gilbertElliott({ p: 0.01, r: 0.3, lossBad: 0.8 })
 * export const mean = Loss.mean(loss) // 0.026
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const gilbertElliott = (options: {
  /** The probability that the good state turns bad at a datagram. */
  readonly p: number
  /** The probability that the bad state turns good at one. */
  readonly r: number
  /** The probability of loss in the good state. Default: 0. */
  readonly lossGood?: number | undefined
  /** The probability of loss in the bad one. Default: 1. */
  readonly lossBad?: number | undefined
}): Loss => ({
  _tag: "GilbertElliott",
  p: options.p,
  r: options.r,
  lossGood: options.lossGood ?? 0,
  lossBad: options.lossBad ?? 1
})

/**
 * The share of datagrams that is lost in the long run.
 *
 * @category getters
 * @since 0.1.0
 */
export const mean = (self: Loss): number => {
  if (self._tag === "Independent") return self.probability
  const bad = self.p === 0 ? 0 : self.p / (self.p + self.r)
  return bad * self.lossBad + (1 - bad) * self.lossGood
}
