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

/** @internal */
export type Bandwidth = number | `${number} ${"bit" | "kbit" | "Mbit" | "Gbit"}` | "unlimited"

/** @internal */
export type Size = number | `${number} ${"B" | "kB" | "MB" | "KiB" | "MiB"}`

/** @internal */
export interface Impairments {
  readonly latency?: Duration.Input | Distribution.Distribution | undefined
  readonly jitter?: Duration.Input | Distribution.Distribution | undefined
  readonly loss?: number | Loss.Loss | undefined
  readonly commonLoss?: number | Loss.Loss | undefined
  readonly duplicate?: number | undefined
  readonly reorder?: number | {
    readonly probability: number
    readonly gap?: number | undefined
    readonly within?: Duration.Input | undefined
  } | undefined
  readonly corrupt?: number | {
    readonly probability: number
    readonly mode?: "drop" | "deliver" | undefined
  } | undefined
  readonly bandwidth?: Bandwidth | undefined
  readonly queue?: Size | undefined
  readonly mtu?: number | undefined
}

/** @internal */
export interface Input extends Impairments {
  readonly multicast?: Impairments | undefined
  readonly powersave?: "none" | {
    readonly beacon?: Duration.Input | undefined
    readonly dtim?: number | undefined
  } | undefined
}
