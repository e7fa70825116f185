/**
 * The records of all links, bounded in number, in octets, by name and by source.
 *
 * A flood must not steer what is evicted: first go records that nobody has an interest in, then the newest of the source that has most;
 * what comes from that source itself is refused. So a flood mostly displaces itself.
 */
import * as Origins from "../../../internal/Origins.ts"
import type * as Engine from "../Engine.ts"
import type * as Name from "../Name.ts"
import * as Record from "../Record.ts"
import * as Entry from "./Entry.ts"
import * as Hearing from "./Hearing.ts"
import * as Kept from "./Kept.ts"
import * as Node from "./Node.ts"
import * as Shares from "./Shares.ts"
import * as Sources from "./Sources.ts"
import type * as State from "./State.ts"

/** An empty cache. Nobody outside is to know the secret, by which sources are found. */
export const make = (limits: Engine.Limits, secret: number): State.Cache => ({
  limits,
  sources: Sources.make(secret),
  unwanted: new Set(),
  octets: 0
})

/** What a record is, that is to be kept. */
export interface Newcomer {
  readonly place: State.Place
  /** The node of its name, if there is one. */
  readonly node: State.Node | undefined
  readonly record: Record.Record
  readonly host: string
  readonly isWanted: boolean
  readonly saying: Hearing.Saying
}

/** Makes an entry; `undefined` when there is no room for it. Others may be evicted, which `evict` is told. */
export const insert = (
  self: State.Cache,
  newcomer: Newcomer,
  evict: (entry: State.Entry) => void
): State.Entry | undefined => {
  const { host, isWanted, place, record, saying } = newcomer
  const size = Kept.octetsOf(record.data)
  const known = sourceOf(self, newcomer)
  if (!makeRoom(self, newcomer, known, size, evict)) return undefined
  // it may have been let go of with all that was evicted
  const node = (newcomer.node && Node.at(place, newcomer.node)) ?? Node.open(place, record.name)
  const target = targetOf(record)
  const leadsTo = target && Node.open(place, target)
  const kept = Kept.of(record, node, leadsTo)
  // and so may this
  const source = known !== undefined && known.size > 0 ? known : Sources.open(self.sources, host)
  const entry = new Entry.Entry(node, record, kept, Hearing.ofSource(saying, source))
  if (leadsTo !== undefined) leadsTo.referrers += 1
  if (!Node.hasOf(node, source)) source.names += 1
  Node.add(node, entry, isPointer(record))
  Sources.count(self.sources, source, 1)
  Hearing.add(entry.hearing, entry)
  if (!isWanted) self.unwanted.add(entry)
  self.octets += size
  return entry
}

// whoever has records is known by them: it has been looked up for another record of the same datagram
const sourceOf = ({ sources }: State.Cache, { host, saying: { first } }: Newcomer): State.Source | undefined => {
  const known = first?.source
  return known !== undefined && known.size > 0 && known.origin === host ? known : Origins.get(sources.byHost, host)
}

const targetOf = ({ data }: Record.Record): Name.Name | undefined =>
  data._tag === "Pointer" || data._tag === "Service" ? data.target : undefined

/** Keeps the data as it was said last: in other letters, maybe. */
export const respell = (entry: State.Entry, record: Record.Record): void => {
  const { kept, node } = entry
  if (Kept.isSpelledAlike(kept, record.data)) return
  const target = targetOf(record)
  entry.kept = Kept.of(record, node, target && node.place.nodes.get(target.key))
}

/** Says whether anybody has an interest in a record. */
export const want = (self: State.Cache, entry: State.Entry, isWanted: boolean): void => {
  if (isWanted) self.unwanted.delete(entry)
  else self.unwanted.add(entry)
}

/** Takes an entry out. */
export const remove = (self: State.Cache, entry: State.Entry): void => {
  const { kept, node, source, type } = entry
  if (!Node.remove(node, entry)) return
  if (!Node.hasOf(node, source)) source.names -= 1
  Sources.count(self.sources, source, -1)
  Hearing.lose(entry)
  self.unwanted.delete(entry)
  self.octets -= Kept.sizeOf(kept, type, node)
  const target = Kept.targetOf(kept)
  const leadsTo = target === undefined ? undefined : node.place.nodes.get(target)
  if (leadsTo !== undefined) {
    leadsTo.referrers -= 1
    Node.close(leadsTo)
  }
  Node.close(node)
}

const makeRoom = (
  self: State.Cache,
  newcomer: Newcomer,
  source: State.Source | undefined,
  size: number,
  evict: (entry: State.Entry) => void
): boolean => {
  const { limits, sources } = self
  const { node } = newcomer
  if (source !== undefined && source.names >= limits.namesPerSource) {
    if (node === undefined || !Node.hasOf(node, source)) return false
  }
  if (size > limits.recordOctets) return false
  if (node !== undefined && !makeRoomAtName(self, node, newcomer, source, evict)) return false
  while (sources.size >= limits.records || self.octets + size > limits.recordOctets) {
    const victim = victimOf(self, newcomer)
    if (victim === undefined) return false
    evict(victim)
  }
  return true
}

const isPointer = ({ flush, type }: Record.Record): boolean => type === Record.Type.PTR && !flush

const makeRoomAtName = (
  { limits }: State.Cache,
  node: State.Node,
  { record }: Newcomer,
  source: State.Source | undefined,
  evict: (entry: State.Entry) => void
): boolean => {
  const { pointers } = node
  const isFull = isPointer(record)
    ? (pointers?.index.size ?? 0) >= limits.pointersPerName
    : node.size >= limits.recordsPerName
  if (!isFull) return true
  const victim = isPointer(record) ? pointers && Shares.victimFor(pointers.shares, source) : victimAmong(node, source)
  if (victim !== undefined) evict(victim)
  return victim !== undefined
}

/** Among the few records of a name: one that is ending, or the newest of the source that has most. */
const victimAmong = (node: State.Node, source: State.Source | undefined): State.Entry | undefined => {
  const ending = Node.endingOf(node)
  if (ending !== undefined) return ending
  const records = Node.recordsOf(node)
  const counts = new Map<State.Source, number>()
  let largest: State.Source | undefined
  let most = 0
  for (const entry of records) {
    const count = (counts.get(entry.source) ?? 0) + 1
    counts.set(entry.source, count)
    if (count > most) [largest, most] = [entry.source, count]
  }
  const own = source === undefined ? 0 : counts.get(source) ?? 0
  return most > own + 1 ? records.findLast((entry) => entry.source === largest) : undefined
}

const victimOf = ({ sources, unwanted }: State.Cache, { host, isWanted }: Newcomer): State.Entry | undefined => {
  const victim = Sources.victimFor(sources, host)
  if (victim === undefined && !isWanted) return undefined
  for (const entry of unwanted) return entry
  return isWanted ? victim : undefined
}
