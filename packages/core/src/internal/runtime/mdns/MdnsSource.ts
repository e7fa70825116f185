/**
 * mDNS as a source of discovery: services become peers, announcements become services.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as NetAddress from "effect/net/NetAddress"
import type * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Announcement from "../../../Announcement.ts"
import * as Attributes from "../../../Attributes.ts"
import * as Claim from "../../../Claim.ts"
import type * as Diagnostic from "../../../Diagnostic.ts"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import type * as Limits from "../../../Limits.ts"
import type * as PeerRegistry from "../../../PeerRegistry.ts"
import type { Provenance } from "../../../Provenance.ts"
import type * as Source from "../../../Source.ts"
import * as Diagnostics from "../Diagnostics.ts"
import * as Asking from "./Asking.ts"
import * as Publishing from "./Publishing.ts"
import * as Service from "./Service.ts"

/**
 * What a source of discovery does with mDNS.
 *
 * @category models
 * @since 0.1.0
 */
export interface SourceOptions {
  /** The service types to look for, or subtypes such as `_printer._sub._http._tcp`; their instances are peers. */
  readonly browse: ReadonlyArray<string>
  /** The type of announcements that name none. */
  readonly type?: string | undefined
  /** Whether hosts that die silently are to be missed after two minutes and not after 75. Default: false. */
  readonly follow?: boolean | undefined
}

type Sightings = (
  type: string,
  options?: Asking.BrowseOptions
) => Stream.Stream<Service.Leased, DiscoveryError.DiscoveryError>

/** The part of the service that a source needs. Who stands in for it has no sightings with leases, which cost less, and need not know of them. */
export interface Mdns {
  readonly sightings: Sightings & { readonly leased?: Sightings | undefined }
  readonly diagnostics: Stream.Stream<Diagnostic.Diagnostic>
  readonly publish: (
    options: Publishing.PublishOptions
  ) => Effect.Effect<Publishing.Publication, DiscoveryError.DiscoveryError, Scope.Scope>
}

/** Fails with `InvalidName` when a type to look for is none. */
export const check = (name: string, { browse }: SourceOptions): Effect.Effect<void, DiscoveryError.DiscoveryError> => {
  const refusal = Asking.refusal(name, browse)
  return refusal === undefined ? Effect.void : Effect.fail(refusal)
}

/** Opens the source, with types to look for that have been checked. */
export const open = Effect.fnUntraced(function*(
  mdns: Mdns,
  name: string,
  options: SourceOptions,
  settings: Source.Settings
) {
  const bounds = boundsOf(name, settings)
  const holders: Holders | undefined = options.browse.length > 1 ? new Map() : undefined
  const see = mdns.sightings.leased ?? mdns.sightings
  const browsed = options.browse.map((type, index) =>
    batches(
      see(type, { follow: options.follow }),
      (sightings) => {
        const inputs: Array<PeerRegistry.Input> = []
        for (const sighting of sightings) {
          if (holders !== undefined && !hold(holders, sighting, index)) continue
          const input = toInput(sighting, bounds)
          if (input !== undefined) inputs.push(input)
        }
        return inputs
      }
    )
  )
  const opened: Source.Open = {
    inputs: merged(browsed),
    advertiser: advertiser(mdns, name, options.type, yield* Effect.scope)
  }
  return opened
})

const merged = <A, E>(streams: ReadonlyArray<Stream.Stream<A, E>>): Stream.Stream<A, E> => {
  const [first = Stream.never] = streams
  return streams.length < 2 ? first : Stream.mergeAll(streams, { concurrency: "unbounded" })
}

// a batch as a whole: what it makes of each sighting would otherwise be a stream of its own
const batches = <A, B, E>(
  self: Stream.Stream<A, E>,
  make: (batch: ReadonlyArray<A>) => ReadonlyArray<B>
): Stream.Stream<B, E> =>
  Stream.transformPull(self, (pull) => {
    const next: Pull.Pull<Arr.NonEmptyReadonlyArray<B>, E> = Effect.flatMap(pull, (batch) => {
      const made = make(batch)
      return Arr.isReadonlyArrayNonEmpty(made) ? Effect.succeed(made) : next
    })
    return Effect.succeed(next)
  })

/** Tells of what a running mDNS reports, from now on. */
export const forward = ({ diagnostics }: Mdns, { report }: Source.Settings) =>
  Effect.forkScoped(Diagnostics.forward(diagnostics, report), { startImmediately: true })

type Holders = Map<string, Set<number>>

// What is seen by several questions is gone once none of them sees it.
const hold = (holders: Holders, sighting: Service.Leased, index: number): boolean => {
  const key = Service.keyOf(sighting)
  const holding = holders.get(key) ?? new Set()
  if (sighting._tag === "Seen") {
    holders.set(key, holding.add(index))
    return true
  }
  holding.delete(index)
  if (holding.size > 0) return false
  holders.delete(key)
  return true
}

