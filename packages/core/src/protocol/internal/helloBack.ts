/**
 * Answering nodes that have just appeared: who hears a new one announces itself out of turn, so that both know each other at once.
 *
 * An answer is multicast like any announcement, never at once, and one answers all that appeared meanwhile: whoever forges new nodes
 * without end makes a node announce itself once in `spacing` and no more (S-A4).
 *
 * @since 0.1.0
 */
import * as Seed from "../../Seed.ts"

export interface Options {
  /** Milliseconds after which to answer, drawn anew each time so that those who heard the same do not answer together. */
  readonly delay: { readonly min: number; readonly max: number }
  /** Milliseconds between two answers. */
  readonly spacing: number
  /** Nodes that are remembered; beyond it the one not heard for longest is forgotten. */
  readonly known: number
}

/** The figures of S-A4. */
export const defaults: Options = { delay: { min: 20, max: 250 }, spacing: 2_000, known: 1_024 }

interface Known {
  readonly incarnation: string
  readonly until: number
}

/** The nodes that are known, and when an answer to new ones is due. Updated in place. */
export interface HelloBack {
  readonly options: Options
  readonly known: Map<string, Known>
  seed: Seed.Seed
  dueAt: number
  lastAt: number
}

export const make = (options: Options, seed: Seed.Seed): HelloBack => ({
  options,
  known: new Map(),
  seed,
  dueAt: Infinity,
  lastAt: -Infinity
})

/** Notes that a node was heard; true when it is new, was silent for longer than its ttl, or is another incarnation of itself. */
export const notice = (self: HelloBack, identity: string, incarnation: string, ttl: number, now: number): boolean => {
  const before = self.known.get(identity)
  self.known.delete(identity)
  if (self.known.size >= self.options.known) forget(self, self.known.keys().next().value!)
  self.known.set(identity, { incarnation, until: now + ttl })
  return before === undefined || before.until <= now || before.incarnation !== incarnation
}

/** Forgets a node that has left. */
export const forget = (self: HelloBack, identity: string): void => {
  self.known.delete(identity)
}

/** Sees to it that an answer is made, soon but not too soon after the last one. */
export const schedule = (self: HelloBack, now: number): void => {
  if (self.dueAt < Infinity) return
  const { delay, spacing } = self.options
  const [wait, seed] = Seed.between(self.seed, delay.min, delay.max)
  self.seed = seed
  self.dueAt = Math.max(now + wait, self.lastAt + spacing)
}

/** Notes that all has been said, so that nobody waits for an answer any longer. */
export const answered = (self: HelloBack, now: number): void => {
  if (self.dueAt <= now) self.lastAt = now
  self.dueAt = Infinity
}

/**
 * Takes all nodes for heard now, for so many milliseconds more: what only repeated itself did not come here, and is to be read again
 * after everyone was told what is new.
 */
export const renew = (self: HelloBack, ttl: number, now: number): void => {
  for (const [identity, { incarnation, until }] of self.known) {
    self.known.set(identity, { incarnation, until: Math.max(until, now + ttl) })
  }
}
