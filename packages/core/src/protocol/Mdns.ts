/**
 * Multicast DNS and DNS-based service discovery (RFC 6762 and 6763): find, resolve and announce services next to the responders of
 * operating systems, printers and phones.
 *
 * `layer` runs one querier and responder for the whole program. `source` makes it a source of `Discovery`, where services are peers.
 *
 * **Example** (Print the web servers of the local network as they come and go)
 *
 * ```ts
 * import { Mdns } from "@effect-discovery/core/protocol"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { Console, Effect, Layer, Stream } from "effect"
 *
 * const program = Stream.runForEach(Mdns.browse("_http._tcp"), (event) => Console.log(event._tag, event.service.name))
 *
 * const main = program.pipe(Effect.provide(Mdns.layer().pipe(Layer.provide(NodeNetwork.layer()))))
 * ```
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Dns from "effect/net/Dns"
import type * as NetAddress from "effect/net/NetAddress"
import * as Random from "effect/Random"
import type * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Attributes from "../Attributes.ts"
import type * as Diagnostic from "../Diagnostic.ts"
import * as Discovery from "../Discovery.ts"
import type * as DiscoveryError from "../DiscoveryError.ts"
import * as Bounds from "../internal/runtime/Bounds.ts"
import type { BrowseOptions, QuestionOptions, TypeEvent } from "../internal/runtime/mdns/Asking.ts"
import * as MdnsDns from "../internal/runtime/mdns/MdnsDns.ts"
import type { ResolveError } from "../internal/runtime/mdns/MdnsError.ts"
import * as MdnsSource from "../internal/runtime/mdns/MdnsSource.ts"
import * as OneShot from "../internal/runtime/mdns/OneShot.ts"
import type { NameStore, Publication, PublishOptions } from "../internal/runtime/mdns/Publishing.ts"
import type { RecordEvent } from "../internal/runtime/mdns/RecordEvent.ts"
import type { Service, ServiceEvent, Sighting } from "../internal/runtime/mdns/Service.ts"
import * as Serving from "../internal/runtime/mdns/Serving.ts"
import * as Limits from "../Limits.ts"
import type * as Network from "../Network.ts"
import * as NetworkInterface from "../NetworkInterface.ts"
import * as Source from "../Source.ts"
import * as Engine from "./mdns/Engine.ts"

export type { BrowseOptions, QuestionOptions, TypeEvent } from "../internal/runtime/mdns/Asking.ts"
export {
  Denied,
  Failed,
  InvalidQuestion,
  NoAnswer,
  ResolveError,
  Truncated
} from "../internal/runtime/mdns/MdnsError.ts"
export type { SourceOptions } from "../internal/runtime/mdns/MdnsSource.ts"
export type { NameStore, Publication, PublicationState, PublishOptions } from "../internal/runtime/mdns/Publishing.ts"
export type { RecordEvent, ResourceRecord } from "../internal/runtime/mdns/RecordEvent.ts"
export type { Gone, LossReason, Seen, Service, ServiceEvent, Sighting } from "../internal/runtime/mdns/Service.ts"
export type { Limits } from "./mdns/Engine.ts"

/**
 * mDNS as a service.
 *
 * @category services
 * @since 0.1.0
 */
export class Mdns extends Context.Service<Mdns, {
  /** The instances of a type that are there, as `ServiceFound`, then every change. */
  readonly browse: (
    type: string,
    options?: BrowseOptions
  ) => Stream.Stream<ServiceEvent, DiscoveryError.DiscoveryError>
  /** The same as each link has it. */
  readonly sightings: (type: string, options?: BrowseOptions) => Stream.Stream<Sighting, DiscoveryError.DiscoveryError>
  /** The service types of the network that are there, then every change. */
  readonly types: Stream.Stream<TypeEvent, DiscoveryError.DiscoveryError>
  /** One instance, by its full name or by its own and its type. */
  readonly resolve: (
    instance: string | { readonly name: string; readonly type: string },
    options?: QuestionOptions
  ) => Effect.Effect<Service, ResolveError>
  /** The addresses of a host. Their port is 0. */
  readonly lookup: (
    host: string,
    options?: QuestionOptions
  ) => Effect.Effect<ReadonlyArray<NetAddress.InetAddress>, ResolveError>
  /** The records of a name and type, asked for as long as the stream is read. */
  readonly records: (
    name: string,
    type: number,
    options?: { readonly interface?: string | undefined }
  ) => Stream.Stream<RecordEvent, DiscoveryError.DiscoveryError>
  /** Says that records of a name are suspected to be wrong: they are asked for again, and dropped without an answer. */
  readonly reconfirm: (name: string) => Effect.Effect<void, DiscoveryError.DiscoveryError>
  /** Announces a service until the scope closes. */
  readonly publish: (
    service: PublishOptions
  ) => Effect.Effect<Publication, DiscoveryError.DiscoveryError, Scope.Scope>
  /** What was rejected, dropped, restarted, renamed: the totals so far, then as they grow. */
  readonly diagnostics: Stream.Stream<Diagnostic.Diagnostic>
}>()("@effect-discovery/core/protocol/Mdns") {}

