/**
 * Writing to standard output and standard error.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as PlatformError from "effect/PlatformError"
import * as Predicate from "effect/Predicate"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Failure from "./Failure.ts"
import * as Lines from "./Lines.ts"

/** Writes lines as they come, and ends well when nobody reads them any more. */
export const lines = <R>(
  stream: Stream.Stream<string, DiscoveryError.DiscoveryError, R>
): Effect.Effect<void, DiscoveryError.DiscoveryError | Failure.OutputFailed, R | Stdio.Stdio> =>
  Effect.flatMap(Stdio.Stdio, (stdio) => {
    const text = Stream.map(stream, (line) => `${line}\n`)
    return Stream.run(text, stdio.stdout({ endOnDone: false }))
  }).pipe(Effect.catchTag("PlatformError", endQuietly))

/** What it comes to when standard output cannot be written to: the end, well when it is a pipe that was closed. */
export const endQuietly = (
  { reason: { cause } }: PlatformError.PlatformError
): Effect.Effect<void, Failure.OutputFailed> =>
  Predicate.hasProperty(cause, "code") && cause.code === "EPIPE"
    ? Effect.void
    : Effect.fail(new Failure.OutputFailed({ cause }))

/** Tells of diagnostics on standard error while the scope is open, a line each. `around` may prepare the place for a line. */
export const followDiagnostics = (around: (write: Effect.Effect<void>) => Effect.Effect<void> = identity) =>
  Stream.runForEach(Discovery.diagnostics, (diagnostic) => around(Console.error(Lines.diagnostic(diagnostic)))).pipe(
    Effect.forkScoped({ startImmediately: true })
  )
