/**
 * Counts diagnostics by kind and tells subscribers, each kind at most once an interval, with nothing lost: the total is told.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import * as Diagnostic from "../../Diagnostic.ts"
import type * as Limits from "../../Limits.ts"
import * as Runner from "./Runner.ts"

/** The counts so far, and those who are told of them. */
export interface Diagnostics {
  /** Counts a diagnostic `count` times more. */
  readonly report: (report: Diagnostic.Report, count?: number) => void
  /** The totals so far, then each kind again when it has grown. */
  readonly stream: Stream.Stream<Diagnostic.Diagnostic>
}

interface Subscriber {
  readonly told: Map<string, { readonly total: number; readonly at: number }>
  readonly news: Latch.Latch
}

/** No diagnostics yet. */
export const make = (limits: Limits.Limits): Diagnostics => {
  const totals = new Map<string, Diagnostic.Diagnostic>()
  const subscribers = new Set<Subscriber>()

  const report = (report: Diagnostic.Report, count = 1) => {
    const kind = Diagnostic.kind(report)
    const before = totals.get(kind)?.total ?? 0
    if (before === 0 && totals.size >= limits.diagnosticKinds) return
    totals.set(kind, { ...report, total: before + count } as Diagnostic.Diagnostic)
    for (const { news, told } of subscribers) {
      // one that is behind already has it coming
      if ((told.get(kind)?.total ?? 0) === before) news.openUnsafe()
    }
  }

  const collect = ({ told }: Subscriber, now: number): readonly [ReadonlyArray<Diagnostic.Diagnostic>, number] => {
    const due: Array<Diagnostic.Diagnostic> = []
    let nextAt = Infinity
    for (const [kind, diagnostic] of totals) {
      const last = told.get(kind)
      if (last?.total === diagnostic.total) continue
      const dueAt = last === undefined ? now : last.at + limits.diagnosticInterval
      if (dueAt > now) {
        nextAt = Math.min(nextAt, dueAt)
        continue
      }
      told.set(kind, { total: diagnostic.total, at: now })
      due.push(diagnostic)
    }
    return [due, nextAt]
  }

  const pull = (
    subscriber: Subscriber,
    now: () => number
  ): Effect.Effect<Arr.NonEmptyReadonlyArray<Diagnostic.Diagnostic>> =>
    Effect.suspend(() => {
      subscriber.news.closeUnsafe()
      const at = now()
      const [due, nextAt] = collect(subscriber, at)
      if (Arr.isReadonlyArrayNonEmpty(due)) return Effect.succeed(due)
      const wait = nextAt === Infinity
        ? subscriber.news.await
        : Effect.raceFirst(Effect.sleep(Math.ceil(nextAt - at)), subscriber.news.await)
      return Effect.andThen(wait, pull(subscriber, now))
    })

  const subscribe = Effect.acquireRelease(
    Effect.sync(() => {
      const subscriber: Subscriber = { told: new Map(), news: Latch.makeUnsafe() }
      subscribers.add(subscriber)
      return subscriber
    }),
    (subscriber) => Effect.sync(() => subscribers.delete(subscriber))
  )

  return {
    report,
    stream: Stream.unwrap(
      Effect.map(
        Effect.all([subscribe, Runner.monotonic]),
        ([subscriber, now]) => Stream.fromPull(Effect.succeed(pull(subscriber, now)))
      )
    )
  }
}
