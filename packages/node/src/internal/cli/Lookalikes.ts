/**
 * Names that could be taken for those of peers that are trusted or pinned (S-D4).
 */
import * as Lookalike from "@effect-discovery/core/Lookalike"
import type * as Peer from "@effect-discovery/core/Peer"
import type * as PeerKey from "@effect-discovery/core/PeerKey"
import type * as TrustEntry from "@effect-discovery/core/TrustEntry"

/** What a name looks like as it is, and in small letters: capitals of Greek look like others than those do. */
type Looks = readonly [string, string]

/** What trusted and pinned keys are called, as it looks: on the list, and by themselves. Updated in place. */
export interface Lookalikes {
  readonly listed: Map<PeerKey.PeerKey, Looks>
  readonly announced: Map<PeerKey.PeerKey, Looks>
  readonly holders: Map<string, Set<PeerKey.PeerKey>>
}

/** No names yet. */
export const make = (): Lookalikes => ({ listed: new Map(), announced: new Map(), holders: new Map() })

/** Becomes what the trust list says. What keys on it have called themselves is kept, for there are no more of them than entries. */
export const adopt = (self: Lookalikes, entries: ReadonlyArray<TrustEntry.TrustEntry>): void => {
  self.listed.clear()
  const familiar = entries.filter(({ state }) => state !== "denied")
  for (const { key, name } of familiar) if (name !== undefined) self.listed.set(key, looksOf(name))
  const keys = new Set(familiar.map(({ key }) => key))
  for (const key of self.announced.keys()) if (!keys.has(key)) self.announced.delete(key)
  rebuild(self)
}

/** Takes note of what a trusted or pinned key calls itself. Whether that is new. */
export const note = (self: Lookalikes, key: PeerKey.PeerKey, name: string): boolean => {
  const looks = looksOf(name)
  const known = self.announced.get(key)
  if (known !== undefined && known.every((look, index) => look === looks[index])) return false
  self.announced.set(key, looks)
  rebuild(self)
  return true
}

/** Whether a peer looks like a trusted or pinned one that has another key. */
export const has = (self: Lookalikes, { key, name }: Peer.Peer): boolean => {
  if (self.holders.size === 0) return false
  return looksOf(name).some((look) => {
    const holders = self.holders.get(look)
    return holders !== undefined && (key === undefined || holders.size > 1 || !holders.has(key))
  })
}

const looksOf = (name: string): Looks => [
  Lookalike.skeleton(name),
  Lookalike.skeleton(name.normalize("NFKC").toUpperCase().toLowerCase())
]

const rebuild = ({ announced, holders, listed }: Lookalikes): void => {
  holders.clear()
  for (const [key, looks] of [...listed, ...announced]) {
    for (const look of looks) {
      const keys = holders.get(look)
      if (keys === undefined) holders.set(look, new Set([key]))
      else keys.add(key)
    }
  }
}
