/** Datagrams that nobody should send, without end and from a seed. */
import { Seed } from "@effect-discovery/core"

export interface Options {
  readonly seed: number
  /** Good datagrams, to start from. */
  readonly corpus: ReadonlyArray<Uint8Array>
  /** What is dangerous or meaningful in the format, to splice in. */
  readonly words: ReadonlyArray<Uint8Array>
  readonly maxLength: number
}

/** A function that gives another datagram each time. */
export const make = (options: Options): () => Uint8Array => {
  // a slice of a `Buffer` would not be a copy
  const corpus = options.corpus.map((good): Uint8Array => Uint8Array.from(good))
  let seed = options.seed
  const below = (limit: number): number => {
    const [value, advanced] = Seed.next(seed)
    seed = advanced
    return Math.floor(value * limit)
  }
  const pick = <A>(items: ReadonlyArray<A>): A => items[below(items.length)]!
  const noise = (length: number) => {
    const octets = new Uint8Array(length)
    for (let i = 0; i < length; i++) octets[i] = below(256)
    return octets
  }
  const mutations: ReadonlyArray<(good: Uint8Array) => Uint8Array> = [
    () => noise(below(below(64) === 0 ? options.maxLength + 8 : 48)),
    (good) => good.slice(0, below(good.length + 1)),
    (good) => flip(good.slice(), below(3) + 1, below),
    (good) => splice(good, below(good.length + 1), below(4), pick(options.words)),
    (good) => splice(good, below(good.length + 1), below(good.length), noise(below(8))),
    (good) => splice(good, below(good.length + 1), good.length, pick(corpus).slice(below(good.length)))
  ]
  return () => {
    let datagram = pick(corpus)
    for (let i = below(2); i >= 0; i--) datagram = pick(mutations)(datagram)
    return datagram
  }
}

const flip = (octets: Uint8Array, times: number, below: (limit: number) => number): Uint8Array => {
  for (let i = 0; i < times && octets.length > 0; i++) octets[below(octets.length)]! ^= 1 << below(8)
  return octets
}

const splice = (octets: Uint8Array, at: number, deleted: number, inserted: Uint8Array): Uint8Array => {
  const rest = octets.subarray(Math.min(at + deleted, octets.length))
  const result = new Uint8Array(at + inserted.length + rest.length)
  result.set(octets.subarray(0, at))
  result.set(inserted, at)
  result.set(rest, at + inserted.length)
  return result
}

/** What several functions give, in turn. */
export const inTurn = <A>(makers: ReadonlyArray<() => A>): () => A => {
  let at = 0
  return () => makers[at++ % makers.length]!()
}
