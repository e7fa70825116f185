/**
 * What beacons have in common, whatever their schedule.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Announcement from "../../Announcement.ts"
import * as Seed from "../../Seed.ts"
import * as Text from "./text.ts"

type Interval = Duration.Input | { readonly min: Duration.Input; readonly max: Duration.Input }

const isRange = (interval: Interval): interval is { readonly min: Duration.Input; readonly max: Duration.Input } =>
  typeof interval === "object" && "min" in interval

/** The ends of an interval in milliseconds. Throws on one that no beacon can have. */
export const toRange = (interval: Interval): { readonly min: number; readonly max: number } => {
  const ends = isRange(interval) ? interval : { min: interval, max: interval }
  const min = Duration.toMillis(Duration.fromInputUnsafe(ends.min))
  const max = Duration.toMillis(Duration.fromInputUnsafe(ends.max))
  if (!(min >= 1 && max < Infinity)) {
    throw new RangeError("A beacon's interval must be finite and at least one millisecond")
  }
  if (min > max) throw new RangeError("A beacon's interval must have a `min` that is no longer than its `max`")
  return { min, max }
}

/** A ttl in milliseconds. Throws on one of nothing, with which every announcement would be a goodbye. */
export const toTtl = (ttl: Duration.Input): number => {
  const milliseconds = Duration.toMillis(Duration.fromInputUnsafe(ttl))
  if (milliseconds > 0) return milliseconds
  throw new RangeError("A beacon's ttl must be longer than nothing")
}

/** A port that peers can be given. Throws on what is none. */
export const toPort = (port: number): number => {
  if (isPort(port)) return port
  throw new RangeError("A beacon's port must be 0 to 65535")
}

/** How many octets are read of one datagram. Throws where that would be none, or any number. */
export const toMaxDatagram = (octets: number): number => {
  if (octets >= 1) return octets
  throw new RangeError("A beacon's maxDatagram must be at least 1")
}

/** The datagram of an announcement, unless it is longer than what others read. */
export const fit = (
  payload: Uint8Array,
  { attributes }: Announcement.Announcement,
  most: number
): Result.Result<Uint8Array, { readonly field: string; readonly limit: string }> =>
  payload.length <= most ? Result.succeed(payload) : Result.fail({
    field: attributes.size > 0 ? "attributes" : "name",
    limit: `short enough for a datagram of ${most} octets (this one takes ${payload.length})`
  })

/** What a node is known by that names no identity: from the key alone, so that a session that is opened anew, or on another interface, gives it the same. */
export const drawInstance = (instances: Seed.Seed, key: number): string =>
  formatInstance(Seed.derive(instances, String(key)))

const formatInstance = (value: number): string => (value >>> 0).toString(16).padStart(8, "0")

/** What fits with this one fits with whichever is drawn, however a format writes it. */
export const longestInstance = formatInstance(-1)

/** Whether a decoded announcement has a name, and no identity, port or ttl that would break or outlive whoever uses it. */
export const isSound = ({ identity, name, port, ttl }: Announcement.Options): boolean =>
  isName(name) &&
  (identity === undefined || isName(identity)) &&
  (port === undefined || isPort(port)) &&
  (ttl === undefined || isTime(ttl))

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port <= 65_535

// JSON can spell unpaired surrogates, all of which are one character as soon as they are written (S-P6)
const isName = (text: string): boolean => text.length > 0 && Text.isWellFormed(text)

// some text of a duration is none, and more nanoseconds than a number can tell are endless milliseconds
const isTime = (ttl: Duration.Input): boolean =>
  typeof ttl === "number"
    ? areTime(ttl)
    : Option.exists(Duration.fromInput(ttl), (time) => areTime(Duration.toMillis(time)))

// less than nothing is no goodbye
const areTime = (milliseconds: number): boolean => Number.isFinite(milliseconds) && milliseconds >= 0

export const isSameOctets = (self: Uint8Array, that: Uint8Array): boolean =>
  self.length === that.length && self.every((octet, index) => octet === that[index])
