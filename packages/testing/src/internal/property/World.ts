/**
 * The network of a run, as far as the harness deals with it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Fault from "../../Fault.ts"
import type { SimulatedHost } from "../../SimulatedHost.ts"
import * as SimulatedNetwork from "../../SimulatedNetwork.ts"
import type { SimulatedNetworkError } from "../../SimulatedNetworkError.ts"
import * as Inside from "../Inside.ts"
import type { Journal } from "../kernel/Journal.ts"

/** @internal A fault that was injected, and the events that its beginning gave rise to at once: from one number to before another. */
export interface Injected {
  readonly kind: Fault.Kind
  readonly from: number
  readonly began: number
}

/** @internal */
export interface World {
  readonly network: SimulatedNetwork.SimulatedNetwork
  readonly recorder: Journal
  readonly hosts: ReadonlyArray<SimulatedHost>
  readonly injected: ReadonlyArray<Injected>
  /** Begins a fault; it ends with the scope. */
  readonly begin: (fault: Fault.FaultEvent) => Effect.Effect<void, SimulatedNetworkError, Scope.Scope>
  /** When the last datagram arrives that a replay has repeated: it may have ended long before. */
  readonly lastReplayAt: () => number
}

/** @internal */
export const make = Effect.fnUntraced(function*(options: SimulatedNetwork.Options) {
  const network = yield* SimulatedNetwork.make(options)
  const { journal: recorder, links } = Inside.kernel(network)
  const origin = yield* Clock.currentTimeMillis
  const injected: Array<Injected> = []
  const world: World = {
    network,
    recorder,
    hosts: yield* network.hosts,
    injected,
    begin: (fault) =>
      Effect.suspend(() => {
        const from = recorder.next
        return Effect.tap(network.faults.apply(fault), () =>
          Effect.sync(() => void injected.push({ kind: fault._tag, from, began: recorder.next })))
      }),
    lastReplayAt: () => origin + links.active.lastReplayAt / 1_000
  }
  return world
})
