/**
 * What the predicates of a property see, and what its workload is given.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { SimulatedHost } from "./SimulatedHost.ts"

/**
 * Where a run is: hosts boot, faults happen, then they stop and the hosts have to converge, be quiet, and end without a trace.
 *
 * @category models
 * @since 0.1.0
 */
export type Phase = "boot" | "faults" | "converge" | "quiet" | "shutdown"

/**
 * The host that a workload runs on, and its line to the harness.
 *
 * **Details**
 *
 * `boot` counts the starts of the host's program, from 1. `changed` has the predicates judged anew: run it when what the workload shows
 * has changed. `mark` records that something worth seeing happened, for `sometimes`; `note` puts a line about this host into the journal, for
 * the checks of the history and for whoever reads it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Participant {
  readonly name: string
  readonly index: number
  readonly boot: number
  readonly host: SimulatedHost
  readonly changed: Effect.Effect<void>
  readonly mark: (label: string) => Effect.Effect<void>
  readonly note: (text: string) => Effect.Effect<void>
}

/**
 * A host as the predicates see it.
 *
 * **Details**
 *
 * `isUp`: its program runs, or is being started. `view` is what the program shows, undefined before it shows anything and after it ended.
 * `isPaused`: it stands still. `awakeSince` is when it was started or seen to go on last, in
 * milliseconds. `isDead`: it stays dead for the rest of the run. `since` is when its program was started last, in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface HostState<out V> {
  readonly name: string
  readonly isUp: boolean
  readonly isPaused: boolean
  readonly isDead: boolean
  readonly boot: number
  readonly since: number
  readonly awakeSince: number
  readonly view: V | undefined
}

/**
 * The whole of a run at one instant: `now` is in milliseconds since its start.
 *
 * @category models
 * @since 0.1.0
 */
export interface State<out V> {
  readonly now: number
  readonly phase: Phase
  readonly hosts: ReadonlyArray<HostState<V>>
}

/**
 * Whether a predicate holds: `true`, or `false`, or in words why not.
 *
 * @category models
 * @since 0.1.0
 */
export type Verdict = boolean | string

/**
 * A predicate over the state of a run. One that throws does not hold.
 *
 * @category models
 * @since 0.1.0
 */
export type Predicate<in V> = (state: State<V>) => Verdict

/**
 * A predicate that has to hold some time after the faults have stopped, and from then on.
 *
 * **Details**
 *
 * `missing` names pairs of hosts of which the second should have heard of the first, so that a failure can say what became of
 * the last datagram between them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Liveness<in V> {
  readonly check: Predicate<V>
  /** Milliseconds after the faults have stopped. */
  readonly within: number
  readonly missing?: ((state: State<V>) => ReadonlyArray<readonly [from: string, to: string]>) | undefined
}
