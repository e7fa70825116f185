/**
 * Calling back at a virtual time, without a fiber for it.
 */
import type * as Clock from "effect/Clock"
import type * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import type * as Timeline from "./Timeline.ts"

/** @internal */
export const TypeId = "~@effect-discovery/testing/VirtualTimer"

/** @internal What is called at its time; the fiber, where there is one, is who waits for it, `what` says what else it is. */
export interface Sleeper {
  readonly wake: () => void
  readonly fiber?: Fiber.Fiber<unknown, unknown> | undefined
  readonly what?: string | undefined
}

/** @internal Microseconds, monotonic. A sleeper that is withdrawn at the very instant it is due may still be woken. */
export interface Timer {
  readonly now: () => number
  /** Wakes it then, or as soon as may be if that has passed. */
  readonly at: (time: number, sleeper: Sleeper) => Timeline.Entry<Sleeper>
  readonly withdraw: (entry: Timeline.Entry<Sleeper>) => void
  /** Calls back at this instant, when it is the turn of `who`, in an order drawn from the seed. Missing where order is not perturbed. */
  readonly shuffle?: ((run: () => void, who: object) => void) | undefined
}

/** @internal A clock that is a timer as well. */
export interface VirtualTimer {
  readonly [TypeId]: Timer
}

/** @internal */
export const isVirtualTimer = (clock: Clock.Clock): clock is Clock.Clock & VirtualTimer =>
  Predicate.hasProperty(clock, TypeId)
