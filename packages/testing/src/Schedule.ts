/**
 * One run of a property, as plain data: the seed and the faults that happen when. A schedule is generated, shrunk, stored as a token and
 * replayed.
 *
 * @since 0.1.0
 */
import * as Base64Url from "effect/encoding/Base64Url"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Fault from "./Fault.ts"

/**
 * One run of a property, as plain data.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Schedule = Schema.Struct({
  /** What all chance in the run comes from. */
  seed: Schema.Int,
  /** The hosts that take part; without it all of the topology. */
  hosts: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Those hosts that stay dead from the end of the faults on. */
  dead: Schema.optionalKey(Schema.Array(Schema.String)),
  /** In which order fibers run. Without it first come, first served. */
  order: Schema.optionalKey(Schema.Literals(["fifo", "random", "pct"])),
  /** The probability that a fiber yields between two operations. Default: 0. */
  preemption: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
  /** The points of misfortune that are active; without it the seed chooses. */
  buggify: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Whether the links are free of the topology's own delay and loss. */
  isPerfect: Schema.optionalKey(Schema.Boolean),
  /** What happens, and when, in milliseconds after the hosts were booted. */
  faults: Schema.Array(Fault.FaultEvent)
})

/**
 * One run of a property, as plain data.
 *
 * @category models
 * @since 0.1.0
 */
export type Schedule = typeof Schedule.Type

/**
 * A replay token that cannot be read.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidToken extends Schema.TaggedError<InvalidToken>("effect-discovery/Schedule/InvalidToken")(
  "InvalidToken",
  { token: Schema.String, expected: Schema.String }
) {
  /**
   * Says what is wrong with it.
   *
   * @since 0.1.0
   */
  override get message(): string {
    const shown = this.token.length > 40 ? `${this.token.slice(0, 40)}…` : this.token
    return `the replay token ${
      JSON.stringify(shown)
    } ${this.expected}. Copy the whole token that the failing run printed`
  }
}

const version = "sim1"
// made when it is first needed: tests that pass read and write no tokens
let made: ReturnType<typeof makeCodec> | undefined
const makeCodec = () => {
  const Json = Schema.fromJsonString(Schema.toCodecJson(Schedule))
  return { write: Schema.encodeSync(Json), read: Schema.decodeUnknownResult(Json) }
}
const codec = () => made ??= makeCodec()

/**
 * The schedule as one word to print, paste and give to `SIMULATION_REPLAY`.
 *
 * @category tokens
 * @since 0.1.0
 */
export const toToken = (schedule: Schedule): string => {
  const body = Base64Url.encode(codec().write(schedule))
  return `${version}.${body}.${checksum(body)}`
}

/**
 * The schedule of a token. White space within it, as from a wrapped line, does no harm.
 *
 * @category tokens
 * @since 0.1.0
 */
export const fromToken = (token: string): Result.Result<Schedule, InvalidToken> => {
  const refuse = (expected: string) => Result.fail(new InvalidToken({ token, expected }))
  const [name, body, sum, ...more] = token.replace(/\s+/g, "").split(".")
  if (name !== version) {
    return refuse(`does not begin with ${version}, so another version of this library made it, or none`)
  }
  if (body === undefined || sum !== checksum(body) || more.length > 0) return refuse("is damaged: its checksum differs")
  return Base64Url.decodeString(body).pipe(
    Result.flatMap(codec().read),
    Result.match({
      onSuccess: Result.succeed,
      onFailure: () => refuse("holds faults that this version does not know")
    })
  )
}

// FNV-1a: a token that lost its end while it was copied is to be told from one that is wrong.
const checksum = (text: string): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(36)
}

/**
 * The schedule in words, a line for each fault.
 *
 * @category printing
 * @since 0.1.0
 */
export const format = (schedule: Schedule): string =>
  [
    `seed ${schedule.seed}`,
    ...(schedule.hosts === undefined ? [] : [`hosts ${schedule.hosts.join(", ")}`]),
    ...(schedule.order === undefined || schedule.order === "fifo" ? [] : [`fibers in ${schedule.order} order`]),
    ...(schedule.preemption === undefined ? [] : [`fibers pre-empted with probability ${schedule.preemption}`]),
    ...(schedule.isPerfect === true ? ["perfect links"] : []),
    ...(schedule.buggify === undefined || schedule.buggify.length === 0
      ? []
      : [`misfortune at ${schedule.buggify.join(", ")}`]),
    ...schedule.faults.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)).map(describe),
    ...(schedule.faults.length === 0 ? ["no fault"] : []),
    ...(schedule.dead === undefined || schedule.dead.length === 0
      ? []
      : [`${schedule.dead.join(", ")} dead from the end of the faults on`])
  ].join("\n")

const describe = ({ _tag, at = 0, for: time, ...details }: Fault.FaultEvent): string =>
  [
    `at ${seconds(at)} ${_tag}`,
    ...Object.entries(details).map(([name, value]) => `${name} ${show(value)}`),
    ...(time === undefined ? [] : [`for ${seconds(time)}`])
  ].join(" ")

const seconds = (millis: number): string => `${millis / 1000} s`

const show = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value)
