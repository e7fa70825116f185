/**
 * The datagrams of a link whose repetition needs no decoding, with the renewals that they stand for.
 */
import * as Renewal from "../../../protocol/mdns/Renewal.ts"
import * as Copies from "../../Copies.ts"
import * as Origins from "../../Origins.ts"

/**
 * A datagram with the renewal that it stands for. Among many services each object that a repeat touches is a miss of the cache: so both are one
 * object, and those of one source are a chain and no list.
 */
interface Remembered extends Renewal.Renewal, Origins.Item, Copies.Place {
  /** As `Copies.tag`. */
  readonly tag: number
  /** The one before it from the same source. */
  previous: Remembered | undefined
}

/** How many datagrams are remembered of one source address and in all, and how many octets of them. */
export interface Bounds {
  readonly perSource: number
  readonly datagrams: number
  readonly octets: number
}

/** The latest datagram of each source. All are forgotten when there are too many. */
export interface LinkRepeats {
  readonly bounds: Bounds
  readonly sources: Origins.Origins<Remembered>
  readonly copies: Copies.Copies
  size: number
  octets: number
}

/** Nothing remembered. The `secret` is that of `Origins`. */
export const make = (bounds: Bounds, secret: number): LinkRepeats => ({
  bounds,
  sources: Origins.make(secret),
  copies: Copies.make(),
  size: 0,
  octets: 0
})

/** The renewal that these octets from this source still stand for, `undefined` when they have to be decoded. */
export const find = (
  self: LinkRepeats,
  source: string,
  port: number,
  payload: Uint8Array
): Renewal.Renewal | undefined => {
  const latest = self.size === 0 ? undefined : Origins.get(self.sources, source)
  if (latest === undefined) return undefined
  if (latest.previous === undefined) {
    return Copies.portOf(latest.tag) === port && Copies.isOf(latest, payload) ? current(latest) : undefined
  }
  // a source can have many remembered, and then send what is none of them: comparing octets with all would be dear
  const tag = Copies.tag(port, payload)
  for (let known: Remembered | undefined = latest; known !== undefined; known = known.previous) {
    if (known.tag === tag && Copies.isOf(known, payload)) return current(known)
  }
  return undefined
}

const current = (known: Remembered): Renewal.Renewal | undefined => Renewal.isCurrent(known) ? known : undefined

/** Remembers what these octets stand for, in place of what they stood for before. */
export const remember = (
  self: LinkRepeats,
  source: string,
  port: number,
  payload: Uint8Array,
  renewal: Renewal.Renewal
): void => {
  const { bounds, sources } = self
  const before = listOf(Origins.get(sources, source))
  const tag = Copies.tag(port, payload)
  const others = before.filter((known) => known.tag !== tag || !Copies.isOf(known, payload))
  const place = Copies.add(self.copies, payload, self.octets)
  const latest = rememberedOf(before[0]?.origin ?? source, tag, place, renewal)
  replace(self, before, [latest, ...others.slice(0, bounds.perSource - 1)])
  // each was remembered at some cost, and after all of them it is worth no more to find out which are of use
  if (self.size > bounds.datagrams || self.octets > bounds.octets) clear(self)
  if (Copies.isSparse(self.copies, self.octets)) Copies.move(self.copies, all(self), self.octets)
}

const all = ({ sources }: LinkRepeats): ReadonlyArray<Remembered> => Origins.all(sources).flatMap(listOf)

/** Forgets everything. */
export const clear = (self: LinkRepeats): void => {
  for (const latest of Origins.all(self.sources)) separate(listOf(latest))
  Origins.clear(self.sources)
  self.size = 0
  self.octets = 0
}

// field by field, so that each is in the object itself, and what a repeat looks at comes first
const rememberedOf = (
  origin: string,
  tag: number,
  { sheet, span }: Copies.Place,
  renewal: Renewal.Renewal
): Remembered => ({
  origin,
  previous: undefined,
  tag,
  sheet,
  span,
  all: renewal.all,
  era: renewal.era,
  source: renewal.source,
  sourceEra: renewal.sourceEra,
  wants: renewal.wants,
  lease: renewal.lease,
  others: renewal.others,
  at: renewal.at,
  isPending: renewal.isPending,
  entries: renewal.entries,
  early: renewal.early
})

const listOf = (latest: Remembered | undefined): ReadonlyArray<Remembered> => {
  const list: Array<Remembered> = []
  for (let known = latest; known !== undefined; known = known.previous) list.push(known)
  return list
}

const replace = (
  self: LinkRepeats,
  before: ReadonlyArray<Remembered>,
  list: readonly [Remembered, ...ReadonlyArray<Remembered>]
): void => {
  self.size += list.length - before.length
  self.octets += octetsOf(list) - octetsOf(before)
  separate(before)
  for (let i = 1; i < list.length; i++) list[i - 1]!.previous = list[i]
  Origins.set(self.sources, list[0])
}

// what goes may be pending still, and is not to hold what was before it
const separate = (list: ReadonlyArray<Remembered>): void => {
  for (const known of list) known.previous = undefined
}

const octetsOf = (list: ReadonlyArray<Remembered>): number => list.reduce((sum, known) => sum + Copies.sizeOf(known), 0)
