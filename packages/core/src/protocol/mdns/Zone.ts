/**
 * What we own on one link: the records that queries are answered from.
 */
import type * as Record from "./Record.ts"

/** A record of ours on one link. `record.flush` tells a unique one from a shared one. */
export interface Owned {
  readonly record: Record.Record
  /** `Record.key` of it. */
  readonly key: string
  /** When it last went out by multicast on this link, `-Infinity` before; kept by whoever sends it. */
  multicastAt: number
}

/** Records that are said together: one that is shared, or all of a unique set. */
export type Part = ReadonlyArray<Owned>

/**
 * The records we own on a link by the key of their name. A name is here once it is ours: its probing is over, or it has nothing to probe.
 *
 * `isSole` says that every record of the name is ours alone, so that types it lacks may be denied (RFC 6762, section 6.1).
 */
export interface Zone {
  readonly names: Map<string, { readonly isSole: boolean; readonly records: ReadonlyArray<Owned> }>
}

export const make = (): Zone => ({ names: new Map() })
