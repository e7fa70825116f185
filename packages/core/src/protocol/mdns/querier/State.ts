/**
 * What the querier knows: interests, and by link the questions that it asks and the records that it has heard.
 */
import type * as Origins from "../../../internal/Origins.ts"
import type * as Timers from "../../../internal/Timers.ts"
import type * as Seed from "../../../Seed.ts"
import type * as Chance from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Name from "../Name.ts"
import type * as Record from "../Record.ts"

/**
 * What somebody wants to know, under an id of their own. `interface` and `link` restrict it to one of these; type 255 stands for all types.
 *
 * - `browse`: asked for ever, at growing intervals of up to an hour: there may always be one more answer.
 * - `resolve`: asked until the first unique answer or the denial of it, and again when that holds no longer.
 *
 * With `refresh`, records are asked for again before they expire (RFC 6762, section 5.2). With `isOnce` somebody waits for the answer, and for
 * nothing after it.
 */
export interface Interest {
  readonly id: number
  readonly name: Name.Name
  readonly type: number
  readonly interface?: string | undefined
  readonly link?: string | undefined
  readonly mode: "browse" | "resolve"
  readonly refresh: boolean
  readonly isOnce?: boolean | undefined
}

/**
 * A record in the cache: the same object for as long as it is there. Its `flush` tells whether it was last said to be unique; `origin` is the
 * address that said it first. `record` and `data` are made each time they are asked for, and stay as they are; the rest changes as it is heard.
 */
