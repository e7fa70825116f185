/**
 * Services merged over links: what several links say of one name is one service (RFC 6762, section 14).
 */
import * as Equal from "effect/Equal"
import * as Stream from "effect/Stream"
import * as Service from "./Service.ts"

interface Entry {
  /** What each link says, the one that said something new last at the end. */
  readonly links: Map<string, Service.Service>
  merged: Service.Service
}

/** The services that are seen on any link. */
export interface Book {
  readonly entries: Map<string, Entry>
}

export const make = (): Book => ({ entries: new Map() })

/** Takes what one link says; gives what happened, if anything did. */
export const take = (self: Book, sighting: Service.Sighting): Service.ServiceEvent | undefined =>
  sighting._tag === "Seen" ? see(self, sighting) : lose(self, sighting)

/** What happens to services, from what the links say of them. */
export const merge = <E, R>(
  sightings: Stream.Stream<Service.Sighting, E, R>
): Stream.Stream<Service.ServiceEvent, E, R> =>
  Stream.mapAccum(sightings, make, (book, sighting) => {
    const event = take(book, sighting)
    return [book, event === undefined ? [] : [event]] as const
  })

const see = (self: Book, { link, service }: Service.Seen): Service.ServiceEvent | undefined => {
  const entry = self.entries.get(service.id)
  if (entry === undefined) {
    self.entries.set(service.id, { links: new Map([[link, service]]), merged: service })
    return { _tag: "ServiceFound", service }
  }
  const before = entry.links.get(link)
  if (before !== undefined && isSame(before, service)) return undefined
  entry.links.delete(link)
  entry.links.set(link, service)
  return update(entry)
}

const lose = (self: Book, { id, link, reason }: Service.Gone): Service.ServiceEvent | undefined => {
  const entry = self.entries.get(id)
  if (entry === undefined || !entry.links.delete(link)) return undefined
  if (entry.links.size > 0) return update(entry)
  self.entries.delete(id)
  return { _tag: "ServiceLost", service: entry.merged, reason }
}

const update = (entry: Entry): Service.ServiceEvent | undefined => {
  const previous = entry.merged
  const service = mergeLinks(entry.links)
  if (isSame(previous, service)) return undefined
  entry.merged = service
  return { _tag: "ServiceUpdated", service, previous }
}

// in the order of the links and not of their changes, so that nothing is told twice
const mergeLinks = (links: ReadonlyMap<string, Service.Service>): Service.Service => {
  const ordered = Array.from(links).toSorted(([a], [b]) => a < b ? -1 : 1).map(([, service]) => service)
  return {
    ...Array.from(links.values()).at(-1)!,
    addresses: Service.unionOf(ordered.flatMap(({ addresses }) => addresses)),
    interfaces: Array.from(new Set(ordered.flatMap(({ interfaces }) => interfaces)))
  }
}

const isSame = (self: Service.Service, that: Service.Service): boolean => Equal.equals(self, that)
