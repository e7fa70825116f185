/**
 * Those who follow what is thought of keys. A slow one gets the latest state of each key.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import type * as PeerKey from "../../../PeerKey.ts"
import type * as TrustState from "../../../TrustState.ts"

/** The followers of one trust list. */
export interface Standings {
  /** Hands changes to everyone, without waiting. */
  readonly publish: (standings: ReadonlyArray<TrustState.Standing>) => void
  /** What is thought now, then every change. */
  readonly stream: Stream.Stream<TrustState.Standing>
}

interface Follower {
  readonly pending: Map<PeerKey.PeerKey, TrustState.Standing>
  readonly news: Latch.Latch
}

/** Nobody yet. `snapshot` is taken in the same synchronous step as somebody begins to follow. */
export const make = (snapshot: () => ReadonlyArray<TrustState.Standing>): Standings => {
  const followers = new Set<Follower>()

  const follow = Effect.acquireRelease(
    Effect.sync(() => {
      const follower: Follower = {
        pending: new Map(snapshot().map((standing) => [standing.key, standing])),
        news: Latch.makeUnsafe()
      }
      followers.add(follower)
      return follower
    }),
    (follower) => Effect.sync(() => followers.delete(follower))
  )

  const pull = ({ news, pending }: Follower): Effect.Effect<Arr.NonEmptyReadonlyArray<TrustState.Standing>> =>
    Effect.suspend(() => {
      const standings = [...pending.values()]
      pending.clear()
      news.closeUnsafe()
      if (Arr.isReadonlyArrayNonEmpty(standings)) return Effect.succeed(standings)
      return Effect.andThen(news.await, pull({ news, pending }))
    })

  return {
    publish: (standings) => {
      for (const { pending } of followers) {
        for (const standing of standings) pending.set(standing.key, standing)
      }
      // who is woken acts at once, and what comes of that is to be the last for all
      for (const { news } of followers) news.openUnsafe()
    },
    stream: Stream.unwrap(Effect.map(follow, (follower) => Stream.fromPull(Effect.succeed(pull(follower)))))
  }
}
