/**
 * The search for the simplest value that still fails: passes propose candidates and are told which of them were accepted.
 */
import * as Effect from "effect/Effect"

/** @internal Proposes candidates, hears of each whether it still fails, and returns the simplest that did. */
export type Pass<A> = (start: A) => Generator<A, A, boolean>

/** @internal */
export interface Shrunk<A> {
  readonly value: A
  readonly tried: number
  readonly accepted: number
}

/** @internal Runs the passes in turn, all of them again as long as one made progress, within a budget of tries. */
export const minimize = Effect.fnUntraced(function*<A, E, R>(
  start: A,
  passes: ReadonlyArray<Pass<A>>,
  fails: (candidate: A) => Effect.Effect<boolean, E, R>,
  budget: number
) {
  let value = start
  let tried = 0
  let accepted = 0
  let before = -1
  while (accepted > before && tried < budget) {
    before = accepted
    for (const pass of passes) {
      const search = pass(value)
      let step = search.next()
      while (step.done !== true && tried < budget) {
        tried++
        const isAccepted = yield* fails(step.value)
        if (isAccepted) {
          value = step.value
          accepted++
        }
        step = search.next(isAccepted)
      }
    }
  }
  const shrunk: Shrunk<A> = { value, tried, accepted }
  return shrunk
})

/** @internal Delta debugging: leaves out items, large parts of the list first, then ever smaller ones. */
export const fewer = <A, B>(
  get: (value: A) => ReadonlyArray<B>,
  set: (value: A, items: ReadonlyArray<B>) => A,
  least = 0
): Pass<A> =>
  function*(start) {
    let value = start
    let size = get(start).length
    while (size >= 1) {
      let at = 0
      let isSmaller = false
      while (at < get(value).length && get(value).length > least) {
        const items = get(value)
        const kept = [...items.slice(0, at), ...items.slice(at + size)]
        const candidate = set(value, kept)
        if (kept.length >= least && (yield candidate)) {
          value = candidate
          isSmaller = true
        } else at += size
      }
      // once single items were left out, others may have become needless
      size = size === 1 ? (isSmaller ? 1 : 0) : Math.ceil(size / 2)
    }
    return value
  }

/** @internal The alternatives that a value has, simplest first; starts anew from each that is accepted. */
export const alternatives = <A>(propose: (value: A) => Iterable<A>): Pass<A> =>
  function*(start) {
    let value = start
    let isDone = false
    while (!isDone) {
      isDone = true
      for (const candidate of propose(value)) {
        if (yield candidate) {
          value = candidate
          isDone = false
          break
        }
      }
    }
    return value
  }

/** @internal Rounder and smaller numbers than this, the simplest first: none for one that is as simple as can be. */
export const simplerNumbers = (value: number): ReadonlyArray<number> => {
  if (value === 0 || !Number.isFinite(value)) return []
  const isFraction = value > 0 && value < 1
  const proposals = isFraction ? [1, 0.5, 0.1, round(value, 1), round(value, 2)] : [
    0,
    round(value / 8, 1),
    round(value / 2, 1),
    round(value, 1),
    round(value, 2),
    Math.trunc(value)
  ]
  return proposals.filter((other, i) => isSimpler(other, value) && proposals.indexOf(other) === i)
}

// Fewer digits, or as many and closer to zero. Among probabilities the certain one is the simplest.
const isSimpler = (a: number, b: number): boolean => rank(a) < rank(b)

const rank = (value: number): number => {
  if (value === 0) return 0
  if (value === 1) return 1
  const digits = String(Math.abs(value)).replace(/^0\.0*|\.|0+$/g, "").replace(/0+$/, "").length
  const magnitude = Math.abs(value)
  return value > 0 && value < 1 ? 1 + digits + (value === 0.5 ? 0 : 0.5) : digits * 1e9 + magnitude
}

const round = (value: number, digits: number): number =>
  value > 0 && value < 1
    ? Number(value.toPrecision(digits))
    : truncate(value, Math.max(0, Math.floor(Math.log10(Math.abs(value))) + 1 - digits))

const truncate = (value: number, zeros: number): number => {
  const unit = 10 ** zeros
  return Math.trunc(value / unit) * unit
}

/** @internal Copies of plain data, each with one number in it made simpler. Members named in `fixed` keep theirs. */
export const simplerData = (data: unknown, fixed: ReadonlySet<string> = new Set()): ReadonlyArray<unknown> => {
  if (typeof data === "number") return simplerNumbers(data)
  if (Array.isArray(data)) {
    return data.flatMap((item, i) => simplerData(item, fixed).map((simpler) => data.with(i, simpler)))
  }
  if (typeof data !== "object" || data === null) return []
  return Object.entries(data).flatMap(([key, item]) =>
    fixed.has(key) ? [] : simplerData(item, fixed).map((simpler) => ({ ...data, [key]: simpler }))
  )
}
