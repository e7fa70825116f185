/** JSON that is sound, of which some value is another, or gone, or has another name. */
import { Seed } from "@effect-discovery/core"

export interface Options {
  readonly seed: number
  /** Good values, to start from. */
  readonly corpus: ReadonlyArray<unknown>
  /** What values are replaced by. */
  readonly values: ReadonlyArray<unknown>
  /** What members are called. */
  readonly names: ReadonlyArray<string>
}

type Json = ReadonlyArray<unknown> | { readonly [name: string]: unknown }

/** A function that gives another text each time. */
export const make = ({ corpus, names, seed: first, values }: Options): () => string => {
  let seed = first
  const below = (limit: number): number => {
    const [value, advanced] = Seed.next(seed)
    seed = advanced
    return Math.floor(value * limit)
  }
  const pick = <A>(items: ReadonlyArray<A>): A => items[below(items.length)]!
  const mutate = (value: unknown): unknown => {
    if (!isJson(value) || below(6) === 0) return pick([...values, pick(corpus)])
    return Array.isArray(value) ? inList(value) : inObject(Object.entries(value))
  }
  const inList = (items: ReadonlyArray<unknown>): unknown => {
    const at = below(items.length + 1)
    return items.toSpliced(at, below(2), ...(below(3) === 0 ? [] : [mutate(items[at])]))
  }
  const inObject = (entries: ReadonlyArray<readonly [string, unknown]>): unknown => {
    const at = below(entries.length + 1)
    const [name, value] = entries[at] ?? [pick(names), pick(values)]
    const changed = below(4) === 0 ? [] : [[below(4) === 0 ? pick(names) : name, mutate(value)] as const]
    return Object.fromEntries(entries.toSpliced(at, 1, ...changed))
  }
  return () => {
    let value = pick(corpus)
    for (let times = below(3); times >= 0; times--) value = mutate(value)
    return JSON.stringify(value)
  }
}

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null
