/**
 * The stamps of one key: strictly increasing for ever, whatever the clock does (security notes, section 6.4).
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Semaphore from "effect/Semaphore"
import type * as PeerKey from "../../../PeerKey.ts"
import * as Stamp from "../../../protocol/signedBeacon/Stamp.ts"
import type * as TrustError from "../../../TrustError.ts"
import type * as StampStore from "./StampStore.ts"

/** What a sequence of stamps works with. */
export interface Options {
  readonly key: PeerKey.PeerKey
  readonly store: StampStore.StampStore["Service"] | undefined
  readonly lock: Semaphore.Semaphore
}

/** The stamps of one key. */
export interface Stamps {
  readonly options: Options
  /** The last one, `undefined` before the first. */
  last: Stamp.Stamp | undefined
  /** No stamp from here on may be used before more are saved. */
  reserved: Stamp.Stamp | undefined
}

/** Milliseconds of stamps that are saved ahead of use, so that the store is written once a minute. */
export const ahead = 60_000

/** Goes on where the store says that the program was. */
export const make = (options: Options): Effect.Effect<Stamps, TrustError.TrustError> =>
  Effect.map(
    options.store?.load(options.key) ?? Effect.undefined,
    (last) => ({ options, last, reserved: last })
  )

/** The next stamp. It is saved as used before it is given. */
export const next = (self: Stamps): Effect.Effect<Stamp.Stamp, TrustError.TrustError> =>
  self.options.lock.withPermit(Effect.flatMap(Clock.currentTimeMillis, (wallNow) => {
    const stamp = Stamp.next(self.last, wallNow)
    const use = Effect.sync(() => self.last = stamp)
    return isReserved(self, stamp) ? use : Effect.andThen(reserve(self, stamp, wallNow), use)
  }))

const isReserved = ({ options, reserved }: Stamps, stamp: Stamp.Stamp): boolean =>
  options.store === undefined || (reserved !== undefined && Stamp.compare(stamp, reserved) < 0)

// ahead of the clock and not of the stamp: a program that starts over and over would be further ahead each time, until peers took its stamps
// for wrong
const reserve = (self: Stamps, stamp: Stamp.Stamp, wallNow: number): Effect.Effect<void, TrustError.TrustError> => {
  const { key, store } = self.options
  const { ms } = Stamp.next(undefined, wallNow + ahead)
  const reserved = { ms: Math.max(stamp.ms, ms), counter: Stamp.maxCounter }
  return Effect.map(store?.save(key, reserved) ?? Effect.void, () => {
    self.reserved = reserved
  })
}
