/**
 * What the engine says, on its way to one reader. However slow the reader is, only the latest of each subject waits for it.
 */
import * as Arr from "effect/Array"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as DiscoveryError from "../../../DiscoveryError.ts"

/** A feed of news. */
export interface Feed<in out A> {
  readonly options: Options<A>
  /** The latest of each subject that the reader has not had. */
  readonly pending: Map<string, A>
  /** The subjects that the reader takes for being there. */
  readonly told: Set<string>
  readonly latch: Latch.Latch
  ended: End | undefined
}

/** How a feed ends: with an error, with a defect of our own, or for good. */
export type End = Cause.Cause<DiscoveryError.DiscoveryError | Cause.Done>

/** What news are about, and whether they say that it is gone. */
export interface Options<in A> {
  readonly keyOf: (news: A) => string
  readonly isGone: (news: A) => boolean
}

export const make = <A>(options: Options<A>): Feed<A> => ({
  options,
  pending: new Map(),
  told: new Set(),
  latch: Latch.makeUnsafe(),
  ended: undefined
})

/** Takes news for the reader. */
export const tell = <A>(self: Feed<A>, news: A): void => {
  const key = self.options.keyOf(news)
  self.pending.delete(key)
  // of what came and went unseen nothing need be told
  if (self.options.isGone(news) && !self.told.has(key)) return
  self.pending.set(key, news)
  self.latch.openUnsafe()
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
    return Effect.andThen(self.latch.await, pull(self))
  })

const take = <A>({ options, pending, told }: Feed<A>): ReadonlyArray<A> => {
  const news = Array.from(pending.values())
  pending.clear()
  for (const each of news) {
    if (options.isGone(each)) told.delete(options.keyOf(each))
    else told.add(options.keyOf(each))
  }
  return news
}
