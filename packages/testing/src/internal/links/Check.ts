/**
 * Links as they are written down, made into plain data and checked.
 */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type { Distribution } from "../../Distribution.ts"
import type { Loss } from "../../Loss.ts"
import { InvalidOption, SimulatedNetworkError } from "../../SimulatedNetworkError.ts"
import * as Micros from "../Micros.ts"
import type * as Link from "./Data.ts"

/** @internal What an option is, and whether it may be. */
export interface Finding {
  readonly option: string
  readonly value: unknown
  readonly isValid: boolean
  readonly expected: string
}

/** @internal Plain data of it, right or wrong. */
export const normalize = (input: Link.Input): Link.Link => ({
  ...impairments(input),
  ...given("multicast", input.multicast, impairments),
  ...given("powersave", input.powersave, powersave)
})

/** @internal */
export const link = (input: Link.Input): Result.Result<Link.Link, SimulatedNetworkError> => {
  const made = normalize(input)
  const findings = [
    ...examine(input, made, ""),
    ...(input.multicast === undefined ? [] : examine(input.multicast, made.multicast!, "multicast.")),
    ...(made.powersave === undefined || made.powersave === "none" ? [] : ofPowersave(made.powersave))
  ]
  return first(findings, made)
}

/** @internal The value, or the first thing that is wrong with it. */
export const first = <A>(findings: ReadonlyArray<Finding>, value: A): Result.Result<A, SimulatedNetworkError> => {
  const wrong = findings.find(({ isValid }) => !isValid)
  return wrong === undefined ? Result.succeed(value) : Result.fail(
    new SimulatedNetworkError({
      reason: new InvalidOption({ option: wrong.option, value: show(wrong.value), expected: wrong.expected })
    })
  )
}

const show = (value: unknown): string =>
  typeof value === "string" || (typeof value === "object" && value !== null && !Duration.isDuration(value))
    ? JSON.stringify(value)
    : String(value)

const given = <K extends string, A, B>(
  key: K,
  value: A | undefined,
  make: (value: A) => B
): { readonly [P in K]?: B } => (value === undefined ? {} : { [key]: make(value) }) as { readonly [P in K]?: B }

const impairments = (input: Link.Impairments) => ({
  ...given("latency", input.latency, (value) => isData<Distribution>(value) ? value : constant(value)),
  ...given("jitter", input.jitter, (value) => isData<Distribution>(value) ? value : span(value)),
  ...given("loss", input.loss, loss),
  ...given("commonLoss", input.commonLoss, loss),
  ...given("duplicate", input.duplicate, (value) => value),
  ...given("reorder", input.reorder, reorder),
  ...given("corrupt", input.corrupt, corrupt),
  ...given("bandwidth", input.bandwidth, (value) => value === "unlimited" ? value : quantity(value, rates)),
  ...given("queue", input.queue, (value) => quantity(value, sizes)),
  ...given("mtu", input.mtu, (value) => value)
})

const isData = <A extends { readonly _tag: string }>(value: unknown): value is A =>
  typeof value === "object" && value !== null && !Duration.isDuration(value) && "_tag" in value

const constant = (value: Duration.Input): Distribution => ({ _tag: "Constant", value: millis(value) })

const span = (value: Duration.Input): Distribution => ({ _tag: "Uniform", min: 0, max: millis(value) })

const loss = (value: number | Loss): Loss =>
  typeof value === "number" ? { _tag: "Independent", probability: value } : value

const reorder = (value: NonNullable<Link.Impairments["reorder"]>): typeof Link.Reorder.Type => {
  const { gap = 3, probability, within = 100 } = typeof value === "number" ? { probability: value } : value
  return { probability, gap, within: millis(within) }
}

const corrupt = (value: NonNullable<Link.Impairments["corrupt"]>): typeof Link.Corrupt.Type => {
  const { mode = "drop", probability } = typeof value === "number" ? { probability: value } : value
  return { probability, mode }
}

const powersave = (value: NonNullable<Link.Input["powersave"]>): typeof Link.Powersave.Type | "none" =>
  value === "none" ? value : { beacon: millis(value.beacon ?? 102.4), dtim: value.dtim ?? 1 }

/** @internal NaN for what is no duration. */
export const millis = (value: Duration.Input): number => {
  // to Duration, NaN is none at all
  if (Number.isNaN(value)) return NaN
  const duration = Duration.fromInput(value)
  // to whole microseconds, as time goes on the network
  return duration._tag === "Some" ? Micros.fromDuration(duration.value) / 1000 : NaN
}

const rates = { bit: 1, kbit: 1e3, Mbit: 1e6, Gbit: 1e9 }
const sizes = { B: 1, kB: 1e3, MB: 1e6, KiB: 1024, MiB: 1024 ** 2 }

const quantity = (value: number | string, units: { readonly [unit: string]: number }): number => {
  if (typeof value === "number") return value
  const [, amount, unit] = /^(\S+) (\S+)$/.exec(value) ?? []
  return amount === undefined || unit === undefined ? NaN : Number(amount) * (units[unit] ?? NaN)
}

