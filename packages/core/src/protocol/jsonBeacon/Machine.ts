/**
 * A beacon whose interval scales with the number of nodes, as a protocol.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import * as Announcement from "../../Announcement.ts"
import * as Claim from "../../Claim.ts"
import * as DiscoveryError from "../../DiscoveryError.ts"
import type * as Endpoint from "../../Endpoint.ts"
import type * as Machine from "../../Machine.ts"
import type * as Protocol from "../../Protocol.ts"
import * as Seed from "../../Seed.ts"
import type * as Beacon from "../Beacon.ts"
import * as Beacons from "../internal/beacons.ts"
import * as Pace from "../internal/crowd/Pace.ts"
import * as Sample from "../internal/crowd/Sample.ts"
import * as Company from "./Company.ts"
import type * as Crowd from "./Crowd.ts"
import * as Wire from "./Wire.ts"

/** What a datagram is: an announcement with the digest that it bears, or what passes beside announcements. */
export type Message = Wire.Message | {
  readonly _tag: "Announcement"
  readonly announcement: Announcement.Options
  readonly seen: Sample.Sample
}

/** The format and the schedule among few. */
export interface Options {
  readonly name: string
  readonly endpoint: Endpoint.Endpoint
  readonly range: Pace.Range
  /** Milliseconds for which an announcement holds that does not say so, and what ours say among few, if they do. */
  readonly ttl: number
  readonly said: number | undefined
  readonly maxDatagram: number
  readonly identify: NonNullable<Beacon.Options["identify"]>
  /** What of an announcement the format cannot carry. */
  readonly validate: (
    announcement: Announcement.Announcement,
    identity: string
  ) => Result.Result<unknown, Beacon.Unencodable>
  readonly encode: (
    announcement: Announcement.Announcement,
    identity: string,
    seen: Sample.Sample
  ) => Result.Result<Uint8Array, Beacon.Unencodable>
  readonly decode: (payload: Uint8Array, source: NetAddress.InetAddress) => Result.Result<Message, string>
  readonly goodbye: NonNullable<Beacon.Options["goodbye"]>
}

interface Advertised {
  readonly key: number
  readonly instance: string
  readonly identity: string
  readonly announcement: Announcement.Announcement
  /** What it was announced by last, `undefined` before it was. */
  payload: Uint8Array | undefined
}

/** Updated in place. */
export interface State {
  readonly instances: Seed.Seed
  readonly company: Company.Company
  advertised: ReadonlyArray<Advertised>
}

type Step = Machine.Step<State, Protocol.Output>
type Outputs = Array<Protocol.Output>

/** Makes the protocol. */
export const make = (options: Options): Protocol.Protocol<State> => ({
  name: options.name,
  endpoints: [options.endpoint],
  maxDatagram: options.maxDatagram,
  isIdempotent: true,
  rereadAfter,
  // pages, and who wants some
  hearsReplies: true,
  isPrivileged: (payload, { company: { newcomer: { phase } } }) =>
    phase._tag === "Fetching" && Wire.isPageOf(payload, phase.key),
  validate: (announcement) => {
    const encoded = options.validate(announcement, options.identify(announcement, Beacons.longestInstance))
    return Result.isFailure(encoded)
      ? new DiscoveryError.InvalidAnnouncement({ source: options.name, ...encoded.failure })
      : undefined
  },
  init: (seed, now) => {
    const company = Company.make(Seed.derive(seed, "company"), now)
    return next({ instances: Seed.derive(seed, "instance"), company, advertised: [] }, [], now)
  },
  step: (state, input, now) => {
    switch (input._tag) {
      case "Received":
        return next(state, receive(options, state, input, now), now)
      case "Advertise":
        return next(state, advertise(options, state, input, now), now)
      case "Withdraw":
        return next(state, withdraw(options, state, input.key), now)
      case "Woke":
        return next(state, wake(options, state, now), now)
    }
  }
})

// no ttl of ours is longer: who is heard once and never again is not counted for a day
const longestTtl = 3 * Pace.rangeOf({ min: 1, max: 1 }, Pace.mostCounted).max

// a third of the interval that a ttl tells of: nobody is taken for gone before the ttl has passed
const rereadAfter = (ttl: number): number => Math.min(ttl, longestTtl) / 9