export interface Cached {
  readonly name: Name.Name
  readonly type: number
  readonly flush: boolean
  /** Milliseconds. */
  readonly ttl: number
  readonly data: Record.Data
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
  | {
    readonly kind: "added" | "renewed"
    readonly link: string
    readonly record: Record.Record
    readonly entry: Cached
  }
  | {
    readonly kind: "removed"
    readonly link: string
    readonly record: Record.Record
    readonly entry: Cached
    readonly reason: Loss
  }
  | { readonly kind: "withdrawn"; readonly link: string; readonly record: Record.Record; readonly origin: string }
  | { readonly kind: "denied"; readonly link: string; readonly name: Name.Name; readonly type: number }

/**
 * A pointer as what it leads to; an IPv4 address as a number; other octets, and the types of a denial that names its owner as the next name, as
 * text; and whatever else as it is.
 */
export type Kept = string | number | Node | Record.Data

/** What is to be known of a record that is not just there from when it was said until it expires. */
export interface Particulars {
  /** Who has said it besides the first. */
  readonly others: ReadonlyArray<string>
  /** Why it ends before its time, and when: it is then neither refreshed nor listed as known. */
  readonly doom: Loss | undefined
  readonly endsAt: number
  /** Queries of others that nobody has answered with it (RFC 6762, section 10.5), and when the first and the latest of them came. */
  readonly unanswered: number
  readonly unansweredSince: number
  readonly unansweredAt: number
}

/** A cached record with what is known about it. */
export interface Entry extends Cached {
  readonly node: Node
  /** Who said it first. */
  readonly source: Source
  flush: boolean
  /** Milliseconds that it was said to hold: whole seconds. */
  ttl: number
  /** How many of the four refreshes are past. */
  refreshes: number
  kept: Kept
  hearing: Hearing
  /** The next one of the same hearing. */
  nextHeard: Entry | undefined
  /** The next one of the node, behind the last of which comes the first; none of a shared pointer, which the node has by its target. */
  next: Entry | undefined
  particulars: Particulars
  /** Whether it is one of a set that grows with the link, such as the instances of a service type. */
  readonly isPointer: boolean
  readonly doom: Loss | undefined
}

/**
 * What one datagram has said of what one source said first, as far as nobody has said it again. Its timer is that of the first of its records that
 * needs one.
 */
export interface Hearing extends Timers.Timer {
  readonly _tag: "Hearing"
  readonly source: Source
  /** Those of the same source before and behind it. */
  older: Hearing | undefined
  newer: Hearing | undefined
  /** Whole milliseconds, which are a number that needs no object of its own. */
  receivedAt: number
  /** What chance decides about its records, so that those who say several at once are asked for them at once. */
  chance: Seed.Seed
  first: Entry | undefined
  /** Whether a record of it is gone: whoever still has that goes by when it was heard. */
  hasLost: boolean
  isUnsettled: boolean
}

/** An address that records came from; ordered in the heap by how many there are. */
export interface Source extends Timers.Timer {
  readonly origin: string
  /** The latest hearing of its records, which leads to the older ones. */
  newest: Hearing | undefined
  size: number
  /** Its shared pointers by the names that have them: one, or several of one name, or a list of such. */
  pointers: Entry | Share | Array<Entry | Share> | undefined
  /** How many names it has records of, each counted once for each link. */
  names: number
  /** Counts what may make its datagrams mean something else than they did. */
  era: number
}

export interface Sources {
  readonly byHost: Origins.Origins<Source>
  /** Those with several records, the one with most first: in order from when the cache is full for the first time, for as long as it has any. */
  largest: Timers.Timers<Source> | undefined
  size: number
}

/** The shared pointers of a name, of which there may be thousands. */
export interface Pointers {
  /** By the key of their data. */
  readonly index: Map<string, Entry>
  readonly shares: Shares
}

/** The pointers of a name that one source has said first, if there are several: the oldest first. */
export interface Share extends Timers.Timer {
  readonly shares: Shares
  readonly entries: Array<Entry>
}

/** Who has how many of the pointers of a name: those with several, the one with most first. */
export interface Shares {
  readonly largest: Timers.Timers<Share>
  size: number
}

/** How many listen to records of these types. */
export interface Watch {
  readonly types: ReadonlyArray<number>
  readonly count: number
  readonly next: Watch | undefined
}

/** The records of a name that has many. */
export interface Index {
  /** By the key of their data, by type. */
  readonly byType: Map<number, Map<string, Entry>>
  /** How many each source has. */
  readonly sources: Map<Source, number>
  size: number
}

/** A name on a link, with all that is known and asked of it. */
export interface Node extends Name.Name {
  readonly place: Place
  /** The latest of its records that are no shared pointers: each leads to the next, and the last to the first. */
  last: Entry | undefined
  /** How many these are. */
  readonly size: number
  /** How many records of the cache lead to it. */
  referrers: number
  watch: Watch | undefined
  /** Whoever is told what becomes of its records: one as a rule, for which a set would be large. What they are is theirs to know. */
  listeners: object | Set<object> | undefined
  /** Once there are many records. */
  index: Index | undefined
  pointers: Pointers | undefined
  /** By type. */
  series: Map<number, Series> | undefined
}

/** A question that is asked on a link. */
export interface Series extends Timers.Timer {
  readonly _tag: "Series"
  readonly node: Node
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
  /** Whether the next question is asked in haste, in a message of its own. */
  isHasty: boolean
  /** Until when it is asked though nobody has an interest: its records are being confirmed. */
  heldUntil: number
}

/** One link with what is asked and known on it. */
export interface Place {
  link: Link.Link
  /** By the key of a name. */
  readonly nodes: Map<string, Node>
  /** What was said of addresses that nobody wanted. */
  readonly early: Set<Early>
  /** When the questions that are waiting to be gathered into one message go out. */
  gatherAt: number
  /** When a question was last asked in haste, and how many were at that moment. */
  hastyAt: number
  hasty: number
}

/** Addresses that one source has said in one datagram, `at` last, and nobody wanted then. */
export interface Early {
  readonly place: Place
  readonly host: string
  readonly addresses: ReadonlyArray<Record.Record>
  /** Whole milliseconds. */
  at: number
}

/** The bounded cache of all links. */
export interface Cache {
  readonly limits: Engine.Limits
  /** All records by the addresses that they came from. */
  readonly sources: Sources
  /** Records that nobody has an interest in, the oldest first. */
  readonly unwanted: Set<Entry>
  octets: number
}

/** Records that a datagram renews, all of them of one source. `isAll`: there are no others in it, which nobody wants; `early` are addresses among those. */
export interface Renewed {
  readonly entries: ReadonlyArray<Entry>
  readonly early: Early | undefined
  readonly source: Source | undefined
  readonly isAll: boolean
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
  readonly timers: Timers.Timers<Hearing | Series>
  /** Those whose records may have another deadline than they are waiting for. */
  readonly unsettled: Array<Hearing>
  changes: Array<Change>
  /** Counts what may make a datagram mean something else than it did when it was heard before, whoever said it. */
  disturbances: number
  /** Counts those of it that may concern what all sources say. */
  upheavals: number
  /** Counts what may make somebody want records that were of no interest. */
  wants: number
  /** What the response heard last has renewed, while it could do nothing else. */
  renewed: Renewed | undefined
}
