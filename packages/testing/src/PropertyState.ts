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
 * @category models
 * @since 0.1.0
 */
export interface Participant {
  /** The name of the host. */
  readonly name: string
  /** Its place among the hosts of the run, from 0. */
  readonly index: number
  /** Which start of the host's program this is, from 1. */
  readonly boot: number
  /**
   * What to run the program on. What a workload starts on it with `start` the host starts again by itself, beside what the workload starts then:
   * fork in the scope instead.
   */
  readonly host: SimulatedHost
  /** Has the predicates judged anew: run it when what the workload shows has changed. */
  readonly changed: Effect.Effect<void>
  /** Records that something worth seeing happened, for `sometimes`. */
  readonly mark: (label: string) => Effect.Effect<void>
  /** Puts a line about this host into the journal, for the checks of the history and for whoever reads it. */
  readonly note: (text: string) => Effect.Effect<void>
}

/**
 * A host as the predicates see it.
 *
 * @category models
 * @since 0.1.0
 */
export interface HostState<out V> {
  /** What the network and the journal call it. */
  readonly name: string
  /** Whether its program runs, or is being started. */
  readonly isUp: boolean
  /** Whether it stands still. */
  readonly isPaused: boolean
  /** Whether it stays dead for the rest of the run. */
  readonly isDead: boolean
  /** How often its program was started. */
  readonly boot: number
  /** When its program was started last, in milliseconds. */
  readonly since: number
  /** When it was started or seen to go on last, in milliseconds. */
  readonly awakeSince: number
  /** What its program shows; `undefined` before it shows anything and after it ended. */
  readonly view: V | undefined
}

/**
 * The whole of a run at one instant.
 *
 * @category models
 * @since 0.1.0
 */
export interface State<out V> {
  /** Milliseconds since the run began. */
  readonly now: number
  /** How far the run is. */
  readonly phase: Phase
  /** All hosts of the run. */
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
 * @category models
 * @since 0.1.0
 */
export interface Liveness<in V> {
  /** What has to hold from then on. */
  readonly check: Predicate<V>
  /** Milliseconds after the faults have stopped. */
  readonly within: number
  /** Pairs of hosts of which the second should have heard of the first, so that a failure can say what became of the last datagram between them. */
  readonly missing?: ((state: State<V>) => ReadonlyArray<readonly [from: string, to: string]>) | undefined
}
