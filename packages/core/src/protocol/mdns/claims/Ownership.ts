/**
 * The records we own on a link, and since when they are known there.
 */
import type * as Engine from "../Engine.ts"
import * as Record from "../Record.ts"
import type * as Zone from "../Zone.ts"
import * as Offer from "./Offer.ts"
import * as Packets from "./Packets.ts"
import * as State from "./State.ts"

/** What queries on a link are answered from; the same object until names change, with the same records for as long as they hold. */
export const zone = (self: State.State, presence: State.Presence): Zone.Zone => presence.zone ??= build(self, presence)

const build = (self: State.State, presence: State.Presence): Zone.Zone => {
  const names = new Map<string, { readonly isSole: boolean; readonly records: Array<Zone.Owned> }>()
  const known = new Set<string>()
  const add = (record: Record.Record, isSole: boolean): void => {
    const owned = own(presence, record)
    if (known.has(owned.key)) return
    known.add(owned.key)
    const name = names.get(record.name.key)
    if (name === undefined) names.set(record.name.key, { isSole, records: [owned] })
    else name.records.push(owned)
  }
  for (const [, standing] of State.standingsOn(self, presence.link.key)) {
    if (!State.isOurs(standing)) continue
    for (const record of standing.offer.unique) add(record, true)
    for (const record of standing.offer.reverse) add(record, true)
    for (const record of standing.offer.shared) add(record, false)
  }
  return { names }
}

/** The record as it is owned on the link. */
export const own = (presence: State.Presence, record: Record.Record): Zone.Owned => {
  const key = Record.key(record)
  const known = presence.owned.get(key)
  if (known !== undefined && known.record.ttl === record.ttl && known.record.flush === record.flush) return known
  const owned = { record, key, multicastAt: known?.multicastAt ?? -Infinity }
  presence.owned.set(key, owned)
  return owned
}

/** Takes records back, those that were said and are no other claim's too (RFC 6762, section 10.1). Call it when they are offered no more. */
export const takeBack = (
  self: State.State,
  presence: State.Presence,
  records: Iterable<Record.Record>,
  out: Array<Engine.Output>
): void => {
  const gone: Array<Record.Record> = []
  for (const record of records) {
    if (isOffered(self, presence, record)) continue
    const key = Record.key(record)
    const owned = presence.owned.get(key)
    presence.owned.delete(key)
    const outdated = presence.outdated.get(Offer.partKey(record)) ?? []
    presence.outdated.delete(Offer.partKey(record))
    for (const each of [...owned === undefined ? [] : [owned], ...outdated]) {
      if (each.multicastAt !== -Infinity) gone.push(each.record)
    }
  }
  Packets.say(presence.link, gone, out, 0)
}

// unique records are of one claim alone
const isOffered = (self: State.State, presence: State.Presence, record: Record.Record): boolean => {
  if (record.flush) return false
  const part = Offer.partKey(record)
  for (const [, standing] of State.standingsOn(self, presence.link.key)) {
    if (State.isOurs(standing) && standing.offer.parts.has(part)) return true
  }
  return false
}

/** Takes records for outdated: their set will be said anew, which makes others forget them, unless all is taken back before. */
export const outdate = ({ outdated, owned }: State.Presence, records: Iterable<Record.Record>): void => {
  for (const record of records) {
    const known = owned.get(Record.key(record))
    owned.delete(Record.key(record))
    if (known === undefined || known.multicastAt === -Infinity) continue
    outdated.set(Offer.partKey(record), [...outdated.get(Offer.partKey(record)) ?? [], known])
  }
}

/** Forgets records without a word: somebody else has the name. */
export const forget = (presence: State.Presence, records: Iterable<Record.Record>): void => {
  for (const record of records) presence.owned.delete(Record.key(record))
}

/** Takes everything back at once. */
export const takeAllBack = ({ link, outdated, owned }: State.Presence, out: Array<Engine.Output>): void => {
  const said = [...owned.values(), ...Array.from(outdated.values()).flat()].filter(({ multicastAt }) =>
    multicastAt !== -Infinity
  )
  Packets.say(link, said.map(({ record }) => record), out, 0)
}
