/**
 * Those who follow the registry. Each has its own backlog, so that a slow one disturbs neither the registry nor the others.
 */
import * as Arr from "effect/Array"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import * as Buggify from "../../Buggify.ts"
import type * as DiscoveryError from "../../DiscoveryError.ts"
import type * as DiscoveryEvent from "../../DiscoveryEvent.ts"
import type * as Peer from "../../Peer.ts"
import * as Backlog from "./Backlog.ts"

type Ending = Cause.Cause<Cause.Done | DiscoveryError.DiscoveryError>

/** The subscribers of one registry. */
export interface Subscribers {
  /** Hands a batch of changes to everyone, without waiting. */
  readonly publish: (events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>, now: number) => void
  /** Wakes those whose changes came too soon after others to be told at once, for ever. */
  readonly gatherer: Effect.Effect<never>
  /** Ends every stream, and those yet to come, after what they still have to deliver. */
  readonly end: (ending: Ending) => void
  /** What is known now, then every change. */
  readonly stream: Stream.Stream<DiscoveryEvent.DiscoveryEvent, DiscoveryError.DiscoveryError>
}

interface Subscriber {
  readonly backlog: Backlog.Backlog
  readonly news: Latch.Latch
}

// Within a millisecond of the last changes, further ones gather for a few turns of the event loop. To resume a fiber costs more than
// to hand it one event more, and a busy program has many changes in a turn.
const gather = 1
const turns = 8

const hesitation = Buggify.inject("subscriber.slow", Effect.sleep("300 millis"))

/** Nobody yet. `peers` are what a subscriber starts with; they are taken in the same synchronous step as it subscribes. */
export const make = (peers: () => ReadonlyArray<Peer.Peer>, capacity: number): Subscribers => {
  const log = Backlog.make(capacity)
  // who is busy is not woken, and costs nothing when something is told
  let waiting = new Set<Subscriber>()
  const gathering = Latch.makeUnsafe()
  let wokenAt = -Infinity
  let ended: Ending | undefined

  const pull = (
    subscriber: Subscriber
  ): Effect.Effect<
    Arr.NonEmptyReadonlyArray<DiscoveryEvent.DiscoveryEvent>,
    Cause.Done | DiscoveryError.DiscoveryError
  > =>
    Effect.suspend(() => {
      const events = Backlog.take(log, subscriber.backlog)
      if (Arr.isReadonlyArrayNonEmpty(events)) return Effect.succeed(events)
      if (ended !== undefined) return Effect.failCause(ended)
      subscriber.news.closeUnsafe()
      waiting.add(subscriber)
      return Effect.andThen(subscriber.news.await, Effect.andThen(hesitation, pull(subscriber)))
    })

  const subscribe = Effect.acquireRelease(
    Effect.sync((): Subscriber => ({ backlog: Backlog.join(log, peers), news: Latch.makeUnsafe() })),
    (subscriber) =>
      Effect.sync(() => {
        waiting.delete(subscriber)
        Backlog.leave(log, subscriber.backlog)
      })
  )

  const wake = () => {
    const woken = waiting
    // some wait again before the others are woken
    waiting = new Set()
    for (const { news } of woken) news.openUnsafe()
  }

  return {
    publish: (events, now) => {
      Backlog.tell(log, events)
      if (now - wokenAt < gather) {
        gathering.openUnsafe()
        return
      }
      wokenAt = now
      wake()
    },
    gatherer: gathering.await.pipe(
      Effect.andThen(Effect.repeat(Effect.yieldNow, { times: turns - 1 })),
      Effect.andThen(Effect.sync(() => {
        gathering.closeUnsafe()
        wake()
      })),
      Effect.forever
    ),
    end: (ending) => {
      ended ??= ending
      wake()
    },
    stream: Stream.unwrap(
      Effect.map(subscribe, (subscriber) => Stream.fromPull(Effect.succeed(pull(subscriber))))
    )
  }
}
