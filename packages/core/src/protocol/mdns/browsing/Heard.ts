/**
 * Records of one name and type as they were last heard, some of them beyond their ttl.
 *
 * A service is known by its pointer, which holds for 75 minutes; its host's records hold for two. To ask for them all the time would load
 * the network for little, so they stay as they were last heard until somebody says otherwise.
 */
import type * as Querier from "../Querier.ts"
import * as Record from "../Record.ts"

/** A record as the cache has it, or had it until its ttl passed. The same object says the same for ever; only when it was heard moves. */
export type Heard = Querier.Cached

/** When a record ends that was neither taken back nor doubted. */
export const endOf = ({ receivedAt, ttl }: Heard): number => receivedAt + ttl

/** Whether it ends before then. */
export const isEnding = (self: Heard): boolean => self.expiresAt < endOf(self)

/** Whether two say the same. */
export const isSame = (self: Heard, that: Heard): boolean =>
  self === that || Record.dataKey(self.data) === Record.dataKey(that.data)

/**
 * The records that say how things are now. The owner of a unique set says all of it at once, so that what was heard a second before the
 * latest of it is no longer so. What another source has said stays for its second: of two interfaces on one link each says its own (RFC 6762,
 * section 10.2).
 */
export const current = (all: ReadonlyArray<Heard>): ReadonlyArray<Heard> => {
  if (all.length < 2) return all
  const latest = latestOf(all)
  const isNow = ({ origin, receivedAt }: Heard) => receivedAt > latest.receivedAt - 1_000 || origin !== latest.origin
  return latest.flush ? all.filter(isNow) : all
}

/**
 * The same, for a set of which one record is to be taken: the latest first. A responder that announces a change again and again at once, or
 * without the cache-flush bit, leaves what was before in the cache beside it.
 */
export const latestFirst = (all: ReadonlyArray<Heard>): ReadonlyArray<Heard> =>
  all.length < 2 ? all : current(all).toSorted((a, b) => b.receivedAt - a.receivedAt)

/** The same, and of a unique set only what came with the latest of it. */
export const latest = (all: ReadonlyArray<Heard>): ReadonlyArray<Heard> => {
  if (all.length < 2) return all
  const { flush, receivedAt } = latestOf(all)
  return flush ? all.filter((heard) => heard.receivedAt === receivedAt) : latestFirst(all)
}

const latestOf = (all: ReadonlyArray<Heard>): Heard => all.reduce((a, b) => b.receivedAt > a.receivedAt ? b : a)
