/**
 * The trust list at work: what is decided is told, and set about being kept, in the same synchronous step.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import type * as Limits from "../../../Limits.ts"
import type * as PeerKey from "../../../PeerKey.ts"
import type * as TrustEntry from "../../../TrustEntry.ts"
import * as TrustError from "../../../TrustError.ts"
import type * as TrustEvent from "../../../TrustEvent.ts"
import type * as TrustState from "../../../TrustState.ts"
import * as TrustStore from "../../../TrustStore.ts"
import * as Book from "../../trust/Book.ts"
import * as Rotation from "../../trust/Rotation.ts"
import * as Sightings from "../../trust/Sightings.ts"
import * as Sliding from "../Sliding.ts"
import * as Keeping from "./Keeping.ts"
import * as Standings from "./Standings.ts"

/** How the list is kept. */
export interface Options {
  readonly policy: TrustState.Policy
  readonly autoPin?: boolean | undefined
  readonly rotation?: "offer" | "auto" | undefined
  readonly overlap?: Duration.Input | undefined
  readonly saveInterval?: Duration.Input | undefined
  readonly limits: Limits.Limits
}

const notices = 1_024

/** The list and what it is made of. */
export interface List {
  readonly book: Book.Book
  readonly sightings: Sightings.Sightings
  readonly rotation: Rotation.Rotation
  readonly now: () => number
  readonly states: Stream.Stream<TrustState.Standing>
  readonly changes: Stream.Stream<TrustEvent.TrustEvent>
  /** Tells what was decided, and has it kept at once. */
  readonly commit: (out: Book.Out) => void
  /** Has kept what nobody needs to be told of. */
  readonly keep: (changes: Book.Out["changes"], isUrgent: boolean) => void
  readonly flush: Effect.Effect<void, TrustError.TrustError>
}

/** Reads the list, and keeps it within the scope. */
export const open = Effect.fnUntraced(function*(options: Options) {
  const { limits, policy } = options
  const store = yield* TrustStore.TrustStore
  const clock = yield* Clock.clockWith(Effect.succeed)
  const now = () => clock.currentTimeMillisUnsafe()
  const book = Book.make(limits.trustEntries)
  const events = yield* Effect.acquireRelease(PubSub.sliding<TrustEvent.TrustEvent>(notices), PubSub.shutdown)
  const standings = Standings.make(() => [...book.entries.keys()].map((key) => standingOf(book, key, now())))
  const sooner = Latch.makeUnsafe()

  const tell = (out: Book.Out) => {
    // together: who is woken acts at once, and what comes of that comes after all of it
    Effect.runSync(PubSub.publishAll(events, out.events))
    standings.publish(out.events.flatMap((event) => "entry" in event ? [standingOf(book, event.entry.key, now())] : []))
    sooner.openUnsafe()
  }
  const adopt = (entries: ReadonlyArray<TrustEntry.TrustEntry>) =>
    Effect.suspend(() => {
      if (entries.length > book.capacity) return TrustError.make(new TrustError.Full({ limit: book.capacity }))
      const out = Book.nothing()
      Book.adopt(book, entries, now(), out)
      commit(out)
      return Effect.void
    })
  const keeping = Keeping.make({
    store,
    interval: Duration.fromInputUnsafe(options.saveInterval ?? "30 seconds"),
    adopt,
    fail: (error) => Sliding.publish(events, { _tag: "StoreFailed", error })
  })
  const commit = (out: Book.Out) => {
    keeping.add(out.changes, true)
    tell(out)
  }

  yield* Effect.flatMap(store.load, adopt)
  yield* Effect.addFinalizer(() =>
    Effect.ignore(Effect.timeout(Effect.interruptible(keeping.flush), "1 second"), { log: "Warn" })
  )
  yield* Effect.forkScoped(keeping.timer, { startImmediately: true })
  yield* Effect.forkScoped(Stream.runForEach(store.changes, () => keeping.reload), { startImmediately: true })
  yield* Effect.forkScoped(ending(book, now, sooner, commit), { startImmediately: true })

  const sightings = Sightings.make({
    policy,
    isPinning: policy === "tofu" && options.autoPin === true,
    capacity: limits.untrustedReports,
    interval: limits.untrustedInterval
  })
  const rotation = Rotation.make(
    options.rotation === "auto",
    Duration.toMillis(Duration.fromInputUnsafe(options.overlap ?? "30 days"))
  )
  const heard = Stream.unwrap(Effect.map(PubSub.subscribe(events), Stream.fromSubscription))
  const changes = policy === "open" ? Stream.prepend(heard, [{ _tag: "OpenToAll" }] as const) : heard
  const { add: keep, flush } = keeping
  const list: List = { book, sightings, rotation, now, states: standings.stream, changes, commit, keep, flush }
  return list
})

const standingOf = (book: Book.Book, key: PeerKey.PeerKey, now: number): TrustState.Standing => ({
  key,
  state: Book.stateOf(book, key, now)
})

// entries end by the wall clock, which may be set, and goes on while the machine sleeps and its timers do not
const lookInterval = 60_000

const ending = (
  book: Book.Book,
  now: () => number,
  sooner: Latch.Latch,
  commit: (out: Book.Out) => void
): Effect.Effect<never> =>
  Effect.suspend(() => {
    sooner.closeUnsafe()
    const wakeAt = Book.wakeAt(book)
    if (wakeAt === Infinity) return sooner.await
    const wait = Math.min(wakeAt - now(), lookInterval)
    return wait <= 0 ? Effect.void : Effect.raceFirst(Effect.sleep(Math.ceil(wait)), sooner.await)
  }).pipe(
    Effect.andThen(Effect.sync(() => {
      const out = Book.nothing()
      Book.wake(book, now(), out)
      if (out.events.length > 0) commit(out)
    })),
    Effect.forever
  )
