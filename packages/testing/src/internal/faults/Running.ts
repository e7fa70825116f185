/**
 * The faults that were begun and have not ended.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Details, Journal } from "../kernel/Journal.ts"

interface Fault {
  readonly name: string
  readonly undo: Effect.Effect<void>
  readonly details: Details
}

/** @internal What a fault is called in the journal: its name, of what it is about, and whom it concerns. */
export interface Title {
  readonly name: string
  readonly text: string
  readonly details?: Details | undefined
}

/** @internal */
export class Running {
  private readonly journal: Journal
  private readonly now: () => number
  private readonly faults = new Map<number, Fault>()

  constructor(journal: Journal, now: () => number) {
    this.journal = journal
    this.now = now
  }

  /** Begins a fault that ends with the scope, or when it is healed. `start` is given the event of its begin. */
  readonly begin = <E>(
    { details = {}, name, text }: Title,
    start: (cause: number, now: number) => Effect.Effect<Effect.Effect<void>, E>
  ): Effect.Effect<void, E, Scope.Scope> =>
    Effect.asVoid(Effect.acquireRelease(
      Effect.suspend(() => {
        const now = this.now()
        const cause = this.journal.note(now, "fault", { ...details, text: text === "" ? name : `${name} ${text}` })
        return Effect.map(start(cause, now), (undo) => {
          this.faults.set(cause, { name, undo, details })
          return cause
        })
      }),
      (cause) => this.end(cause)
    ))

  /** The same for a fault that is begun and ended at once. */
  readonly beginSync = (
    title: Title,
    start: (cause: number, now: number) => () => void
  ): Effect.Effect<void, never, Scope.Scope> =>
    this.begin(title, (cause, now) => Effect.sync(() => Effect.sync(start(cause, now))))

  /** Ends those of these names, the last one first, with a word for all of them. */
  readonly heal = (text: string, names?: ReadonlyArray<string>): Effect.Effect<void> =>
    Effect.uninterruptible(Effect.suspend(() => {
      const healed = Array.from(this.faults).filter(([, { name }]) => names === undefined || names.includes(name))
      for (const [cause] of healed) this.faults.delete(cause)
      this.journal.note(this.now(), "fault", { text })
      return Effect.forEach(healed.toReversed(), ([, { undo }]) => undo, { discard: true })
    }))

  private end(cause: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const fault = this.faults.get(cause)
      if (fault === undefined) return Effect.void
      this.faults.delete(cause)
      this.journal.note(this.now(), "fault", { ...fault.details, text: `${fault.name} ends`, cause })
      return fault.undo
    })
  }
}