/**
 * The instances of a type that are there, as `ServiceFound`, then every change.
 *
 * **Details**
 *
 * The type may begin with a subtype, as in `_printer._sub._http._tcp`, in place of the option.
 * It asks for as long as the stream is read, ever more seldom, and hears what is announced in between. An instance is found when it can be
 * reached: its host, port and an address are known. Those that this program announces itself are left out. Fails with `InvalidName` when
 * `type` is none, and ends when the layer closes. A reader that is slow gets the latest of each service and is never ahead of the truth.
 *
 * @category accessors
 * @since 0.1.0
 */
export const browse = (
  type: string,
  options?: BrowseOptions
): Stream.Stream<ServiceEvent, DiscoveryError.DiscoveryError, Mdns> =>
  Stream.unwrap(Mdns.useSync((mdns) => mdns.browse(type, options)))

/**
 * The instances of a type as each link has them, renewals included.
 *
 * @category accessors
 * @since 0.1.0
 */
export const sightings = (
  type: string,
  options?: BrowseOptions
): Stream.Stream<Sighting, DiscoveryError.DiscoveryError, Mdns> =>
  Stream.unwrap(Mdns.useSync((mdns) => mdns.sightings(type, options)))

/**
 * The service types of the network that are there, then every change. What this program announces itself is left out.
 *
 * @category accessors
 * @since 0.1.0
 */
export const types: Stream.Stream<TypeEvent, DiscoveryError.DiscoveryError, Mdns> = Stream.unwrap(
  Mdns.useSync((mdns) => mdns.types)
)

/**
 * One instance, by its full name or by its own and its type.
 *
 * **Gotchas**
 *
 * Services that this program announces itself are not found: there is `NoAnswer` for them. One that is asked for by its `id` may be called as
 * that spells it, in small letters.
 *
 * **Example**
 *
 * ```ts
 * import { Mdns } from "@effect-discovery/core/protocol"
 * import { Console, Effect } from "effect"
 *
 * const program = Mdns.resolve({ name: "Kitchen Printer", type: "_ipp._tcp" }).pipe(
 *   Effect.flatMap((service) => Console.log(service.host, service.port)),
 *   Effect.catchReason("ResolveError", "NoAnswer", () => Console.log("it is switched off"))
 * )
 * ```
 *
 * @category accessors
 * @since 0.1.0
 */
export const resolve = (
  instance: string | { readonly name: string; readonly type: string },
  options?: QuestionOptions
): Effect.Effect<Service, ResolveError, Mdns> =>
  Effect.withSpan(Mdns.use((mdns) => mdns.resolve(instance, options)), "Mdns.resolve")

/**
 * The addresses of a host such as `printer.local`, or of this one by the name that it has here. Their port is 0.
 *
 * @category accessors
 * @since 0.1.0
 */
export const lookup = (
  host: string,
  options?: QuestionOptions
): Effect.Effect<ReadonlyArray<NetAddress.InetAddress>, ResolveError, Mdns> =>
  Effect.withSpan(Mdns.use((mdns) => mdns.lookup(host, options)), "Mdns.lookup")

/**
 * The records of a name and type, asked for as long as the stream is read, with the interface of each. This program's own are left out.
 *
 * @category accessors
 * @since 0.1.0
 */
export const records = (
  name: string,
  type: number,
  options?: { readonly interface?: string | undefined }
): Stream.Stream<RecordEvent, DiscoveryError.DiscoveryError, Mdns> =>
  Stream.unwrap(Mdns.useSync((mdns) => mdns.records(name, type, options)))

