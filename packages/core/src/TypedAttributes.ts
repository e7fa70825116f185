/**
 * Attributes as a struct of typed fields: what a TXT record or the like says, checked by a schema.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Attributes from "./Attributes.ts"

/**
 * A key that says yes by being there, without a value (RFC 6763, section 6.4). An empty value says the same; any other is a problem.
 *
 * @category fields
 * @since 0.1.0
 */
export const Flag: Schema.decodeTo<Schema.Boolean, Schema.optionalKey<Schema.Literals<readonly [true, ""]>>> = Schema
  .optionalKey(Schema.Literals([true, ""])).pipe(
    Schema.decodeTo(
      Schema.Boolean,
      SchemaTransformation.transformOptional({
        decode: (value: Option.Option<true | "">) => Option.some(Option.isSome(value)),
        encode: (isSet: Option.Option<boolean>): Option.Option<true | ""> =>
          Option.flatMap(isSet, (isSet) => isSet ? Option.some(true) : Option.none())
      })
    )
  )

/**
 * A value that is octets, whether or not they are text.
 *
 * @category fields
 * @since 0.1.0
 */
export const Octets: Schema.Codec<Uint8Array, string | Uint8Array> = Schema.Union([
  Schema.String,
  Schema.Uint8Array
]).pipe(
  Schema.decodeTo(
    Schema.Uint8Array,
    SchemaTransformation.transform({
      decode: (value: string | Uint8Array) => typeof value === "string" ? utf8.encode(value) : value,
      encode: (octets: Uint8Array): string | Uint8Array => octets
    })
  )
)

const utf8 = new TextEncoder()
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * What `schema` can be made of: fields that are encoded as text, octets or flags.
 *
 * @category models
 * @since 0.1.0
 */
export type Fields = {
  readonly [key: string]: Schema.Constraint & Schema.ConstraintCodec<unknown, Attributes.Value | undefined>
}

/**
 * What is asked of the attributes as a whole.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * Those that are understood. Attributes whose `txtvers` is another one are a problem (RFC 6763, section 6.7); without `txtvers` they are taken as
   * they are. The first is said when encoding.
   */
  readonly versions?: readonly [string, ...ReadonlyArray<string>] | undefined
}

/**
 * A codec between a struct and attributes.
 *
 * **Details**
 *
 * Keys are found without regard to case, and others than the fields are ignored (RFC 6763, sections 6.3 and 6.4). A field's schema reads
 * text where the value is UTF-8, octets where it is not, and `true` where there is no value.
 *
 * **Example** (A peer whose attributes do not fit is a problem that one can look at)
 *
 * ```ts
 * import { TypedAttributes } from "@effect-discovery/core"
 * import { Result, Schema } from "effect"
 *
 * const Printer = TypedAttributes.schema({
 *   rp: Schema.String,
 *   pages: Schema.optionalKey(Schema.NumberFromString),
 *   secure: TypedAttributes.Flag
 * }, { versions: ["1"] })
 *
 * const read = TypedAttributes.decode(Printer)
 * const describe = (attributes: Parameters<typeof read>[0]) =>
 *   Result.match(read(attributes), {
 *     onFailure: (problem) => problem.message,
 *     onSuccess: ({ rp, secure }) => secure ? `${rp}, encrypted` : rp
 *   })
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const schema = <const F extends Fields>(
  fields: F,
  { versions }: Options = {}
): Schema.Codec<Schema.Struct<F>["Type"], Attributes.Attributes> => {
  const keys = Object.keys(fields)
  return Schema.declare(Attributes.isAttributes, { identifier: "Attributes" }).check(
    Schema.makeFilter((attributes) => isUnderstood(attributes, versions) || `txtvers must be ${versions!.join(" or ")}`)
  ).pipe(
    Schema.decodeTo(
      Schema.Struct(fields),
      SchemaTransformation.transform({
        // what is missing, or of another kind, the struct refuses
        decode: (attributes: Attributes.Attributes) => pick(attributes, keys) as Schema.Struct<F>["Encoded"],
        encode: (values: Schema.Struct<F>["Encoded"]) => toAttributes(values, versions)
      })
    )
  )
}

const versionKey = "txtvers"

const isUnderstood = (attributes: Attributes.Attributes, versions: Options["versions"]): boolean => {
  const key = Attributes.findKey(attributes, versionKey)
  return versions === undefined || key === undefined || versions.includes(attributes.get(key)!)
}

const pick = (
  attributes: Attributes.Attributes,
  keys: ReadonlyArray<string>
): Readonly<Record<string, Attributes.Value>> => {
  const picked: Record<string, Attributes.Value> = Object.create(null)
  for (const key of keys) {
    const announced = Attributes.findKey(attributes, key)
    if (announced !== undefined) picked[key] = valueOf(attributes, announced)
  }
  return picked
}

const valueOf = (attributes: Attributes.Attributes, key: string): Attributes.Value => {
  if (attributes.isFlag(key)) return true
  const octets = attributes.bytes(key)!
  try {
    return text.decode(octets)
  } catch {
    return octets
  }
}

const toAttributes = (
  values: Readonly<Record<string, Attributes.Value | undefined>>,
  versions: Options["versions"]
): Attributes.Attributes => {
  const said = Object.entries(values).filter((entry): entry is [string, Attributes.Value] => entry[1] !== undefined)
  return Attributes.make(versions === undefined ? said : [[versionKey, versions[0]], ...said])
}

/**
 * Reads attributes by a schema: a value, or the problem with them.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode: <A>(
  schema: Schema.Codec<A, Attributes.Attributes>
) => (attributes: Attributes.Attributes) => Result.Result<A, Schema.SchemaError> = (schema) =>
  Schema.decodeResult(schema)

/**
 * Makes attributes of a value by a schema, or says what is wrong with it.
 *
 * **Example** (Announce them)
 *
 * ```ts
 * import { Discovery, TypedAttributes } from "@effect-discovery/core"
 * import { Effect, Schema } from "effect"
 *
 * const Load = TypedAttributes.schema({ slots: Schema.NumberFromString, gpu: TypedAttributes.Flag })
 *
 * const program = Effect.gen(function*() {
 *   const attributes = yield* Effect.fromResult(TypedAttributes.encode(Load)({ slots: 4, gpu: true }))
 *   yield* Discovery.advertise({ name: "ada", port: 7100, attributes })
 * })
 * ```
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode: <A>(
  schema: Schema.Codec<A, Attributes.Attributes>
) => (value: A) => Result.Result<Attributes.Attributes, Schema.SchemaError> = (schema) => Schema.encodeResult(schema)
