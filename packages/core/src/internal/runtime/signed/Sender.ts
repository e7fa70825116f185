/**
 * What a source announces through another one that carries envelopes: signed anew every interval, and ended by a goodbye that is signed, too.
 */
import type * as CryptoError from "effect/crypto/CryptoError"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import * as Announcement from "../../../Announcement.ts"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Pace from "../../../protocol/internal/crowd/Pace.ts"
import * as Body from "../../../protocol/signedBeacon/Body.ts"
import type * as Carriage from "../../../protocol/signedBeacon/Carriage.ts"
import * as Envelope from "../../../protocol/signedBeacon/Envelope.ts"
import * as Seal from "../../../protocol/signedBeacon/Seal.ts"
import * as Statement from "../../../protocol/signedBeacon/Statement.ts"
import * as Seed from "../../../Seed.ts"
import type * as Source from "../../../Source.ts"
import type * as TrustError from "../../../TrustError.ts"
import * as Runner from "../Runner.ts"
import * as Session from "../Session.ts"
import * as Company from "./Company.ts"
import type * as Identity from "./Identity.ts"
import * as Signer from "./Signer.ts"

/** Who announces: a key, with the one that is to succeed it where there is one. */
export interface Author {
  readonly identity: Identity.Identity
  readonly successor: Body.Successor | undefined
}

/** What a sender works with. */
export interface Options {
  readonly source: string
  readonly inner: Source.Advertiser
  readonly carriage: Carriage.Carriage
  readonly signer: Signer.Options
  readonly authors: ReadonlyArray<Author>
  /** Keys that are to be denied for good by all who trust them. */
  readonly retired: ReadonlyArray<Identity.Identity>
  readonly statement: Statement.Options
  /** Seconds for which an announcement holds that does not say so. */
  readonly ttl: number
  readonly interval: { readonly min: number; readonly max: number }
  /** Who is there, where the interval grows with their number. */
  readonly company: Company.Company | undefined
  readonly settings: Source.Settings
}

interface Sender {
  readonly options: Options
  /** One after the other, so that what is signed later is sent later. */
  readonly lock: Semaphore.Semaphore
  readonly now: () => number
  advertised: { readonly key: number; readonly announcement: Announcement.Announcement } | undefined
  pace: Pace.Pace | undefined
  seed: Seed.Seed
}

type Fault = CryptoError.CryptoError | TrustError.TrustError

/** Makes the advertiser. It goes on until the scope closes, and then says goodbye. */
export const make = Effect.fnUntraced(function*(options: Options) {
  const self: Sender = {
    options,
    lock: Semaphore.makeUnsafe(1),
    now: yield* Runner.monotonic,
    advertised: undefined,
    pace: undefined,
    seed: Seed.derive(options.settings.seed, `${options.source} interval`)
  }
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => self.advertised === undefined ? Effect.void : withdraw(self, self.advertised.key))
  )
  yield* Effect.forkScoped(repeat(self), { startImmediately: true })
  const advertiser: Source.Advertiser = {
    validate: (announcement) => {
      for (const [index, author] of options.authors.entries()) {
        const fault = faultOf(options, author, index, announcement)
        if (fault !== undefined) return fault
      }
      return undefined
    },
    advertise: (key, announcement) => advertise(self, key, announcement),
    withdraw: (key) => withdraw(self, key)
  }
  return advertiser
})

const faultOf = (
  { carriage, inner, signer, source, statement, ttl }: Options,
  author: Author,
  index: number,
  announcement: Announcement.Announcement
): DiscoveryError.InvalidAnnouncement | undefined => {
  const refusal = (field: string, limit: string) => new DiscoveryError.InvalidAnnouncement({ source, field, limit })
  if (Statement.ttlOf(announcement, ttl) === undefined) return refusal("ttl", "1 to 65535 seconds")
  const body = encode(announcement, author, statement)
  if (Result.isFailure(body)) return refusal(body.failure.field, body.failure.limit)
  const octets = Envelope.minOctets + body.success.length + (signer.group === undefined ? 0 : sealOctets)
  if (octets > carriage.maxOctets) {
    return refusal("attributes", `short enough for ${carriage.maxOctets} octets in all (these take ${octets})`)
  }
  return inner.validate(carriage.put(named(announcement, index), new Uint8Array(octets)))
}