/**
 * Says that the records of a name are suspected to be wrong, for instance since nothing answers at an address: they are asked for again,
 * and dropped when nobody answers within ten seconds (RFC 6762, section 10.4).
 *
 * **Details**
 *
 * The name is the `id` of a `Service`, or its `host`. For a name of which no records are known nothing happens.
 *
 * @category accessors
 * @since 0.1.0
 */
export const reconfirm = (name: string): Effect.Effect<void, DiscoveryError.DiscoveryError, Mdns> =>
  Mdns.use((mdns) => mdns.reconfirm(name))

/**
 * Announces a service until the scope closes.
 *
 * **Details**
 *
 * Fails with `InvalidAnnouncement`, before anything is sent, when it cannot be announced. It is probed for first; when another host has the
 * name, a number is added to it, and `state` tells.
 *
 * **Example**
 *
 * ```ts
 * import { Mdns } from "@effect-discovery/core/protocol"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const publication = yield* Mdns.publish({ name: "My Blog", type: "_http._tcp", port: 8080, attributes: { path: "/" } })
 *   yield* Effect.log(yield* publication.name)
 *   yield* publication.update({ attributes: { path: "/news" } })
 * })
 * ```
 *
 * @category accessors
 * @since 0.1.0
 */
export const publish = (
  service: PublishOptions
): Effect.Effect<Publication, DiscoveryError.DiscoveryError, Mdns | Scope.Scope> =>
  Mdns.use((mdns) => mdns.publish(service))

/**
 * What was rejected, dropped, restarted, renamed: the totals so far, then as they grow.
 *
 * @category accessors
 * @since 0.1.0
 */
export const diagnostics: Stream.Stream<Diagnostic.Diagnostic, never, Mdns> = Stream.unwrap(
  Mdns.useSync((mdns) => mdns.diagnostics)
)

/**
 * How mDNS is run.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The label of this host, one of chance by default. The machine's own name belongs to the system's responder. */
  readonly host?: string | undefined
  /** The interfaces to use. Default: `NetworkInterface.isUsable`. */
  readonly interfaces?: NetworkInterface.Predicate | undefined
  /** How often what is new is announced, 2 to 8. Default: 2. */
  readonly announcements?: 2 | 3 | 4 | 5 | 6 | 7 | 8 | undefined
  /** Whether names outside `local` may be asked for by multicast (RFC 6762, section 13). Default: false. */
  readonly allowOtherDomains?: boolean | undefined
  /** Where names that were chosen are kept. Default: nowhere. */
  readonly names?: NameStore | undefined
  /** When to open a link again that failed; see `Source.ProtocolOptions`. */
  readonly retry?: Schedule.Schedule<unknown, DiscoveryError.DiscoveryError> | undefined
  /** Bounds other than the defaults, those of `Limits` and those of `Mdns.Limits`. */
  readonly limits?: Partial<Limits.Limits & Engine.Limits> | undefined
}

