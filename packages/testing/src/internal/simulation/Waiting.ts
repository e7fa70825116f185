/**
 * Who waits for what, for people to read.
 */
import type * as Fiber from "effect/Fiber"
import * as Log from "../journal/Log.ts"
import * as Micros from "../Micros.ts"
import type { Executor } from "./Executor.ts"
import type { Registry } from "./Registry.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** @internal Sleepers, the soonest first, then all others that have not ended. */
export const everyone = (executor: Executor, registry: Registry): ReadonlyArray<string> => {
  const asleep = new Set<AnyFiber>()
  const sleeping = executor.sleepers.toArray().map(({ at, value }) => {
    if (value.fiber !== undefined) asleep.add(value.fiber)
    const who = value.fiber === undefined ? value.what ?? "the network" : executor.fibers.describe(value.fiber)
    return `${who} until ${Micros.format(at)} s`
  })
  const live = new Set(Array.from(executor.live, ({ fiber }) => fiber))
  const others = executor.fibers.unfinished.filter((fiber) => !asleep.has(fiber)).map((fiber) => {
    const what = live.has(fiber) ? "the real clock" : registry.awaited(fiber)
    return `${executor.fibers.describe(fiber)}${what === undefined ? "" : ` for ${what}`}`
  })
  return [...sleeping, ...others]
}

/** @internal */
export const latest = (executor: Executor): ReadonlyArray<string> =>
  executor.fibers.recent.map((fiber) => executor.fibers.describe(fiber))

const lines = 10

/** @internal The last lines of every journal. */
export const lastEvents = (registry: Registry): ReadonlyArray<string> =>
  registry.journals.flatMap((journal) => journal.events.slice(-lines).map((event) => Log.line(journal, event)))