const next = (state: State, outputs: ReadonlyArray<Protocol.Output>, now: number): Step => ({
  state,
  outputs,
  wakeAt: Company.wakeAt(state.company, now)
})

const advertise = (options: Options, state: State, input: Protocol.Advertise, now: number): Outputs => {
  const { announcement, key } = input
  const previous = state.advertised.find((entry) => entry.key === key)
  const instance = previous?.instance ?? Beacons.drawInstance(state.instances, key)
  const identity = options.identify(announcement, instance)
  const entry: Advertised = { key, instance, identity, announcement, payload: previous?.payload }
  // `validate` has passed the announcement; one that it did not see is not announced
  if (Result.isFailure(options.validate(announcement, identity))) return []
  state.advertised = [...without(state, key), entry]
  const goodbyes = previous === undefined ? [] : sayGoodbye(options, previous, state.advertised)
  // the same again is said when a session begins anew, and then perhaps by all
  if (previous?.payload === undefined || previous.announcement === announcement) {
    if (previous?.payload !== undefined || previous === undefined) Company.begin(state.company, key, options.range, now)
    return goodbyes
  }
  return [...goodbyes, ...announce(options, state, entry, now)]
}

const announce = (options: Options, state: State, entry: Advertised, now: number): Outputs => {
  const holds = Company.announce(state.company, entry.key, now)
  const seen = Company.digest(state.company, state.advertised.map(({ identity }) => Sample.hash(identity)))
  const encoded = options.encode(withTtl(options, entry.announcement, holds), entry.identity, seen)
  if (Result.isFailure(encoded)) return []
  entry.payload = encoded.success
  return [{ _tag: "Transmit", payload: encoded.success, to: options.endpoint, key: entry.key }]
}

// among many it holds for longer than was asked for, or it would be over before the next one
const withTtl = (
  { said }: Options,
  announcement: Announcement.Announcement,
  holds: number | undefined
): Announcement.Announcement => {
  const own = announcement.ttl === undefined ? said : Duration.toMillis(announcement.ttl)
  const ttl = holds === undefined ? own : Math.max(own ?? 0, Math.ceil(holds / 1_000) * 1_000)
  return ttl === undefined ? announcement : Announcement.update(announcement, { ttl })
}

// an identity that is still advertised, under this key or another one, has not left; one that was never announced has not come
const sayGoodbye = (
  { endpoint, goodbye }: Options,
  { announcement, identity, payload }: Advertised,
  left: ReadonlyArray<Advertised>
): Outputs =>
  payload === undefined || left.some((entry) => entry.identity === identity)
    ? []
    : [{ _tag: "Transmit", payload: goodbye(announcement, identity), to: endpoint }]

const without = ({ advertised }: State, key: number): ReadonlyArray<Advertised> =>
  advertised.filter((entry) => entry.key !== key)

const withdraw = (options: Options, state: State, key: number): Outputs => {
  const gone = state.advertised.filter((entry) => entry.key === key)
  state.advertised = without(state, key)
  Company.end(state.company, key)
  return gone.flatMap((entry) => sayGoodbye(options, entry, state.advertised))
}

const wake = (options: Options, state: State, now: number): Outputs => {
  const { keys, sendings } = Company.wake(state.company, now)
  const due = state.advertised.filter(({ key }) => keys.includes(key))
  return [
    ...due.flatMap((entry) => announce(options, state, entry, now)),
    ...sendings.map((each) => send(options, each))
  ]
}

const send = (
  { endpoint }: Options,
  { payload, to = endpoint }: { readonly payload: Uint8Array; readonly to: Protocol.Transmit["to"] | undefined }
): Protocol.Transmit => ({ _tag: "Transmit", payload, to })

const receive = (
  options: Options,
  state: State,
  { payload, source }: Protocol.Received,
  now: number
): ReadonlyArray<Protocol.Output> => {
  if (payload.length > options.maxDatagram) return reject("size")
  const decoded = options.decode(payload, source)
  if (Result.isFailure(decoded)) return reject(decoded.failure)
  const message = decoded.success
  const { company } = state
  switch (message._tag) {
    case "Announcement":
      return hear(options, state, message, payload, source, now)
    case "Ask":
      Company.asked(company, message, now)
      return []
    case "Offer":
      Company.offered(company, message, source, now)
      return []
    case "Want":
      return Company.wanted(company, message, NetAddress.formatInet(source), own(state), now).map((page) => ({
        _tag: "Transmit",
        payload: page,
        to: source
      }))
    case "Page":
      return learn(options, state, message, source, now)
  }
}

