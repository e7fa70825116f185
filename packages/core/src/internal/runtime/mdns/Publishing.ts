/**
 * Services that programs of this host announce.
 */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as IpInterface from "effect/net/IpInterface"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Attributes from "../../../Attributes.ts"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import type * as Engine from "../../../protocol/mdns/Engine.ts"
import * as Name from "../../../protocol/mdns/Name.ts"
import * as Record from "../../../protocol/mdns/Record.ts"
import type * as Registration from "../../../protocol/mdns/Registration.ts"
import * as ServiceType from "../../../protocol/mdns/ServiceType.ts"
import * as Txt from "../../../protocol/mdns/Txt.ts"
import type * as Feed from "./Feed.ts"
import * as Hub from "./Hub.ts"

/** A service to announce. */
export interface Options {
  /** The name people see; the host's own when absent. */
  readonly name?: string | undefined
  readonly type: string
  readonly subtypes?: ReadonlyArray<string> | undefined
  readonly port: number
  readonly attributes?: Attributes.Input | undefined
  readonly priority?: number | undefined
  readonly weight?: number | undefined
  readonly ttl?: Duration.Input | undefined
  /** The label of another host that offers it, with its addresses: this program speaks for it. */
  readonly host?: string | undefined
  readonly addresses?: ReadonlyArray<IpInterface.IpInterface> | undefined
  /** Whether attributes of more than 1,300 octets are meant. */
  readonly allowLarge?: boolean | undefined
  /** Whether the name is known to be free and needs no probing. */
  readonly isVerified?: boolean | undefined
  /** Whether only the name is held, for a service that is not offered. */
  readonly isPlaceholder?: boolean | undefined
}

/** What has become of a service that is announced. */
export type State =
  | { readonly _tag: "Probing"; readonly name: string }
  | { readonly _tag: "Registered"; readonly name: string }
  | { readonly _tag: "Renamed"; readonly name: string; readonly previous: string }
  | { readonly _tag: "Unsettled"; readonly name: string }

/** A service that is announced until the scope closes. */
export interface Publication {
  /** The name it is announced by now: another one than asked for when another host has that. */
  readonly name: Effect.Effect<string>
  /** The state now, then every change. */
  readonly state: Stream.Stream<State, DiscoveryError.DiscoveryError>
  /** Announces with these parts changed, at once. Fails, and changes nothing, when they cannot be announced. */
  readonly update: (change: Partial<Options>) => Effect.Effect<void, DiscoveryError.DiscoveryError>
}

/** Keeps the names that were chosen, so that a host has the same after a restart (RFC 6762, section 9). */
export interface NameStore {
  readonly get: (key: string) => Effect.Effect<string | undefined>
  readonly set: (key: string, name: string) => Effect.Effect<void>
}

/** What of a service cannot be announced. */
export interface Fault {
  readonly field: string
  readonly limit: string
}

const control = /[\u0000-\u001f\u007f]/