/**
 * mDNS on the interfaces of this host.
 *
 * **Details**
 *
 * Port 5353 is shared with the system's responder and with other programs. Fails with `AddressInUse` when another program holds it and
 * does not share, and with `NoUsableInterface`. When the layer closes, goodbyes are sent for all that is announced.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<Mdns, DiscoveryError.DiscoveryError, Network.Network> =>
  Layer.effect(Mdns, make(options))

/**
 * Makes the service within a scope; `layer` is the usual way to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(options: Options = {}) {
  const limits = yield* Bounds.check({ ...Limits.defaults, ...Engine.limits }, options.limits)
  const settings: Source.Settings = {
    limits,
    interfaces: options.interfaces ?? NetworkInterface.isUsable,
    seed: yield* Random.nextInt,
    report: () => {}
  }
  return Mdns.of(
    yield* Serving.serve({ ...options, name, retry: options.retry ?? Source.defaultRetry, settings, limits })
  )
})

const name = "mdns"

/**
 * A source that runs mDNS for itself.
 *
 * **Example**
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Mdns } from "@effect-discovery/core/protocol"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { Layer } from "effect"
 *
 * const DiscoveryLive = Discovery.layer({ sources: [Mdns.source({ browse: ["_http._tcp"] })] }).pipe(
 *   Layer.provide(NodeNetwork.layer())
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const source = (
  options: MdnsSource.SourceOptions & Omit<Options, "limits"> & { readonly limits?: Partial<Engine.Limits> | undefined }
): Source.Source<DiscoveryError.DiscoveryError, Network.Network> => ({
  name,
  open: Effect.gen(function*() {
    yield* MdnsSource.check(name, options)
    const settings = yield* Source.Settings
    const interfaces = options.interfaces ?? settings.interfaces
    const limits = yield* Bounds.check(Engine.limits, options.limits)
    const mdns = yield* Serving.serve({
      ...options,
      name,
      retry: options.retry ?? Source.defaultRetry,
      settings: { ...settings, interfaces },
      limits
    })
    return yield* MdnsSource.open(mdns, name, options, settings)
  })
})

/**
 * A source on the mDNS that the program runs already.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sourceOf = (options: MdnsSource.SourceOptions): Source.Source<DiscoveryError.DiscoveryError, Mdns> => ({
  name,
  open: Effect.gen(function*() {
    yield* MdnsSource.check(name, options)
    const [mdns, settings] = [yield* Mdns, yield* Source.Settings]
    yield* MdnsSource.forward(mdns, settings)
    return yield* MdnsSource.open(mdns, name, options, settings)
  })
})

/**
 * A resolver that asks for `.local` names, and for the names of link-local addresses, by mDNS, and for all others as before.
 *
 * **Details**
 *
 * Names of the link never go to a server (RFC 6762, section 22.1), and `.local` is put behind no name that lacks it. Link-local IPv6
 * addresses are left out where there are others, since `Dns` cannot say of which interface they are. That nobody answers is `NotFound`.
 *
 * **Example**
 *
 * ```ts
 * import { Mdns } from "@effect-discovery/core/protocol"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { NodeDns } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { Dns } from "effect/net"
 *
 * const DnsLive = Mdns.dns.pipe(
 *   Layer.provide(NodeDns.layer),
 *   Layer.provide(Mdns.layer()),
 *   Layer.provide(NodeNetwork.layer())
 * )
 *
 * const program = Dns.Dns.use((dns) => dns.lookup("printer.local")).pipe(Effect.provide(DnsLive))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const dns: Layer.Layer<Dns.Dns, never, Mdns | Dns.Dns> = Layer.effect(
  Dns.Dns,
  Effect.gen(function*() {
    return MdnsDns.make(yield* Mdns, yield* Dns.Dns)
  })
)

/**
 * The addresses of a host, asked once from a port of its own: for programs that ask seldom, and where another program has port 5353 for
 * itself. Their port is 0.
 *
 * **Details**
 *
 * It needs no layer of `Mdns` and keeps nothing. Fails with `Truncated` when the answer does not fit into one datagram.
 *
 * @category operations
 * @since 0.1.0
 */
export const lookupOnce = (
  host: string,
  options: {
    /** For how long to wait for an answer. Default: 3 seconds. */
    readonly timeout?: Duration.Input | undefined
    /** The interfaces to ask on. Default: `NetworkInterface.isUsable`. */
    readonly interfaces?: NetworkInterface.Predicate | undefined
  } = {}
): Effect.Effect<ReadonlyArray<NetAddress.InetAddress>, ResolveError, Network.Network> =>
  OneShot.lookup(host, {
    timeout: options.timeout ?? "3 seconds",
    interfaces: options.interfaces ?? NetworkInterface.isUsable
  })

/**
 * Announces a service through the sources of `Discovery`.
 *
 * @category operations
 * @since 0.1.0
 */
export const advertise = (service: {
  /** What people see, 1 to 63 octets. */
  readonly name: string
  /** `_http._tcp` and the like. */
  readonly type: string
  /** The port that it is offered on. */
  readonly port: number
  /** What else it can be browsed for by. Default: nothing. */
  readonly subtypes?: ReadonlyArray<string> | undefined
  /** Its TXT record. Default: empty. */
  readonly attributes?: Attributes.Input | undefined
}): Effect.Effect<Source.Advertisement, DiscoveryError.DiscoveryError, Discovery.Discovery | Scope.Scope> => {
  const { attributes, name, port, subtypes, type } = service
  return Discovery.advertise({ name, port, attributes, service: { type, subtypes } })
}
