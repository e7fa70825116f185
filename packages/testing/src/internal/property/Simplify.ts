/**
 * How a schedule is made simpler: fewer faults, fewer hosts, shorter and rounder times, plainer links, fibers in order.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Fault from "../../Fault.ts"
import type * as Schedule from "../../Schedule.ts"
import * as Narrow from "./Narrow.ts"
import * as Shrink from "./Shrink.ts"

/** @internal What the harness knows of the run that failed. */
export interface Known {
  readonly hosts: ReadonlyArray<string>
  /** The points of misfortune that fired. */
  readonly fired: ReadonlyArray<string>
}

/** @internal The passes, in the order in which they help most. The seed stays. */
export const passes = ({ fired, hosts }: Known): ReadonlyArray<Shrink.Pass<Schedule.Schedule>> => [
  Shrink.alternatives(plainer),
  Shrink.fewer(({ faults }) => faults, (schedule, faults) => ({ ...schedule, faults })),
  Shrink.fewer(({ buggify }) => buggify ?? fired, (schedule, buggify) => ({ ...schedule, buggify })),
  Shrink.fewer(({ dead }) => dead ?? [], (schedule, dead) => ({ ...schedule, dead })),
  Shrink.fewer((schedule) => schedule.hosts ?? hosts, (schedule, left) => withHosts(schedule, hosts, left), 1),
  Shrink.alternatives(simplerLinks),
  Shrink.alternatives(rounder)
]

// who is not there cannot suffer anything either, nor stay dead
const withHosts = (
  schedule: Schedule.Schedule,
  all: ReadonlyArray<string>,
  left: ReadonlyArray<string>
): Schedule.Schedule => ({
  ...schedule,
  hosts: left,
  ...(schedule.dead === undefined ? {} : { dead: schedule.dead.filter((name) => left.includes(name)) }),
  faults: Narrow.without(schedule.faults, new Set(all.filter((name) => !left.includes(name))))
})

// each of these is left out at once where it does not matter, most of them all together
const plainer = function*(schedule: Schedule.Schedule): Generator<Schedule.Schedule> {
  const { order, preemption, ...inOrder } = schedule
  const isPlain = schedule.isPerfect === true
  if (!isPlain && schedule.buggify?.length !== 0) yield { ...inOrder, isPerfect: true, buggify: [] }
  if (order !== undefined || preemption !== undefined) yield inOrder
  if (!isPlain) yield { ...schedule, isPerfect: true }
  if (schedule.buggify?.length !== 0) yield { ...schedule, buggify: [] }
}

// a link that does one thing to datagrams tells more than one that does ten
const simplerLinks = function*(schedule: Schedule.Schedule): Generator<Schedule.Schedule> {
  for (const [i, event] of schedule.faults.entries()) {
    if (event._tag !== "Link") continue
    for (const name of Object.keys(event.link)) {
      const link = Object.fromEntries(Object.entries(event.link).filter(([other]) => other !== name))
      yield { ...schedule, faults: schedule.faults.with(i, { ...event, link }) }
    }
  }
}

// it takes a millisecond to make, and only what failed is simplified
const json = () => {
  const codec = Schema.toCodecJson(Fault.FaultEvent)
  return { encode: Schema.encodeSync(codec), decode: Schema.decodeUnknownResult(codec) }
}

let made: ReturnType<typeof json> | undefined

const rounder = function*(schedule: Schedule.Schedule): Generator<Schedule.Schedule> {
  const { decode, encode } = made ??= json()
  for (const [i, event] of schedule.faults.entries()) {
    for (const data of Shrink.simplerData(encode(event))) {
      const simpler = decode(data)
      if (Result.isSuccess(simpler)) yield { ...schedule, faults: schedule.faults.with(i, simpler.success) }
    }
  }
}
