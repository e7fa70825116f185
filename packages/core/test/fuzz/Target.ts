/** A decoder to be fuzzed: what it is fed with, and what has to hold of what it makes of it. */

export interface Options<A> {
  readonly name: string
  /** Inputs without end, from a seed. */
  readonly inputs: (seed: number) => () => Uint8Array
  /** The decoder, held to the bounds below. It is pure: it may be run again on the same octets. */
  readonly decode: (octets: Uint8Array) => A
  /** What came of it; throws when that is not as it has to be. */
  readonly judge: (decoded: A, octets: Uint8Array) => string
  /** What comes of some of a hundred thousand inputs, each of it ten times or more often. */
  readonly outcomes: ReadonlyArray<string>
  /** Milliseconds that one input may take, however slow the machine. Default: 2. */
  readonly milliseconds?: number | undefined
  /** Octets that may be allocated for one input, beside so many for each octet of it. Default: 32,768 and 64, most of it for code that was not compiled yet. */
  readonly allocation?: { readonly fixed: number; readonly each: number } | undefined
  /** How an input is tried again. Default: the program's command. */
  readonly again?: ((hex: string) => string) | undefined
}

export interface Target {
  readonly name: string
  readonly outcomes: ReadonlyArray<string>
  readonly milliseconds: number
  readonly inputs: (seed: number) => () => Uint8Array
  readonly allocation: (length: number) => number
  readonly again: (hex: string) => string
  /** Decodes between two calls, and gives what has then to be judged. */
  readonly decode: (octets: Uint8Array) => () => string
}

export const make = <A>(options: Options<A>): Target => {
  const { again = (hex: string) => `pnpm fuzz ${options.name} --replay '${hex}'` } = options
  const { allocation: { each, fixed } = { each: 64, fixed: 32_768 }, decode, judge, milliseconds = 2 } = options
  return {
    name: options.name,
    outcomes: options.outcomes,
    milliseconds,
    again,
    inputs: options.inputs,
    allocation: (length) => fixed + each * length,
    decode: (octets) => {
      const decoded = decode(octets)
      return () => judge(decoded, octets)
    }
  }
}

/** Throws unless octets are what they have to be. */
export const same = (actual: Uint8Array, expected: Uint8Array, what: string): void => {
  if (!Buffer.from(actual.buffer, actual.byteOffset, actual.length).equals(expected)) throw new Error(`${what} changed`)
}

/** Throws unless values are the same as JSON, whatever the order of members. */
export const agree = (actual: unknown, expected: unknown, what: string): void => {
  // comparing text is many times cheaper than comparing trees
  if (JSON.stringify(actual) === JSON.stringify(expected)) return
  const [ours, theirs] = [JSON.stringify(ordered(actual)), JSON.stringify(ordered(expected))]
  if (ours !== theirs) throw new Error(`${what}: ${ours} and not ${theirs}`)
}

const ordered = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(ordered)
  return Object.fromEntries(
    Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1).map(([key, member]) => [key, ordered(member)])
  )
}
