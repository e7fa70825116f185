/**
 * Questions of programs: for as long as a stream is read, or until there is an answer.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import type * as Lease from "../../../Lease.ts"
import * as Name from "../../../protocol/mdns/Name.ts"
import * as Domain from "../../../protocol/mdns/querier/Domain.ts"
import * as Record from "../../../protocol/mdns/Record.ts"
import * as Registration from "../../../protocol/mdns/Registration.ts"
import * as ServiceType from "../../../protocol/mdns/ServiceType.ts"
import type * as Subscription from "../../../protocol/mdns/Subscription.ts"
import * as Book from "./Book.ts"
import * as Feed from "./Feed.ts"
import * as Hub from "./Hub.ts"
import * as MdnsError from "./MdnsError.ts"
import type { RecordEvent } from "./RecordEvent.ts"
import * as Service from "./Service.ts"

/** How notices become news for a reader. */
interface Reading<in out A> {
  /** What is to be told of a notice, if anything. */
  readonly pick: (notice: Subscription.Notice, lease: Lease.Lease | undefined) => A | undefined
  /** What news are about, among those of their link. */
  readonly keyOf: (news: A) => string
  /** Whether what renews a lease that was picked need not be told. */
  readonly isLeased?: boolean | undefined
}

/** What is asked of the engine until the scope closes; what it says goes into the feed as it is read. */
const subscribe = <A>(
  hub: Hub.Hub,
  subscription: Subscription.Subscription,
  { isLeased, keyOf, pick }: Reading<A>,
  feed: Feed.Feed<A>
) =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      if (hub.ended !== undefined) {
        Feed.end(feed, hub.ended)
        return Effect.succeed(0)
      }
      if (hub.subscribers.size >= hub.options.most.subscriptions) {
        Feed.end(feed, Cause.fail(Hub.noRoom(hub, "subscriptions")))
        return Effect.succeed(0)
      }
      const key = Hub.nextKey(hub)
      const tell = (notice: Subscription.Notice, lease?: Lease.Lease) => {
        const news = pick(notice, lease)
        if (news !== undefined) Feed.tell(feed, notice.where.link, keyOf(news), news)
      }
      hub.subscribers.set(key, { tell, wake: () => Feed.wake(feed), end: (cause) => Feed.end(feed, cause), isLeased })
      return Effect.as(Hub.dispatch(hub, { _tag: "Subscribe", key, subscription }), key)
    }),
    (key) =>
      Effect.suspend(() => hub.subscribers.delete(key) ? Hub.dispatch(hub, { _tag: "Unsubscribe", key }) : Effect.void)
  )

const follow = <A>(
  hub: Hub.Hub,
  subscription: Subscription.Subscription,
  reading: Reading<A>,
  isGone: (news: A) => boolean
): Stream.Stream<A, DiscoveryError.DiscoveryError> =>
  Stream.unwrap(Effect.suspend(() => {
    const feed = Feed.make(isGone)
    return Effect.as(
      subscribe(hub, subscription, reading, feed),
      Stream.fromPull(Effect.succeed(Feed.pull(feed)))
    )
  }))

/**
 * What to browse for.
 *
 * @category models
 * @since 0.1.0
 */
export interface BrowseOptions {
  /** Only instances of this subtype. Default: the one that the type begins with, else all. */
  readonly subtype?: string | undefined
  /**
   * Whether the addresses are kept fresh, so that a host that dies silently is missed after two minutes and not after 75, for one more query in a
   * minute and a half. Default: false.
   */
  readonly follow?: boolean | undefined
  /** Only instances on the interface of this name. Default: on all. */
  readonly interface?: string | undefined
  /** Whether instances have a TXT record and no more, as in the profile of libp2p: they are then found without host, port and addresses. */
  readonly isTextOnly?: boolean | undefined
}

const interfaceOf = ({ options }: Hub.Hub, notice: Subscription.Notice) =>
  notice._tag === "ServiceSeen"
    ? options.interfaces().find(({ name }) => name === notice.where.interface)
    : undefined

const isOfInstance = (notice: Subscription.Notice): notice is Subscription.InstanceNotice =>
  notice._tag === "ServiceSeen" || notice._tag === "ServiceLost"

