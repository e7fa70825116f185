/**
 * Links as plain data, and as one writes them down.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as Distribution from "../../Distribution.ts"
import * as Loss from "../../Loss.ts"

/** @internal */
export const Reorder = Schema.Struct({ probability: Schema.Finite, gap: Schema.Finite, within: Schema.Finite })

/** @internal */
export const Corrupt = Schema.Struct({ probability: Schema.Finite, mode: Schema.Literals(["drop", "deliver"]) })

/** @internal */
export const Powersave = Schema.Struct({ beacon: Schema.Finite, dtim: Schema.Finite })

const impairments = {
  latency: Schema.optional(Distribution.Distribution),
  jitter: Schema.optional(Distribution.Distribution),
  loss: Schema.optional(Loss.Loss),
  commonLoss: Schema.optional(Loss.Loss),
  duplicate: Schema.optional(Schema.Finite),
  reorder: Schema.optional(Reorder),
  corrupt: Schema.optional(Corrupt),
  bandwidth: Schema.optional(Schema.Union([Schema.Finite, Schema.Literal("unlimited")])),
  queue: Schema.optional(Schema.Finite),
  mtu: Schema.optional(Schema.Finite)
}

/** @internal */
export const Link = Schema.Struct({
  ...impairments,
  multicast: Schema.optional(Schema.Struct(impairments)),
  powersave: Schema.optional(Schema.Union([Powersave, Schema.Literal("none")]))
})

/** @internal */
export interface Link extends Schema.Schema.Type<typeof Link> {}

/**
 * Bits a second, as a number or in words.
 *
 * @category models
 * @since 0.1.0
 */
export type Bandwidth = number | `${number} ${"bit" | "kbit" | "Mbit" | "Gbit"}` | "unlimited"

/**
 * Octets, as a number or in words.
 *
 * @category models
 * @since 0.1.0
 */
export type Size = number | `${number} ${"B" | "kB" | "MB" | "KiB" | "MiB"}`

/** @internal */
export interface Impairments {
  /** How long a datagram is under way. */
  readonly latency?: Duration.Input | Distribution.Distribution | undefined
  /** What is added to the latency; a duration is the most of it, any share equally likely. */
  readonly jitter?: Duration.Input | Distribution.Distribution | undefined
  /** For each receiver; a number is a probability. */
  readonly loss?: number | Loss.Loss | undefined
  /** For all receivers of a datagram at once; a number is a probability. */
  readonly commonLoss?: number | Loss.Loss | undefined
  /** The probability that a datagram comes twice. */
  readonly duplicate?: number | undefined
  /** The probability that a datagram lets others pass: 3, or those of 100 milliseconds, unless told otherwise. */
  readonly reorder?: number | {
    readonly probability: number
    readonly gap?: number | undefined
    readonly within?: Duration.Input | undefined
  } | undefined
  /** The probability that octets change on the way; then it is dropped, unless told otherwise. */
  readonly corrupt?: number | {
    readonly probability: number
    readonly mode?: "drop" | "deliver" | undefined
  } | undefined
  /** What the sender's side carries. */
  readonly bandwidth?: Bandwidth | undefined
  /** Octets that wait for it at most; more are lost. Default: 1 MiB. */
  readonly queue?: Size | undefined
  /** Octets of a packet; larger ones cross in fragments. */
  readonly mtu?: number | undefined
}

/** @internal */
export interface Input extends Impairments {
  /** What holds for multicast and broadcast, in place of the rest; if absent, the rest does. */
  readonly multicast?: Impairments | undefined
  /** When multicast and broadcast are let out, as an access point does. */
  readonly powersave?: "none" | {
    readonly beacon?: Duration.Input | undefined
    readonly dtim?: number | undefined
  } | undefined
}
