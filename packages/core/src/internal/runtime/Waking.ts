/**
 * To be woken by a step, and to act only when that is done with.
 */
import * as Effect from "effect/Effect"
import type * as Latch from "effect/Latch"

/**
 * Waits for a latch, and for what else is done in the step that opens it. The latch itself resumes who waits in that very step: what they do on hearing
 * that something is announced, such as to withdraw it, would be sent before the announcement.
 */
export const by = (latch: Latch.Latch): Effect.Effect<void> => Effect.andThen(latch.await, Effect.yieldNow)
