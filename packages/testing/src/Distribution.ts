/**
 * How durations spread: plain data, all times in milliseconds.
 *
 * A link draws its latency and its jitter from distributions. Each is drawn through its quantile function from one number of a seeded
 * stream, so the same seed gives the same durations.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * A distribution of durations in milliseconds.
 *
 * **Details**
 *
 * `Constant` and `Uniform` are what they say. `Normal` is cut off at `min` and `max`. `Exponential` starts at `min` and has its mean at `mean`.
 * `LogNormal` has half of its values below `median`, and `sigma` is the deviation of the logarithm: with 1 a tenth is above 3.6
 * times the median. `Pareto` starts at `min` and falls by a power: the lower its `shape`, the heavier the tail. Where a `max` is given, what is
 * above never comes; it is cut off, not heaped up there.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Distribution = Schema.Union([
  Schema.TaggedStruct("Constant", { value: Schema.Finite }),
  Schema.TaggedStruct("Uniform", { min: Schema.Finite, max: Schema.Finite }),
  Schema.TaggedStruct("Normal", {
    mean: Schema.Finite,
    deviation: Schema.Finite,
    min: Schema.Finite,
    max: Schema.Finite
  }),
  Schema.TaggedStruct("Exponential", {
    mean: Schema.Finite,
    min: Schema.Finite,
    max: Schema.optional(Schema.Finite)
  }),
  Schema.TaggedStruct("LogNormal", {
    median: Schema.Finite,
    sigma: Schema.Finite,
    max: Schema.optional(Schema.Finite)
  }),
  Schema.TaggedStruct("Pareto", {
    min: Schema.Finite,
    shape: Schema.Finite,
    max: Schema.optional(Schema.Finite)
  })
])

/**
 * A distribution of durations.
 *
 * @category models
 * @since 0.1.0
 */
export type Distribution = typeof Distribution.Type

/**
 * Always the same: a cable between two machines at rest.
 *
 * @category constructors
 * @since 0.1.0
 */
export const constant = (value: Duration.Input): Distribution => ({ _tag: "Constant", value: millis(value) })

/**
 * Every duration from `min` to `max` equally likely: what is known only by its bounds, such as the wait for a timer of fixed period.
 *
 * @category constructors
 * @since 0.1.0
 */
export const uniform = (min: Duration.Input, max: Duration.Input): Distribution => ({
  _tag: "Uniform",
  min: millis(min),
  max: millis(max)
})

/**
 * Around a mean, as many small causes add up.
 *
 * **Example** (Jitter that takes away as often as it adds)
 *
 * ```ts
 * import { Distribution, Link } from "@effect-discovery/testing"
 *
 * export const link: Link.Input = { latency: "5 millis", jitter: Distribution.normal({ mean: 0, deviation: "300 micros" }) }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const normal = (options: {
  /** What most are near to. */
  readonly mean: Duration.Input
  /** The standard deviation. */
  readonly deviation: Duration.Input
  /** The least. Default: four deviations below the mean. */
  readonly min?: Duration.Input | undefined
  /** The most. Default: four deviations above it. */
  readonly max?: Duration.Input | undefined
}): Distribution => {
  const mean = millis(options.mean)
  const deviation = millis(options.deviation)
  return {
    _tag: "Normal",
    mean,
    deviation,
    min: options.min === undefined ? mean - 4 * deviation : millis(options.min),
    max: options.max === undefined ? mean + 4 * deviation : millis(options.max)
  }
}

/**
 * At least `min`, and beyond it as waiting for what comes at any time alike: the access to a medium that others use now and then.
 *
 * @category constructors
 * @since 0.1.0
 */
export const exponential = (options: {
  /** The mean. */
  readonly mean: Duration.Input
  /** The least. Default: 0. */
  readonly min?: Duration.Input | undefined
  /** What is above never comes. Default: no bound. */
  readonly max?: Duration.Input | undefined
}): Distribution => ({
  _tag: "Exponential",
  mean: millis(options.mean),
  min: millis(options.min ?? 0),
  ...limit(options.max)
})

/**
 * Mostly near the median, sometimes far above: what measurements of Wi-Fi look like.
 *
 * @category constructors
 * @since 0.1.0
 */
export const logNormal = (options: {
  /** What half of the values are below. */
  readonly median: Duration.Input
  /** The deviation of the logarithm: with 1 a tenth is above 3.6 times the median. */
  readonly sigma: number
  /** What is above never comes. Default: no bound. */
  readonly max?: Duration.Input | undefined
}): Distribution => ({
  _tag: "LogNormal",
  median: millis(options.median),
  sigma: options.sigma,
  ...limit(options.max)
})

/**
 * A tail without end: rare, very long stalls. With a `shape` of 1 or below it has no mean, so give it a `max`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const pareto = (options: {
  /** The least. */
  readonly min: Duration.Input
  /** The power by which it falls: the lower, the heavier the tail. */
  readonly shape: number
  /** What is above never comes. Default: no bound. */
  readonly max?: Duration.Input | undefined
}): Distribution => ({ _tag: "Pareto", min: millis(options.min), shape: options.shape, ...limit(options.max) })

const limit = (max: Duration.Input | undefined): { readonly max?: number } =>
  max === undefined ? {} : { max: millis(max) }

// Whoever checks the distribution says what is wrong with a duration that is none.
const millis = (input: Duration.Input): number => {
  const duration = Duration.fromInput(input)
  return duration._tag === "Some" ? Duration.toMillis(duration.value) : NaN
}
