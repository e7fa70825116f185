/**
 * Which faults may happen in a run of a property: each run has another selection of them, drawn from its seed.
 *
 * Runs that have all faults at once are all alike, and many bugs need one fault to be absent for another to matter. So a run of a swarm has some
 * kinds of faults and no others (Groce and others, Swarm Testing, ISSTA 2012).
 *
 * @since 0.1.0
 */
import type * as Seed from "@effect-discovery/core/Seed"
import * as Duration from "effect/Duration"
import * as Fault from "./Fault.ts"
import { Draw } from "./internal/property/Draw.ts"
import * as Kinds from "./internal/property/Kinds.ts"
import type { Topology } from "./Topology.ts"

/**
 * Which faults may happen, and how many.
 *
 * **Details**
 *
 * Faults begin at random times, each for a random while, and most of them are over before the time for faults is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Swarm {
  /** The kinds of faults that may happen. */
  readonly kinds: ReadonlyArray<Fault.Kind>
  /** The probability with which each of them is in a run. */
  readonly share: number
  /** How many faults there are at the most. */
  readonly atMost: number
}

/**
 * A swarm of one's own: all kinds, each in three runs of ten, and up to 8 faults unless told otherwise.
 *
 * **Example** (A few faults at once, and none of the clocks)
 *
 * ```ts
 * import { Fault, Swarm } from "@effect-discovery/testing"
 *
 * const swarm = Swarm.make({ kinds: Fault.kinds.filter((kind) => !kind.startsWith("Clock")), atMost: 4 })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Partial<Swarm> = {}): Swarm => ({
  kinds: options.kinds ?? Fault.kinds,
  share: options.share ?? 0.3,
  atMost: options.atMost ?? 8
})

/**
 * Every kind of fault there is.
 *
 * @category constants
 * @since 0.1.0
 */
export const all: Swarm = make()

/**
 * No faults: what does not hold then is plainly wrong.
 *
 * @category constants
 * @since 0.1.0
 */
export const none: Swarm = make({ kinds: [], atMost: 0 })

/**
 * These kinds of faults only, any of them in every second run.
 *
 * @category constructors
 * @since 0.1.0
 */
export const only = (kinds: ReadonlyArray<Fault.Kind>): Swarm => make({ kinds, share: 0.5 })

/**
 * The faults of one run.
 *
 * **Details**
 *
 * The same seed gives the same faults on the same topology. `during` is how long they may go on.
 *
 * @category generating
 * @since 0.1.0
 */
export const generate = (
  self: Swarm,
  topology: Topology,
  during: Duration.Input,
  seed: Seed.Seed
): ReadonlyArray<Fault.FaultEvent> => {
  const draw = new Draw(seed, "swarm")
  const millis = Math.floor(Duration.toMillis(Duration.fromInputUnsafe(during)))
  const kinds = draw.subset(self.kinds, self.share)
  if (kinds.length === 0 || self.atMost === 0 || millis < 1 || topology.hosts.length === 0) return []
  const faults = Array.from({ length: draw.between(1, self.atMost) }, () => fault(draw, { topology, millis }, kinds))
  return faults.filter((fault) => fault !== undefined).toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
}

const fault = (
  draw: Draw,
  ground: Kinds.Ground,
  kinds: ReadonlyArray<Fault.Kind>
): Fault.FaultEvent | undefined => {
  const at = draw.between(0, ground.millis - 1)
  const left = ground.millis - at
  // now and then a short one, and one that only the end of all faults ends
  const time = draw.one([draw.between(1, Math.min(left, 500)), draw.between(1, left), draw.between(1, left), undefined])
  const event = Kinds.kinds[draw.one(kinds)](draw, ground)
  // who stands still goes on when all faults are over
  const rest = event?._tag === "Pause" ? { duration: Math.min(event.duration, left) } : {}
  return event && { ...event, ...rest, at, ...(time === undefined ? {} : { for: time }) }
}
