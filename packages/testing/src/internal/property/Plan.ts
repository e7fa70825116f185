/**
 * A property in the form in which runs of it are made: times in milliseconds, every choice made.
 */
import type * as Network from "@effect-discovery/core/Network"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Journal from "../../Journal.ts"
import type * as PropertyState from "../../PropertyState.ts"
import type * as SimulatedNetwork from "../../SimulatedNetwork.ts"
import type { Topology } from "../../Topology.ts"
import type * as Misfortune from "./Misfortune.ts"

/** @internal */
export interface Plan<V, R = never> {
  readonly name: string
  readonly topology: Topology
  readonly network: SimulatedNetwork.Options
  readonly setup: (
    network: SimulatedNetwork.SimulatedNetwork
  ) => Effect.Effect<unknown, unknown, R | Scope.Scope>
  readonly workload: (
    participant: PropertyState.Participant
  ) => Effect.Effect<Effect.Effect<V>, unknown, R | Network.Network | Scope.Scope>
  readonly always: ReadonlyArray<readonly [name: string, predicate: PropertyState.Predicate<V>]>
  /** How long not to judge what happened on the network after having judged it. */
  readonly every: number
  readonly eventually: ReadonlyArray<readonly [name: string, liveness: PropertyState.Liveness<V>]>
  readonly quiet: { readonly datagrams: number; readonly during: number } | undefined
  readonly history: ReadonlyArray<readonly [name: string, check: (journal: Journal.Journal) => PropertyState.Verdict]>
  /** How long hosts have to boot, and how long faults go on. */
  readonly boot: number
  readonly faultsFor: number
  readonly eventLimit: number
  readonly realTurns: number
  readonly allowsDefects: boolean
  readonly isSafetyOnly: boolean
  readonly misfortune: Misfortune.Rates
}

/** @internal */
export const hostsOf = ({ topology }: Pick<Plan<never>, "topology">): ReadonlyArray<string> =>
  topology.hosts.map(({ name }) => name)
