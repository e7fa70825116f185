/**
 * How a row of the checklist becomes a test: on a bench of its own, in virtual time, once or for many seeds.
 */
import { Simulation } from "@effect-discovery/testing"
import { assert, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import * as Bench from "./Bench.ts"
import * as Judge from "./Judge.ts"

type Test<A, E> = (bench: Bench.Bench) => Effect.Effect<A, E, Scope.Scope>

export interface Options extends Bench.Options {
  /** Virtual time after which it must have ended: 3 days unless told otherwise. */
  readonly duration?: Simulation.Options["duration"]
  readonly eventLimit?: number | undefined
  /** Whether all that is sent is judged at the end, as it is by default. */
  readonly isJudged?: boolean | undefined
  /** What the wall clock shows at the start. */
  readonly start?: number | undefined
}

/** How many seeds a row takes that is to hold for any: 200, or `MDNS_SEEDS`. */
export const seeds = Number(process.env["MDNS_SEEDS"] ?? 200)

const simulate = <A, E>(test: Test<A, E>, options: Options, seed: number) =>
  Simulation.run(Effect.flatMap(Bench.make({ seed, ...options }), options.isJudged === false ? test : judged(test)), {
    seed,
    duration: options.duration ?? "3 days",
    eventLimit: options.eventLimit ?? 20_000_000,
    ...(options.start === undefined ? {} : { start: options.start })
  })

// whatever a row is about, nothing that is sent in it breaks a rule
const judged = <A, E>(test: Test<A, E>): Test<A, E> => (bench) =>
  Effect.tap(
    test(bench),
    () =>
      Effect.map(bench.everything, (sent) => assert.deepStrictEqual(Judge.breaches(sent, bench.hosts).slice(0, 5), []))
  )

/** A test on one bench, its name beginning with the ids of the rows it proves. */
export const row = <E>(name: string, test: Test<void, E>, options: Options = {}, timeout = 30_000): void =>
  it.effect(name, () => simulate(test, options, 1), timeout)

/** A test on as many benches as there are seeds, and what is to hold of all their results together. */
export const forSeeds = <A, E>(
  name: string,
  test: Test<A, E>,
  judge: (results: ReadonlyArray<A>) => void = () => {},
  { count = seeds, ...options }: Options & { readonly count?: number } = {},
  timeout = 120_000
): void =>
  it.effect(`${name} (${count} seeds)`, () =>
    Effect.gen(function*() {
      const results: Array<A> = []
      for (let seed = 1; seed <= count; seed++) {
        results.push(
          yield* simulate(test, options, seed).pipe(
            Effect.tapError(() => tell(seed)),
            Effect.tapDefect(() => tell(seed))
          )
        )
      }
      judge(results)
    }), timeout)

const tell = (seed: number) => Effect.sync(() => console.error(`with seed ${seed}`))

/**
 * That delays lie within bounds, and as many of them in each quarter as chance would have it: 25 % ± 5 % of a thousand or more, and as
 * unlikely a share of fewer.
 */
export const within = (delays: ReadonlyArray<number>, from: number, to: number): void => {
  const outside = delays.filter((delay) => !(delay >= from && delay <= to))
  assert.deepStrictEqual(outside, [], `outside of ${from} to ${to}`)
  const quarters = [0, 0, 0, 0]
  for (const delay of delays) quarters[Math.min(3, Math.floor((delay - from) / (to - from) * 4))]!++
  // 5 % of a thousand are 3.65 standard deviations
  const tolerance = Math.max(0.05, 3.65 * Math.sqrt(0.1875 / delays.length))
  for (const count of quarters) assert.approximately(count / delays.length, 0.25, tolerance, `quarters ${quarters}`)
}
