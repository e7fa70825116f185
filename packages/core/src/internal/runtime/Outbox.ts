/**
 * What a session has to send, in the order in which it was given. While some of it is written the rest comes together, and then goes at once.
 *
 * It grows no further than those who wait for it: whoever puts something in waits until it is written.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import type * as Protocol from "../../Protocol.ts"

/** What is to be sent together, in order. */
export type Round = ReadonlyArray<Protocol.Transmit>

/** The outbox of one sender. */
export interface Outbox {
  next: Array<Protocol.Transmit>
  /** Those of the next round that are goodbyes. */
  goodbyes: Array<Protocol.Transmit>
  /** Goodbyes of earlier rounds that were not written. */
  unsaid: Array<Protocol.Transmit>
  /** Completes when the next round is written. */
  written: Deferred.Deferred<void>
  /** Completes when the latest goodbye is written, or was to be. */
  said: Deferred.Deferred<void> | undefined
  readonly filled: Latch.Latch
}

export const make = (): Outbox => ({
  next: [],
  goodbyes: [],
  unsaid: [],
  written: Deferred.makeUnsafe(),
  said: undefined,
  filled: Latch.makeUnsafe()
})

/** Puts these in, some of which are `goodbyes`; what it gives waits until they are written, or never will be. */
export const put = (self: Outbox, transmits: Round, goodbyes: Round = []): Effect.Effect<void> => {
  if (transmits.length === 0) return Effect.void
  for (const transmit of transmits) self.next.push(transmit)
  for (const goodbye of goodbyes) self.goodbyes.push(goodbye)
  const { filled, written } = self
  if (goodbyes.length > 0) self.said = written
  // an idle writer takes them in this very call
  filled.openUnsafe()
  return Deferred.await(written)
}

/** Whether a goodbye waits for what is being written. */
export const isAwaited = (self: Outbox): boolean => self.goodbyes.length > 0

/** Waits until no goodbye is to be written. */
export const settled = (self: Outbox): Effect.Effect<void> =>
  Effect.suspend(() => self.said === undefined ? Effect.void : Deferred.await(self.said))

/** Writes round after round, for ever. `write` tells whether all of it was written; if not, only goodbyes are left to say. */
export const run = (self: Outbox, write: (round: Round) => Effect.Effect<boolean>): Effect.Effect<never> => {
  const rounds: Effect.Effect<never> = Effect.suspend(() => {
    if (self.next.length === 0) {
      self.filled.closeUnsafe()
      return Effect.andThen(self.filled.await, rounds)
    }
    const round = renew(self)
    return Effect.andThen(Effect.onExit(write(round.next), (exit) => complete(self, round, exit)), rounds)
  })
  return rounds
}

/** Lets everyone go who waits, and gives the goodbyes that are not written. */
export const close = (self: Outbox): Round => {
  const { goodbyes, written } = renew(self)
  const { unsaid } = self
  self.unsaid = []
  Deferred.doneUnsafe(written, Exit.void)
  return [...unsaid, ...goodbyes]
}

type Taken = Pick<Outbox, "next" | "goodbyes" | "written">

// A goodbye is said again rather than not at all. All else is announced anew when the session has started again.
const complete = (self: Outbox, { goodbyes, written }: Taken, exit: Exit.Exit<boolean>) =>
  Effect.sync(() => {
    if (Exit.isFailure(exit) || !exit.value) {
      self.unsaid.push(...goodbyes)
      self.next = [...self.goodbyes]
      // who waits for what will not be written may be the one who is to start anew
      if (self.next.length === 0) Deferred.doneUnsafe(renew(self).written, Exit.void)
    }
    Deferred.doneUnsafe(written, Exit.void)
  })

// what is there, and empty room for the next round
const renew = (self: Outbox): Taken => {
  const { goodbyes, next, written } = self
  self.next = []
  self.goodbyes = []
  self.written = Deferred.makeUnsafe()
  return { goodbyes, next, written }
}
