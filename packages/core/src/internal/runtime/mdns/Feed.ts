/**
 * What the engine says, on its way to one reader. However slow the reader is, only the latest of each subject waits for it, and
 * before that the end of what it was told.
 */
import * as Arr from "effect/Array"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Waking from "../Waking.ts"

/** A feed of news. */
export interface Feed<in out A> {
  /** Whether news say that something is gone. */
  readonly isGone: (news: A) => boolean
  readonly groups: Map<string, Group<A>>
  readonly latch: Latch.Latch
  ended: End | undefined
}

/** The subjects of one link, by keys that others have as well. */
interface Group<in out A> {
  /** The latest of each subject that the reader has not had. */
  readonly pending: Map<string, Pending<A>>
  /** The subjects that the reader takes for being there. */
  readonly told: Set<string>
}

/** News of a subject, and before it the end of what the reader was told: what is there again may be so from elsewhere. */
interface Pending<in out A> {
  readonly end: A | undefined
  readonly news: A
}

/** How a feed ends: with an error, with a defect of our own, or for good. */
export type End = Cause.Cause<DiscoveryError.DiscoveryError | Cause.Done>

export const make = <A>(isGone: (news: A) => boolean): Feed<A> => ({
  isGone,
  groups: new Map(),
  latch: Latch.makeUnsafe(),
  ended: undefined
})

/** Takes news of a subject for the reader, who is to be woken then. */
export const tell = <A>(self: Feed<A>, group: string, key: string, news: A): void => {
  const { pending, told } = groupOf(self, group)
  const before = pending.get(key)
  const end = before !== undefined && self.isGone(before.news) ? before.news : before?.end
  pending.delete(key)
  // of what came and went unseen nothing need be told
  if (self.isGone(news) && !told.has(key)) return
  pending.set(key, self.isGone(news) ? { end: undefined, news: end ?? news } : { end, news })
}

/** Wakes the reader if something waits for it. It may read at once, before this ends: so that it comes after all that is told together. */
export const wake = <A>({ groups, latch }: Feed<A>): void => {
  for (const { pending } of groups.values()) if (pending.size > 0) return void latch.openUnsafe()
}

const groupOf = <A>({ groups }: Feed<A>, name: string): Group<A> => {
  const known = groups.get(name)
  if (known !== undefined) return known
  const group: Group<A> = { pending: new Map(), told: new Set() }
  groups.set(name, group)
  return group
}

/** Ends the feed once the reader has had what waits for it. */
export const end = <A>(self: Feed<A>, cause: End): void => {
  self.ended ??= cause
  self.latch.openUnsafe()
}

/** What waits for the reader, as soon as there is something. */
export const pull = <A>(
  self: Feed<A>
): Effect.Effect<Arr.NonEmptyReadonlyArray<A>, DiscoveryError.DiscoveryError | Cause.Done> =>
  Effect.suspend(() => {
    const news = take(self)
    if (Arr.isReadonlyArrayNonEmpty(news)) return Effect.succeed(news)
    if (self.ended !== undefined) return Effect.failCause(self.ended)
    self.latch.closeUnsafe()
    return Effect.andThen(Waking.by(self.latch), pull(self))
  })

const take = <A>({ groups, isGone }: Feed<A>): ReadonlyArray<A> => {
  const all: Array<A> = []
  for (const [name, { pending, told }] of groups) {
    for (const [key, { end, news }] of pending) {
      if (end !== undefined) all.push(end)
      if (isGone(news)) told.delete(key)
      else told.add(key)
      all.push(news)
    }
    pending.clear()
    if (told.size === 0) groups.delete(name)
  }
  return all
}