// names of one address, which may be that of a reflector that speaks for a whole network
const namesPerOrigin = 256
// printers have two dozen; the octets are bounded as everywhere
const mostAttributes = 64

/** What claims are made with. */
interface Bounds {
  readonly source: string
  readonly limits: Limits.Limits
  readonly report: Source.Settings["report"]
}

const boundsOf = (source: string, { limits, report }: Source.Settings): Bounds => ({
  source,
  limits: { ...limits, attributesPerPeer: Math.max(mostAttributes, limits.attributesPerPeer) },
  report
})

const toInput = (sighting: Service.Leased, { limits, report, source }: Bounds): PeerRegistry.Input | undefined => {
  const provenance: Provenance = { source, interface: sighting.interface, address: sighting.origin }
  if (sighting._tag === "Gone") return { _tag: "Withdrawn", provenance, identity: sighting.id, reason: sighting.reason }
  const { lease, networkInterface, service: { addresses, attributes, id, name } } = sighting
  const said: Claim.Claim = {
    identity: id,
    name: name === "" ? id : name,
    addresses: addresses.every(hasPort) ? addresses : addresses.filter(hasPort),
    attributes,
    ttl: sighting.ttl,
    authentication: "none"
  }
  const excess = Claim.excess(said, limits)
  if (excess === undefined || excess === "attributes") {
    const claim = excess === undefined ? said : { ...said, attributes: within(attributes, limits) }
    return { _tag: "Announced", provenance, claim, perOrigin: namesPerOrigin, networkInterface, lease }
  }
  report({ _tag: "AnnouncementRefused", source, reason: excess })
  if (lease !== undefined) lease.isPending = false
  return undefined
}

// all that a service is told with can be dialed otherwise
const hasPort = ({ port }: NetAddress.InetAddress): boolean => port !== 0

const utf8 = new TextEncoder()

// a service with more to say than there is room for is a peer all the same
const within = (attributes: Attributes.Attributes, limits: Limits.Limits): Attributes.Attributes => {
  const kept: Array<readonly [key: string, value: Attributes.Value]> = []
  let octets = 0
  for (const key of attributes.keys()) {
    const value = attributes.bytes(key)!
    octets += utf8.encode(key).length + value.length
    if (octets > limits.attributesBytes || kept.length >= limits.attributesPerPeer) break
    kept.push([key, attributes.isFlag(key) ? true : value])
  }
  return Attributes.make(kept)
}

/** What is announced by one advertisement; no publication yet while the names are asked for its name. */
interface Published {
  readonly scope: Scope.Closeable
  publication: Publishing.Publication | undefined
}

const advertiser = (
  mdns: Mdns,
  source: string,
  type: string | undefined,
  scope: Scope.Scope
): Source.Advertiser => {
  const published = new Map<number, Published>()
  const withdraw = (key: number) =>
    Effect.suspend(() => {
      const known = published.get(key)
      published.delete(key)
      return known === undefined ? Effect.void : Scope.close(known.scope, Exit.void)
    })
  const refusal = (fault: Publishing.Fault) => new DiscoveryError.InvalidAnnouncement({ source, ...fault })
  return {
    validate: (announcement) => {
      const registration = Result.flatMap(toOptions(announcement, type), Publishing.registrationOf)
      return Result.isFailure(registration) ? refusal(registration.failure) : undefined
    },
    advertise: Effect.fnUntraced(function*(key, announcement) {
      const options = yield* Effect.mapError(
        Effect.fromResult(toOptions(announcement, type)),
        (fault) => DiscoveryError.make(refusal(fault))
      )
      const known = published.get(key)?.publication
      if (known !== undefined) return yield* known.update(options)
      const own: Published = { scope: yield* Scope.fork(scope), publication: undefined }
      published.set(key, own)
      const publishing = Scope.provide(mdns.publish(options), own.scope)
      own.publication = yield* Effect.onError(publishing, () => withdraw(key))
    }),
    withdraw
  }
}

const toOptions = (
  { addresses = [], attributes, name, port = 0, service, ttl }: Announcement.Announcement,
  type: string | undefined
): Result.Result<Publishing.PublishOptions, Publishing.Fault> => {
  if (addresses.length > 0) {
    return Result.fail({
      field: "addresses",
      limit: "absent: each interface's own are announced on it, and Mdns.publish speaks for another host"
    })
  }
  const chosen = service?.type ?? type
  if (chosen === undefined) {
    return Result.fail({
      field: "service",
      limit: "{ type: \"_http._tcp\" } or the like, unless the source has the option `type`"
    })
  }
  return Result.succeed({ name, type: chosen, subtypes: service?.subtypes, port, attributes, ttl })
}
