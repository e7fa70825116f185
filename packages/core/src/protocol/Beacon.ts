/**
 * Beacons: the simplest kind of discovery protocol, in which every node repeats one datagram that says all.
 *
 * A codec and a schedule make a whole `Protocol`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import type * as Announcement from "../Announcement.ts"
import * as Claim from "../Claim.ts"
import * as DiscoveryError from "../DiscoveryError.ts"
import type * as Endpoint from "../Endpoint.ts"
import type * as Machine from "../Machine.ts"
import type * as Protocol from "../Protocol.ts"
import * as Seed from "../Seed.ts"
import * as Beacons from "./internal/beacons.ts"
import * as HelloBack from "./internal/helloBack.ts"

/**
 * What of an announcement a format cannot carry: the field, and what it must be.
 *
 * @category models
 * @since 0.1.0
 */
export interface Unencodable {
  /** The path of the field, such as `name`. */
  readonly field: string
  /** What it must be, such as `at most 63 octets`. */
  readonly limit: string
}

/**
 * A beacon format.
 *
 * **Gotchas**
 *
 * `decode` must find in our own datagrams the identity that `identify` gives, or the node discovers itself. Beside the reasons
 * of `decode` there are four more: `size` for a datagram beyond `maxDatagram`, `announcement` for a decoded one
 * that has no name, or an identity, a port or a ttl that cannot be, `selfSpoof` for one that says something else in our own name,
 * and `defect` for one on which `decode` or `incarnation` threw.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The protocol's name, part of every peer's id. */
  readonly name: string
  /** Where it is sent and heard; several for several families, each announcement going to all of them. */
  readonly endpoint: Endpoint.Endpoint | readonly [Endpoint.Endpoint, ...Array<Endpoint.Endpoint>]
  /** Time between two announcements, drawn anew each time from `min` to `max` so that hosts never fall into step. */
  readonly interval: Duration.Input | { readonly min: Duration.Input; readonly max: Duration.Input }
  /** How long an announcement holds that does not say so itself. Default: three of the longest intervals. */
  readonly ttl?: Duration.Input | undefined
  /** The port a peer is given when its announcement carries none. Default: the endpoint's. */
  readonly port?: number | undefined
  /** Octets of the longest datagram that is decoded; an announcement that takes more is refused. Default: 1,472. */
  readonly maxDatagram?: number | undefined
  /**
   * What an announcement is known by on the wire. Default: its `identity`, else its name. A format with ids of its own can fall back on `instance`,
   * eight hex digits drawn from the seed once for each thing advertised.
   */
  readonly identify?: ((announcement: Announcement.Announcement, instance: string) => string) | undefined
  /**
   * The datagram for an announcement, or what the format cannot carry. It gives `undefined` where there is nothing to say: then nothing is sent,
   * though the node still knows itself.
   */
  readonly encode: (
    announcement: Announcement.Announcement,
    identity: string,
    instance: string
  ) => Result.Result<Uint8Array | undefined, Unencodable>
  /** What a datagram says, or why it is refused (a word from a closed set). */
  readonly decode: (payload: Uint8Array, source: NetAddress.InetAddress) => Result.Result<Announcement.Options, string>
  /** The datagram that ends an announcement, where the format has one. */
  readonly goodbye?: ((announcement: Announcement.Announcement, identity: string) => Uint8Array) | undefined
  /**
   * Whether to announce out of turn when a node appears that was not known or had been silent for its ttl, so that both know each other at once:
   * after 20 to 250 ms, one answer for all that appeared meanwhile, and not twice within 2 s (S-A4). With `incarnation`, which tells one start of a
   * node from the next, also when a node has started anew.
   */
  readonly helloBack?:
    | { readonly incarnation?: ((announcement: Announcement.Options) => string) | undefined }
    | undefined
  /** When the first announcement goes out. Default: `at once`. A change goes out at once in any case. */
  readonly first?: "at once" | "after an interval" | undefined
  /** See `Protocol`. Default: false. */
  readonly isPartial?: boolean | undefined
}

interface Advertised {
  readonly instance: string
  readonly identity: string
  readonly announcement: Announcement.Announcement
  readonly payload: Uint8Array | undefined
  /** The same ones again and again: who announces much has no garbage of it. */
  readonly transmits: ReadonlyArray<Protocol.Output>
  nextAt: number
}

/**
 * What a beacon remembers: its seeds, what it advertises with the time of each one's next announcement, and whom it has heard, where it
 * says hello back. It is updated in place: a step may be taken from the latest state only.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  /** What the next interval is drawn from. */
  seed: Seed.Seed
  /** What instances are drawn from. */
  readonly instances: Seed.Seed
  /** By key, in the order in which they were last changed. */
  readonly advertised: Map<number, Advertised>
  /** When the first of their announcements is due. */
  nextAt: number
  /** Whom it has heard; absent where it does not say hello back. */
  readonly hellos: HelloBack.HelloBack | undefined
}

