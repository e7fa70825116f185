/**
 * Names that could be taken for those of peers that are trusted or pinned (S-D4).
 */
import * as Lookalike from "@effect-discovery/core/Lookalike"
import type * as Peer from "@effect-discovery/core/Peer"
import type * as PeerKey from "@effect-discovery/core/PeerKey"
import type * as TrustEntry from "@effect-discovery/core/TrustEntry"

/** What trusted and pinned keys are called, as it looks: on the list, and by themselves. Updated in place. */
export interface Lookalikes {
  readonly listed: Map<PeerKey.PeerKey, string>
  readonly announced: Map<PeerKey.PeerKey, string>
  readonly holders: Map<string, Set<PeerKey.PeerKey>>
}

/** No names yet. */
export const make = (): Lookalikes => ({ listed: new Map(), announced: new Map(), holders: new Map() })

/** Becomes what the trust list says. What keys on it have called themselves is kept, for there are no more of them than entries. */
export const adopt = (self: Lookalikes, entries: ReadonlyArray<TrustEntry.TrustEntry>): void => {
  self.listed.clear()
  const familiar = entries.filter(({ state }) => state !== "denied")
  for (const { key, name } of familiar) if (name !== undefined) self.listed.set(key, Lookalike.skeleton(name))
  const keys = new Set(familiar.map(({ key }) => key))
  for (const key of self.announced.keys()) if (!keys.has(key)) self.announced.delete(key)
  rebuild(self)
}

/** Takes note of what a trusted or pinned key calls itself. Whether that is new. */
export const note = (self: Lookalikes, key: PeerKey.PeerKey, name: string): boolean => {
  const skeleton = Lookalike.skeleton(name)
  if (self.announced.get(key) === skeleton) return false
  self.announced.set(key, skeleton)
  rebuild(self)
  return true
}

/** Whether a peer looks like a trusted or pinned one that has another key. */
export const has = (self: Lookalikes, { key, name }: Peer.Peer): boolean => {
  if (self.holders.size === 0) return false
  const holders = self.holders.get(Lookalike.skeleton(name))
  return holders !== undefined && (key === undefined || holders.size > 1 || !holders.has(key))
}

const rebuild = ({ announced, holders, listed }: Lookalikes): void => {
  holders.clear()
  for (const [key, skeleton] of [...listed, ...announced]) {
    const keys = holders.get(skeleton)
    if (keys === undefined) holders.set(skeleton, new Set([key]))
    else keys.add(key)
  }
}
