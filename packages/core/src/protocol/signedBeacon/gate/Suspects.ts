/**
 * Who has sent signatures that were not good: pairs of a source address and the key it claimed. Either alone would be unfair, since
 * whoever forges a header can as well forge the address of its victim.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import * as Bucket from "./Bucket.ts"
import type * as Output from "./Output.ts"

/** What a bad signature costs, of what a pair has. */
const cost = 10
const rate = { perSecond: 1, burst: 40 }
const capacity = 1_024

interface Suspect {
  readonly key: PeerKey.PeerKey
  readonly bucket: Bucket.Bucket
}

export interface Suspects {
  /** Those that have something against them; the one that offended last is the last. */
  readonly pairs: Map<string, Suspect>
  /** How many of them there are of each key. */
  readonly keys: Map<PeerKey.PeerKey, number>
}

export const make = (): Suspects => ({ pairs: new Map(), keys: new Map() })

/** Takes note of a bad signature. */
export const blame = (self: Suspects, origin: Output.Origin, key: PeerKey.PeerKey, now: number): void => {
  const { keys, pairs } = self
  const pair = pairOf(origin, key)
  const bucket = pairs.get(pair)?.bucket ?? Bucket.make(rate)
  bucket.tokens = Math.max(0, Bucket.level(bucket, now) - cost)
  remove(self, pair)
  if (pairs.size >= capacity) remove(self, pairs.keys().next().value!)
  pairs.set(pair, { key, bucket })
  keys.set(key, (keys.get(key) ?? 0) + 1)
}

const remove = ({ keys, pairs }: Suspects, pair: string): void => {
  const suspect = pairs.get(pair)
  if (suspect === undefined) return
  pairs.delete(pair)
  const others = keys.get(suspect.key)! - 1
  if (others === 0) keys.delete(suspect.key)
  else keys.set(suspect.key, others)
}

/** Whether a pair has used up what it had. */
export const has = ({ keys, pairs }: Suspects, origin: Output.Origin, key: PeerKey.PeerKey, now: number): boolean => {
  // strangers have a new key each time, and the text of a pair is dear
  if (!keys.has(key)) return false
  const bucket = pairs.get(pairOf(origin, key))?.bucket
  return bucket !== undefined && Bucket.level(bucket, now) < cost
}

const pairOf = ({ address }: Output.Origin, key: PeerKey.PeerKey): string => `${placeOf(address)} ${key}`

// whoever has one address of a /64 has all of it, but link-local addresses share theirs with the whole link
const placeOf = (address: string): string => {
  if (!address.includes(":") || address.startsWith("fe80:")) return address
  const [head] = address.split("::")
  return head!.split(":").slice(0, 4).join(":")
}
