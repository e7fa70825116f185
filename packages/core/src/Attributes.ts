/**
 * What a node says of itself beside its name and addresses: an ordered map of text keys to text, bytes, or nothing more.
 *
 * Keys come from the wire, so they never become property names of an ordinary object: `__proto__` is a key like any other
 * (S-P8).
 *
 * @since 0.1.0
 */
import type * as Equal from "effect/Equal"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type { Value } from "./internal/AttributeMap.ts"
import * as AttributeMap from "./internal/AttributeMap.ts"

export type { Value } from "./internal/AttributeMap.ts"

/**
 * An immutable map of attributes, equal to another one when both hold the same keys with the same text or bytes.
 *
 * **Details**
 *
 * A value is kept byte for byte. `get` reads it as UTF-8 text, with U+FFFD for bytes that are none; `bytes` gives it as it came.
 * A key may also be there without any value, as DNS-SD has it (RFC 6763, section 6.4): then `isFlag` holds, and `get`, `bytes`,
 * iteration and `toJSON` give it as empty. Iteration yields `[key, text]` in the order of announcement.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attributes extends Iterable<readonly [key: string, value: string]>, Equal.Equal {
  readonly [AttributeMap.TypeId]: typeof AttributeMap.TypeId
  /** How many keys there are. */
  readonly size: number
  /** The value as UTF-8 text, empty for a key without one; `undefined` when the key is not there. */
  readonly get: (key: string) => string | undefined
  /** The value byte for byte, empty for a key without one; `undefined` when the key is not there. */
  readonly bytes: (key: string) => Uint8Array | undefined
  /** Whether the key is there, with or without a value. */
  readonly has: (key: string) => boolean
  /** Whether the key is there without a value, which is not the same as with an empty one. */
  readonly isFlag: (key: string) => boolean
  /** In the order of announcement. */
  readonly keys: () => Iterable<string>
  /** The values as text, by key. */
  readonly toJSON: () => Readonly<Record<string, string>>
}

/**
 * What attributes can be made from: entries, a `Map` or a plain record.
 *
 * @category models
 * @since 0.1.0
 */
export type Input = Attributes | Iterable<readonly [key: string, value: Value]> | Readonly<Record<string, Value>>

/**
 * Whether a value is an `Attributes`.
 *
 * @category guards
 * @since 0.1.0
 */
export const isAttributes = (u: unknown): u is Attributes => Predicate.hasProperty(u, AttributeMap.TypeId)

/**
 * No attributes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty: Attributes = AttributeMap.make(new Map())

/**
 * Makes attributes from entries, a `Map` or a record. Of two entries with the same key the later one holds.
 *
 * **Example**
 *
 * ```ts
 * import { Attributes } from "@effect-discovery/core"
 *
 * const attributes = Attributes.make({ version: "2", role: "leader" })
 * attributes.get("role") // "leader"
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (input: Input): Attributes => {
  if (isAttributes(input)) return input
  const entries = Symbol.iterator in input
    ? input as Iterable<readonly [string, Value]>
    : Object.entries(input as Readonly<Record<string, Value>>)
  const values = new Map<string, Value>()
  for (const [key, value] of entries) values.set(key, AttributeMap.toValue(value))
  return values.size === 0 ? empty : AttributeMap.make(values)
}

/**
 * The key that is the same as `key` when the case of ASCII letters is not regarded, as it was announced. DNS-SD's keys are compared so
 * (RFC 6763, section 6.4); `get` and its like take a key letter by letter.
 *
 * **Example**
 *
 * ```ts
 * import { Attributes } from "@effect-discovery/core"
 *
 * const attributes = Attributes.make({ TxtVers: "1" })
 * Attributes.findKey(attributes, "txtvers") // "TxtVers"
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const findKey = (self: Attributes, key: string): string | undefined => {
  if (self.has(key)) return key
  const folded = fold(key)
  for (const other of self.keys()) {
    if (fold(other) === folded) return other
  }
  return undefined
}

const fold = (key: string): string => key.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/**
 * The octets that keys and values take together: what `Limits.attributesBytes` bounds.
 *
 * @category getters
 * @since 0.1.0
 */
export const byteLength = (self: Attributes): number => AttributeMap.byteLength(self)

/**
 * Schema of attributes as a record of text. Values that are not UTF-8 are encoded with U+FFFD, keys without a value as empty.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromRecord: Schema.Codec<Attributes, { readonly [x: string]: string }> = Schema.Record(
  Schema.String,
  Schema.String
).pipe(
  Schema.decodeTo(
    Schema.declare(isAttributes, { identifier: "Attributes" }),
    SchemaTransformation.transform({
      decode: (record: { readonly [x: string]: string }): Attributes => make(record),
      encode: (attributes: Attributes): { readonly [x: string]: string } => attributes.toJSON()
    })
  )
)
