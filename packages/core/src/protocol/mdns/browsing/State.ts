/**
 * What browsing knows: who wants to know what, and which instances there are on which link.
 */
import type * as Chance from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Name from "../Name.ts"
import type * as Querier from "../Querier.ts"
import type * as Timers from "../querier/Timers.ts"
import type * as Record from "../Record.ts"
import type * as Subscription from "../Subscription.ts"
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
  /** Who listens to the records of a name, by its key. */
  readonly listeners: Map<string, Set<Listener>>
  readonly timers: Timers.Timers<Instance>
  /** The instances of all subscriptions. */
  instances: number
  /** The id of the next interest. */
  nextInterest: number
}

export type Listener = Subscriber | Instance

/** A subscription with what was told of it. */
export interface Subscriber {
  readonly _tag: "Subscriber"
  readonly key: number
  readonly subscription: Subscription.Subscription
  /** What it asks for everywhere; instances ask for themselves. */
  readonly name: Name.Name
  readonly types: ReadonlyArray<number>
  readonly interests: ReadonlyArray<number>
  /** By link, then by the key of their name. */
  readonly instances: Map<string, Map<string, Instance>>
  /** By link, then by the key of a record: what it was told is there. */
  readonly told: Map<string, Map<string, Heard.Heard>>
  /** The addresses that it was told of, by link. */
  readonly addresses: Map<string, string>
}

/** The records of one type that make up an instance. */
export interface Slot {
  readonly type: number
  readonly heards: Heard.Heards
  isDenied: boolean
  /** Whether what was heard may have changed meanwhile, so that it is asked for again. */
  isDoubted: boolean
  interest: { readonly id: number; readonly name: Name.Name; readonly mode: Querier.Interest["mode"] } | undefined
}

/** An instance on a link, as one subscription has it. It is `at` due when something has been waited for long enough. */
export interface Instance extends Timers.Timer {
  readonly _tag: "Instance"
  readonly subscriber: Subscriber
  readonly name: Name.Name
  link: Link.Link
  /** Whether its records are kept fresh, and it is lost without them. */
  readonly isFollowed: boolean
  /** Whether it has no host: its TXT record says all of it. */
  readonly isTextOnly: boolean
  /** The record that leads to it; none when it was asked for by name. */
  pointer: Heard.Heard | undefined
  readonly services: Slot
  readonly texts: Slot
  readonly ipv4: Slot
  readonly ipv6: Slot
  /** The key of the SRV record that was chosen, and the host it names. */
  chosen: string | undefined
  host: Name.Name | undefined
  /** Until when answers are waited for before doing without them. */
  patienceAt: number
  /** When it was last without addresses, while it is told as one that has them. */
  missingSince: number | undefined
  /** Why its latest record went. */
  loss: "Goodbye" | "Expired"
  told: Subscription.Service | undefined
}
