import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { it } from "@effect/vitest"
import { Effect, type Scope } from "effect"

/** A test of one rule of the UDP semantics, on a network of its own. */
export const rule = <E>(
  name: string,
  test: (lan: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<void, E, Scope.Scope>,
  options?: SimulatedNetwork.Options,
  timeout?: number
) =>
  it.effect(
    name,
    () => Simulation.run(Effect.flatMap(SimulatedNetwork.make(options), test), { duration: "1 minute" }),
    timeout
  )

/** Until everything under way has arrived. */
export const arrival = Effect.sleep("100 millis")
