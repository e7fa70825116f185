/**
 * What a program wants to know, and what it is told (RFC 6762, section 5; RFC 6763, section 4).
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Attributes from "../../Attributes.ts"
import type * as Lease from "../../Lease.ts"
import type * as Name from "./Name.ts"
import type * as Record from "./Record.ts"

/**
 * What a program wants to know, for as long as it does.
 *
 * - `Browse`: the instances of a service type. With `follow`, also their SRV and address records are kept fresh, so that a host that
 *   dies silently is missed after two minutes and not after 75, at the price of a query in a minute and a half.
 * - `Types`: the service types on the link.
 * - `Instance`: one instance, whatever pointers lead to it.
 * - `Host`: the addresses of a host.
 * - `Records`: the records of one name and type.
 *
 * `interface` restricts it to one interface. With `isOnce` a program waits for the answer of an instance or a host and then asks no more: such a
 * question waits for no others, where none was asked in such haste just before. A domain other than `local` is asked for only with `allowOtherDomains` of the engine.
 */
export type Subscription =
  & { readonly interface?: string | undefined }
  & (
    | {
      readonly _tag: "Browse"
      readonly type: string
      readonly subtype?: string | undefined
      readonly follow: boolean
      /** Whether the TXT record says all of an instance, as in the profile of libp2p: no host is looked for, and none told. */
      readonly isTextOnly?: boolean | undefined
    }
    | { readonly _tag: "Types" }
    | { readonly _tag: "Instance"; readonly name: Name.Name; readonly isOnce?: boolean | undefined }
    | { readonly _tag: "Host"; readonly name: Name.Name; readonly isOnce?: boolean | undefined }
    | { readonly _tag: "Records"; readonly name: Name.Name; readonly type: number }
  )

/** An instance of a service, as one link has it. */
export interface Service {
  /** `A\.b._http._tcp.local` as a name; its key is the instance's identity. */
  readonly name: Name.Name
  /** The first label as text, escaped where no text is that label: for people. */
  readonly instance: string
  /** `_http._tcp`. */
  readonly type: string
  readonly host: Name.Name
  readonly port: number
  readonly priority: number
  readonly weight: number
  /** Of the host, with the port; link-local IPv6 ones with the link's index as their scope. */
  readonly addresses: ReadonlyArray<NetAddress.InetAddress>
  /** The data of the TXT record, empty when there is none. */
  readonly text: Uint8Array
  /** What that says, read when somebody looks. */
  readonly attributes: Attributes.Attributes
  /** Beyond the first, when there are several: tolerated (RFC 6763, section 6.8). */
  readonly otherTexts: ReadonlyArray<Uint8Array>
}

/**
 * What notices of an instance are about: the same object from the first that it is seen until it is lost. Whoever is told keeps there the
 * lease of what it has made of the instance.
 */
export interface Subject {
  lease: Lease.Lease | undefined
}

/** Where something was seen: the key of the link, its interface, and the address of whoever said it first. */
export interface Where {
  readonly link: string
  readonly interface: string
  readonly origin: string
}

/** An instance that can be reached, or is reached otherwise now; again whenever what it holds by was renewed. `ttl` in milliseconds. */
export interface Seen {
  readonly _tag: "ServiceSeen"
  readonly key: number
  readonly where: Where
  readonly subject: Subject
  readonly service: Service
  readonly ttl: number
}

/** An instance that is there no longer, or cannot be reached. */
export interface Lost {
  readonly _tag: "ServiceLost"
  readonly key: number
  readonly where: Where
  readonly name: Name.Name
  readonly reason: "Goodbye" | "Expired" | "LinkLost"
}

/** What a subscriber is told of an instance. */
export type InstanceNotice = Seen | Lost

/** What a subscriber is told, by the key of its subscription. Everything is by link; who merges links does so by name. */
export type Notice =
  | InstanceNotice
  | { readonly _tag: "TypeSeen" | "TypeLost"; readonly key: number; readonly where: Where; readonly type: string }
  /** All addresses of the host on this link now; none, when they are gone. */
  | {
    readonly _tag: "HostSeen"
    readonly key: number
    readonly where: Where
    readonly addresses: ReadonlyArray<NetAddress.InetAddress>
  }
  | {
    readonly _tag: "RecordSeen" | "RecordLost"
    readonly key: number
    readonly where: Where
    readonly record: Record.Record
  }
  /** The owner of the name says that there is no such record (RFC 6762, section 6.1). */
  | {
    readonly _tag: "Denied"
    readonly key: number
    readonly where: Where
    readonly name: Name.Name
    readonly type: number
  }
