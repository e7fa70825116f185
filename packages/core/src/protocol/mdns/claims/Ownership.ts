/**
 * The records we own on a link, and since when they are known there.
 */
import type * as Engine from "../Engine.ts"
import * as Link from "../Link.ts"
import type * as Name from "../Name.ts"
import * as Record from "../Record.ts"
import type * as Zone from "../Zone.ts"
import * as Farewells from "./Farewells.ts"
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

/** The record as it is owned on the link; one that is new there is doubted or not. */
export const own = (presence: State.Presence, record: Record.Record, isDoubted = false): State.Holding => {
  const key = Record.key(record)
  const known = presence.owned.get(key)
  if (known !== undefined && known.record.ttl === record.ttl && known.record.flush === record.flush) return known
  const owned = { record, key, multicastAt: known?.multicastAt ?? -Infinity, isDoubted: known?.isDoubted ?? isDoubted }
  presence.owned.set(key, owned)
  return owned
}

/** Has records in the case that their names are in now. */
export const respell = ({ owned }: State.Presence, records: Iterable<Record.Record>): void => {
  for (const record of records) {
    const known = owned.get(Record.key(record))
    if (known !== undefined) owned.set(known.key, { ...known, record })
  }
}

/** Takes records back, those that were said and are no other claim's too (RFC 6762, section 10.1). Call it when they are offered no more. */
export const takeBack = (
  self: State.State,
  presence: State.Presence,
  records: Iterable<Record.Record>,
  now: number,
  out: Array<Engine.Output>
): void => sayGone(presence, Array.from(records).filter((record) => !isOffered(self, presence, record)), now, out)

// of what no claim offers
const sayGone = (
  presence: State.Presence,
  records: ReadonlyArray<Record.Record>,
  now: number,
  out: Array<Engine.Output>
): void => {
  const gone = new Map<string, State.Holding>()
  for (const record of records) {
    const part = Offer.partKey(record)
    for (const old of presence.outdated.get(part) ?? []) gone.set(old.key, old)
    presence.outdated.delete(part)
    const said = remove(presence, record)
    if (said !== undefined) gone.set(said.key, said)
  }
  Farewells.say(presence, Array.from(gone.values()), now, out)
}

// by all names of a link
const offered = (self: State.State, { link }: State.Presence): Pick<Offer.Offer, "parts"> => ({
  parts: new Map(Array.from(State.standingsOn(self, link.key)).flatMap(([, { offer }]) => Array.from(offer.parts)))
})

/** Records that others may believe: since when nobody knows any more. */
export const held = (records: ReadonlyArray<Record.Record>, now: number): ReadonlyArray<Zone.Owned> =>
  records.map((record) => ({ record, key: Record.key(record), multicastAt: now }))

/** What was said on a link. */
export const said = ({ outdated, owned }: State.Presence): ReadonlyArray<State.Holding> => [
  ...Array.from(owned.values()).filter(({ multicastAt }) => multicastAt !== -Infinity),
  ...Array.from(outdated.values()).flat()
]

/** Whether others may still believe what was said. */
export const isBelieved = ({ multicastAt, record }: Zone.Owned, now: number): boolean =>
  multicastAt + record.ttl * 1_000 > now

/** Knows what was said on a link before, as far as it may be believed still: what is not offered any more is taken back. */
export const recall = (
  self: State.State,
  presence: State.Presence,
  said: ReadonlyArray<Zone.Owned>,
  now: number,
  out: Array<Engine.Output>
): void => {
  const believed = said.filter((owned) => isBelieved(owned, now))
  for (const { multicastAt, record } of believed) {
    const owned = own(presence, record, true)
    owned.multicastAt = Math.max(owned.multicastAt, multicastAt)
  }
  const before = { parts: Offer.partsOf(believed.map(({ record }) => record)) }
  const after = offered(self, presence)
  sayGone(presence, Offer.leaving(before, after), now, out)
  outdate(presence, Offer.replaced(before, after))
  respell(presence, Array.from(after.parts.values()).flat())
  presence.zone = undefined
}

/** Forgets a record; gives it when it was said. */
const remove = ({ owned }: State.Presence, record: Record.Record): State.Holding | undefined => {
  const key = Record.key(record)
  const known = owned.get(key)
  owned.delete(key)
  return known !== undefined && known.multicastAt !== -Infinity ? known : undefined
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
export const outdate = (presence: State.Presence, records: Iterable<Record.Record>): void => {
  for (const record of records) {
    const said = remove(presence, record)
    if (said === undefined) continue
    const part = Offer.partKey(record)
    presence.outdated.set(part, [...presence.outdated.get(part) ?? [], said])
  }
}

/** For so long others keep what they heard before a set was said anew, in milliseconds (RFC 6762, section 10.2). */
const grace = 1_000

/** Notes that a part is said: what is outdated of it others drop, unless they have heard it within the second before. */
export const renew = ({ outdated }: State.Presence, { record }: Zone.Owned, now: number): void => {
  if (outdated.size === 0) return
  const part = Offer.partKey(record)
  const kept = outdated.get(part)?.filter((old) => isKept(old, now)) ?? []
  if (kept.length === 0) outdated.delete(part)
  else outdated.set(part, kept)
}

/** Whether others heard an outdated record so shortly before its set was said anew that they keep it. */
export const isKept = ({ multicastAt }: Zone.Owned, saidAt: number): boolean => multicastAt + grace >= saidAt

/** Doubts what was said of a name, or does so no more. */
export const doubt = ({ outdated, owned }: State.Presence, { parts }: Offer.Offer, isDoubted: boolean): void => {
  for (const [part, records] of parts) {
    for (const record of records) {
      const known = owned.get(Record.key(record))
      if (known !== undefined) known.isDoubted = isDoubted
    }
    for (const old of outdated.get(part) ?? []) old.isDoubted = isDoubted
  }
}

/** Forgets records without a word: somebody else has the name. */
export const forget = (presence: State.Presence, records: Iterable<Record.Record>): void => {
  for (const record of records) {
    presence.owned.delete(Record.key(record))
    presence.outdated.delete(Offer.partKey(record))
  }
}

/** Forgets without a word all that was said: where the link is now nobody has heard it. */
export const forgetAll = (presence: State.Presence): void => {
  presence.owned.clear()
  presence.outdated.clear()
  presence.farewells.clear()
  presence.zone = undefined
}

/** Forgets what was said under a name, and what points to it, on links that were gone from where somebody else has it: it is theirs now. */
export const forgetLeft = (self: State.State, name: Name.Name, { home, link }: State.Presence): void => {
  const isTheirs = ({ data, name: { key } }: Record.Record): boolean =>
    key === name.key || (data._tag === "Pointer" && data.target.key === name.key)
  self.left = self.left.map((left) =>
    left.link.interface === link.interface && Link.areTogether(left.home, home)
      ? { ...left, said: left.said.filter(({ record }) => !isTheirs(record)) }
      : left
  )
}

/** Takes everything back at once. */
export const takeAllBack = (presence: State.Presence, out: Array<Engine.Output>): void => {
  const gone = new Map(said(presence).map((holding) => [holding.key, holding]))
  Packets.takeBack(presence.link, Array.from(gone.values()), out)
}
