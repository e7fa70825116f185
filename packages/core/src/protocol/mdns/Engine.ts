/**
 * What the mDNS engine is told and what it wants done; `Host` is the engine itself.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Machine from "../../Machine.ts"
import type * as Link from "./Link.ts"
import type * as Name from "./Name.ts"
import type * as Record from "./Record.ts"
import type * as Registration from "./Registration.ts"
import type * as Renewal from "./Renewal.ts"
import type * as Subscription from "./Subscription.ts"

/** What the engine is told. Keys of registrations and of subscriptions are the caller's, each unique among its kind. */
export type Input =
  /**
   * A link came up, or is as it is now: other addresses, or its port shared. What was taken back there before could not be sent when it is `unsaid`, of
   * which a ttl says how long others believe it still.
   */
  | { readonly _tag: "LinkUp"; readonly link: Link.Link; readonly unsaid?: ReadonlyArray<Record.Record> | undefined }
  /** A link is gone: what was learnt there is forgotten. With `canSend` a goodbye is sent first; `unsaid` could not be taken back there. */
  | {
    readonly _tag: "LinkDown"
    readonly link: string
    readonly canSend: boolean
    readonly unsaid: ReadonlyArray<Record.Record>
  }
  /** A link was off and on, or the host was asleep and so all of them: everything is to be asked and probed again there. */
  | { readonly _tag: "Resumed"; readonly link?: string | undefined }
  | {
    readonly _tag: "Received"
    readonly link: string
    readonly payload: Uint8Array
    readonly source: NetAddress.InetAddress
    readonly isMulticast: boolean
  }
  /** Announce this; with a key that is announced already, in its place. */
  | { readonly _tag: "Register"; readonly key: number; readonly registration: Registration.Registration }
  | { readonly _tag: "Deregister"; readonly key: number }
  | { readonly _tag: "Subscribe"; readonly key: number; readonly subscription: Subscription.Subscription }
  | { readonly _tag: "Unsubscribe"; readonly key: number }
  /** A record is suspected to be wrong: all of this name are asked for again, and dropped without an answer (RFC 6762, section 10.4). */
  | { readonly _tag: "Reconfirm"; readonly name: Name.Name }
  /** Say goodbye for everything, at once: the program ends. */
  | { readonly _tag: "Close" }
  | Machine.Woke

/** A datagram to send on a link: to the group, or to one address. */
export interface Transmit {
  readonly _tag: "Transmit"
  readonly link: string
  readonly payload: Uint8Array
  readonly to: "group" | NetAddress.InetAddress
  /** What it takes back, if nothing that comes later makes up for it: when it is not sent, the engine is to be told. */
  readonly gone?: ReadonlyArray<Record.Record> | undefined
}

/** What became of a registration. `name` is the instance's label now. */
export type RegistrationNotice =
  | { readonly _tag: "Probing"; readonly key: number; readonly name: string }
  /** The name is ours on every link that is up. */
  | { readonly _tag: "Registered"; readonly key: number; readonly name: string }
  | { readonly _tag: "Renamed"; readonly key: number; readonly name: string; readonly previous: string }
  /** A minute of probing has not found a free name; it goes on (RFC 6762, section 9). */
  | { readonly _tag: "Unsettled"; readonly key: number; readonly name: string }
  | { readonly _tag: "HostRenamed"; readonly name: string; readonly previous: string }

/** A datagram, or a part of one, that was refused; `reason` is from a closed set. */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly reason: string
}

/** Another program of this host was heard that has the port of a link, too. */
export interface PortShared {
  readonly _tag: "PortShared"
  readonly link: string
}

/** What a datagram stands for that has only renewed what was known. It may be noted in its place, as long as it stands for that. */
export interface Renewed {
  readonly _tag: "Renewed"
  readonly renewal: Renewal.Renewal
}

/** What the engine wants done. */
export type Output = Transmit | PortShared | Subscription.Notice | RegistrationNotice | Rejected | Renewed

/** How an engine is made. */
export interface Options {
  /** The label of this host; from the seed when absent. */
  readonly host?: string | undefined
  /** How often new records are announced: 2 to 8 (RFC 6762, section 8.3). */
  readonly announcements: number
  /** Whether names outside `local` may be asked for by multicast (RFC 6762, section 13). */
  readonly allowOtherDomains: boolean
  readonly limits: Limits
}

/**
 * Bounds of what the network can make mDNS keep or do.
 *
 * @category models
 */
export interface Limits {
  /** Records in the caches of all links. */
  readonly records: number
  /** Octets of their data. */
  readonly recordOctets: number
  /** Records of one name, but for shared pointers. */
  readonly recordsPerName: number
  /** Shared pointers of one name, of which a service type has one for each instance. */
  readonly pointersPerName: number
  /** Names that one source address can have in the cache. */
  readonly namesPerSource: number
  /** Queries of several datagrams that are put together at one time. */
  readonly assemblies: number
  /** Datagrams of one such query. */
  readonly datagramsPerAssembly: number
  /** Answers by unicast a second to one source (S-A2). */
  readonly unicastPerSource: number
  /** Answers by unicast a second in all (S-A2). */
  readonly unicastAnswers: number
  /** Datagrams of answers by multicast a second, on one link (S-A3). */
  readonly multicastAnswers: number
  /** Subscriptions of the program itself. */
  readonly subscriptions: number
  /** Registrations of the program itself. */
  readonly registrations: number
}

export const limits: Limits = {
  records: 8_192,
  recordOctets: 1_048_576,
  recordsPerName: 64,
  pointersPerName: 1_024,
  namesPerSource: 256,
  assemblies: 512,
  datagramsPerAssembly: 16,
  unicastPerSource: 20,
  unicastAnswers: 100,
  multicastAnswers: 50,
  subscriptions: 1_024,
  registrations: 1_024
}
