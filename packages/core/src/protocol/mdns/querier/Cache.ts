/**
 * The records of all links, bounded in number, in octets, by name and by source.
 *
 * A flood must not steer what is evicted: first go records that nobody has an interest in, then the newest of the source that has most;
 * what comes from that source itself is refused. So a flood mostly displaces itself.
 */
import type * as Engine from "../Engine.ts"
import * as Record from "../Record.ts"
import type * as State from "./State.ts"
import * as Timers from "./Timers.ts"

export const make = (limits: Engine.Limits): State.Cache => ({
  limits,
  sources: new Map(),
  largest: Timers.make(),
  unwanted: new Set(),
  records: 0,
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
  const { place, record } = newcomer
  const source = sourceOf(self, newcomer.host)
  const entry: State.Entry = {
    _tag: "Entry",
    at: Infinity,
    slot: -1,
    place,
    key: newcomer.key,
    source,
    size,
    origin: newcomer.host,
    announcers: new Set(),
    record,
    receivedAt: 0,
    expiresAt: 0,
    ttl: 0,
    spread: [],
    refreshes: 0,
    doom: undefined,
    unanswered: 0,
    unansweredSince: 0
  }
  attach(self, entry, newcomer.isWanted)
  return entry
}

/** Says whether anybody has an interest in a record. */
export const want = (self: State.Cache, entry: State.Entry, isWanted: boolean): void => {
  if (isWanted) self.unwanted.delete(entry)
  else self.unwanted.add(entry)
}

const attach = (self: State.Cache, entry: State.Entry, isWanted: boolean): void => {
  const { place, record, source } = entry
  const entries = place.names.get(record.name.key) ?? new Map<string, State.Entry>()
  place.names.set(record.name.key, entries.set(entry.key, entry))
  source.entries.add(entry)
  count(source.names, sourceName(entry), 1)
  Timers.set(self.largest, source, -source.entries.size)
  const target = targetOf(record)
  if (target !== undefined) count(place.referrers, target, 1)
  if (!isWanted) self.unwanted.add(entry)
  self.records += 1
  self.octets += entry.size
}

/** Takes an entry out. */
export const remove = (self: State.Cache, entry: State.Entry): void => {
  const { place, record, source } = entry
  const entries = place.names.get(record.name.key)
  if (entries?.get(entry.key) !== entry) return
  entries.delete(entry.key)
  if (entries.size === 0) place.names.delete(record.name.key)
  source.entries.delete(entry)
  count(source.names, sourceName(entry), -1)
  if (source.entries.size > 0) Timers.set(self.largest, source, -source.entries.size)
  else {
    Timers.clear(self.largest, source)
    self.sources.delete(source.host)
  }
  const target = targetOf(record)
  if (target !== undefined) count(place.referrers, target, -1)
  self.unwanted.delete(entry)
  self.records -= 1
  self.octets -= entry.size
}

/** The key of the name that a record leads to. */
export const targetOf = ({ data }: Record.Record): string | undefined =>
  data._tag === "Pointer" || data._tag === "Service" ? data.target.key : undefined

const sourceName = ({ place, record }: Pick<State.Entry, "place" | "record">): string =>
  `${place.link.key} ${record.name.key}`

const count = (counts: Map<string, number>, key: string, by: number): void => {
  const sum = (counts.get(key) ?? 0) + by
  if (sum === 0) counts.delete(key)
  else counts.set(key, sum)
}

const sourceOf = ({ sources }: State.Cache, host: string): State.Source => {
  const known = sources.get(host)
  if (known !== undefined) return known
  const source: State.Source = { host, entries: new Set(), names: new Map(), at: Infinity, slot: -1 }
  sources.set(host, source)
  return source
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
  const { limits } = self
  const names = self.sources.get(newcomer.host)?.names
  const isNewName = names?.has(sourceName(newcomer)) !== true
  if (isNewName && (names?.size ?? 0) >= limits.namesPerSource) return false
  if (size > limits.recordOctets || !makeRoomAtName(self, newcomer, evict)) return false
  while (self.records >= limits.records || self.octets + size > limits.recordOctets) {
    const victim = victimOf(self, newcomer)
    if (victim === undefined) return false
    evict(victim)
  }
  return true
}

/** Whether a record is one of a set that grows with the link: the pointers of a service type. */
const isSharedPointer = ({ flush, type }: Record.Record): boolean => type === Record.Type.PTR && !flush

const makeRoomAtName = (
  { limits }: State.Cache,
  { host, place, record }: Newcomer,
  evict: (entry: State.Entry) => void
): boolean => {
  const isPointer = isSharedPointer(record)
  const all = place.names.get(record.name.key)
  const limit = isPointer ? limits.pointersPerName : limits.recordsPerName
  if (all === undefined || all.size < limit) return true
  const rivals = Array.from(all.values()).filter((entry) => isSharedPointer(entry.record) === isPointer)
  if (rivals.length < limit) return true
  const victim = rivals.find(({ doom }) => doom !== undefined) ?? newestOfMost(rivals, host)
  if (victim === undefined) return false
  evict(victim)
  return true
}

/** The newest entry of the source that has most of these, if it has more than `host` would have with one more. */
const newestOfMost = (entries: ReadonlyArray<State.Entry>, host: string): State.Entry | undefined => {
  const bySource = new Map<string, Array<State.Entry>>()
  for (const entry of entries) {
    const known = bySource.get(entry.origin)
    if (known === undefined) bySource.set(entry.origin, [entry])
    else known.push(entry)
  }
  let most: ReadonlyArray<State.Entry> = []
  for (const group of bySource.values()) if (group.length > most.length) most = group
  return most.length > (bySource.get(host)?.length ?? 0) + 1 ? most.at(-1) : undefined
}

const victimOf = ({ largest, sources, unwanted }: State.Cache, newcomer: Newcomer): State.Entry | undefined => {
  const most = largest.heap[0]
  const own = sources.get(newcomer.host)?.entries.size ?? 0
  const isFlooding = most === undefined || most.entries.size <= own + 1
  if (!newcomer.isWanted && isFlooding) return undefined
  for (const entry of unwanted) return entry
  return newcomer.isWanted && !isFlooding ? Array.from(most.entries).at(-1) : undefined
}
