/**
 * What is known of one key that may be dialed, and where the next round would go.
 *
 * A key has two lines: one for what it has proven, one for what others may have forged in its name, so that no forger can spend the
 * patience that the genuine peer deserves (S-T2).
 */
import type * as Duration from "effect/Duration"
import type * as Fiber from "effect/Fiber"
import type * as NetAddress from "effect/net/NetAddress"
import type * as Pull from "effect/Pull"
import * as Claim from "../../../Claim.ts"
import type * as Dial from "../../../Dial.ts"
import type * as Peer from "../../../Peer.ts"
import type * as PeerKey from "../../../PeerKey.ts"

/** Where one address of a peer was found. */
export interface Candidate {
  readonly peer: Peer.Peer
  readonly address: NetAddress.InetAddress
}

/** How long to wait next; done when there is no next. */
export type Backoff = (now: number, input: unknown) => Pull.Pull<[unknown, Duration.Duration], never, unknown>

/** A line. `current` is what is dialed now; `readyAt` is when the next round may begin. */
export interface Line {
  readonly id: string
  /** None of a peer that names no key at all, which has a line of its own. */
  readonly key: PeerKey.PeerKey | undefined
  readonly isClaimed: boolean
  readonly peers: Map<Peer.PeerId, Peer.Peer>
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  current: Dial.Attempt | undefined
  isEstablished: boolean
  /** When the latest attempt began. */
  startedAt: number
  /** Given up, or done with. */
  isOver: boolean
  round: number
  backoff: Backoff | undefined
  readyAt: number
  /** How many claimed addresses were tried, so that each has its turn. */
  turns: number
}

/** The line of a peer, that nobody is known by yet. */
export const make = (peer: Peer.Peer): Line => ({
  id: idOf(peer),
  key: peer.key,
  isClaimed: peer.authentication === "claimed",
  peers: new Map(),
  fiber: undefined,
  current: undefined,
  isEstablished: false,
  startedAt: -Infinity,
  isOver: false,
  round: 0,
  backoff: undefined,
  readyAt: -Infinity,
  turns: 0
})

/** The line of a peer. */
export const idOf = ({ authentication, id, key }: Peer.Peer): string =>
  key === undefined ? `id:${id}` : idOfKey(key, authentication === "claimed")

/** One of the lines of a key. */
export const idOfKey = (key: PeerKey.PeerKey, isClaimed: boolean): string =>
  isClaimed ? `claimed:${key}` : `proven:${key}`

/** Where a round goes, in order: every address that is proven, but of those that others chose one at a time. */
export const candidates = (self: Line, isDialable: (peer: Peer.Peer) => boolean): ReadonlyArray<Candidate> => {
  const all = Array.from(self.peers.values()).filter(isDialable).flatMap((peer) =>
    addressesOf(peer).map((address) => ({ peer, address }))
  )
  return self.isClaimed ? [all[self.turns++ % all.length]!] : all
}

/** Where a peer can be dialed. */
export const addressesOf = ({ addresses }: Peer.Peer): ReadonlyArray<NetAddress.InetAddress> =>
  addresses.filter((address) => Claim.isDialable(address, undefined))
