/**
 * What can happen on a simulated network: the events of its journal, and the reasons for which a datagram is lost.
 *
 * @since 0.1.0
 */

/**
 * The kinds of events, a sentence each.
 *
 * @category constants
 * @since 0.1.0
 */
export const kinds = {
  bind: "A socket was bound to an address and port.",
  close: "A socket was closed.",
  join: "A socket joined a group on an interface.",
  leave: "A socket left a group on an interface.",
  send: "A datagram left a socket.",
  forward: "A router sent a datagram on to another segment.",
  deliver: "A datagram was handed to a socket.",
  drop: "A datagram, or a copy of it, was lost.",
  duplicate: "A fault made one more copy of a datagram.",
  corrupt: "A fault changed the octets of a datagram.",
  hold: "A fault held a datagram back.",
  release: "A datagram that was held back goes on.",
  interface: "An interface changed.",
  host: "A host changed: it was stopped, crashed, paused, or went on.",
  fault: "A fault began or ended.",
  error: "A socket call failed.",
  mark: "A label that the test set."
} as const

/**
 * What kind of thing happened.
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = keyof typeof kinds

/**
 * Every reason for which a datagram does not reach a socket, a sentence each. The set is closed: nothing disappears for another one.
 *
 * **Example** (Explaining a loss)
 *
 * ```ts
 * import { NetworkEvent } from "@effect-discovery/testing"
 *
 * console.log(NetworkEvent.dropReasons["not-joined"])
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const dropReasons = {
  loss: "The link lost it.",
  partition: "The two hosts are on different sides of a partition.",
  cut: "This direction between the two hosts is cut.",
  rule: "A fault rule dropped it.",
  snooping: "A switch with snooping has forgotten that the receiver listens to the group.",
  firewall: "The receiver's firewall dropped it.",
  corrupt: "Its octets were changed on the way, and the checksum told.",
  queue: "The queue of the link was full.",
  mtu: "It is larger than the receiving interface takes.",
  fragment: "One of its fragments was lost, and so was the whole.",
  held: "It was held back and never released.",
  "no-host": "Nobody on the segment has the address.",
  "no-route": "The router knows no way to the address.",
  "no-listener": "No socket of the host holds the port for it.",
  "not-joined": "No socket of the host joined the group on that interface.",
  "not-peer": "The only sockets on the port are connected to somebody else.",
  "interface-down": "The interface is down: that which should receive it, or that which should pass it on.",
  "no-carrier": "The interface has no carrier.",
  martian: "Its source is an address of the receiving host itself, which Linux does not take from outside.",
  ttl: "Its time to live was used up.",
  buffer: "The receive buffer of the socket was full.",
  "host-down": "The host is switched off, or crashed.",
  threshold: "Its time to live is not above the threshold of the router."
} as const

/**
 * Why a datagram did not reach a socket.
 *
 * @category models
 * @since 0.1.0
 */
export type DropReason = keyof typeof dropReasons

/**
 * What all events tell.
 *
 * **Details**
 *
 * A delivery follows from its sending, and what a host sends from what was delivered to it last; what a fault does, and its end, also from the
 * event that began the fault.
 *
 * @category models
 * @since 0.1.0
 */
export interface Common {
  /** Counts from 1, and goes on counting when old events are forgotten. */
  readonly seq: number
  /** Whole microseconds since the network was made. */
  readonly time: number
  /** Where it happened; `undefined` for what concerns the whole network. */
  readonly host: string | undefined
  /** The interface of that host; `undefined` for what concerns none. */
  readonly interface: string | undefined
  /** The number of the socket on the network; `undefined` for what concerns none. */
  readonly socket: number | undefined
  /** The number of the datagram on the network; `undefined` for what concerns none. */
  readonly datagram: number | undefined
  /** The events it follows from, each an earlier `seq`. */
  readonly causes: ReadonlyArray<number>
  /** The rule of the UDP semantics that decided; `undefined` where none did. */
  readonly rule: number | undefined
  /** The code of the system; `undefined` unless a call failed. */
  readonly code: string | undefined
  /** Whatever else there is to say; may be empty. */
  readonly text: string
}

/**
 * Something that happened on a simulated network.
 *
 * @category models
 * @since 0.1.0
 */
export type NetworkEvent =
  | (Common & {
    /** What happened. */
    readonly kind: Exclude<Kind, "drop">
  })
  | (Common & {
    /** What happened. */
    readonly kind: "drop"
    /** Why the datagram, or its copy, was lost. */
    readonly reason: DropReason
  })

/**
 * A datagram that left a socket.
 *
 * **Details**
 *
 * `Icmp` is what a host answers to a datagram for a port that nobody holds, with the addresses and ports of the datagram turned round.
 *
 * @category models
 * @since 0.1.0
 */
export interface Datagram {
  /** What its events call it. */
  readonly id: number
  /** The `seq` of its sending, which may be forgotten already. */
  readonly sentBy: number
  /** When it was sent, in microseconds since the network was made. */
  readonly time: number
  /** The host that sent it. */
  readonly host: string
  /** The interface it left by. */
  readonly interface: string
  /** The socket that sent it; `undefined` where the host itself did. */
  readonly socket: number | undefined
  /** Where it came from. */
  readonly source: Endpoint
  /** Where it was sent to. */
  readonly destination: Endpoint
  /** To one address, a group or all, or an answer of the host itself. */
  readonly kind: "Unicast" | "Multicast" | "Broadcast" | "Icmp"
  /** The IP TTL or hop limit that it left with. */
  readonly ttl: number
  /** A copy of what was sent. */
  readonly payload: Uint8Array
}

/**
 * An IP address without zone, and a port.
 *
 * @category models
 * @since 0.1.0
 */
export interface Endpoint {
  /** As text. */
  readonly address: string
  /** The UDP port. */
  readonly port: number
}
