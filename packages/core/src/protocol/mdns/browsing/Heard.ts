/**
 * Records of one name and type as they were last heard, some of them beyond their ttl.
 *
 * A service is known by its pointer, which holds for 75 minutes; its host's records hold for two. To ask for them all the time would load
 * the network for little, so they stay as they were last heard until somebody says otherwise.
 */
import type * as Querier from "../Querier.ts"
import type * as Record from "../Record.ts"

/** A record, when it was heard and by whom. */
export interface Heard {
  readonly record: Record.Record
  readonly receivedAt: number
  readonly expiresAt: number
  readonly origin: string
  /** Whether its ttl has passed. */
  readonly isStale: boolean
}

/** Records by their key, in the order in which they were first heard. */
export type Heards = Map<string, Heard>

/** What the cache has now of a record, which changes there when it is heard again. */
export const of = ({ expiresAt, origin, receivedAt, record }: Querier.Cached): Heard => ({
  record,
  receivedAt,
  expiresAt,
  origin,
  isStale: false
})

/** Takes in a record that was heard: those of its set that are beyond their ttl have been replaced by it. */
export const hear = (self: Heards, key: string, heard: Heard): void => {
  for (const [other, { isStale }] of self) {
    if (isStale) self.delete(other)
  }
  self.set(key, heard)
}

/** Keeps a record beyond its ttl. */
export const keep = (self: Heards, key: string): void => {
  const heard = self.get(key)
  if (heard !== undefined) self.set(key, { ...heard, isStale: true })
}

/**
 * The records that say how things are now. The owner of a unique set says all of it at once, so that what was heard a second before the
 * latest of it is no longer so (RFC 6762, section 10.2).
 */
export const current = (self: Heards): ReadonlyArray<Heard> => {
  const all = Array.from(self.values())
  if (all.length < 2) return all
  const latest = all.reduce((a, b) => b.receivedAt > a.receivedAt ? b : a)
  return latest.record.flush ? all.filter(({ receivedAt }) => receivedAt > latest.receivedAt - 1_000) : all
}

/**
 * The same, for a set of which one record is to be taken: the latest first. A responder that announces a change again and again at once, or
 * without the cache-flush bit, leaves what was before in the cache beside it.
 */
export const latestFirst = (self: Heards): ReadonlyArray<Heard> =>
  current(self).toSorted((a, b) => b.receivedAt - a.receivedAt)

/** The same, and of a unique set only what came with the latest of it. */
export const latest = (self: Heards): ReadonlyArray<Heard> => {
  const all = latestFirst(self)
  const [first] = all
  return first?.record.flush === true ? all.filter(({ receivedAt }) => receivedAt === first.receivedAt) : all
}