/** The key of an instance's name, which is there anyway. */
const keyOf = (notice: Subscription.InstanceNotice): string =>
  notice._tag === "ServiceSeen" ? notice.service.name.key : notice.name.key

/** What is to be said of the instances of a type; `isLeased` for a reader who holds to the leases. */
const instances = <A>(
  hub: Hub.Hub,
  type: string,
  options: BrowseOptions,
  isLeased: boolean,
  say: (report: Service.Report) => A
): Stream.Stream<A, DiscoveryError.DiscoveryError> => {
  const fault = typeFault(type, options.subtype)
  if (fault !== undefined) return Stream.fail(invalid(hub.options.source, fault))
  const reports = follow<Service.Report>(
    hub,
    {
      _tag: "Browse",
      type: Registration.withoutLocal(type),
      subtype: options.subtype,
      follow: options.follow ?? false,
      isTextOnly: options.isTextOnly,
      interface: options.interface
    },
    {
      pick: (notice, lease) =>
        isOfInstance(notice) ? { notice, networkInterface: interfaceOf(hub, notice), lease } : undefined,
      keyOf: ({ notice }) => keyOf(notice),
      isLeased
    },
    ({ notice }) => notice._tag === "ServiceLost"
  )
  return Stream.map(reports, say)
}

/** The instances of a type, as each link has them. */
export const sightings = (
  hub: Hub.Hub,
  type: string,
  options: BrowseOptions
): Stream.Stream<Service.Sighting, DiscoveryError.DiscoveryError> =>
  instances(hub, type, options, false, ({ networkInterface, notice }) => Service.sighting(notice, networkInterface))

/** The same for sources, which hold to the leases. */
export const leased = (
  hub: Hub.Hub,
  type: string,
  options: BrowseOptions
): Stream.Stream<Service.Leased, DiscoveryError.DiscoveryError> => instances(hub, type, options, true, Service.leased)

interface Fault {
  readonly name: string
  readonly limit: string
}

const typeFault = (type: string, subtype?: string): Fault | undefined => {
  const text = Registration.withoutLocal(type)
  const isType = subtype === undefined
    ? ServiceType.browsed(text, undefined) !== undefined
    : Result.isSuccess(ServiceType.fromString(text))
  if (!isType) return { name: type, limit: "a service type such as _http._tcp" }
  return ServiceType.browsed(text, subtype) === undefined
    ? { name: subtype!, limit: "a subtype of 1 to 63 octets" }
    : undefined
}

/** Why none of these types can be looked for, `undefined` when all of them can. */
export const refusal = (source: string, types: ReadonlyArray<string>): DiscoveryError.DiscoveryError | undefined => {
  const fault = types.map((type) => typeFault(type)).find((fault) => fault !== undefined)
  return fault && invalid(source, fault)
}

const invalid = (source: string, fault: Fault): DiscoveryError.DiscoveryError =>
  DiscoveryError.make(new DiscoveryError.InvalidName({ source, ...fault }))

/** A service type as one link has it. */
export interface TypeSighting {
  readonly _tag: "TypeSeen" | "TypeLost"
  readonly type: string
  readonly link: string
  readonly interface: string
}

/** The service types, as each link has them. */
export const types = (hub: Hub.Hub): Stream.Stream<TypeSighting, DiscoveryError.DiscoveryError> =>
  follow<TypeSighting>(
    hub,
    { _tag: "Types" },
    {
      pick: (notice) =>
        notice._tag === "TypeSeen" || notice._tag === "TypeLost"
          ? { _tag: notice._tag, type: notice.type, link: notice.where.link, interface: notice.where.interface }
          : undefined,
      keyOf: ({ type }) => type.toLowerCase()
    },
    ({ _tag }) => _tag === "TypeLost"
  )

/**
 * What happens to the service types of the network.
 *
 * @category models
 * @since 0.1.0
 */
export type TypeEvent =
  | { readonly _tag: "TypeFound"; readonly type: string }
  | { readonly _tag: "TypeLost"; readonly type: string }

/** What happens to types, from what the links say of them. */
export const mergeTypes = <E, R>(sightings: Stream.Stream<TypeSighting, E, R>): Stream.Stream<TypeEvent, E, R> =>
  Stream.mapAccum(sightings, () => new Map<string, Set<string>>(), (known, sighting) => {
    const event = mergeType(known, sighting)
    return [known, event === undefined ? [] : [event]] as const
  })

