import { Seed } from "@effect-discovery/core"

/** Choices from a seed, one after another. */
export const draws = (start: Seed.Seed) => {
  let seed = start
  const below = (count: number): number => {
    const [value, next] = Seed.between(seed, 0, count - 1)
    seed = next
    return value
  }
  const one = <A>(values: ReadonlyArray<A>): A => values[below(values.length)]!
  return { below, one, chance: (of: number) => below(of) === 0 }
}

export type Draws = ReturnType<typeof draws>
