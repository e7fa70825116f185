/**
 * Services that programs of this host announce.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as IpInterface from "effect/net/IpInterface"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import type * as Stream from "effect/Stream"
import * as Attributes from "../../../Attributes.ts"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import * as Record from "../../../protocol/mdns/Record.ts"
import * as Registration from "../../../protocol/mdns/Registration.ts"
import * as Txt from "../../../protocol/mdns/Txt.ts"
import * as Session from "../Session.ts"
import * as History from "./History.ts"
import * as Hub from "./Hub.ts"

/**
 * A service to announce.
 *
 * @category models
 * @since 0.1.0
 */
export interface PublishOptions {
  /** What people see, 1 to 63 octets. Default: the host's name. */
  readonly name?: string | undefined
  /** `_http._tcp` and the like; labels of 1 to 63 octets. */
  readonly type: string
  /** What else it can be browsed for by, labels of 1 to 63 octets. Default: nothing. */
  readonly subtypes?: ReadonlyArray<string> | undefined
  /** The port that it is offered on. */
  readonly port: number
  /** Its TXT record, at most 1,300 octets unless `allowLarge`. Default: empty. */
  readonly attributes?: Attributes.Input | undefined
  /** Of several that do the same, those with the lowest are to be tried first (RFC 2782). Default: 0. */
  readonly priority?: number | undefined
  /** The share that it is to have among those of equal priority (RFC 2782). Default: 0. */
  readonly weight?: number | undefined
  /** For how long records hold. Default: 75 minutes, and 2 minutes for those that name a host. */
  readonly ttl?: Duration.Input | undefined
  /** The label of another host that offers it, for which this program speaks. Default: this host. */
  readonly host?: string | undefined
  /** The addresses of that host. */
  readonly addresses?: ReadonlyArray<IpInterface.IpInterface> | undefined
  /** Whether attributes of more than 1,300 octets are meant. */
  readonly allowLarge?: boolean | undefined
  /** Whether the name is known to be free and is not probed for. Default: false. */
  readonly isVerified?: boolean | undefined
  /** Whether the name is only held, for a service that is not offered. Default: false. */
  readonly isPlaceholder?: boolean | undefined
  /** The data of its TXT record as it is, in place of `attributes`. */
  readonly text?: Uint8Array | undefined
  /** Whether its TXT record says all of it, as in the profile of libp2p: there is then no SRV record, and `port` is not said. */
  readonly isTextOnly?: boolean | undefined
}

/**
 * What has become of a service that is announced: its name is `Probing` for, `Registered`, `Renamed` since another host has it, or
 * `Unsettled` when a minute has brought no free one.
 *
 * @category models
 * @since 0.1.0
 */
export type PublicationState =
  | { readonly _tag: "Probing"; readonly name: string }
  | { readonly _tag: "Registered"; readonly name: string }
  | { readonly _tag: "Renamed"; readonly name: string; readonly previous: string }
  | { readonly _tag: "Unsettled"; readonly name: string }

/**
 * A service that is announced until its scope closes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Publication {
  /** The name it is announced by now: another one than asked for when another host has that. */
  readonly name: Effect.Effect<string>
  /** The state now, then every change. */
  readonly state: Stream.Stream<PublicationState, DiscoveryError.DiscoveryError>
  /** Announces with these parts changed, at once. Fails, and changes nothing, when they cannot be announced. */
  readonly update: (change: Partial<PublishOptions>) => Effect.Effect<void, DiscoveryError.DiscoveryError>
}

/**
 * Keeps the names that were chosen after conflicts, so that a program has the same ones after a restart (RFC 6762, section 9).
 *
 * @category models
 * @since 0.1.0
 */
export interface NameStore {
  /** The name that was kept for a key, `undefined` when there is none. */
  readonly get: (key: string) => Effect.Effect<string | undefined>
  /** Keeps a name for a key. */
  readonly set: (key: string, name: string) => Effect.Effect<void>
}

/** What of a service cannot be announced, and what could. */
export type Fault = Pick<DiscoveryError.InvalidAnnouncement, "field" | "limit">

/** The registration that announces a service. */
export const registrationOf = (
  options: PublishOptions
): Result.Result<Registration.Registration, Fault> => {
  const { allowLarge = false } = options
  const attributes = Attributes.make(options.attributes ?? Attributes.empty)
  const data = options.text === undefined
    ? Txt.fromAttributes(attributes, { allowLarge })
    : Result.succeed(options.text)
  return Result.flatMap(data, (text) => {
    const registration: Registration.Registration = {
      instance: options.name,
      type: Registration.withoutLocal(options.type),
      subtypes: options.subtypes ?? [],
      port: options.port,
      priority: options.priority ?? 0,
      weight: options.weight ?? 0,
      text,
      allowLarge,
      host: options.host === undefined ? undefined : Registration.withoutLocal(options.host),
      addresses: options.addresses,
      ttl: options.ttl === undefined ? undefined : secondsOf(options.ttl),
      isVerified: options.isVerified ?? false,
      isPlaceholder: options.isPlaceholder ?? false,
      isTextOnly: options.isTextOnly
    }
    const fault = Registration.validate(registration)
    if (fault === undefined) return Result.succeed(registration)
    return Result.fail({ field: fault.field === "instance" ? "name" : fault.field, limit: fault.limit })
  })
}