const examine = (input: Link.Impairments, made: Link.Impairments, at: string): ReadonlyArray<Finding> => [
  ...ofDistribution(`${at}latency`, made.latency, input.latency),
  ...ofDistribution(`${at}jitter`, made.jitter, input.jitter),
  ...ofLoss(`${at}loss`, made.loss),
  ...ofLoss(`${at}commonLoss`, made.commonLoss),
  ...optional(made.duplicate, (value) => [probability(`${at}duplicate`, value)]),
  ...optional(made.reorder, (value) => ofReorder(`${at}reorder`, value as typeof Link.Reorder.Type)),
  ...optional(made.corrupt, (value) => [
    probability(`${at}corrupt`, (value as typeof Link.Corrupt.Type).probability)
  ]),
  ...optional(made.bandwidth, (value) => [{
    option: `${at}bandwidth`,
    value: input.bandwidth,
    isValid: value === "unlimited" || (Number.isFinite(value) && (value as number) >= 1),
    expected: "bits a second from 1, such as \"20 Mbit\", or \"unlimited\""
  }]),
  ...optional(made.queue, (value) => [{
    option: `${at}queue`,
    value: input.queue,
    isValid: Number.isFinite(value) && (value as number) >= 0,
    expected: "a size from 0, such as \"64 KiB\""
  }]),
  ...optional(made.mtu, (value) => [{
    option: `${at}mtu`,
    value,
    isValid: Number.isInteger(value) && value >= 68 && value <= 65_535,
    expected: "a whole number of octets from 68 to 65535"
  }])
]

const optional = <A>(value: A | undefined, of: (value: A) => ReadonlyArray<Finding>): ReadonlyArray<Finding> =>
  value === undefined ? [] : of(value)

/** @internal */
export const probability = (option: string, value: number): Finding => ({
  option,
  value,
  isValid: value >= 0 && value <= 1,
  expected: "a probability from 0 to 1"
})

const atLeast = (option: string, value: number, least: number): Finding => ({
  option,
  value,
  isValid: Number.isFinite(value) && value >= least,
  expected: `a finite number from ${least}`
})

const above = (option: string, value: number, least: number): Finding => ({
  option,
  value,
  isValid: Number.isFinite(value) && value > least,
  expected: `a finite number above ${least}`
})

const ofLoss = (option: string, made: number | Loss | undefined): ReadonlyArray<Finding> =>
  optional(made as Loss | undefined, (value) =>
    value._tag === "Independent"
      ? [probability(option, value.probability)]
      : (["p", "r", "lossGood", "lossBad"] as const).map((field) => probability(`${option}.${field}`, value[field])))

const ofReorder = (option: string, value: typeof Link.Reorder.Type): ReadonlyArray<Finding> => [
  probability(`${option}.probability`, value.probability),
  {
    option: `${option}.gap`,
    value: value.gap,
    isValid: Number.isInteger(value.gap) && value.gap >= 1,
    expected: "a whole number of datagrams from 1"
  },
  duration(`${option}.within`, value.within, value.within)
]

const ofPowersave = (value: typeof Link.Powersave.Type): ReadonlyArray<Finding> => [
  above("powersave.beacon", value.beacon, 0),
  {
    option: "powersave.dtim",
    value: value.dtim,
    isValid: Number.isInteger(value.dtim) && value.dtim >= 1 && value.dtim <= 255,
    expected: "a whole number of beacons from 1 to 255"
  }
]

// Micros are integers: a duration beyond this one could not be told from the next.
const longest = Number.MAX_SAFE_INTEGER / 1000

/** @internal */
export const duration = (option: string, made: number, value: unknown): Finding => ({
  option,
  value,
  isValid: made >= 0 && made <= longest,
  expected: "a finite duration from 0"
})

const ofDistribution = (
  option: string,
  made: Duration.Input | Distribution | undefined,
  input: Duration.Input | Distribution | undefined
): ReadonlyArray<Finding> => {
  if (made === undefined) return []
  const value = made as Distribution
  if (!isData(input)) return [duration(option, value._tag === "Uniform" ? value.max : millisOf(value), input)]
  switch (value._tag) {
    case "Constant":
      return [duration(`${option}.value`, value.value, value.value)]
    case "Uniform":
      return [duration(`${option}.min`, value.min, value.min), atLeast(`${option}.max`, value.max, value.min)]
    case "Normal":
      return [
        atLeast(`${option}.mean`, value.mean, 0),
        duration(`${option}.deviation`, value.deviation, value.deviation),
        atLeast(`${option}.min`, value.min, -longest),
        atLeast(`${option}.max`, value.max, Math.max(0, value.min))
      ]
    case "Exponential":
      return [
        duration(`${option}.min`, value.min, value.min),
        atLeast(`${option}.mean`, value.mean, value.min),
        ...optional(value.max, (max) => [above(`${option}.max`, max, value.min)])
      ]
    case "LogNormal":
      return [
        above(`${option}.median`, value.median, 0),
        atLeast(`${option}.sigma`, value.sigma, 0),
        ...optional(value.max, (max) => [above(`${option}.max`, max, 0)])
      ]
    case "Pareto":
      return [
        above(`${option}.min`, value.min, 0),
        above(`${option}.shape`, value.shape, 0),
        ...optional(value.max, (max) => [above(`${option}.max`, max, value.min)])
      ]
  }
}

const millisOf = (value: Distribution): number => value._tag === "Constant" ? value.value : NaN
