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

/** Those that have something against them; the one that offended last is the last. */
export type Suspects = Map<string, Bucket.Bucket>

export const make = (): Suspects => new Map()

/** Takes note of a bad signature. */
export const blame = (self: Suspects, origin: Output.Origin, key: PeerKey.PeerKey, now: number): void => {
  const pair = pairOf(origin, key)
  const bucket = self.get(pair) ?? Bucket.make(rate)
  bucket.tokens = Math.max(0, Bucket.level(bucket, now) - cost)
  self.delete(pair)
  if (self.size >= capacity) self.delete(self.keys().next().value!)
  self.set(pair, bucket)
}

/** Whether a pair has used up what it had. */
export const has = (self: Suspects, origin: Output.Origin, key: PeerKey.PeerKey, now: number): boolean => {
  const bucket = self.get(pairOf(origin, key))
  return bucket !== undefined && Bucket.level(bucket, now) < cost
}

const pairOf = ({ address }: Output.Origin, key: PeerKey.PeerKey): string => `${placeOf(address)} ${key}`

// whoever has one address of a /64 has all of it, but link-local addresses share theirs with the whole link
const placeOf = (address: string): string => {
  if (!address.includes(":") || address.startsWith("fe80:")) return address
  const [head] = address.split("::")
  return head!.split(":").slice(0, 4).join(":")
}
