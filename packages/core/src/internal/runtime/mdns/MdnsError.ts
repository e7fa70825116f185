/**
 * Why a question by mDNS has no answer.
 */
import * as Schema from "effect/Schema"

/**
 * Nobody has answered in time. That is how most names are known not to exist: nobody answers for them.
 *
 * @category reasons
 * @since 0.1.0
 */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", {
  name: Schema.String,
  millis: Schema.Finite
}) {
  override get message() {
    return `Nobody on the local network has answered for ${this.name} within ${this.millis} ms. ` +
      `Check the name, that its host is on the same network, and that UDP port 5353 is not blocked.`
  }
}

/**
 * The owner of the name says that it has no such records.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Denied extends Schema.TaggedError<Denied>()("Denied", { name: Schema.String }) {
  override get message() {
    return `The owner of ${this.name} says that it has no such record.`
  }
}

/**
 * The name is none that can be asked for. Nothing was sent.
 *
 * @category reasons
 * @since 0.1.0
 */
export class InvalidQuestion extends Schema.TaggedError<InvalidQuestion>()("InvalidQuestion", {
  name: Schema.String,
  limit: Schema.String
}) {
  override get message() {
    return `"${this.name}" cannot be asked for by mDNS: it must be ${this.limit}. Nothing was sent.`
  }
}

/**
 * The answer is cut short: it has more records than fit into one datagram, and there is no other way to get them.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Truncated extends Schema.TaggedError<Truncated>()("Truncated", { name: Schema.String }) {
  override get message() {
    return `The answer for ${this.name} does not fit into one datagram. Ask with a layer of Mdns, which gets it in several.`
  }
}

/**
 * Discovery itself has failed: a socket could not be opened, or all has ended for good.
 *
 * @category reasons
 * @since 0.1.0
 */
export class Failed extends Schema.TaggedError<Failed>()("Failed", { cause: Schema.Defect() }) {
  override get message() {
    return this.cause instanceof Error ? this.cause.message : String(this.cause)
  }
}

/**
 * Schema of every reason.
 *
 * @category reasons
 * @since 0.1.0
 */
export const Reason = Schema.Union([NoAnswer, Denied, InvalidQuestion, Truncated, Failed])

/**
 * Why a question has no answer.
 *
 * @category reasons
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * The one error of questions that are asked once, with a tagged reason inside.
 *
 * **Example** (Every reason: one that is left out stays in the type)
 *
 * ```ts
 * import { Mdns } from "@effect-discovery/core/protocol"
 * import { Console, Effect } from "effect"
 *
 * const tell = (reason: { readonly message: string }) => Console.error(reason.message)
 *
 * const program: Effect.Effect<void, never, Mdns.Mdns> = Mdns.lookup("printer.local").pipe(
 *   Effect.flatMap((addresses) => Console.log(addresses.map(String))),
 *   Effect.unwrapReason("ResolveError"),
 *   Effect.catchTags({
 *     NoAnswer: () => Console.log("it is switched off"),
 *     Denied: tell,
 *     InvalidQuestion: tell,
 *     Truncated: tell,
 *     Failed: tell
 *   })
 * )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class ResolveError extends Schema.TaggedError<ResolveError>()("ResolveError", { reason: Reason }) {
  override get message() {
    return this.reason.message
  }
}

/** Wraps a reason. */
export const make = (reason: Reason): ResolveError => new ResolveError({ reason })

/** That a name is no instance's, be it a full one or one beside a type. */
export const noInstance = (name: string, isFull: boolean): ResolveError =>
  make(new InvalidQuestion({ name, limit: isFull ? fullName : nameAndType }))

const fullName =
  "an instance's full name such as \"Kitchen Printer._ipp._tcp.local\", with each . of its first part written as \"\\.\""
const nameAndType = "a name of 1 to 63 octets, of a service type such as _ipp._tcp"
