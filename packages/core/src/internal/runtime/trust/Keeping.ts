/**
 * The trust list on its way to the store and back.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Semaphore from "effect/Semaphore"
import type * as PeerKey from "../../../PeerKey.ts"
import * as TrustEntry from "../../../TrustEntry.ts"
import type * as TrustError from "../../../TrustError.ts"
import type * as TrustStore from "../../../TrustStore.ts"

/** What waits to be kept. */
export interface Keeping {
  /** Takes changes, to be kept at once or, when they are not urgent, within the interval. */
  readonly add: (changes: ReadonlyArray<TrustEntry.Change>, isUrgent: boolean) => void
  /** Keeps all that waits. What cannot be kept goes on waiting. */
  readonly flush: Effect.Effect<void, TrustError.TrustError>
  /** Keeps what waits as time goes by, for ever. */
  readonly timer: Effect.Effect<never>
  /** Takes up what others have changed in the store. */
  readonly reload: Effect.Effect<void>
}

// Strangers can retire keys of their own at any rate, and trusted keys say goodbye: what comes within a second is written at its end.
const pause = Duration.seconds(1)

/** Nothing waits. `adopt` gets the list as the store has it; `fail` is told what went wrong with nobody waiting for it. */
export const make = (options: {
  readonly store: TrustStore.TrustStore["Service"]
  readonly interval: Duration.Duration
  readonly adopt: (entries: ReadonlyArray<TrustEntry.TrustEntry>) => Effect.Effect<void, TrustError.TrustError>
  readonly fail: (error: TrustError.TrustError) => void
}): Keeping => {
  const { fail, interval, store } = options
  const pending: Pending = new Map()
  // open while anything waits, and while any of that is urgent
  const waiting = Latch.makeUnsafe()
  const urgent = Latch.makeUnsafe()
  const one = Semaphore.makeUnsafe(1)

  const adopt = (entries: ReadonlyArray<TrustEntry.TrustEntry>) =>
    Effect.suspend(() => options.adopt(TrustEntry.apply(entries, [...pending.values()].flat())))

  const write = Effect.suspend(() => {
    const changes = new Map(pending)
    if (changes.size === 0) return Effect.void
    pending.clear()
    waiting.closeUnsafe()
    urgent.closeUnsafe()
    return store.update([...changes.values()].flat()).pipe(
      Effect.tapError(() =>
        Effect.sync(() => {
          restore(pending, changes)
          waiting.openUnsafe()
        })
      ),
      Effect.flatMap(adopt)
    )
  })
  // what has begun is written to its end, though nobody has to wait for it: a store may be stuck
  const flush = Effect.flatMap(Effect.forkDetach(one.withPermit(write), { startImmediately: true }), Fiber.join)
  const background = Effect.catch(flush, (error) => Effect.sync(() => fail(error)))

  return {
    add: (changes, isUrgent) => {
      for (const change of changes) enter(pending, change)
      if (changes.length === 0) return
      waiting.openUnsafe()
      if (isUrgent) urgent.openUnsafe()
    },
    flush,
    timer: waiting.await.pipe(
      Effect.andThen(Effect.raceFirst(urgent.await, Effect.sleep(interval))),
      // what was decided is told before what comes back from the store
      Effect.andThen(Effect.yieldNow),
      Effect.andThen(background),
      Effect.andThen(Effect.sleep(pause)),
      Effect.forever
    ),
    reload: one.withPermit(Effect.flatMap(store.load, adopt)).pipe(
      Effect.catch((error) => Effect.sync(() => fail(error)))
    )
  }
}

const keyOf = (change: TrustEntry.Change): PeerKey.PeerKey => change._tag === "Put" ? change.entry.key : change.key

/** What is to become of each key: perhaps it is dropped, then put or given a floor. */
type Pending = Map<PeerKey.PeerKey, ReadonlyArray<TrustEntry.Change>>

// an entry that is still to be kept takes its floor along, and a denial that was known of stays known
const enter = (pending: Pending, change: TrustEntry.Change): void => {
  const before = pending.get(keyOf(change)) ?? []
  const drop = before.find((change) => change._tag === "Drop")
  const put = before.find((change) => change._tag === "Put")
  if (change._tag === "Drop") return void pending.set(change.key, [drop?.state === "denied" ? drop : change])
  const latest = put === undefined ? change : merge(put, change)
  pending.set(keyOf(change), drop === undefined ? [latest] : [drop, latest])
}

// What the program itself has put on the list stays there. All else depends on the key that vouched for it first: a key that has
// named its successor vouches for itself from then on.
const merge = (put: Put, change: Exclude<TrustEntry.Change, { readonly _tag: "Drop" }>): Put =>
  change._tag === "Floor"
    ? { ...put, entry: { ...put.entry, floor: change.floor } }
    : { ...change, by: change.by && put.by }

type Put = Extract<TrustEntry.Change, { readonly _tag: "Put" }>

// what came since is newer
const restore = (pending: Pending, failed: Pending): void => {
  const since = [...pending.values()].flat()
  pending.clear()
  for (const [key, changes] of failed) pending.set(key, changes)
  for (const change of since) enter(pending, change)
}