type Heard = Extract<Message, { readonly _tag: "Announcement" }>

const hear = (
  options: Options,
  state: State,
  { announcement, seen }: Heard,
  payload: Uint8Array,
  source: NetAddress.InetAddress,
  now: number
): ReadonlyArray<Protocol.Output> => {
  if (!Beacons.isSound(announcement)) return reject("announcement")
  const claim = Claim.fromAnnouncement(announcement, placeOf(options, source))
  const ours = state.advertised.filter(({ identity }) => identity === claim.identity)
  // an echo says what we say; whatever else is said in our name is not ours, and changes nothing (S-U7)
  if (ours.length > 0) return ours.some((entry) => isEcho(entry, payload)) ? [] : reject("selfSpoof")
  const origin = NetAddress.formatIp(source.address)
  if (claim.ttl <= 0) {
    Company.forget(state.company, claim.identity, origin, now)
    return [{ _tag: "Withdrawn", identity: claim.identity }]
  }
  const { company } = state
  // the digest is not told
  const octets = payload.length - Wire.seenOctets(seen)
  const node = nodeOf(announcement, claim.identity, origin, octets)
  Company.hear(company, node, now + Math.min(claim.ttl, longestTtl), seen, now)
  return [{ _tag: "Announced", claim }]
}

const isEcho = ({ payload }: Advertised, heard: Uint8Array): boolean =>
  payload !== undefined && Beacons.isSameOctets(payload, heard)

const placeOf = ({ endpoint, ttl }: Options, source: NetAddress.InetAddress) => ({
  ttl,
  origin: source.address,
  scopeId: scopeOf(source),
  port: endpoint.port
})

const scopeOf = (source: NetAddress.InetAddress): number => source._tag === "InetAddressV6" ? source.scopeId : 0

const nodeOf = (
  announcement: Announcement.Options,
  identity: string,
  origin: string,
  octets: number
): Crowd.Node => ({ identity, hash: Sample.hash(identity), origin, announcement, octets })

// who tells is told of without an address: it is where the page comes from
const own = ({ advertised, company }: State): ReadonlyArray<Wire.Told> =>
  advertised.flatMap(({ announcement, identity, key }) => {
    const pace = company.paces.get(key)
    return pace === undefined || Pace.isBeginning(pace)
      ? []
      : [{ announcement: { ...announcement, identity }, origin: undefined, until: pace.lastAt + Pace.holds(pace) }]
  })

const learn = (
  options: Options,
  state: State,
  page: Wire.Page,
  source: NetAddress.InetAddress,
  now: number
): ReadonlyArray<Protocol.Output> => {
  const told = Company.told(state.company, page, source, now)
  if (told === undefined) return reject("unasked")
  const outputs: Outputs = told.peers.flatMap((peer) => believe(options, state, peer, source, now))
  if (told.next !== undefined) outputs.push(send(options, told.next))
  return outputs
}

// hearsay is taken for what its node might have said itself: from its own address, for the rest of its time
const believe = (
  options: Options,
  { advertised, company }: State,
  { announcement, from: told, ttl }: Wire.Peer,
  source: NetAddress.InetAddress,
  now: number
): Outputs => {
  const from = told ?? source.address
  const hearsay = NetAddress.isIpv6Address(from)
    ? NetAddress.inetAddressFromInputUnsafe({ address: from, port: source.port, scopeId: scopeOf(source) })
    : NetAddress.inetAddressUnsafe(from, source.port)
  const holds = Math.min(ttl, longestTtl)
  const claim = Claim.fromAnnouncement({ ...announcement, ttl: holds }, placeOf(options, hearsay))
  if (advertised.some(({ identity }) => identity === claim.identity)) return []
  company.crowd.hear(nodeOf(announcement, claim.identity, NetAddress.formatIp(from), 0), now + holds, now, true)
  return [{ _tag: "Announced", claim, hearsay }]
}

const reject = (reason: string): ReadonlyArray<Protocol.Output> => [{ _tag: "Rejected", reason }]
