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

  const [only] = advertisers.length === 1 ? advertisers : []

  // a single one needs no fiber of its own
  const everywhere = <E>(f: (advertiser: Source.Advertiser) => Effect.Effect<void, E>) =>
    only === undefined ? Effect.forEach(advertisers, f, { concurrency: "unbounded", discard: true }) : f(only)

  const refusal = (announcement: Announcement.Announcement): DiscoveryError.Reason | undefined =>
    advertisers.length === 0
      ? cannotAdvertise()
      : advertisers.map(({ validate }) => validate(announcement)).find((reason) => reason !== undefined)

  return Effect.fnUntraced(function*(options: Announcement.Options) {
    const fault = Announcement.fault(options)
    if (fault !== undefined) return yield* DiscoveryError.make(invalid(fault))
    const announcement = options instanceof Announcement.Announcement ? options : Announcement.make(options)
    const refused = refusal(announcement)
    if (refused !== undefined) return yield* DiscoveryError.make(refused)
    const key = ++lastKey
    // what is announced, `undefined` once it is withdrawn
    let current: Announcement.Announcement | undefined = announcement
    const announce = (next: Announcement.Announcement) => {
      current = next
      return everywhere((advertiser) => advertiser.advertise(key, next))
    }
    const withdraw = Effect.suspend(() => {
      current = undefined
      return everywhere((advertiser) => advertiser.withdraw(key))
    })
    yield* Effect.addFinalizer(() => withdraw)
    // whoever gives up waiting does not mean to announce, nor who has closed the scope
    const begin = Effect.suspend(() => current === undefined ? Effect.void : announce(announcement))
    yield* Effect.onError(begin, () => withdraw)
    const advertisement: Source.Advertisement = {
      update: (change) =>
        Effect.suspend(() => {
          if (current === undefined) return Effect.void
          const fault = Announcement.fault(change)
          if (fault !== undefined) return DiscoveryError.make(invalid(fault))
          const next = Announcement.update(current, change)
          const refused = refusal(next)
          // judged and taken in one synchronous step, so that updates at once build on each other
          return refused === undefined ? announce(next) : DiscoveryError.make(refused)
        })
    }
    return advertisement
  })
}

const cannotAdvertise = () =>
  new DiscoveryError.Unsupported({
    operation: "Advertising",
    advice: "Add a source that can announce, such as a protocol; one that signs takes an `identity` for it."
  })

const invalid = (fault: { readonly field: string; readonly limit: string }) =>
  new DiscoveryError.InvalidAnnouncement({ source: "Discovery", ...fault })
