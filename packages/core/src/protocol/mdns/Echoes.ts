/**
 * What we sent lately, so that our own datagrams are known when they come back: by loopback, over a bridge or from a reflector, up to
 * seconds later and on whatever link.
 *
 * Who takes its own delayed probe for a rival's renames itself for nothing; deployed responders have done so.
 */
import type * as Link from "./Link.ts"
import * as Message from "./Message.ts"

/** For how long a datagram is remembered. */
const memory = 3_000
/** How many datagrams are remembered on all links: all that it takes to probe for and announce 1,024 services, with a datagram for each. */
const capacity = 8_192

/** One datagram that was sent, once. */
interface Sent {
  readonly hash: number
  readonly length: number
  readonly at: number
  /** The links on which a copy of it came back. */
  heardOn: ReadonlyArray<string>
}

export interface Echoes {
  /** Oldest first. */
  readonly sent: Array<Sent>
  /** The same by length and hash: nearly all that is heard has another length, and needs no hash. */
  readonly byLength: Map<number, Map<number, Array<Sent>>>
}

export const make = (): Echoes => ({ sent: [], byLength: new Map() })

/** Notes that a datagram goes out; it may come back on any link. */
export const remember = (self: Echoes, payload: Uint8Array, now: number): void => {
  forget(self, now)
  if (self.sent.length >= capacity) drop(self, 1)
  const sent: Sent = { hash: hash(payload), length: payload.length, at: now, heardOn: nowhere }
  self.sent.push(sent)
  const byHash = self.byLength.get(sent.length) ?? new Map<number, Array<Sent>>()
  self.byLength.set(sent.length, byHash)
  byHash.set(sent.hash, [...byHash.get(sent.hash) ?? [], sent])
}

const nowhere: ReadonlyArray<string> = []

const forget = (self: Echoes, now: number): void => {
  const first = self.sent.findIndex(({ at }) => at + memory >= now)
  drop(self, first === -1 ? self.sent.length : first)
}

const drop = ({ byLength, sent }: Echoes, count: number): void => {
  if (count === 0) return
  for (const { hash, length } of sent.splice(0, count)) {
    const byHash = byLength.get(length)!
    const same = byHash.get(hash)!
    same.shift()
    if (same.length === 0) byHash.delete(hash)
    if (byHash.size === 0) byLength.delete(length)
  }
}

/**
 * Whether a datagram is one of ours that came back. It is told before it is decoded: who asks about a thousand known answers sends them all to
 * itself.
 *
 * A response or a probe that has the octets of one of ours says nothing that we have not said, whoever sent it. An ordinary query may well
 * have the same octets as another host's. From an address of our own it is ours once on each link for each time we sent it; one more
 * copy comes from another process of this host.
 */
export const isEcho = (
  self: Echoes,
  linkKey: string,
  payload: Uint8Array,
  origin: Pick<Link.Origin, "isOwnAddress">,
  now: number
): boolean => {
  forget(self, now)
  const byHash = self.byLength.get(payload.length)
  if (byHash === undefined) return false
  const isTelling = Message.isTelling(payload)
  if (!isTelling && !origin.isOwnAddress) return false
  const same = byHash.get(hash(payload))
  if (same === undefined) return false
  if (isTelling) return true
  const unheard = same.find(({ heardOn }) => !heardOn.includes(linkKey))
  if (unheard === undefined) return false
  unheard.heardOn = [...unheard.heardOn, linkKey]
  return true
}

// two multiplicative hashes make 53 bits; who finds a collision has only their own datagram dropped
const hash = (payload: Uint8Array): number => {
  let high = 0x811c9dc5
  let low = 0x9e3779b9
  for (let i = 0; i < payload.length; i++) {
    high = Math.imul(high ^ payload[i]!, 0x01000193)
    low = Math.imul(low ^ payload[i]!, 0x85ebca6b) + 1
  }
  return (high >>> 0) * 0x200000 + (low >>> 11)
}
