/**
 * What the querier knows: interests, and by link the questions that it asks and the records that it has heard.
 */
import type * as Chance from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Name from "../Name.ts"
import type * as Record from "../Record.ts"
import type * as Shares from "./Shares.ts"
import type * as Timers from "./Timers.ts"

/**
 * What somebody wants to know, under an id of their own. `interface` and `link` restrict it to one of these; type 255 stands for all types.
 *
 * - `browse`: asked for ever, at growing intervals of up to an hour: there may always be one more answer.
 * - `resolve`: asked until the first unique answer or the denial of it, and again when that holds no longer.
 * - `watch`: not asked. Records are kept and told when they happen to be heard, such as an update of what was resolved before; only when a
 *   stranger contradicts whoever said them, their owner is asked.
 *
 * With `refresh`, records are asked for again before they expire (RFC 6762, section 5.2).
 */
export interface Interest {
  readonly id: number
  readonly name: Name.Name
  readonly type: number
  readonly interface?: string | undefined
  readonly link?: string | undefined
  readonly mode: "browse" | "resolve" | "watch"
  readonly refresh: boolean
}

/** A record in the cache. `record.flush` tells whether it was last said to be unique; `origin` is the address that said it first. */
export interface Cached {
  readonly record: Record.Record
  readonly receivedAt: number
  readonly expiresAt: number
  readonly origin: string
}

/** Why a record is gone. */
export type Loss = "Goodbye" | "Expired" | "Flushed" | "LinkLost"

/**
 * What became of a record on a link, and that a name has no record of a type that somebody is interested in. `withdrawn`: somebody says goodbye
 * to a record that the cache has no longer, but somebody is interested in.
 */
export type Change =
  | { readonly kind: "added" | "renewed"; readonly link: string; readonly record: Record.Record }
  | { readonly kind: "removed"; readonly link: string; readonly record: Record.Record; readonly reason: Loss }
  | { readonly kind: "withdrawn"; readonly link: string; readonly record: Record.Record; readonly origin: string }
  | { readonly kind: "denied"; readonly link: string; readonly name: Name.Name; readonly type: number }

/** A cached record with what is known about it. */
export interface Entry extends Timers.Timer {
  readonly _tag: "Entry"
  readonly place: Place
  /** `Record.key` of it. */
  readonly key: string
  /** Whether it is one of a set that grows with the link, such as the instances of a service type. */
  readonly isPointer: boolean
  /** Octets of its data. */
  readonly size: number
  readonly origin: string
  /** The addresses that have said it: one as a rule, for which a set would be large. */
  announcers: ReadonlyArray<string>
  record: Record.Record
  receivedAt: number
  expiresAt: number
  /** Milliseconds that it was said to hold. */
  ttl: number
  /** By how many parts of 100,000 of its ttl each of its refreshes is late: those who say several records at once are asked for them at once. */
  spread: ReadonlyArray<number>
  /** How many of the four refreshes are past. */
  refreshes: number
  /** Why it ends before its time, when it does: it is then neither refreshed nor listed as known. */
  doom: Loss | undefined
  /** Queries of others that nobody has answered with it (RFC 6762, section 10.5), and when the first and the latest of them came. */
  unanswered: number
  unansweredSince: number
  unansweredAt: number
}

/** A question that is asked on a link. */
export interface Series extends Timers.Timer {
  readonly _tag: "Series"
  readonly place: Place
  readonly name: Name.Name
  readonly type: number
  readonly interests: Map<number, Interest>
  /**
   * When it is asked next by its own rhythm, `Infinity` while it is not to be asked; since when it may go along with others; and the interval
   * before that.
   */
  nextAt: number
  nextFrom: number
  interval: number
  /** When it is asked out of turn, and how often more after that. */
  extraAt: number
  extras: number
  sentAt: number
  /** Before when it does not begin anew: its records hold too shortly to be followed. */
  pausedUntil: number
  /** Whether the next question is one for unicast answers, and when the last such was asked. */
  isUnicast: boolean
  unicastAt: number
  /** Until when it is asked though nobody has an interest: its records are being confirmed. */
  heldUntil: number
}

/** One link with its questions and records. */
export interface Place {
  link: Link.Link
  /** By the key of a name, then by type. */
  readonly series: Map<string, Map<number, Series>>
  /** By the key of a name, then by the key of a record. */
  readonly names: Map<string, Map<string, Entry>>
  /** The shared pointers of a name, by the key of that. */
  readonly pointers: Map<string, Shares.Shares<Entry>>
  /** How many records of the cache point to a name. */
  readonly referrers: Map<string, number>
  /** When the questions that are waiting to be gathered into one message go out. */
  gatherAt: number
}

/** The bounded cache of all links. */
export interface Cache {
  readonly limits: Engine.Limits
  /** All records by the addresses that they came from. */
  readonly shares: Shares.Shares<Entry>
  /** By address, how many records it has of a link and name. */
  readonly names: Map<string, Map<string, number>>
  /** Records that nobody has an interest in, the oldest first. */
  readonly unwanted: Set<Entry>
  octets: number
}

/** Whoever asks: the querier of all links. */
export interface Querier {
  readonly allowOtherDomains: boolean
  /** Our own records of a name and type on a link. */
  readonly owned: (link: string, name: string, type: number) => ReadonlyArray<Record.Record>
  readonly chance: Chance.Chance
  readonly cache: Cache
  readonly places: Map<string, Place>
  readonly interests: Map<number, Interest>
  readonly timers: Timers.Timers<Entry | Series>
  changes: Array<Change>
  /** Counts what may make a datagram mean something else than it did when it was heard before. */
  disturbances: number
  /** The records that the response heard last has renewed, while it could do nothing else. */
  renewed: ReadonlyArray<Entry> | undefined
}