/** The registration that announces a service. */
export const registrationOf = (options: Options): Result.Result<Registration.Registration, Fault> => {
  const { subtypes = [], type } = options
  if (!ServiceType.isAnnounceable(type)) {
    return fault("type", "_name._tcp or _name._udp with a name of 1 to 15 letters, digits and single inner hyphens")
  }
  const name = Result.getOrThrow(ServiceType.fromString(type))
  if (subtypes.some((label) => Result.isFailure(ServiceType.subtype(label, name)))) {
    return fault("subtypes", "labels of 1 to 63 octets")
  }
  if (options.name !== undefined && (control.test(options.name) || Result.isFailure(ServiceType.instance(options.name, name)))) {
    return fault("name", "1 to 63 octets of UTF-8 without control characters")
  }
  if (options.host !== undefined && Result.isFailure(Name.prepend(options.host, ServiceType.local))) {
    return fault("host", "one label of 1 to 63 octets")
  }
  if (options.addresses !== undefined && options.host === undefined) {
    return fault("addresses", "given with the host that has them; this host's are announced on each of its interfaces")
  }
  if (!isPort(options.port, options.isPlaceholder)) return fault("port", "1 to 65535")
  if (![options.priority, options.weight].every(isShort)) return fault("priority and weight", "0 to 65535")
  const ttl = options.ttl === undefined ? undefined : Duration.toSeconds(Duration.fromInputUnsafe(options.ttl))
  if (ttl !== undefined && ttl < 1) return fault("ttl", "at least a second")
  const attributes = Attributes.make(options.attributes ?? Attributes.empty)
  return Result.map(Txt.fromAttributes(attributes, { allowLarge: options.allowLarge }), (text) => ({
    instance: options.name,
    type,
    subtypes,
    port: options.port,
    priority: options.priority ?? 0,
    weight: options.weight ?? 0,
    text,
    allowLarge: options.allowLarge ?? false,
    host: options.host,
    addresses: options.addresses,
    ttl: ttl === undefined ? undefined : Math.min(Math.floor(ttl), Record.maxTtl),
    isVerified: options.isVerified ?? false,
    isPlaceholder: options.isPlaceholder ?? false
  }))
}

const fault = (field: string, limit: string): Result.Result<never, Fault> => Result.fail({ field, limit })

const isShort = (value = 0): boolean => Number.isInteger(value) && value >= 0 && value <= 65_535

const isPort = (port: number, isPlaceholder = false): boolean => isShort(port) && (port > 0 || isPlaceholder)

/** Announces a service until the scope closes. */
export const publish = Effect.fnUntraced(function*(hub: Hub.Hub, names: NameStore | undefined, options: Options) {
  const runFork = Effect.runForkWith(yield* Effect.context<never>())
  let current = options
  const remembered = names === undefined ? undefined : yield* names.get(storeKey(options))
  const registration = yield* check(hub, { ...options, name: remembered ?? options.name })
  const key = Hub.nextKey(hub)
  const states = History.make()
  const isKnown = { name: registration.instance ?? "" }

  const tell = (notice: Engine.RegistrationNotice) => {
    if (notice._tag === "HostRenamed") return
    const { key: _, ...state } = notice
    isKnown.name = state.name
    History.add(states, state)
    report(hub, state)
    if (state._tag === "Renamed" && names !== undefined) runFork(names.set(storeKey(options), state.name))
  }
  const announce = (next: Options, registration: Registration.Registration) =>
    Effect.suspend(() => {
      current = next
      warn(hub, registration)
      return Hub.dispatch(hub, { _tag: "Register", key, registration })
    })

  yield* Effect.acquireRelease(
    Effect.sync(() => void hub.publishers.set(key, { tell, end: (cause) => History.end(states, cause) })),
    () =>
      Effect.suspend(() => {
        hub.publishers.delete(key)
        History.end(states, Hub.done)
        return Hub.goodbye(hub, Hub.dispatch(hub, { _tag: "Deregister", key }))
      })
  )
  yield* announce(options, registration)
  const publication: Publication = {
    name: Effect.sync(() => isKnown.name),
    state: History.stream(states),
    update: (change) =>
      Effect.suspend(() => {
        if (!hub.publishers.has(key)) return Effect.void
        const next = { ...current, ...change }
        // one that had to take another name keeps that, unless it is to have a new one
        const name = change.name ?? isKnown.name
        return Effect.flatMap(check(hub, { ...next, name }), (registration) => announce(next, registration))
      })
  }
  return publication
})

/** What a name is remembered by. */
const storeKey = ({ name = "", type }: Options): string => `${name}.${type}`

const check = (hub: Hub.Hub, options: Options): Effect.Effect<Registration.Registration, DiscoveryError.DiscoveryError> => {
  if (hub.ended !== undefined) return Effect.catchIf(Effect.failCause(hub.ended), isDone, () => Effect.interrupt)
  return Effect.mapError(Effect.fromResult(registrationOf(options)), (fault) =>
    DiscoveryError.make(new DiscoveryError.InvalidAnnouncement({ source: hub.options.source, ...fault })))
}