const mergeType = (
  known: Map<string, Set<string>>,
  { _tag, link, type }: TypeSighting
): TypeEvent | undefined => {
  const key = type.toLowerCase()
  const links = known.get(key)
  if (_tag === "TypeSeen") {
    known.set(key, new Set(links).add(link))
    return links === undefined ? { _tag: "TypeFound", type } : undefined
  }
  if (links === undefined || !links.delete(link) || links.size > 0) return undefined
  known.delete(key)
  return { _tag: "TypeLost", type }
}

/** The records of a name and type, as each link has them. */
export const records = (
  hub: Hub.Hub,
  name: string,
  type: number,
  options: { readonly interface?: string | undefined }
): Stream.Stream<RecordEvent, DiscoveryError.DiscoveryError> => {
  const parsed = askable(hub, name)
  if (parsed === undefined) return Stream.fail(invalid(hub.options.source, { name, limit: domains }))
  return follow(
    hub,
    { _tag: "Records", name: parsed, type, interface: options.interface },
    { pick: recordEvent, keyOf: recordKey },
    ({ _tag }) => _tag === "RecordLost"
  )
}

const domains = "a name below local, such as printer.local; others are asked for with the option allowOtherDomains"

// No domain is ever put behind what has none: that would be another name than was asked for (RFC 6762, section 21).
const askable = ({ options: { allowOtherDomains } }: Hub.Hub, text: string): Name.Name | undefined => {
  const name = Result.getOrUndefined(Name.fromString(text))
  return name !== undefined && (allowOtherDomains || Domain.isLinkLocal(name)) ? name : undefined
}

const recordEvent = (notice: Subscription.Notice): RecordEvent | undefined => {
  switch (notice._tag) {
    case "RecordSeen":
    case "RecordLost":
      return {
        _tag: notice._tag === "RecordSeen" ? "RecordFound" : "RecordLost",
        record: { ...notice.record, name: Name.format(notice.record.name), data: Record.octetsOf(notice.record.data) },
        ...notice.where
      }
    case "Denied":
      return { _tag: "RecordDenied", name: Name.format(notice.name), type: notice.type, ...notice.where }
    default:
      return undefined
  }
}

const recordKey = (event: RecordEvent): string =>
  event._tag === "RecordDenied"
    ? `${event.type} denied`
    : `${event.record.type} ${event.record.class} ${event.record.data.join()}`

// how long to wait for what other links and the other family answer, once there is an answer
const linger = "100 millis"

/** The first answer in time, or the one that others have made of it a moment later. */
const once = <A>(
  hub: Hub.Hub,
  subscription: Subscription.Subscription,
  name: string,
  timeout: Duration.Input | undefined,
  decide: (notice: Subscription.Notice) => Result.Result<A, MdnsError.ResolveError> | undefined
): Effect.Effect<A, MdnsError.ResolveError> => {
  const patience = Duration.fromInputUnsafe(timeout ?? "3 seconds")
  const unanswered = Result.fail(
    MdnsError.make(new MdnsError.NoAnswer({ name, millis: Duration.toMillis(patience) }))
  )
  return Effect.suspend(() => {
    const feed = Feed.make<Result.Result<A, MdnsError.ResolveError>>(() => false)
    let latest: Result.Result<A, MdnsError.ResolveError> | undefined
    const silent = new Set(linksOf(hub, subscription))
    const isComplete = Latch.makeUnsafe()
    const pick = (notice: Subscription.Notice) => {
      const answer = decide(notice)
      latest = answer ?? latest
      if (says(notice)) silent.delete(notice.where.link)
      if (silent.size === 0) isComplete.openUnsafe()
      return answer
    }
    return subscribe(hub, subscription, { pick, keyOf: () => "" }, feed).pipe(
      Effect.andThen(Feed.pull(feed)),
      Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed([unanswered]) }),
      Effect.tap(([answer]) => answer === unanswered ? Effect.void : Effect.timeoutOption(isComplete.await, linger)),
      Effect.flatMap(([answer]) => Effect.fromResult(latest ?? answer))
    )
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) => {
      if (Cause.isDone(error)) return ended(hub)
      return error._tag === "ResolveError" ? error : failed(error)
    })
  )
}

