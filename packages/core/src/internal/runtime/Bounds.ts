/**
 * Bounds as layers take them: a mistake in the settings is a typed error.
 */
import * as Effect from "effect/Effect"
import * as DiscoveryError from "../../DiscoveryError.ts"
import * as Bounds from "../Bounds.ts"

/** The defaults with some of them changed. */
export const check = <Bounds extends object>(
  defaults: Bounds,
  overrides: Partial<Bounds> | undefined
): Effect.Effect<Bounds, DiscoveryError.DiscoveryError> =>
  Effect.catchDefect(
    Effect.sync(() => Bounds.within(defaults, overrides)),
    (defect) =>
      DiscoveryError.make(
        new DiscoveryError.Unsupported({
          operation: `A limit of this value (${defect instanceof Error ? defect.message : String(defect)})`,
          advice: "Give a positive number."
        })
      )
  )
