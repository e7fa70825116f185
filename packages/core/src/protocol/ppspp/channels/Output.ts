/**
 * What channels want done, and what they tell.
 */
import type * as NetAddress from "effect/net/NetAddress"
import type * as Message from "../Message.ts"
import type * as Swarm from "../Swarm.ts"

/**
 * The other end of an established channel.
 *
 * @category models
 * @since 0.1.0
 */
export interface Peer {
  /** The swarm that the channel is of. */
  readonly swarm: Swarm.Swarm
  /** Where it is now. */
  readonly address: NetAddress.InetAddress
  /** Our id of the channel: what `send` and `close` take. */
  readonly channel: number
}

/** A datagram to be sent. */
export interface Transmit {
  readonly _tag: "Transmit"
  readonly to: NetAddress.InetAddress
  readonly payload: Uint8Array
}

/**
 * A peer has answered, or has shown that it heard our answer. `isRestart`: in place of the channel that it had before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Opened {
  readonly _tag: "Opened"
  /** Who is there. */
  readonly peer: Peer
  /** Whether it is in place of the channel that the peer had before. */
  readonly isRestart: boolean
}

/** A datagram came. Its messages, but for those that channels deal with themselves: none where it only keeps the channel alive. */
export interface Heard {
  readonly _tag: "Heard"
  /** Who sent it. */
  readonly peer: Peer
  /** In the order of the datagram. */
  readonly messages: ReadonlyArray<Message.Message>
}

/**
 * A peer goes on from another port.
 *
 * @category models
 * @since 0.1.0
 */
export interface Moved {
  readonly _tag: "Moved"
  /** As it is now. */
  readonly peer: Peer
  /** Where it was before. */
  readonly from: NetAddress.InetAddress
}

/**
 * A peer was asked for others, and named these. Nothing says that they are there.
 *
 * @category models
 * @since 0.1.0
 */
export interface Named {
  readonly _tag: "Named"
  /** Who was asked. */
  readonly peer: Peer
  /** Where others are said to be. */
  readonly addresses: ReadonlyArray<NetAddress.InetAddress>
}

/**
 * A channel is over: the peer said goodbye, was silent for three minutes, or we closed it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Closed {
  readonly _tag: "Closed"
  /** As it was last. */
  readonly peer: Peer
  /** It said goodbye, was silent for three minutes, or we closed it. */
  readonly reason: "goodbye" | "silence" | "local"
}

/**
 * No channel was opened there: nobody answered our requests (`silence`), one was answered with a goodbye (`refused`), or we have no room for
 * another channel or no id (`full`), which says nothing about who is there.
 *
 * @category models
 * @since 0.1.0
 */
export interface Unanswered {
  readonly _tag: "Unanswered"
  /** The swarm that the channel was to be of. */
  readonly swarm: Swarm.Swarm
  /** Who was asked. */
  readonly address: NetAddress.InetAddress
  /** Nobody answered, one answered with a goodbye, or we have no room or id. */
  readonly reason: "silence" | "refused" | "full"
}

/**
 * Why a datagram, or the rest of one, was left aside: it is no datagram of PPSPP (`short`, `handshake`), is for no channel or swarm of ours
 * (`channel`, `swarm`), is for a swarm with other settings (`options`), comes from elsewhere than its channel (`moved`), from ourselves
 * (`self`), or at the same time as our own request (`crossed`), finds no room (`full`) or no channel id (`ids`), answers no question
 * (`unsolicited`) or asks too often (`rate`); or a message in it cannot be read.
 */
export type Reason =
  | "short"
  | "handshake"
  | "channel"
  | "swarm"
  | "options"
  | "moved"
  | "self"
  | "crossed"
  | "full"
  | "ids"
  | "unsolicited"
  | "rate"
  | Message.Stop

/** A datagram, or the rest of one, was left aside. Nothing is sent for it. */
export interface Rejected {
  readonly _tag: "Rejected"
  /** Where it came from. */
  readonly from: NetAddress.InetAddress
  /** Why it was left aside. */
  readonly reason: Reason
}

/** What channels want done, and what they tell. */
export type Output = Transmit | Opened | Heard | Moved | Named | Closed | Unanswered | Rejected