/**
 * Lifts a codec and a schedule into a protocol.
 *
 * **Details**
 *
 * The first announcement goes out at once, unless `first` says otherwise, and so does every change. A node that is advertised here is never reported as a
 * peer: it is recognised by its identity.
 *
 * **Gotchas**
 *
 * Throws a `RangeError` on an `interval` that is not finite, shorter than a millisecond, or longer at its `min` than at its `max`, on
 * a `ttl` of nothing, on a `port` that is none, and on a `maxDatagram` below 1.
 *
 * **Example** (A protocol of one's own)
 *
 * ```ts
 * import { Endpoint } from "@effect-discovery/core"
 * import { Beacon } from "@effect-discovery/core/protocol"
 * import { Result } from "effect"
 *
 * const protocol = Beacon.make({
 *   name: "hello",
 *   endpoint: Endpoint.multicast("239.20.30.40", 4000),
 *   interval: { min: "4 seconds", max: "6 seconds" },
 *   encode: ({ name }) =>
 *     name.length > 100
 *       ? Result.fail({ field: "name", limit: "at most 100 characters" })
 *       : Result.succeed(new TextEncoder().encode(`hello ${name}`)),
 *   decode: (payload) => {
 *     const text = new TextDecoder().decode(payload)
 *     return text.startsWith("hello ") && text.length > 6 ? Result.succeed({ name: text.slice(6) }) : Result.fail("prefix")
 *   }
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Protocol.Protocol<State> => {
  const range = Beacons.toRange(options.interval)
  const ttl = options.ttl === undefined ? 3 * range.max : Beacons.toTtl(options.ttl)
  const endpoints = toEndpoints(options.endpoint)
  const port = Beacons.toPort(options.port ?? endpoints[0].port)
  const maxDatagram = Beacons.toMaxDatagram(options.maxDatagram ?? 1_472)
  const identify = options.identify ?? defaultIdentity

  const transmit = (payload: Uint8Array | undefined, key?: number): ReadonlyArray<Protocol.Output> =>
    payload === undefined ? [] : endpoints.map((to) => ({ _tag: "Transmit", payload, to, key }))

  const drawInterval = (state: State): number => {
    const [interval, seed] = Seed.between(state.seed, range.min, range.max)
    state.seed = seed
    return interval
  }

  const advertise = (state: State, input: Protocol.Advertise, now: number): Machine.Step<State, Protocol.Output> => {
    const { announcement, key } = input
    const { advertised, hellos, instances } = state
    const previous = advertised.get(key)
    const instance = previous?.instance ?? Beacons.drawInstance(instances, key)
    const identity = identify(announcement, instance)
    const encoded = options.encode(announcement, identity, instance)
    // `validate` has passed the announcement; one that it did not see is not announced
    if (Result.isFailure(encoded)) return keep(state)
    const payload = encoded.success
    const transmits = transmit(payload, key)
    remove(state, key)
    add(state, key, { instance, identity, announcement, payload, transmits, nextAt: now + drawInterval(state) })
    // the old identity of a renamed node says goodbye, or it would live on as a ghost
    const goodbyes = previous === undefined ? [] : sayGoodbye(previous, advertised)
    // what repeated itself so far is read again from now on, though everyone has just been told
    if (hellos !== undefined) HelloBack.renew(hellos, ttl, now)
    const isLater = options.first === "after an interval" && previous === undefined
    return keep(state, isLater ? goodbyes : goodbyes.length === 0 ? transmits : [...goodbyes, ...transmits])
  }

  // an identity that is still advertised, under this key or another one, has not left
  const sayGoodbye = (entry: Advertised, left: State["advertised"]): ReadonlyArray<Protocol.Output> =>
    options.goodbye === undefined || isKnown(left, entry.identity)
      ? []
      : transmit(options.goodbye(entry.announcement, entry.identity))

  const withdraw = (state: State, key: number): Machine.Step<State, Protocol.Output> => {
    const gone = remove(state, key)
    return keep(state, gone === undefined ? [] : sayGoodbye(gone, state.advertised))
  }

  const announceDue = (state: State, now: number): Machine.Step<State, Protocol.Output> => {
    const outputs: Array<Protocol.Output> = []
    const { advertised, hellos } = state
    // an answer is an announcement like any other: the next one is an interval later
    const isAnswer = hellos !== undefined && hellos.dueAt <= now
    let isAll = true
    let nextAt = Infinity
    for (const entry of advertised.values()) {
      if (entry.nextAt <= now || isAnswer) {
        for (const output of entry.transmits) outputs.push(output)
        entry.nextAt = now + drawInterval(state)
      } else isAll = false
      nextAt = Math.min(nextAt, entry.nextAt)
    }
    state.nextAt = nextAt
    if (hellos !== undefined && isAll) HelloBack.answered(hellos, now)
    return keep(state, outputs)
  }

  const hear = (state: State, { payload, source }: Protocol.Received, now: number): ReadonlyArray<Protocol.Output> => {
    if (payload.length > maxDatagram) return reject("size")
    const read = readClaim(payload, source)
    if (Result.isFailure(read)) return reject(read.failure)
    const { claim, incarnation } = read.success
    // an echo says what we say; whatever else is said in our name is not ours, and changes nothing (S-U7)
    if (isKnown(state.advertised, claim.identity)) {
      return isEcho(state.advertised, claim.identity, payload) ? [] : reject("selfSpoof")
    }
    greet(state, claim, incarnation, now)
    return claim.ttl > 0 ? [{ _tag: "Announced", claim }] : [{ _tag: "Withdrawn", identity: claim.identity }]
  }

  // the user's code: what it throws is, as far as the network is concerned, the datagram's fault
  const readClaim = (payload: Uint8Array, source: NetAddress.InetAddress): Result.Result<Read, string> => {
    try {
      const decoded = options.decode(payload, source)
      if (Result.isFailure(decoded)) return Result.fail(decoded.failure)
      const heard = decoded.success
      if (!Beacons.isSound(heard)) return Result.fail("announcement")
      const scopeId = source._tag === "InetAddressV6" ? source.scopeId : 0
      const claim = Claim.fromAnnouncement(heard, { ttl, origin: source.address, scopeId, port })
      // a goodbye need not tell it
      const incarnation = claim.ttl > 0 ? options.helloBack?.incarnation?.(heard) : undefined
      return Result.succeed({ claim, incarnation: incarnation ?? "" })
    } catch {
      return Result.fail("defect")
    }
  }

  const greet = ({ advertised, hellos }: State, claim: Claim.Claim, incarnation: string, now: number): void => {
    if (hellos === undefined) return
    if (claim.ttl <= 0) return HelloBack.forget(hellos, claim.identity)
    const isNew = HelloBack.notice(hellos, claim.identity, incarnation, claim.ttl, now)
    if (isNew && hasSomethingToSay(advertised)) HelloBack.schedule(hellos, now)
  }

  return {
    name: options.name,
    endpoints,
    maxDatagram,
    isIdempotent: true,
    ...(options.isPartial === true ? { isPartial: true } : undefined),
    validate: (announcement) => {
      const longest = Beacons.longestInstance
      const encoded = Result.flatMap(
        options.encode(announcement, identify(announcement, longest), longest),
        (payload = nothing) => Beacons.fit(payload, announcement, maxDatagram)
      )
      return Result.isFailure(encoded)
        ? new DiscoveryError.InvalidAnnouncement({ source: options.name, ...encoded.failure })
        : undefined
    },
    init: (seed) =>
      keep({
        seed,
        instances: Seed.derive(seed, "instance"),
        advertised: new Map(),
        nextAt: Infinity,
        hellos: options.helloBack && HelloBack.make(HelloBack.defaults, Seed.derive(seed, "hello"))
      }),
    step: (state, input, now) => {
      switch (input._tag) {
        case "Received":
          return keep(state, hear(state, input, now))
        case "Advertise":
          return advertise(state, input, now)
        case "Withdraw":
          return withdraw(state, input.key)
        case "Woke":
          return announceDue(state, now)
      }
    }
  }
}

/** What a datagram says, and which start of its node that was, where the format tells. */
interface Read {
  readonly claim: Claim.Claim
  readonly incarnation: string
}