const sealOctets = Seal.headerOctets + Seal.tagOctets

const encode = (announcement: Announcement.Announcement, { successor }: Author, statement: Statement.Options) =>
  Body.encode({ ...Statement.bodyOf(announcement, statement), successor })

const advertise = (
  self: Sender,
  key: number,
  announcement: Announcement.Announcement
): Effect.Effect<void, DiscoveryError.DiscoveryError> =>
  Effect.suspend(() => {
    if (self.advertised !== undefined && self.advertised.key !== key) return DiscoveryError.make(twice())
    self.advertised = { key, announcement }
    if (self.options.company === undefined) return announce(self)
    if (self.pace === undefined) return Effect.sync(() => begin(self, self.options.company!))
    // what waits for its first time says then what is new
    return Pace.isBeginning(self.pace) ? Effect.void : announce(self)
  })

const begin = (self: Sender, { arrivals, news }: Company.Company): void => {
  const [pace, seed] = Pace.begin(self.options.interval, arrivals, self.seed, self.now())
  self.pace = pace
  self.seed = seed
  news.openUnsafe()
}

/** Notes that an announcement is made now; gives the seconds that it holds for at least. */
const keepPace = (self: Sender): number => {
  const { options: { company }, pace } = self
  if (company === undefined || pace === undefined) return 0
  const now = self.now()
  self.seed = Pace.announce(pace, company.arrivals, Company.count(company, now) + 1, self.seed, now)
  return Pace.isScaled(pace) ? Math.ceil(Pace.holds(pace) / 1_000) : 0
}

const twice = () =>
  new DiscoveryError.Unsupported({
    operation: "Announcing two things by one key",
    advice: "A key is one peer: update its announcement, or give the other one a source and an identity of its own."
  })

/** Signs what is advertised and has it sent, under every key. */
const announce = (self: Sender): Effect.Effect<void, DiscoveryError.DiscoveryError> => {
  const { options } = self
  const all = Effect.suspend(() => {
    const atLeast = keepPace(self)
    return Effect.forEach(options.authors, (author, index) => announceBy(self, author, index, atLeast), {
      discard: true
    })
  })
  return self.lock.withPermit(all)
}

const announceBy = (
  self: Sender,
  author: Author,
  index: number,
  atLeast: number
): Effect.Effect<void, DiscoveryError.DiscoveryError> =>
  Effect.suspend(() => {
    const { advertised, options } = self
    if (advertised === undefined) return Effect.void
    const body = encode(advertised.announcement, author, options.statement)
    // `validate` has passed it
    if (Result.isFailure(body)) return Effect.void
    const ttl = Math.max(atLeast, Statement.ttlOf(advertised.announcement, options.ttl) ?? options.ttl)
    return sign(self, author.identity, { kind: "announce", ttl, body: body.success }).pipe(
      // it may have been changed or withdrawn while this was signed
      Effect.flatMap((envelope) =>
        self.advertised === advertised ? carry(self, index, advertised.announcement, envelope) : Effect.void
      )
    )
  })

const sign = (
  { options }: Sender,
  identity: Identity.Identity,
  parts: Parameters<typeof Signer.sign>[2]
): Effect.Effect<Uint8Array, DiscoveryError.DiscoveryError> =>
  Effect.mapError(
    Signer.sign(options.signer, identity, parts),
    (cause: Fault) => DiscoveryError.make(new DiscoveryError.SourceFailed({ source: options.source, cause }))
  )

const carry = (
  { options: { carriage, inner } }: Sender,
  key: number,
  announcement: Announcement.Announcement,
  envelope: Uint8Array,
  isGoodbye = false
): Effect.Effect<void, DiscoveryError.DiscoveryError> =>
  inner.advertise(key, carriage.put(named(announcement, key), envelope, isGoodbye))

