/**
 * What we sent lately, so that our own datagrams are known when they come back: by loopback, over a bridge or from a reflector, up to
 * seconds later and on whatever link.
 *
 * Who takes its own delayed probe for a rival's renames itself for nothing; deployed responders have done so.
 */
import type * as Link from "./Link.ts"
import type * as Message from "./Message.ts"

/** For how long a datagram is remembered. */
const memory = 3_000
/** How many datagrams are remembered on all links: some 80 a second. */
const capacity = 256

/** One datagram that was sent, once. */
interface Sent {
  readonly hash: number
  readonly length: number
  readonly at: number
  /** The links on which a copy of it came back. */
  readonly heardOn: Set<string>
}

export interface Echoes {
  /** Oldest first. */
  readonly sent: Array<Sent>
}

export const make = (): Echoes => ({ sent: [] })

/** Notes that a datagram goes out; it may come back on any link. */
export const remember = (self: Echoes, _linkKey: string, payload: Uint8Array, now: number): void => {
  forget(self, now)
  if (self.sent.length >= capacity) self.sent.shift()
  self.sent.push({ hash: hash(payload), length: payload.length, at: now, heardOn: new Set() })
}

const forget = (self: Echoes, now: number): void => {
  const first = self.sent.findIndex(({ at }) => at + memory >= now)
  self.sent.splice(0, first === -1 ? self.sent.length : first)
}

/**
 * Whether a datagram is one of ours that came back.
 *
 * A response or a probe that has the octets of one of ours says nothing that we have not said, whoever sent it. An ordinary query may well
 * have the same octets as another host's. From an address of our own it is ours once on each link for each time we sent it; one more
 * copy comes from another process of this host.
 */
export const isEcho = (
  self: Echoes,
  linkKey: string,
  payload: Uint8Array,
  message: Pick<Message.Message, "isResponse" | "authorities">,
  origin: Pick<Link.Origin, "isOwnAddress">,
  now: number
): boolean => {
  forget(self, now)
  const isTelling = message.isResponse || message.authorities.length > 0
  if (!isTelling && !origin.isOwnAddress) return false
  // nearly all have another length, and need no hash
  if (self.sent.every(({ length }) => length !== payload.length)) return false
  const hashed = hash(payload)
  const same = self.sent.filter((sent) => sent.hash === hashed && sent.length === payload.length)
  if (isTelling) return same.length > 0
  const unheard = same.find(({ heardOn }) => !heardOn.has(linkKey))
  unheard?.heardOn.add(linkKey)
  return unheard !== undefined
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