const toEndpoints = (endpoint: Options["endpoint"]): readonly [Endpoint.Endpoint, ...Array<Endpoint.Endpoint>] =>
  "_tag" in endpoint ? [endpoint] : endpoint

const defaultIdentity = (announcement: Announcement.Announcement): string => announcement.identity ?? announcement.name

const nothing = new Uint8Array(0)

const add = (state: State, key: number, entry: Advertised): void => {
  state.advertised.set(key, entry)
  state.nextAt = Math.min(state.nextAt, entry.nextAt)
}

const remove = (state: State, key: number): Advertised | undefined => {
  const { advertised } = state
  const entry = advertised.get(key)
  if (entry === undefined) return undefined
  advertised.delete(key)
  if (entry.nextAt <= state.nextAt) state.nextAt = firstOf(advertised)
  return entry
}

const firstOf = (advertised: State["advertised"]): number => {
  let first = Infinity
  for (const { nextAt } of advertised.values()) first = Math.min(first, nextAt)
  return first
}

const isKnown = (advertised: State["advertised"], identity: string): boolean => {
  for (const entry of advertised.values()) if (entry.identity === identity) return true
  return false
}

const isEcho = (advertised: State["advertised"], identity: string, heard: Uint8Array): boolean => {
  for (const entry of advertised.values()) {
    const { payload } = entry
    if (entry.identity === identity && payload !== undefined && Beacons.isSameOctets(payload, heard)) return true
  }
  return false
}

const hasSomethingToSay = (advertised: State["advertised"]): boolean => {
  for (const { payload } of advertised.values()) if (payload !== undefined) return true
  return false
}

const keep = (state: State, outputs: ReadonlyArray<Protocol.Output> = []): Machine.Step<State, Protocol.Output> => ({
  state,
  outputs,
  wakeAt: wakeAt(state)
})

const wakeAt = ({ advertised, hellos, nextAt }: State): number =>
  hellos === undefined || advertised.size === 0 ? nextAt : Math.min(nextAt, hellos.dueAt)

const reject = (reason: string): ReadonlyArray<Protocol.Output> => [{ _tag: "Rejected", reason }]
