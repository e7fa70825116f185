/**
 * What browsing knows: who wants to know what, and which instances there are on which link.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Timers from "../../../internal/Timers.ts"
import type * as Chance from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Name from "../Name.ts"
import type * as Querier from "../Querier.ts"
import type * as Record from "../Record.ts"
import type * as Subscription from "../Subscription.ts"
import type * as Addresses from "./Addresses.ts"
import type * as Heard from "./Heard.ts"

/** All subscriptions. */
export interface Browsing {
  readonly querier: Querier.Querier
  readonly isOwn: (linkKey: string, nameKey: string) => boolean
  /** The records of a name and type that are our own on a link. */
  readonly owned: (linkKey: string, nameKey: string, type: number) => ReadonlyArray<Record.Record>
  readonly limits: Engine.Limits
  readonly chance: Chance.Chance
  readonly links: Map<string, Link.Link>
  readonly subscribers: Map<number, Subscriber>
  /** The subscribers that listen to the records of a name on all links, by its key. Instances have theirs by the querier. */
  readonly listeners: Map<string, Set<Subscriber>>
  readonly timers: Timers.Timers<Instance>
  /** The addresses of the host that was looked at last. */
  places: Addresses.Places | undefined
  /** The instances of all subscriptions. */
  instances: number
  /** The id of the next interest. */
  nextInterest: number
}

/** A subscription with what was told of it. */
export interface Subscriber {
  readonly key: number
  readonly subscription: Subscription.Subscription
  /** The type of its instances as text, with the octets of the name that says so. */
  type: { readonly octets: Uint8Array; readonly text: string } | undefined
  /** What it asks for everywhere; instances ask for themselves. */
  readonly name: Name.Name
  readonly types: ReadonlyArray<number>
  readonly interests: ReadonlyArray<number>
  /** By link. */
  readonly instances: Map<string, Instances>
  /** By link, then by the key of a record: what it was told is there. */
  readonly told: Map<string, Map<string, Said>>
  /** The addresses that it was told of, by link. */
  readonly addresses: Map<string, string>
}

/** The first and the last of a chain. */
export interface Instances {
  first: Instance | undefined
  last: Instance | undefined
}

/** A record in the letters in which it was told, and who said it first. */
export interface Said {
  readonly record: Record.Record
  readonly origin: string
}

/** A set of an instance that is asked for, and not only listened to. */
export interface Interest {
  readonly id: number
  readonly set: number
}

/** What was told of an instance, by the records that say so. */
export interface Offer {
  readonly service: Heard.Heard | undefined
  readonly text: Heard.Heard | undefined
  readonly otherTexts: ReadonlyArray<Heard.Heard>
  readonly addresses: ReadonlyArray<NetAddress.InetAddress>
}

/**
 * An instance on a link, as one subscription has it. It is `at` due when something has been waited for long enough.
 *
 * There may be as many as the cache has room for, so they have nothing that the cache has, and no collection that is seldom needed.
 */
export interface Instance extends Timers.Timer, Subscription.Subject {
  readonly subscriber: Subscriber
  /** In the letters in which a pointer has led to it last. */
  name: Name.Name
  /** The first label as text, when somebody was told. */
  label: string | undefined
  link: Link.Link
  /** The record that leads to it; none when it was asked for by name. */
  pointer: Heard.Heard | undefined
  /** Of its sets, as bits: those that have changed since it was last told of; those that there are not, as its owner says; those that are asked for again. */
  news: number
  denied: number
  doubted: number
  /** Records that are beyond their ttl, and have stayed as they were last heard. */
  kept: ReadonlyArray<Heard.Heard> | undefined
  interests: ReadonlyArray<Interest>
  /** The SRV record that was chosen, and the host it names. */
  chosen: Heard.Heard | undefined
  host: Name.Name | undefined
  /** Until when answers are waited for before doing without them. Whole milliseconds are numbers that need no object of their own. */
  patienceAt: number
  /** When it was last without addresses, while it is told as one that has them. */
  missingSince: number | undefined
  /** Whether it is told, and nothing of it is missing. */
  readonly isOffered: boolean
  /** Why its latest record went. */
  loss: "Goodbye" | "Expired"
  /** What was told of it last; made each time it is asked for. */
  told: Offer | undefined
  /** Those of the same subscription on the same link behind and before it. */
  next: Instance | undefined
  previous: Instance | undefined
}
