/**
 * Writing to standard output and standard error.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryError from "@effect-discovery/core/DiscoveryError"
import * as Trust from "@effect-discovery/core/Trust"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as PlatformError from "effect/PlatformError"
import * as Predicate from "effect/Predicate"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Failure from "./Failure.ts"
import * as Lines from "./Lines.ts"
import * as Seldom from "./Seldom.ts"

/** Writes lines as they come, and ends well when nobody reads them any more. */
export const lines = <R>(
  stream: Stream.Stream<string, DiscoveryError.DiscoveryError, R>
): Effect.Effect<void, DiscoveryError.DiscoveryError | Failure.OutputFailed, R | Stdio.Stdio> =>
  Effect.flatMap(Stdio.Stdio, (stdio) => {
    const text = Stream.map(stream, (line) => `${line}\n`)
    return Stream.run(text, stdio.stdout({ endOnDone: false }))
  }).pipe(Effect.catchTag("PlatformError", endQuietly))

/** Writes what there is to say once: it has failed unless all of it was taken. */
export const print = (
  all: ReadonlyArray<string>
): Effect.Effect<void, DiscoveryError.DiscoveryError | Failure.OutputFailed, Stdio.Stdio> =>
  lines(Stream.fromIterable(all))

/** What it comes to when standard output cannot be written to: the end, well when it is a pipe that was closed. */
export const endQuietly = (
  { reason: { cause } }: PlatformError.PlatformError
): Effect.Effect<void, Failure.OutputFailed> =>
  Predicate.hasProperty(cause, "code") && cause.code === "EPIPE"
    ? Effect.void
    : Effect.fail(new Failure.OutputFailed({ cause }))

/**
 * Tells of diagnostics, and of what somebody has to look after in the trust list, on standard error while the scope is open, a line each.
 * `around` may prepare the place for a line.
 */
export const followDiagnostics = Effect.fnUntraced(function*(
  around: (write: Effect.Effect<void>) => Effect.Effect<void> = identity
) {
  const { changes } = yield* Trust.Trust
  const told = Seldom.make(interval)
  const diagnostics = Stream.map(Discovery.diagnostics, Lines.diagnostic)
  const trust = Stream.filter(changes, Lines.isNoteworthy).pipe(
    Stream.mapEffect((event) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const total = Seldom.count(told, event._tag, now)
        return total === undefined ? [] : [Lines.trustEvent(event, total)]
      })
    ),
    Stream.flattenIterable
  )
  yield* Stream.runForEach(Stream.merge(diagnostics, trust), (line) => around(Console.error(line))).pipe(
    Effect.forkScoped({ startImmediately: true })
  )
})

// each kind at most once in this time, with how many there were (S-D2)
const interval = 10_000