// of a host that is not known yet each link tells that it has no addresses
const says = (notice: Subscription.Notice): boolean => notice._tag !== "HostSeen" || notice.addresses.length > 0

const linksOf = (hub: Hub.Hub, { interface: only }: Subscription.Subscription): ReadonlyArray<string> =>
  Array.from(hub.links.values()).flatMap((link) => only === undefined || only === link.interface ? [link.key] : [])

const failed = (cause: unknown): MdnsError.ResolveError => MdnsError.make(new MdnsError.Failed({ cause }))

const ended = (hub: Hub.Hub): MdnsError.ResolveError =>
  failed(new Error(`${hub.options.source} has ended, and nothing can be asked any more.`))

const denied = (name: string) => Result.fail(MdnsError.make(new MdnsError.Denied({ name })))

/**
 * How a question is asked once.
 *
 * @category models
 * @since 0.1.0
 */
export interface QuestionOptions {
  /** For how long to wait for an answer. Default: 3 seconds. */
  readonly timeout?: Duration.Input | undefined
  /** The name of the interface to ask on. Default: all. */
  readonly interface?: string | undefined
}

/** One instance, by its full name or by its own and its type. */
export const resolve = (
  hub: Hub.Hub,
  instance: string | { readonly name: string; readonly type: string },
  options: QuestionOptions
): Effect.Effect<Service.Service, MdnsError.ResolveError> => {
  const name = instanceName(hub, instance)
  const text = typeof instance === "string" ? instance : `${instance.name} of ${instance.type}`
  if (name === undefined) return Effect.fail(MdnsError.noInstance(text, typeof instance === "string"))
  const book = Book.make()
  const subscription = { _tag: "Instance", name, interface: options.interface, isOnce: true } as const
  return once(hub, subscription, text, options.timeout, (notice) => {
    // it may do without a TXT record, and its host without addresses of one family
    if (notice._tag === "Denied") {
      return notice.type === Record.Type.SRV && book.entries.size === 0 ? denied(text) : undefined
    }
    if (!isOfInstance(notice)) return undefined
    const event = Book.take(book, Service.sighting(notice))
    return event !== undefined && event._tag !== "ServiceLost" ? Result.succeed(event.service) : undefined
  })
}

const instanceName = (
  hub: Hub.Hub,
  instance: string | { readonly name: string; readonly type: string }
): Name.Name | undefined => {
  if (typeof instance !== "string") {
    const type = Result.getOrUndefined(ServiceType.fromString(Registration.withoutLocal(instance.type)))
    return type && Result.getOrUndefined(ServiceType.instance(instance.name, type))
  }
  const name = askable(hub, instance)
  return name !== undefined && ServiceType.split(name) !== undefined ? name : undefined
}

/** The addresses of a host, those of all links that answer first. */
export const lookup = (
  hub: Hub.Hub,
  host: string,
  options: QuestionOptions
): Effect.Effect<ReadonlyArray<NetAddress.InetAddress>, MdnsError.ResolveError> => {
  const name = askable(hub, host)
  if (name === undefined) {
    return Effect.fail(
      MdnsError.make(new MdnsError.InvalidQuestion({ name: host, limit: domains }))
    )
  }
  const deniedTypes = new Set<string>()
  const heard = new Map<string, ReadonlyArray<NetAddress.InetAddress>>()
  const subscription: Subscription.Subscription = { _tag: "Host", name, interface: options.interface, isOnce: true }
  return once(hub, subscription, host, options.timeout, (notice) => {
    if (notice._tag === "HostSeen") {
      heard.set(notice.where.link, notice.addresses)
      const all = Service.unionOf(Array.from(heard.values()).flat())
      return all.length === 0 ? undefined : Result.succeed(all)
    }
    // one link's denial says nothing of what another has answered
    if (notice._tag !== "Denied" || heard.size > 0) return undefined
    deniedTypes.add(`${notice.where.link} ${notice.type}`)
    const isDenied = [Record.Type.A, Record.Type.AAAA].every((type) => deniedTypes.has(`${notice.where.link} ${type}`))
    return isDenied ? denied(host) : undefined
  })
}
