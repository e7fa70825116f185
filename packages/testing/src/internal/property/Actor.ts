/**
 * A host of a run and the program on it, which crashes, stops and starts again.
 */
import type * as Effect from "effect/Effect"
import type * as PropertyState from "../../PropertyState.ts"
import type { SimulatedHost } from "../../SimulatedHost.ts"
import type { Host } from "../kernel/Topology.ts"

/** @internal */
export interface Actor<V> {
  readonly host: SimulatedHost
  readonly kernel: Host
  readonly index: number
  isDead: boolean
  isUp: boolean
  boot: number
  since: number
  wasPaused: boolean
  awakeSince: number
  /** What its program shows, once it does. */
  view: Effect.Effect<V> | undefined
}

/** @internal */
export const make = <V>(host: SimulatedHost, kernel: Host, index: number): Actor<V> => ({
  host,
  kernel,
  index,
  isDead: false,
  isUp: false,
  boot: 0,
  since: 0,
  wasPaused: false,
  awakeSince: 0,
  view: undefined
})

/** @internal */
export const stateOf = <V>(self: Actor<V>, view: V | undefined): PropertyState.HostState<V> => ({
  name: self.host.name,
  isUp: self.isUp,
  isPaused: self.wasPaused,
  isDead: self.isDead,
  boot: self.boot,
  since: self.since,
  awakeSince: Math.max(self.since, self.awakeSince),
  view
})

/** @internal Notes whether the host stands still now. */
export const watch = <V>(self: Actor<V>, now: number): void => {
  const { isPaused } = self.kernel
  if (self.wasPaused && !isPaused) self.awakeSince = now
  self.wasPaused = isPaused
}
