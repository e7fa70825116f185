/**
 * Which of our records others have already: the querier lists them, or another host has just said them (RFC 6762, sections 7.1 and 7.4).
 */
import * as Record from "../Record.ts"
import type * as Zone from "../Zone.ts"

/** Keys of records under our names, with the ttl that others give them. */
export type Known = ReadonlyMap<string, number>

/** What some records say of our names. */
export const listed = (zone: Zone.Zone, records: ReadonlyArray<Record.Record>): Known => {
  const ttls = new Map<string, number>()
  for (const record of records) {
    if (!zone.names.has(record.name.key)) continue
    const key = Record.key(record)
    ttls.set(key, Math.max(record.ttl, ttls.get(key) ?? 0))
  }
  return ttls
}

/** Whether a record of ours is listed with half of our ttl at least: then it is not to be said again. */
export const has = (self: Known, { key, record }: Zone.Owned): boolean => 2 * (self.get(key) ?? -1) >= record.ttl

/** Our records that another host has said with our ttl at least. */
export const heard = (zone: Zone.Zone, records: ReadonlyArray<Record.Record>): Map<string, Zone.Owned> => {
  const ttls = listed(zone, records)
  const heard = new Map<string, Zone.Owned>()
  const names = ttls.size === 0 ? new Set<string>() : new Set(records.map(({ name }) => name.key))
  for (const name of names) {
    for (const owned of zone.names.get(name)?.records ?? []) {
      if ((ttls.get(owned.key) ?? -1) >= owned.record.ttl) heard.set(owned.key, owned)
    }
  }
  return heard
}