// the same under another key is another thing to the carrying source
const named = (announcement: Announcement.Announcement, key: number): Announcement.Announcement =>
  key === 0 ? announcement : Announcement.update(announcement, { name: `${announcement.name} ${key + 1}` })

const empty = new Uint8Array(0)

const withdraw = (self: Sender, key: number): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { advertised, options } = self
    if (advertised?.key !== key) return Effect.void
    const isSilent = self.pace !== undefined && Pace.isBeginning(self.pace)
    self.advertised = undefined
    self.pace = undefined
    // nobody has heard of it
    if (isSilent) return Effect.void
    const goodbyes = Effect.forEach(options.authors, ({ identity }, index) =>
      sign(self, identity, { kind: "goodbye", ttl: 0, body: empty }).pipe(
        Effect.flatMap((envelope) =>
          carry(self, index, advertised.announcement, envelope, true)
        ),
        Effect.ignore
      ), { discard: true })
    const withdrawals = Effect.forEach(options.authors, (_, index) =>
      // the next announcement takes the place of this one
      Effect.suspend(() =>
        self.advertised === undefined ? options.inner.withdraw(index) : Effect.void
      ), {
      concurrency: "unbounded",
      discard: true
    })
    const { goodbye } = options.settings.limits
    // the other half is for a goodbye of the carrying source
    const signed = Session.within(goodbye / 2, self.lock.withPermit(goodbyes))
    return Session.within(goodbye, Effect.andThen(signed, withdrawals))
  })

const repeat = (self: Sender): Effect.Effect<never> =>
  Effect.andThen(
    attempt(self, retire(self)),
    Effect.forever(
      Effect.andThen(pause(self), Effect.andThen(attempt(self, announce(self)), attempt(self, retire(self))))
    )
  )

// what cannot be signed now is tried again when the next announcement is due
const attempt = (
  { options: { settings, source } }: Sender,
  effect: Effect.Effect<void, DiscoveryError.DiscoveryError>
): Effect.Effect<void> =>
  Effect.catch(
    effect,
    ({ reason }) =>
      Effect.sync(() =>
        settings.report({ _tag: "AnnouncementRefused", source, reason: reason._tag, message: messageOf(reason) })
      )
  )

// that the source has failed for good is not so here
const messageOf = (reason: DiscoveryError.Reason): string =>
  reason._tag === "SourceFailed" && reason.cause instanceof Error ? reason.cause.message : reason.message

const pause = (self: Sender): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { authors, company, interval: { max, min } } = self.options
    if (company !== undefined && authors.length > 0) return pausePaced(self, company)
    const [wait, seed] = Seed.between(self.seed, min, max)
    self.seed = seed
    return Effect.sleep(wait)
  })

// until it is time by the pace, which others may make longer or shorter meanwhile
const pausePaced = (self: Sender, company: Company.Company): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { pace } = self
    const { news } = company
    news.closeUnsafe()
    if (pace === undefined) return Effect.andThen(news.await, pausePaced(self, company))
    const now = self.now()
    const known = Company.count(company, now) + 1
    Pace.adjust(pace, known, now)
    const wait = Math.ceil(Pace.wakeAt(pace, now) - now)
    if (wait > 0) {
      const sleep = Effect.raceFirst(Effect.sleep(wait), news.await)
      return Effect.andThen(sleep, pausePaced(self, company))
    }
    const [isTime, seed] = Pace.isTime(pace, company.arrivals, known, self.seed, now)
    self.seed = seed
    return isTime ? Effect.void : pausePaced(self, company)
  })

const retire = (self: Sender): Effect.Effect<void, DiscoveryError.DiscoveryError> => {
  const { authors, retired } = self.options
  return self.lock.withPermit(Effect.forEach(retired, (identity, index) =>
    Effect.flatMap(
      sign(self, identity, { kind: "retire", ttl: 0, body: empty }),
      (envelope) => carry(self, authors.length + index, retirement(), envelope)
    ), { discard: true }))
}

const retirement = () => Announcement.make({ name: "retired" })
