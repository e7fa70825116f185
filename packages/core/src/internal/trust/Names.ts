/**
 * Which key holds which name of a realm: the first one that had it, then the successor it named, or after a denied one whoever comes next.
 */
import type * as PeerKey from "../../PeerKey.ts"
import type * as TrustEntry from "../../TrustEntry.ts"

/** The holders of names. */
export type Names = Map<string, TrustEntry.TrustEntry>

/** Nobody holds a name. */
export const make = (): Names => new Map()

/** The key that holds a name. */
export const holder = (self: Names, realm: string, name: string): PeerKey.PeerKey | undefined =>
  self.get(nameOf(realm, name))?.key

/**
 * Gives an entry its name, unless another key holds it.
 *
 * A denied key keeps its name until another one is put on the list with it: else whoever stole a key could retire it and have the name for
 * another one that nobody has decided about.
 */
export const add = (self: Names, entry: TrustEntry.TrustEntry): void => {
  const { name, realm } = entry
  if (realm === undefined || name === undefined) return
  const held = nameOf(realm, name)
  const before = self.get(held)
  if (before === undefined || makesWay(before, entry)) self.set(held, entry)
}

const makesWay = (before: TrustEntry.TrustEntry, { state, via }: TrustEntry.TrustEntry): boolean =>
  before.key === via || (before.state === "denied" && state !== "denied")

/** Whether an entry has the same claim to a name as the one that it takes the place of. */
export const areAlike = (before: TrustEntry.TrustEntry, { name, realm, state, via }: TrustEntry.TrustEntry): boolean =>
  before.name === name && before.realm === realm && before.state === state && before.via === via

/** The holders among these entries, in their order. */
export const rebuild = (self: Names, entries: Iterable<TrustEntry.TrustEntry>): void => {
  self.clear()
  for (const entry of entries) add(self, entry)
}

// a realm has at most 63 octets, so its length tells where the name begins
const nameOf = (realm: string, name: string): string => `${realm.length}:${realm}${name}`
