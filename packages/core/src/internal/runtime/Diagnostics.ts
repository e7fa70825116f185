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
import * as Waking from "./Waking.ts"

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

/** What is counted of one kind. */
interface Count {
  latest: Diagnostic.Report
  total: number
  /** Whether subscribers were woken since one of them was told all. */
  isNews: boolean
}

/** By kind. */
type Counts = Map<string, Count>

/** Reports what is counted elsewhere, each as often as it has happened since. */
export const forward = (
  diagnostics: Stream.Stream<Diagnostic.Diagnostic>,
  report: Diagnostics["report"]
): Effect.Effect<void> => {
  const totals = new Map<string, number>()
  return Stream.runForEach(diagnostics, (diagnostic) =>
    Effect.sync(() => {
      const { total, ...rest } = diagnostic
      const kind = Diagnostic.kind(rest)
      report(rest, total - (totals.get(kind) ?? 0))
      totals.set(kind, total)
    }))
}

/** No diagnostics yet. */
export const make = (limits: Limits.Limits): Diagnostics => {
  const counts: Counts = new Map()
  const subscribers = new Set<Subscriber>()
  let recent: Count | undefined

  const report = (report: Diagnostic.Report, more = 1) => {
    // what comes ten thousand times a second is described once in a while, and then counted
    const count = recent?.latest === report ? recent : countOf(counts, report, limits)
    if (count === undefined) return
    recent = count
    count.latest = report
    count.total += more
    // whoever was woken and is not told yet has it coming
    if (count.isNews) return
    count.isNews = true
    for (const { news } of subscribers) news.openUnsafe()
  }

  const pull = (
    subscriber: Subscriber,
    now: () => number
  ): Effect.Effect<Arr.NonEmptyReadonlyArray<Diagnostic.Diagnostic>> =>
    Effect.suspend(() => {
      subscriber.news.closeUnsafe()
      const at = now()
      const [due, nextAt] = collect(counts, subscriber, at, limits)
      if (Arr.isReadonlyArrayNonEmpty(due)) return Effect.succeed(due)
      const news = Waking.by(subscriber.news)
      const wait = nextAt === Infinity ? news : Effect.raceFirst(Effect.sleep(Math.ceil(nextAt - at)), news)
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

const countOf = (counts: Counts, report: Diagnostic.Report, { diagnosticKinds }: Limits.Limits): Count | undefined => {
  const kind = Diagnostic.kind(report)
  const known = counts.get(kind)
  if (known !== undefined || counts.size >= diagnosticKinds) return known
  const fresh: Count = { latest: report, total: 0, isNews: false }
  counts.set(kind, fresh)
  return fresh
}

/** What a subscriber is to be told now, and when there is more to tell. */
const collect = (
  counts: Counts,
  { told }: Subscriber,
  now: number,
  { diagnosticInterval }: Limits.Limits
): readonly [due: ReadonlyArray<Diagnostic.Diagnostic>, nextAt: number] => {
  const due: Array<Diagnostic.Diagnostic> = []
  let nextAt = Infinity
  for (const [kind, count] of counts) {
    const { latest, total } = count
    const last = told.get(kind)
    if (last?.total === total) continue
    const dueAt = last === undefined ? now : last.at + diagnosticInterval
    if (dueAt > now) nextAt = Math.min(nextAt, dueAt)
    else {
      told.set(kind, { total, at: now })
      count.isNews = false
      due.push({ ...latest, total } as Diagnostic.Diagnostic)
    }
  }
  return [due, nextAt]
}
