/**
 * The registry at work: fed by every source, woken at its deadline, followed by subscribers.
 */
import * as Effect from "effect/Effect"
import type * as DiscoveryEvent from "../../DiscoveryEvent.ts"
import type * as Limits from "../../Limits.ts"
import type * as Machine from "../../Machine.ts"
import * as PeerRegistry from "../../PeerRegistry.ts"
import type * as Diagnostics from "./Diagnostics.ts"
import * as Runner from "./Runner.ts"
import * as Subscribers from "./Subscribers.ts"

/** A running registry. */
export interface Registry {
  readonly now: () => number
  readonly state: () => PeerRegistry.PeerRegistry
  readonly subscribers: Subscribers.Subscribers
  /** Takes a batch of inputs at once and publishes what came of it. */
  readonly fold: (inputs: Inputs) => void
  /** Expires what no longer holds, for ever. */
  readonly timer: Effect.Effect<never>
}

type Inputs = ReadonlyArray<PeerRegistry.Input>

// one step for all: to tell when to be woken takes longer than to take in most of them
const machine = (
  limits: Limits.Limits,
  options: PeerRegistry.Options
): Machine.Machine<PeerRegistry.PeerRegistry, Inputs | Machine.Woke, DiscoveryEvent.DiscoveryEvent> => ({
  init: PeerRegistry.machine(limits, options).init,
  step: (state, input, now) => {
    const outputs: Array<DiscoveryEvent.DiscoveryEvent> = []
    const inputs = "_tag" in input ? [input] : input
    for (const each of inputs) PeerRegistry.observe(state, each, now, outputs)
    return { state, outputs, wakeAt: PeerRegistry.wakeAt(state) }
  }
})

/** Starts a registry. */
export const make = Effect.fnUntraced(function*(
  limits: Limits.Limits,
  options: PeerRegistry.Options,
  seed: number,
  report: Diagnostics.Diagnostics["report"]
) {
  const runner = yield* Runner.runMachine<PeerRegistry.PeerRegistry, Inputs, DiscoveryEvent.DiscoveryEvent>(
    machine(limits, options),
    seed
  )
  const subscribers = Subscribers.make(() => PeerRegistry.peers(runner.state()), limits.subscriberBacklog)
  const reported = { evicted: 0, refused: 0 }

  const publish = (events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>, now: number) => {
    if (events.length > 0) subscribers.publish(events, now)
    const { pressure } = runner.state()
    for (const what of ["evicted", "refused"] as const) {
      const more = pressure[what] - reported[what]
      reported[what] = pressure[what]
      if (more > 0) report({ _tag: "RegistryPressure", what }, more)
    }
  }

  const registry: Registry = {
    now: runner.now,
    state: runner.state,
    subscribers,
    fold: (inputs) => {
      const now = runner.now()
      // whole milliseconds are numbers that need no object of their own
      const at = Math.floor(now)
      publish(runner.step(inputs, at), now)
    },
    // at once, not as an effect of its own: between the two another fiber could publish what came after
    timer: runner.timer((events, now) => {
      publish(events, now)
      return Effect.void
    })
  }
  return registry
})
