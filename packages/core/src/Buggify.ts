/**
 * Rare but legal misfortune on demand: points in a program where a simulation may make it slow, or fail it.
 *
 * Outside of a simulation a point is a look-up that finds nothing. `Property.check` of the testing package switches them on.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/**
 * Says whether the misfortune of a site, such as `session.open.fails`, happens now.
 *
 * @category models
 * @since 0.1.0
 */
export type Decide = (site: string) => boolean

/**
 * Who decides; nobody by default, and then nothing happens.
 *
 * @category references
 * @since 0.1.0
 */
export const Buggify: Context.Reference<Decide | undefined> = Context.Reference<Decide | undefined>(
  "@effect-discovery/core/Buggify",
  { defaultValue: () => undefined }
)

/**
 * Whether the misfortune of this site happens now: never outside of a simulation.
 *
 * **Details**
 *
 * What follows must be something that can happen in production too, however seldom: a delay, a failure that callers have to
 * expect anyway, work done twice. A run of the program that meets it is then a run that a user can meet.
 *
 * **Example**
 *
 * ```ts
 * import { Buggify } from "@effect-discovery/core"
 * import { Effect } from "effect"
 *
 * const flush = Effect.gen(function*() {
 *   if (yield* Buggify.point("cache.flush.slow")) yield* Effect.sleep("5 seconds")
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const point = (site: string): Effect.Effect<boolean> =>
  Effect.withFiber((fiber) => {
    const decide = fiber.getRef(Buggify)
    return decide === undefined ? no : Effect.succeed(decide(site))
  })

/**
 * Runs a misfortune where a simulation wants it, and does nothing elsewhere.
 *
 * **Example**
 *
 * ```ts
 * import { Buggify } from "@effect-discovery/core"
 * import { Effect } from "effect"
 *
 * const flush = Buggify.inject("cache.flush.slow", Effect.sleep("5 seconds")).pipe(Effect.andThen(Effect.log("flushed")))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const inject = <A, E, R>(site: string, misfortune: Effect.Effect<A, E, R>): Effect.Effect<void, E, R> =>
  Effect.withFiber((fiber) => {
    const decide = fiber.getRef(Buggify)
    return decide !== undefined && decide(site) ? Effect.asVoid(misfortune) : Effect.void
  })

const no = Effect.succeed(false)
