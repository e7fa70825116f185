/**
 * Addresses that peers named, bounded for each who names and in all.
 */
import * as NetAddress from "effect/net/NetAddress"

/** An address, who named it last, and when. */
export interface Rumour {
  readonly address: NetAddress.InetAddress
  /** The address of who named it, and the source that it counts for. */
  readonly informant: string
  readonly source: string
  readonly heardAt: number
}

/** What was named, by the address as text, and what was found to be nobody's, with the time until which nothing more is heard of it. */
export interface Hearsay {
  readonly rumours: Map<string, Rumour>
  readonly refuted: Map<string, Refuted>
}

interface Refuted {
  readonly host: string
  readonly until: number
}

/** The most addresses that one source names, in all, and of those that are nobody's. */
export const perInformant = 32
export const most = 256

/** The most addresses of one host, those that are nobody's included: else its ports would be asked one after another, for ever. */
export const perHost = 8

const refutedFor = 600_000

export const make = (): Hearsay => ({ rumours: new Map(), refuted: new Map() })

/**
 * Takes up what was named: what had to make room for it, or `undefined` when it is not taken up.
 *
 * Who was named first by one informant stays with that one, as long as that informant repeats it.
 */
export const add = (self: Hearsay, rumour: Rumour, lifetime: number): ReadonlyArray<Rumour> | undefined => {
  const text = NetAddress.formatInet(rumour.address)
  if ((self.refuted.get(text)?.until ?? 0) > rumour.heardAt) return undefined
  const known = self.rumours.get(text)
  if (known === undefined && isCrowded(self, rumour)) return undefined
  if (known !== undefined && known.informant !== rumour.informant && rumour.heardAt - known.heardAt < lifetime) {
    return undefined
  }
  self.rumours.delete(text)
  self.rumours.set(text, rumour)
  const gone = known === undefined || known.informant === rumour.informant ? [] : [known]
  return [...gone, ...evict(self, rumour.source)]
}

const isCrowded = ({ refuted, rumours }: Hearsay, { address, heardAt }: Rumour): boolean => {
  const host = NetAddress.formatHost(address)
  let count = 0
  for (const rumour of rumours.values()) if (NetAddress.formatHost(rumour.address) === host) count++
  for (const nobody of refuted.values()) if (nobody.host === host && nobody.until > heardAt) count++
  return count >= perHost
}

// of a source that names too many, or else of the one that names most, so that no other has to make room for it
const evict = (self: Hearsay, source: string): ReadonlyArray<Rumour> => {
  const own = namedBy(self, source)
  const [oldest] = own.length > perInformant ? own : self.rumours.size > most ? namedBy(self, loudest(self)) : []
  if (oldest === undefined) return []
  self.rumours.delete(NetAddress.formatInet(oldest.address))
  return [oldest]
}

const namedBy = ({ rumours }: Hearsay, source: string | undefined): ReadonlyArray<Rumour> =>
  Array.from(rumours.values()).filter((rumour) => rumour.source === source)

const loudest = ({ rumours }: Hearsay): string | undefined => {
  const counts = new Map<string, number>()
  for (const { source } of rumours.values()) counts.set(source, (counts.get(source) ?? 0) + 1)
  const [largest] = Array.from(counts).toSorted(([, a], [, b]) => b - a)
  return largest?.[0]
}

/** Forgets an address; who named it. */
export const forget = (self: Hearsay, address: string): ReadonlyArray<string> => {
  const known = self.rumours.get(address)
  self.rumours.delete(address)
  return known === undefined ? [] : [known.informant]
}

/** Nobody answers at an address: it is not taken up again for ten minutes. Who named it. */
export const refute = (self: Hearsay, address: NetAddress.InetAddress, now: number): ReadonlyArray<string> => {
  const text = NetAddress.formatInet(address)
  self.refuted.delete(text)
  self.refuted.set(text, { host: NetAddress.formatHost(address), until: now + refutedFor })
  const [oldest] = self.refuted.size > most ? self.refuted.keys() : []
  if (oldest !== undefined) self.refuted.delete(oldest)
  return forget(self, text)
}

/** The one that has waited longest, of those that were named lately and are wanted. */
export const next = (
  self: Hearsay,
  now: number,
  lifetime: number,
  isWanted: (rumour: Rumour) => boolean
): Rumour | undefined => {
  for (const [text, rumour] of self.rumours) {
    if (now - rumour.heardAt >= lifetime) self.rumours.delete(text)
    else if (isWanted(rumour)) return rumour
  }
  return undefined
}
