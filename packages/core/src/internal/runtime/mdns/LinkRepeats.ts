/**
 * The datagrams of a link whose repetition needs no decoding, with the renewals that they stand for.
 */
import * as Renewal from "../../../protocol/mdns/Renewal.ts"
import * as Copy from "../../Copy.ts"

interface Remembered {
  readonly copy: Copy.Copy
  readonly port: number
  readonly renewal: Renewal.Renewal
}

/** How many datagrams are remembered of one source address and in all, and how many octets of them. */
export interface Bounds {
  readonly perSource: number
  readonly datagrams: number
  readonly octets: number
}

/** What is remembered by source address, each one's latest datagram first, and whoever was heard of first first. */
export interface LinkRepeats {
  readonly bounds: Bounds
  readonly sources: Map<string, ReadonlyArray<Remembered>>
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
  const known = self.sources.get(source)
  if (known === undefined) return undefined
  for (const { copy, port: from, renewal } of known) {
    if (from === port && Copy.isOf(copy, payload)) return Renewal.isCurrent(renewal) ? renewal : undefined
  }
  return undefined
}

/** Remembers what these octets stand for, in place of what they stood for before. */
export const remember = (
  self: LinkRepeats,
  source: string,
  port: number,
  payload: Uint8Array,
  renewal: Renewal.Renewal
): void => {
  const others = (self.sources.get(source) ?? []).filter((known) =>
    known.port !== port || !Copy.isOf(known.copy, payload)
  )
  replace(self, source, [{ copy: Copy.of(payload), port, renewal }, ...others].slice(0, self.bounds.perSource))
  while (self.size > self.bounds.datagrams || self.octets > self.bounds.octets) {
    const [oldest] = self.sources.keys()
    replace(self, oldest!, [])
  }
}

const replace = (self: LinkRepeats, source: string, list: ReadonlyArray<Remembered>): void => {
  const before = self.sources.get(source) ?? []
  self.size += list.length - before.length
  self.octets += octetsOf(list) - octetsOf(before)
  if (list.length === 0) self.sources.delete(source)
  else self.sources.set(source, list)
}

const octetsOf = (list: ReadonlyArray<Remembered>): number => list.reduce((sum, { copy }) => sum + copy.length, 0)
