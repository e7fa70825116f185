/**
 * The datagrams of a link whose repetition needs no decoding, with the renewals that they stand for.
 */
import * as Renewal from "../../../protocol/mdns/Renewal.ts"
import * as Copy from "../../Copy.ts"

// Among many services each object that a repeat touches is a miss of the cache: so those of one source are a chain and no list.
interface Remembered {
  readonly copy: Copy.Copy
  /** What tells its octets from others without looking at them. */
  readonly mark: number
  readonly port: number
  readonly renewal: Renewal.Renewal
  /** The one before it from the same source. */
  readonly previous: Remembered | undefined
}

/** How many datagrams are remembered of one source address and in all, and how many octets of them. */
export interface Bounds {
  readonly perSource: number
  readonly datagrams: number
  readonly octets: number
}

/** The latest datagram of each source, whoever was heard of first first. */
export interface LinkRepeats {
  readonly bounds: Bounds
  readonly sources: Map<string, Remembered>
  size: number
  octets: number
}

export const make = (bounds: Bounds): LinkRepeats => ({ bounds, sources: new Map(), size: 0, octets: 0 })

/** The renewal that these octets from this source still stand for, `undefined` when they have to be decoded. */
export const find = (
  self: LinkRepeats,
  source: string,
  port: number,
  payload: Uint8Array
): Renewal.Renewal | undefined => {
  const latest = self.sources.get(source)
  if (latest === undefined) return undefined
  if (latest.previous === undefined) return isSame(latest, port, payload) ? current(latest) : undefined
  // a source can have many remembered, and then send what is none of them: comparing octets with all would be dear
  const mark = Copy.mark(payload)
  for (let known: Remembered | undefined = latest; known !== undefined; known = known.previous) {
    if (known.mark === mark && isSame(known, port, payload)) return current(known)
  }
  return undefined
}

const isSame = (known: Remembered, port: number, payload: Uint8Array): boolean =>
  known.port === port && Copy.isOf(known.copy, payload)

const current = ({ renewal }: Remembered): Renewal.Renewal | undefined =>
  Renewal.isCurrent(renewal) ? renewal : undefined

/** Remembers what these octets stand for, in place of what they stood for before. */
export const remember = (
  self: LinkRepeats,
  source: string,
  port: number,
  payload: Uint8Array,
  renewal: Renewal.Renewal
): void => {
  const before = listOf(self.sources.get(source))
  const others = before.filter((known) => !isSame(known, port, payload))
  const copy = Copy.of(payload)
  const mark = Copy.mark(payload)
  replace(
    self,
    source,
    before,
    [{ copy, mark, port, renewal, previous: undefined }, ...others].slice(0, self.bounds.perSource)
  )
  while (self.size > self.bounds.datagrams || self.octets > self.bounds.octets) {
    const [oldest, latest] = self.sources.entries().next().value!
    replace(self, oldest, listOf(latest), [])
  }
}

const listOf = (latest: Remembered | undefined): ReadonlyArray<Remembered> => {
  const list: Array<Remembered> = []
  for (let known = latest; known !== undefined; known = known.previous) list.push(known)
  return list
}

const replace = (
  self: LinkRepeats,
  source: string,
  before: ReadonlyArray<Remembered>,
  list: ReadonlyArray<Remembered>
): void => {
  self.size += list.length - before.length
  self.octets += octetsOf(list) - octetsOf(before)
  const latest = list.reduceRight<Remembered | undefined>((previous, known) => ({ ...known, previous }), undefined)
  if (latest === undefined) self.sources.delete(source)
  else self.sources.set(source, latest)
}

const octetsOf = (list: ReadonlyArray<Remembered>): number => list.reduce((sum, { copy }) => sum + copy.length, 0)
