/**
 * Many runs of a property: each generated from a seed, the first that fails shrunk.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Journal from "../../Journal.ts"
import * as PropertyFailed from "../../PropertyFailed.ts"
import * as Report from "../../Report.ts"
import * as Schedule from "../../Schedule.ts"
import { hostsOf, type Plan } from "./Plan.ts"
import * as Run from "./Run.ts"
import * as Shrink from "./Shrink.ts"
import * as Simplify from "./Simplify.ts"

// Enough to see what led to a failure, few enough to read.
const eventsShown = 20

/** @internal */
export interface Options {
  /** How many runs shrinking may take. */
  readonly budget: number
  /** Where the records of a run that failed are written, if there is a file system. */
  readonly reports: string
  /** Hears of every run that was not a step of shrinking. */
  readonly onRun: (outcome: Run.Outcome) => void
}

/** @internal Runs the schedules until one fails. Counts the runs that were made. */
export const run = Effect.fnUntraced(function*<V, R>(
  plan: Plan<V, R>,
  schedules: Iterable<Schedule.Schedule>,
  options: Options
) {
  let runs = 0
  for (const schedule of schedules) {
    runs++
    const outcome = yield* Run.play(plan, schedule)
    options.onRun(outcome)
    if (outcome.failure !== undefined) return yield* refute(plan, schedule, outcome, runs, options)
  }
  return runs
})

const refute = Effect.fnUntraced(function*<V, R>(
  plan: Plan<V, R>,
  found: Schedule.Schedule,
  outcome: Run.Outcome,
  runs: number,
  options: Options
) {
  // the same property, and for the same kind of cause: another failure is another story
  const isSame = ({ failure, kind }: Run.Outcome) =>
    failure?.property === outcome.failure!.property && kind === outcome.kind
  const known: Simplify.Known = {
    hosts: hostsOf(plan),
    fired: Array.from(outcome.misfortune.reached).filter(([, { fired }]) => fired > 0).map(([name]) => name)
  }
  const fails = (candidate: Schedule.Schedule) => Effect.map(Run.play(plan, candidate), isSame)
  const shrunk = yield* Shrink.minimize(found, Simplify.passes(known), fails, options.budget)
  const last = yield* Run.play(plan, shrunk.value)
  const shown = isSame(last) ? last : outcome
  const journal = shown.world === undefined ? undefined : yield* shown.world.network.journal
  return yield* new PropertyFailed.PropertyFailed({
    reason: new PropertyFailed.Counterexample({
      name: plan.name,
      failure: shown.failure!,
      schedule: shrunk.value,
      token: Schedule.toToken(shrunk.value),
      found,
      runs,
      tried: shrunk.tried,
      accepted: shrunk.accepted,
      isReproducible: isSame(last),
      events: journal === undefined ? [] : lastEvents(journal),
      files: journal === undefined ? [] : yield* write(options.reports, plan.name, journal)
    })
  })
})

const lastEvents = (journal: Journal.Journal) =>
  journal.hosts.map(({ name }) => ({
    host: name,
    lines: Journal.last(journal, name, eventsShown).map((event) => Journal.toLine(journal, event))
  }))

// What cannot be written does not hide what failed.
const write = Effect.fnUntraced(function*(directory: string, name: string, journal: Journal.Journal) {
  const files = yield* Effect.serviceOption(FileSystem.FileSystem)
  if (Option.isNone(files)) return []
  const report = Effect.provideService(Report.write(directory, name, journal), FileSystem.FileSystem, files.value)
  return yield* Effect.orElseSucceed(report, (): ReadonlyArray<string> => [])
})
