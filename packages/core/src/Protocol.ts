/**
 * What one implements to add a wire format: a machine that turns datagrams into claims and announcements into datagrams.
 *
 * @since 0.1.0
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Announcement from "./Announcement.ts"
import type * as Claim from "./Claim.ts"
import type * as DiscoveryError from "./DiscoveryError.ts"
import type * as Endpoint from "./Endpoint.ts"
import type * as Machine from "./Machine.ts"

/**
 * A datagram arrived, from a source on the session's own link.
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Received {
  readonly _tag: "Received"
  /** Its octets. */
  readonly payload: Uint8Array
  /** The address and port that it came from. */
  readonly source: NetAddress.InetAddress
}

/**
 * Start to announce this, or, with a `key` that is announced already, announce this in its place.
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Advertise {
  readonly _tag: "Advertise"
  /** What the announcement is changed and withdrawn by. */
  readonly key: number
  /** What to announce. */
  readonly announcement: Announcement.Announcement
  /**
   * Whether a session tells it since it has opened its sockets, and it was to be announced before: all hosts of a link may have opened theirs at that
   * time. Default: false.
   */
  readonly isOpening?: boolean | undefined
}

/**
 * Stop announcing what was advertised under `key`, with a goodbye where the format has one.
 *
 * @category inputs
 * @since 0.1.0
 */
export interface Withdraw {
  readonly _tag: "Withdraw"
  /** That of its `Advertise`. */
  readonly key: number
}

/**
 * What a protocol is told.
 *
 * @category inputs
 * @since 0.1.0
 */
export type Input = Received | Advertise | Withdraw | Machine.Woke

/**
 * A datagram to send, to an endpoint of the protocol or to one address.
 *
 * @category outputs
 * @since 0.1.0
 */
export interface Transmit {
  readonly _tag: "Transmit"
  /** The octets to send. */
  readonly payload: Uint8Array
  /** Where to: a session sends to endpoints of its own family, and to addresses of its own link (S-A1). */
  readonly to: Endpoint.Endpoint | NetAddress.InetAddress
  /** Which `Advertise` it announces: once that is withdrawn, it is not sent any more. Without it, it is sent in any case, as a goodbye has to be. */
  readonly key?: number | undefined
}

/**
 * A node announced itself, anew or again; or, with `hearsay`, another node told of it in answer to a question of ours.
 *
 * **Details**
 *
 * Hearsay adds peers that are not known and for which there is room, proves nothing, and gives way to what the node itself says.
 *
 * @category outputs
 * @since 0.1.0
 */
export interface Announced {
  readonly _tag: "Announced"
  /** What the node says of itself. */
  readonly claim: Claim.Claim
  /** Where the node itself is, when it was another that told of it. */
  readonly hearsay?: NetAddress.InetAddress | undefined
}

/**
 * A node said goodbye.
 *
 * @category outputs
 * @since 0.1.0
 */
export interface Withdrawn {
  readonly _tag: "Withdrawn"
  /** What its claims know it by. */
  readonly identity: string
}

/**
 * A datagram was refused. `reason` is from a closed set of the protocol, never text from the wire.
 *
 * @category outputs
 * @since 0.1.0
 */
export interface Rejected {
  readonly _tag: "Rejected"
  /** What diagnostics count it by. */
  readonly reason: string
}

/**
 * What a protocol wants done.
 *
 * @category outputs
 * @since 0.1.0
 */
export type Output = Transmit | Announced | Withdrawn | Rejected

/**
 * One wire protocol as a machine.
 *
 * **Gotchas**
 *
 * `step` must be total: whatever the payload, it returns, in time bounded by the payload's length. Outputs are made from data
 * only; a protocol opens nothing and waits for nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Protocol<in out State> extends Machine.Machine<State, Input, Output> {
  /** What diagnostics, errors and peers' ids call it. */
  readonly name: string
  /** Where it sends and listens; there is one session for each endpoint's family on each interface. */
  readonly endpoints: ReadonlyArray<Endpoint.Endpoint>
  /** Octets of the longest datagram it looks at; longer ones are rejected as `size` (S-P2). */
  readonly maxDatagram: number
  /**
   * Whether the same octets from the same address again say only that the peer is still there. A session then refreshes the peer without decoding
   * them.
   */
  readonly isIdempotent: boolean
  /** What of an announcement the format cannot carry, `undefined` when it can. */
  readonly validate: (announcement: Announcement.Announcement) => DiscoveryError.InvalidAnnouncement | undefined
  /** Whether it takes what is sent to the very address that it sends from, besides what is sent to its endpoints. Default: false. */
  readonly hearsReplies?: boolean | undefined
  /**
   * Whether it is of use by some of its endpoints alone. A source then opens also where another program holds the port of one of them for itself,
   * which is reported as a session that restarts until it can be served. Default: false.
   */
  readonly isPartial?: boolean | undefined
  /**
   * For how many milliseconds a repeat of a datagram that announces a peer for `ttl` milliseconds is not decoded; default: for ever. It is for
   * machines that have to know who is still there.
   */
  readonly rereadAfter?: ((ttl: number) => number) | undefined
  /**
   * Whether a datagram, by what it says of itself, is heard however much its source address has sent: otherwise whoever forges the address of a
   * trusted peer could silence it (S-4.1). Such datagrams count for the session's rate alone.
   */
  readonly isPrivileged?: ((payload: Uint8Array, state: State) => boolean) | undefined
}
