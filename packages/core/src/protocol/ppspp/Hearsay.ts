/**
 * Addresses that peers named, bounded for each who names and in all.
 */
import * as NetAddress from "effect/net/NetAddress"

/** An address, who named it last, and when. */
export interface Rumour {
  readonly address: NetAddress.InetAddress
  /** The address of who named it. */
  readonly informant: string
  readonly heardAt: number
}

/** What was named, by the address as text, and what was found to be nobody's, with the time until which nothing more is heard of it. */
export interface Hearsay {
  readonly rumours: Map<string, Rumour>
  readonly refuted: Map<string, number>
}

/** The most addresses of one informant, in all, and of those that are nobody's. */
export const perInformant = 32
export const most = 256

const refutedFor = 600_000

export const make = (): Hearsay => ({ rumours: new Map(), refuted: new Map() })

/**
 * Takes up what was named: what had to make room for it, or `undefined` when it is not taken up.
 *
 * Who was named first by one informant stays with that one, as long as that informant repeats it.
 */
export const add = (self: Hearsay, rumour: Rumour, lifetime: number): ReadonlyArray<Rumour> | undefined => {
  const text = NetAddress.formatInet(rumour.address)
  if ((self.refuted.get(text) ?? 0) > rumour.heardAt) return undefined
  const known = self.rumours.get(text)
  if (known !== undefined && known.informant !== rumour.informant && rumour.heardAt - known.heardAt < lifetime) {
    return undefined
  }
  self.rumours.delete(text)
  self.rumours.set(text, rumour)
  const gone = known === undefined || known.informant === rumour.informant ? [] : [known]
  return [...gone, ...evict(self, rumour.informant)]
}

const evict = (self: Hearsay, informant: string): ReadonlyArray<Rumour> => {
  const own = Array.from(self.rumours.values()).filter((rumour) => rumour.informant === informant)
  const [oldest] = own.length > perInformant ? own : self.rumours.size > most ? self.rumours.values() : []
  if (oldest === undefined) return []
  self.rumours.delete(NetAddress.formatInet(oldest.address))
  return [oldest]
}

/** Forgets an address; who named it. */
export const forget = (self: Hearsay, address: string): ReadonlyArray<string> => {
  const known = self.rumours.get(address)
  self.rumours.delete(address)
  return known === undefined ? [] : [known.informant]
}

/** Nobody answers at an address: it is not taken up again for ten minutes. Who named it. */
export const refute = (self: Hearsay, address: string, now: number): ReadonlyArray<string> => {
  self.refuted.delete(address)
  self.refuted.set(address, now + refutedFor)
  const [oldest] = self.refuted.size > most ? self.refuted.keys() : []
  if (oldest !== undefined) self.refuted.delete(oldest)
  return forget(self, address)
}

/** The address that has waited longest, of those that were named lately. */
export const next = (
  self: Hearsay,
  now: number,
  lifetime: number,
  isKnown: (address: string) => boolean
): NetAddress.InetAddress | undefined => {
  for (const [text, { address, heardAt }] of self.rumours) {
    if (now - heardAt >= lifetime) self.rumours.delete(text)
    else if (!isKnown(text)) return address
  }
  return undefined
}
