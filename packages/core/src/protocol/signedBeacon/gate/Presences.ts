/**
 * The announcements that hold now, and the goodbyes that have not ended them yet.
 */
import type * as PeerKey from "../../../PeerKey.ts"
import type * as Envelope from "../Envelope.ts"
import type * as Candidate from "./Candidate.ts"
import type * as Output from "./Output.ts"
import * as Shelf from "./Shelf.ts"

/** Milliseconds after which a goodbye takes effect, unless something newer is heard. */
export const grace = 1_000
/** How many places an announcement is remembered at. */
const maxOrigins = 8

/** The announcement that holds for a key. */
export interface Presence {
  readonly payload: Uint8Array
  readonly instance: number
  readonly group: string | undefined
  readonly ttl: number
  /** Where it, or one before it, was heard. */
  readonly origins: Array<Output.Origin>
  /** Where this one was heard. */
  readonly interfaces: Set<string>
  expiresAt: number
  isConfirmed: boolean
}

interface Goodbye {
  readonly payload: Uint8Array
  readonly at: number
  readonly origins: ReadonlyArray<Output.Origin>
}

export interface Presences {
  readonly shelf: Shelf.Shelf<Presence>
  /** The oldest first. Each costs a good signature, and none stays for longer than the grace. */
  readonly goodbyes: Map<PeerKey.PeerKey, Goodbye>
}

export const make = (capacity: number): Presences => ({ shelf: Shelf.make(capacity), goodbyes: new Map() })

export const get = ({ shelf }: Presences, key: PeerKey.PeerKey, now: number): Presence | undefined => {
  const presence = Shelf.get(shelf, key)
  return presence !== undefined && now < presence.expiresAt ? presence : undefined
}

/** An announcement holds from now on, in place of the one before and of a goodbye. */
export const put = (
  self: Presences,
  { key }: Envelope.Header,
  options: {
    readonly payload: Uint8Array
    readonly instance: number
    readonly group: string | undefined
    readonly ttl: number
    readonly origin: Output.Origin
    readonly isListed: boolean
  },
  now: number
): void => {
  const { group, instance, origin, payload, ttl } = options
  const origins = [...originsOf(self, key)]
  addOrigin(origins, origin)
  self.goodbyes.delete(key)
  const presence: Presence = {
    payload: new Uint8Array(payload),
    instance,
    group,
    ttl,
    origins,
    interfaces: new Set([placeOf(origin)]),
    expiresAt: now + ttl,
    isConfirmed: false
  }
  Shelf.put(self.shelf, key, presence, options.isListed)
}

/** Whether these octets are those of the announcement that holds, or is being verified. */
export const isSame = ({ payload }: Pick<Presence, "payload">, that: Uint8Array): boolean => areSame(payload, that)

/** Whether these octets are those of a goodbye that has not taken effect yet: the same comes in the other address family. */
export const isSaid = ({ goodbyes }: Presences, key: PeerKey.PeerKey, that: Uint8Array): boolean => {
  const goodbye = goodbyes.get(key)
  return goodbye !== undefined && areSame(goodbye.payload, that)
}

const areSame = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && isEqual(one, other)

// signatures come last, and differ when anything does
const isEqual = (one: Uint8Array, other: Uint8Array): boolean => {
  for (let i = one.length - 1; i >= 0; i--) {
    if (one[i] !== other[i]) return false
  }
  return true
}

/** Takes note of where the announcement was heard as well; false when that is known. */
export const addInterface = (self: Presence, origin: Output.Origin): boolean => {
  const place = placeOf(origin)
  if (self.interfaces.has(place) || self.interfaces.size >= maxOrigins) return false
  self.interfaces.add(place)
  addOrigin(self.origins, origin)
  return true
}

/** Takes note that where it was heard is gone: when that is back, the announcement that holds is news there. */
export const removeInterface = ({ shelf }: Presences, key: PeerKey.PeerKey, place: Output.Place): void => {
  Shelf.get(shelf, key)?.interfaces.delete(placeOf(place))
}

/** A proof has shown that the announcement still holds: once, for as long again. */
export const confirm = (self: Presence, now: number): void => {
  self.expiresAt = now + self.ttl
  self.isConfirmed = true
}

/** Ends an announcement after the grace. */
export const sayGoodbye = (
  self: Presences,
  { envelope: { key }, origin, payload }: Candidate.Signed,
  now: number
): void => {
  const known = originsOf(self, key)
  Shelf.remove(self.shelf, key)
  self.goodbyes.delete(key)
  const origins = known.length === 0 ? [origin] : known
  self.goodbyes.set(key, { payload, at: now + grace, origins })
}

/** Ends an announcement now. Returns where it was heard. */
export const remove = (self: Presences, key: PeerKey.PeerKey): ReadonlyArray<Output.Origin> => {
  const origins = originsOf(self, key)
  Shelf.remove(self.shelf, key)
  self.goodbyes.delete(key)
  return origins
}

/** Takes out the goodbyes whose grace is over. */
export const takeDue = ({ goodbyes }: Presences, now: number): ReadonlyArray<readonly [PeerKey.PeerKey, Goodbye]> => {
  const due: Array<readonly [PeerKey.PeerKey, Goodbye]> = []
  for (const entry of goodbyes) {
    if (entry[1].at > now) break
    goodbyes.delete(entry[0])
    due.push(entry)
  }
  return due
}

/** When the next goodbye takes effect. */
export const dueAt = ({ goodbyes }: Presences): number => goodbyes.values().next().value?.at ?? Infinity

const originsOf = ({ goodbyes, shelf }: Presences, key: PeerKey.PeerKey): ReadonlyArray<Output.Origin> =>
  Shelf.get(shelf, key)?.origins ?? goodbyes.get(key)?.origins ?? []

const addOrigin = (origins: Array<Output.Origin>, origin: Output.Origin): void => {
  const index = origins.findIndex((other) => placeOf(other) === placeOf(origin) && other.address === origin.address)
  if (index !== -1) origins.splice(index, 1)
  else if (origins.length >= maxOrigins) origins.shift()
  origins.push(origin)
}

/** What tells places apart. */
export const placeOf = (place: Output.Place): string => `${place.source} ${place.interface}`
