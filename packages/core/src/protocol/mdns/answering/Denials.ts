/**
 * The NSEC records that deny what our names lack, in the restricted form (RFC 6762, section 6.1).
 */
import * as Record from "../Record.ts"
import type * as Zone from "../Zone.ts"

/** The denials that were sent on a link, by the key of their name: they are in no zone. */
export type Denials = Map<string, Zone.Owned>

/**
 * Whether types that a name lacks can be denied: all of its records are ours alone, and the one block of the restricted form tells of
 * all of them.
 */
export const isDeniable = (zone: Zone.Zone, name: string): boolean => {
  const owner = zone.names.get(name)
  return owner !== undefined && owner.isSole && owner.records.some(({ record }) => record.class === Record.IN) &&
    owner.records.every(({ record }) => record.type < 256)
}

/** The denial of a name as it is now. */
export const of = (self: Denials, zone: Zone.Zone, name: string, ttl: number): Zone.Owned | undefined => {
  if (!isDeniable(zone, name)) return undefined
  const record = recordOf(zone.names.get(name)!.records, ttl)
  const key = Record.key(record)
  const sent = self.get(name)
  if (sent?.key === key && sent.record.ttl === ttl) return sent
  const owned = { record, key, multicastAt: sent?.key === key ? sent.multicastAt : -Infinity }
  if (sent === undefined) forgetOthers(self, zone)
  self.set(name, owned)
  return owned
}

const recordOf = (records: ReadonlyArray<Zone.Owned>, ttl: number): Record.Record => {
  const name = records[0]!.record.name
  // the bit of NSEC itself is never set
  const types = new Set(
    records.flatMap(({ record }) => record.class === Record.IN && record.type !== Record.Type.NSEC ? [record.type] : [])
  )
  const data = { _tag: "Denial", next: name, types: Array.from(types).toSorted((a, b) => a - b) } as const
  return { name, type: Record.Type.NSEC, class: Record.IN, flush: true, ttl, data }
}

// names come and go, so those that are no longer ours must not pile up
const forgetOthers = (self: Denials, zone: Zone.Zone): void => {
  if (self.size < zone.names.size) return
  for (const name of self.keys()) if (!zone.names.has(name)) self.delete(name)
}
