/**
 * Interleaved measurement: A B C, A B C, … so that a machine that gets slower is slower for all of them.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/** One row's way to be measured once. */
export interface Variant<A, E> {
  readonly name: string
  readonly measure: Effect.Effect<A, E>
}

/** What every round gave, or why there is nothing. */
export type Outcome<A> =
  | { readonly _tag: "Measured"; readonly samples: ReadonlyArray<A> }
  | { readonly _tag: "Failed"; readonly reason: string }

/** The outcomes by name. A variant that fails is not tried again, and the others go on. */
export const run = <A, E>(
  rounds: number,
  variants: ReadonlyArray<Variant<A, E>>,
  onMeasured: (name: string, round: number) => void = () => {}
): Effect.Effect<ReadonlyMap<string, Outcome<A>>> =>
  Effect.gen(function*() {
    const samples = new Map<string, Array<A>>(variants.map(({ name }) => [name, []]))
    const reasons = new Map<string, string>()
    for (let round = 0; round < rounds; round++) {
      for (const { measure, name } of variants) {
        if (reasons.has(name)) continue
        const exit = yield* Effect.exit(measure)
        if (Exit.isSuccess(exit)) samples.get(name)!.push(exit.value)
        else if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
        else reasons.set(name, reasonOf(exit.cause))
        onMeasured(name, round)
      }
    }
    return new Map(variants.map(({ name }): [string, Outcome<A>] => {
      const reason = reasons.get(name)
      return [
        name,
        reason === undefined ? { _tag: "Measured", samples: samples.get(name)! } : { _tag: "Failed", reason }
      ]
    }))
  })

/** A cause in one line. */
export const reasonOf = (cause: Cause.Cause<unknown>): string => {
  const failure = Cause.squash(cause)
  return (failure instanceof Error ? failure.message : String(failure)).split("\n")[0]!
}
