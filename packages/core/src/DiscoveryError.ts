/**
 * What can go wrong, each with a sentence on what to do about it.
 *
 * @since 0.1.0
 */
import * as Inspectable from "effect/Inspectable"
import * as Schema from "effect/Schema"

/**
 * Another program holds the port and does not share it.
 *
 * @category reasons
 * @since 0.1.0
 */
export class AddressInUse extends Schema.TaggedError<AddressInUse>()("AddressInUse", {
  source: Schema.String,
  endpoint: Schema.String,
  interface: Schema.String,
  /** What to do about it, where there is more to say. */
  advice: Schema.optionalKey(Schema.String),
  cause: Schema.Defect()
}) {
  override get message() {
    return `${this.source} cannot listen on ${this.endpoint}${
      within(this.interface)
    }: another program holds the port without sharing it. ` +
      `${this.advice ?? "Stop that program, or let it set address reuse (SO_REUSEADDR)"}.`
  }
}

/**
 * The system refuses the socket to this user.
 *
 * @category reasons
 * @since 0.1.0
 */
export class PermissionDenied extends Schema.TaggedError<PermissionDenied>()("PermissionDenied", {
  source: Schema.String,
  endpoint: Schema.String,
  interface: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `${this.source} may not open ${this.endpoint}${within(this.interface)}. ` +
      `Allow UDP for this program, or choose a port above 1023.`
  }
}

/**
 * No interface is up that the options select.
 *
 * @category reasons
 * @since 0.1.0
 */
export class NoUsableInterface extends Schema.TaggedError<NoUsableInterface>()("NoUsableInterface", {
  source: Schema.String,
  available: Schema.Array(Schema.String)
}) {
  override get message() {
    const available = this.available.length === 0 ? "none is up" : `up are ${this.available.join(", ")}`
    return `${this.source} found no usable network interface (${available}). ` +
      `Connect to a network, or select one with the option \`interfaces\`, for example NetworkInterface.isLoopback.`
  }
}

/**
 * A socket could not be opened for a reason other than port or permission.
 *
 * @category reasons
 * @since 0.1.0
 */
export class EndpointUnavailable extends Schema.TaggedError<EndpointUnavailable>()("EndpointUnavailable", {
  source: Schema.String,
  endpoint: Schema.String,
  interface: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    const where = this.interface === "" ? this.endpoint : `${this.endpoint} on ${this.interface}`
    const cause = describe(this.cause)
    const advice = /\bE[MN]FILE\b/.test(cause)
      ? "Close what the program has open and does not need, or let it open more files (ulimit -n)."
      : "Check that the interface is up and has an address and a route to the group."
    return `${this.source} cannot use ${where}: ${cause}. ${advice}`
  }
}

/**
 * A source ended for good: its retry schedule is exhausted, or its stream failed.
 *
 * @category reasons
 * @since 0.1.0
 */
export class SourceFailed extends Schema.TaggedError<SourceFailed>()("SourceFailed", {
  source: Schema.String,
  /** What to do about it, where there is more to say. */
  advice: Schema.optionalKey(Schema.String),
  cause: Schema.Defect()
}) {
  override get message() {
    return `The source ${this.source} has failed for good: ${describe(this.cause)}. ` +
      `${this.advice ?? "Mend what made it fail, and restart the discovery layer"}.`
  }
}

/**
 * An announcement that a protocol cannot carry. Nothing was sent.
 *
 * @category reasons
 * @since 0.1.0
 */
export class InvalidAnnouncement extends Schema.TaggedError<InvalidAnnouncement>()("InvalidAnnouncement", {
  source: Schema.String,
  field: Schema.String,
  limit: Schema.String
}) {
  override get message() {
    return `${this.source} cannot announce this: ${this.field} must be ${this.limit}. Nothing was sent.`
  }
}

/**
 * A name to ask for that is none. Nothing was sent.
 *
 * @category reasons
 * @since 0.1.0
 */
export class InvalidName extends Schema.TaggedError<InvalidName>()("InvalidName", {
  source: Schema.String,
  name: Schema.String,
  limit: Schema.String
}) {
  override get message() {
    return `${this.source} cannot ask for "${this.name}": it must be ${this.limit}. Nothing was sent.`
  }
}

/**
 * What was asked for cannot be done with these sources.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Unsupported extends Schema.TaggedError<Unsupported>()("Unsupported", {
  operation: Schema.String,
  advice: Schema.String
}) {
  override get message() {
    return `${this.operation} is not possible here. ${this.advice}`
  }
}

// what a worker opens is on no interface in particular
const within = (networkInterface: string): string => networkInterface === "" ? "" : ` (${networkInterface})`

// a cause becomes part of a sentence: the first that it says
const describe = (cause: unknown): string => {
  const text = cause instanceof Error ? cause.message : Inspectable.toStringUnknown(cause, 0)
  const [first = ""] = text.trim().split(/[.!?]\s|[\r\n\u2028\u2029]/)
  return first.replace(/[.!?]$/, "") || "no reason was given"
}

/**
 * Schema of every reason.
 *
 * @category reasons
 * @since 0.1.0
 */
export const Reason = Schema.Union([
  AddressInUse,
  PermissionDenied,
  NoUsableInterface,
  EndpointUnavailable,
  SourceFailed,
  InvalidAnnouncement,
  InvalidName,
  Unsupported
])

/**
 * Why discovery failed.
 *
 * @category reasons
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * The one error of discovery, with a tagged reason inside. Its message tells the reader what to do.
 *
 * **Example** (One reason)
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Effect, Stream } from "effect"
 *
 * const program = Discovery.stream.pipe(
 *   Stream.runDrain,
 *   Effect.catchReason("DiscoveryError", "SourceFailed", (reason) => Effect.logError(reason.message))
 * )
 * ```
 *
 * **Example** (Every reason: one that is left out stays in the type)
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Effect, Stream } from "effect"
 *
 * const tell = (reason: { readonly message: string }) => Effect.logError(reason.message)
 *
 * const program: Effect.Effect<void, never, Discovery.Discovery> = Discovery.stream.pipe(
 *   Stream.runDrain,
 *   Effect.unwrapReason("DiscoveryError"),
 *   Effect.catchTags({
 *     AddressInUse: tell,
 *     PermissionDenied: tell,
 *     NoUsableInterface: () => Effect.logWarning("there is no network"),
 *     EndpointUnavailable: tell,
 *     SourceFailed: tell,
 *     InvalidAnnouncement: tell,
 *     InvalidName: tell,
 *     Unsupported: tell
 *   })
 * )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class DiscoveryError extends Schema.TaggedError<DiscoveryError>()("DiscoveryError", { reason: Reason }) {
  override get message() {
    return this.reason.message
  }
}

/**
 * Wraps a reason.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (reason: Reason): DiscoveryError => new DiscoveryError({ reason })
