/**
 * A clock that calls back at a virtual time without a fiber for it.
 */
import type * as Clock from "effect/Clock"
import * as Predicate from "effect/Predicate"

/** @internal */
export const TypeId = "~@effect-discovery/testing/VirtualTimer"

/** @internal */
export interface VirtualTimer {
  readonly [TypeId]: {
    /** Microseconds, monotonic. */
    readonly now: () => number
    readonly after: (delayMicros: number, run: () => void) => void
  }
}

/** @internal */
export const isVirtualTimer = (clock: Clock.Clock): clock is Clock.Clock & VirtualTimer =>
  Predicate.hasProperty(clock, TypeId)