const secondsOf = (ttl: Duration.Input): number =>
  Math.min(Math.floor(Duration.toSeconds(Duration.fromInputUnsafe(ttl))), Record.maxTtl)

/** Announces a service until the scope closes; `host` is what this host was to be called, and services that are given no name. */
export const publish = Effect.fnUntraced(
  function*(hub: Hub.Hub, names: NameStore | undefined, host: string | undefined, options: PublishOptions) {
    const runFork = Effect.runForkWith(yield* Effect.context<never>())
    const named = (options: PublishOptions): PublishOptions => ({ ...options, name: options.name ?? host })
    // what is wanted; one that has to take another name keeps that for as long as the same is wanted
    let wanted = yield* recall(names, named(options))
    const registration = yield* check(hub, wanted)
    if (hub.publishers.size >= hub.options.most.registrations) return yield* Hub.noRoom(hub, "registrations")
    const key = Hub.nextKey(hub)
    const states = History.make<PublicationState>()
    // each builds on the one before, however long the names take
    const inTurn = Semaphore.makeUnsafe(1)
    let isAsking = false

    const tell = (notice: Hub.ServiceNotice) => {
      const { key: _, ...state } = notice
      // one that is taken when it is asked for is that of another service of ours
      const isChosen = state._tag === "Renamed" && !isAsking
      History.add(states, state)
      tellOf(hub, state)
      if (isChosen && names !== undefined) runFork(names.set(storeKey(wanted.options), state.name))
    }
    const announce = (next: Wanted, registration: Registration.Registration) =>
      Effect.suspend(() => {
        // the scope may have been closed while the names were asked
        if (!hub.publishers.has(key)) return Effect.void
        wanted = next
        warn(hub, registration)
        isAsking = true
        const done = Hub.step(hub, { _tag: "Register", key, registration }, hub.runner.now())
        isAsking = false
        Hub.wake(hub)
        return Hub.perform(hub, done)
      })

    yield* Effect.acquireRelease(
      Effect.sync(() => void hub.publishers.set(key, { tell, end: (cause) => History.end(states, cause) })),
      () => withdraw(hub, key, states)
    )
    yield* announce(wanted, registration)
    const publication: Publication = {
      name: Effect.sync(() => states.latest?.name ?? registration.instance ?? ""),
      state: History.stream(states),
      update: (change) =>
        inTurn.withPermit(Effect.suspend(() => {
          if (!hub.publishers.has(key)) return Effect.void
          const options = named({ ...wanted.options, ...change })
          const isSame = storeKey(options) === storeKey(wanted.options)
          return Effect.flatMap(
            isSame ? Effect.succeed({ ...wanted, options }) : recall(names, options),
            (next) => Effect.flatMap(check(hub, next), (registration) => announce(next, registration))
          )
        }))
    }
    return publication
  }
)

const withdraw = (hub: Hub.Hub, key: number, states: History.History<PublicationState>): Effect.Effect<void> =>
  Effect.suspend(() => {
    hub.publishers.delete(key)
    History.end(states, Cause.fail(Cause.Done()))
    return Session.within(hub.options.limits.goodbye, Hub.dispatch(hub, { _tag: "Deregister", key }))
  })

/** What is to be announced, and the name that was chosen for it before. */
interface Wanted {
  readonly options: PublishOptions
  readonly remembered: string | undefined
}

const recall = (names: NameStore | undefined, options: PublishOptions): Effect.Effect<Wanted> =>
  Effect.map(
    names === undefined ? Effect.succeed(undefined) : names.get(storeKey(options)),
    // what was kept elsewhere may be anything by now
    (kept) => ({ options, remembered: kept !== undefined && Registration.isPlain(kept) ? kept : undefined })
  )

/** What a name is remembered by. */
const storeKey = ({ name = "", type }: PublishOptions): string => `${name}.${type}`

const check = (
  hub: Hub.Hub,
  { options, remembered }: Wanted
): Effect.Effect<Registration.Registration, DiscoveryError.DiscoveryError> => {
  if (hub.ended !== undefined) return Hub.whyEnded(hub.ended)
  return Effect.mapError(
    Effect.fromResult(registrationOf({ ...options, name: remembered ?? options.name })),
    (fault) => DiscoveryError.make(new DiscoveryError.InvalidAnnouncement({ source: hub.options.source, ...fault }))
  )
}

const warn = ({ options: { report, source } }: Hub.Hub, { instance = "", text }: Registration.Registration): void => {
  if (text.length > Txt.advisedOctets) {
    report({ _tag: "AdvertisementLarge", source, name: instance, octets: text.length })
  }
  const keys = Txt.longKeys(text)
  if (keys.length > 0) report({ _tag: "AdvertisementKeysLong", source, name: instance, keys })
}

const tellOf = ({ options: { report, source } }: Hub.Hub, state: PublicationState): void => {
  if (state._tag === "Renamed") {
    report({ _tag: "AdvertisementRenamed", source, name: state.name, previous: state.previous })
  }
  if (state._tag === "Unsettled") report({ _tag: "AdvertisementUnsettled", source, name: state.name })
}
