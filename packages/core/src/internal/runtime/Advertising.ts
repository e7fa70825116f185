/**
 * One announcement made through every source that announces.
 */
import * as Effect from "effect/Effect"
import * as Announcement from "../../Announcement.ts"
import * as DiscoveryError from "../../DiscoveryError.ts"
import type * as Source from "../../Source.ts"

/** The way to announce through all of these sources. */
export const through = (sources: ReadonlyArray<Source.Open>) => {
  const advertisers = sources.flatMap(({ advertiser }) => advertiser === undefined ? [] : [advertiser])
  let lastKey = 0

  const everywhere = <E>(f: (advertiser: Source.Advertiser) => Effect.Effect<void, E>) =>
    Effect.forEach(advertisers, f, { concurrency: "unbounded", discard: true })

  const check = (announcement: Announcement.Announcement): Effect.Effect<void, DiscoveryError.DiscoveryError> => {
    if (advertisers.length === 0) return cannotAdvertise
    const invalid = advertisers.map(({ validate }) => validate(announcement)).find((reason) => reason !== undefined)
    return invalid === undefined ? Effect.void : DiscoveryError.make(invalid)
  }

  return Effect.fnUntraced(function*(announcement: Announcement.Announcement) {
    yield* check(announcement)
    const key = ++lastKey
    // what is announced, `undefined` once it is withdrawn
    let current: Announcement.Announcement | undefined = announcement
    const announce = (next: Announcement.Announcement) =>
      Effect.suspend(() => {
        current = next
        return everywhere((advertiser) => advertiser.advertise(key, next))
      })
    const withdraw = Effect.suspend(() => {
      current = undefined
      return everywhere((advertiser) => advertiser.withdraw(key))
    })
    yield* Effect.addFinalizer(() => withdraw)
    // whoever gives up waiting does not mean to announce
    yield* Effect.onError(announce(announcement), () => withdraw)
    const advertisement: Source.Advertisement = {
      update: (change) =>
        Effect.suspend(() => {
          if (current === undefined) return Effect.void
          const fault = Announcement.fault(change)
          if (fault !== undefined) return DiscoveryError.make(invalidChange(fault))
          const next = Announcement.update(current, change)
          return Effect.andThen(check(next), announce(next))
        })
    }
    return advertisement
  })
}

const cannotAdvertise = Effect.suspend(() =>
  DiscoveryError.make(
    new DiscoveryError.Unsupported({
      operation: "Advertising",
      advice: "Add a source that can announce, such as a protocol."
    })
  )
)

const invalidChange = (fault: { readonly field: string; readonly limit: string }) =>
  new DiscoveryError.InvalidAnnouncement({ source: "Discovery", ...fault })
