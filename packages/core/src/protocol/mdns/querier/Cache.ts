/**
 * The records of all links, bounded in number, in octets, by name and by source.
 *
 * A flood must not steer what is evicted: first go records that nobody has an interest in, then the newest of the source that has most;
 * what comes from that source itself is refused. So a flood mostly displaces itself.
 */
import type * as Engine from "../Engine.ts"
import * as Record from "../Record.ts"
import * as Shares from "./Shares.ts"
import type * as State from "./State.ts"

export const make = (limits: Engine.Limits): State.Cache => ({
  limits,
  shares: Shares.make(),
  names: new Map(),
  unwanted: new Set(),
  octets: 0
})

/** The records of a name and type; 255 stands for all types. */
export const find = (place: State.Place, nameKey: string, type: number): ReadonlyArray<State.Entry> => {
  const entries = Array.from(place.names.get(nameKey)?.values() ?? [])
  return type === Record.Type.ANY ? entries : entries.filter(({ record }) => record.type === type)
}

/** What a record is, that is to be kept. */
export interface Newcomer {
  readonly place: State.Place
  readonly record: Record.Record
  readonly key: string
  readonly host: string
  readonly isWanted: boolean
}

/** Makes an entry, with no time of its own yet; `undefined` when there is no room for it. Others may be evicted, which `evict` is told. */
export const insert = (
  self: State.Cache,
  newcomer: Newcomer,
  evict: (entry: State.Entry) => void
): State.Entry | undefined => {
  const size = sizeOf(newcomer.record)
  if (!makeRoom(self, newcomer, size, evict)) return undefined
  const { host, isWanted, key, place, record } = newcomer
  const entry: State.Entry = {
    _tag: "Entry",
    at: Infinity,
    slot: -1,
    place,
    key,
    isPointer: isPointer(record),
    size,
    origin: host,
    announcers: [],
    record,
    receivedAt: 0,
    expiresAt: 0,
    ttl: 0,
    spread: [],
    refreshes: 0,
    doom: undefined,
    unanswered: 0,
    unansweredSince: 0,
    unansweredAt: 0
  }
  attach(self, entry, isWanted)
  return entry
}

/** Says whether anybody has an interest in a record. */
export const want = (self: State.Cache, entry: State.Entry, isWanted: boolean): void => {
  if (isWanted) self.unwanted.delete(entry)
  else self.unwanted.add(entry)
}

const attach = (self: State.Cache, entry: State.Entry, isWanted: boolean): void => {
  const { place, record: { name } } = entry
  const entries = place.names.get(name.key) ?? new Map<string, State.Entry>()
  place.names.set(name.key, entries.set(entry.key, entry))
  if (entry.isPointer) {
    const pointers = place.pointers.get(name.key) ?? Shares.make<State.Entry>()
    place.pointers.set(name.key, pointers)
    Shares.add(pointers, entry)
  }
  Shares.add(self.shares, entry)
  const names = self.names.get(entry.origin) ?? new Map<string, number>()
  self.names.set(entry.origin, names)
  count(names, placeName(entry), 1)
  countTarget(entry, 1)
  if (!isWanted) self.unwanted.add(entry)
  self.octets += entry.size
}

/** Takes an entry out. */
export const remove = (self: State.Cache, entry: State.Entry): void => {
  const { place, record: { name } } = entry
  const entries = place.names.get(name.key)
  if (entries?.get(entry.key) !== entry) return
  entries.delete(entry.key)
  if (entries.size === 0) place.names.delete(name.key)
  const pointers = entry.isPointer ? place.pointers.get(name.key) : undefined
  if (pointers !== undefined) Shares.remove(pointers, entry)
  if (pointers?.size === 0) place.pointers.delete(name.key)
  Shares.remove(self.shares, entry)
  const names = self.names.get(entry.origin)
  if (names !== undefined) count(names, placeName(entry), -1)
  if (names?.size === 0) self.names.delete(entry.origin)
  countTarget(entry, -1)
  self.unwanted.delete(entry)
  self.octets -= entry.size
}

/** The key of the name that a record leads to. */
export const targetOf = ({ data }: Record.Record): string | undefined =>
  data._tag === "Pointer" || data._tag === "Service" ? data.target.key : undefined

const placeName = ({ place, record }: Pick<State.Entry, "place" | "record">): string =>
  `${place.link.key} ${record.name.key}`

const countTarget = ({ place, record }: State.Entry, by: number): void => {
  const target = targetOf(record)
  if (target !== undefined) count(place.referrers, target, by)
}

const count = (counts: Map<string, number>, key: string, by: number): void => {
  const sum = (counts.get(key) ?? 0) + by
  if (sum === 0) counts.delete(key)
  else counts.set(key, sum)
}

const sizeOf = ({ data }: Record.Record): number => {
  switch (data._tag) {
    case "Pointer":
      return data.target.wire.length
    case "Service":
      return 6 + data.target.wire.length
    case "Denial":
      return data.next.wire.length + 2 * data.types.length
    default:
      return data.octets.length
  }
}

const makeRoom = (
  self: State.Cache,
  newcomer: Newcomer,
  size: number,
  evict: (entry: State.Entry) => void
): boolean => {
  const { limits, names, shares } = self
  const own = names.get(newcomer.host)
  if (own !== undefined && own.size >= limits.namesPerSource && !own.has(placeName(newcomer))) return false
  if (size > limits.recordOctets || !makeRoomAtName(self, newcomer, evict)) return false
  while (shares.size >= limits.records || self.octets + size > limits.recordOctets) {
    const victim = victimOf(self, newcomer)
    if (victim === undefined) return false
    evict(victim)
  }
  return true
}

const isPointer = ({ flush, type }: Record.Record): boolean => type === Record.Type.PTR && !flush

const makeRoomAtName = (
  { limits }: State.Cache,
  { host, place, record }: Newcomer,
  evict: (entry: State.Entry) => void
): boolean => {
  const { key } = record.name
  const pointers = place.pointers.get(key)
  const entries = place.names.get(key)
  const isFull = isPointer(record)
    ? (pointers?.size ?? 0) >= limits.pointersPerName
    : (entries?.size ?? 0) - (pointers?.size ?? 0) >= limits.recordsPerName
  if (!isFull) return true
  const victim = isPointer(record) ? Shares.victimFor(pointers!, host) : victimAmong(entries!, host)
  if (victim !== undefined) evict(victim)
  return victim !== undefined
}

/** Among the few records of a name: one that is ending, or the newest of the source that has most. */
const victimAmong = (entries: ReadonlyMap<string, State.Entry>, host: string): State.Entry | undefined => {
  const shares = Shares.make<State.Entry>()
  for (const entry of entries.values()) {
    if (entry.isPointer) continue
    if (entry.doom !== undefined) return entry
    Shares.add(shares, entry)
  }
  return Shares.victimFor(shares, host)
}

const victimOf = ({ shares, unwanted }: State.Cache, { host, isWanted }: Newcomer): State.Entry | undefined => {
  const victim = Shares.victimFor(shares, host)
  if (victim === undefined && !isWanted) return undefined
  for (const entry of unwanted) return entry
  return isWanted ? victim : undefined
}
