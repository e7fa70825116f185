/**
 * What has become of something: the latest to whoever asks first, then every change.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import type * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Waking from "../Waking.ts"
import type * as Feed from "./Feed.ts"

interface Reader<in out A> {
  readonly pending: Array<A>
  readonly latch: Latch.Latch
}

/** The latest, and who is told of what comes. */
export interface History<in out A> {
  readonly readers: Set<Reader<A>>
  latest: A | undefined
  ended: Feed.End | undefined
}

// changes that wait for one reader; beyond it the oldest go
const mostPending = 16

export const make = <A>(): History<A> => ({ readers: new Set(), latest: undefined, ended: undefined })

export const add = <A>(self: History<A>, latest: A): void => {
  self.latest = latest
  for (const { latch, pending } of self.readers) {
    if (pending.length >= mostPending) pending.shift()
    pending.push(latest)
    latch.openUnsafe()
  }
}

export const end = <A>(self: History<A>, cause: Feed.End): void => {
  self.ended ??= cause
  for (const { latch } of self.readers) latch.openUnsafe()
}

export const stream = <A>(self: History<A>): Stream.Stream<A, DiscoveryError.DiscoveryError> =>
  Stream.unwrap(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => {
          const pending = self.latest === undefined ? [] : [self.latest]
          const reader: Reader<A> = { pending, latch: Latch.makeUnsafe() }
          self.readers.add(reader)
          return reader
        }),
        (reader) => Effect.sync(() => self.readers.delete(reader))
      ),
      (reader) => Stream.fromPull(Effect.succeed(pull(self, reader)))
    )
  )

const pull = <A>(self: History<A>, reader: Reader<A>): ReturnType<typeof Feed.pull<A>> =>
  Effect.suspend(() => {
    const pending = reader.pending.splice(0)
    if (Arr.isReadonlyArrayNonEmpty(pending)) return Effect.succeed(pending)
    if (self.ended !== undefined) return Effect.failCause(self.ended)
    reader.latch.closeUnsafe()
    return Effect.andThen(Waking.by(reader.latch), pull(self, reader))
  })
