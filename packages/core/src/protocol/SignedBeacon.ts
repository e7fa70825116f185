/**
 * Signed announcements: what a node says of itself, proven by its key, on a port of their own, in JSON, or in the TXT records of mDNS.
 *
 * **Details**
 *
 * A node is its Ed25519 key. Its announcements say where it is for a while, bear a stamp that never comes twice, and end with a goodbye that
 * is signed as well; nothing of this can be forged, played back or taken back by others. With a ring of shared keys they are sealed, and only
 * members of the group can read them.
 *
 * **Gotchas**
 *
 * A signed announcement says that whoever holds the key claimed these addresses a short while ago, and no more. The connection has to prove
 * the key again. And the key, which is in the open unless there is a group, makes a device known on every link that it visits.
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
import type * as CryptoError from "effect/crypto/CryptoError"
import * as Digest from "effect/crypto/Digest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as DiscoveryError from "../DiscoveryError.ts"
import * as Endpoint from "../Endpoint.ts"
import type { SharedKey } from "../internal/runtime/signed/Group.ts"
import * as Group from "../internal/runtime/signed/Group.ts"
import type * as Identity_ from "../internal/runtime/signed/Identity.ts"
import type { Services } from "../internal/runtime/signed/SignedSource.ts"
import * as SignedSource from "../internal/runtime/signed/SignedSource.ts"
import type * as Network from "../Network.ts"
import * as PeerKey from "../PeerKey.ts"
import * as Source from "../Source.ts"
import * as Trust from "../Trust.ts"
import type * as Beacon from "./Beacon.ts"
import * as Carriage from "./signedBeacon/Carriage.ts"
import * as Carrier from "./signedBeacon/Carrier.ts"
import type { Transport } from "./signedBeacon/Endpoint.ts"

export type { SharedKey } from "../internal/runtime/signed/Group.ts"
export { fromPrivateKey, fromSeed, generate, type Identity } from "../internal/runtime/signed/Identity.ts"
export type { Services } from "../internal/runtime/signed/SignedSource.ts"
export { layerMemory as layerStampsMemory, StampStore } from "../internal/runtime/signed/StampStore.ts"
export type { Transport } from "./signedBeacon/Endpoint.ts"
export type { Stamp } from "./signedBeacon/Stamp.ts"
export { nameOf } from "./signedBeacon/Statement.ts"

/**
 * A group that seals what its members announce.
 *
 * **Details**
 *
 * To change the key, add the new one everywhere, then put it first everywhere, then take the old one out.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ring {
  /** 1 to 8 keys, of which the first seals and any opens. */
  readonly ring: Arr.NonEmptyReadonlyArray<SharedKey>
  /** Whether what comes unsealed is taken, for a time of transition. Default: false. */
  readonly acceptPlain?: boolean | undefined
  /** Whether what is sent is left unsealed, for a time of transition. Default: false. */
  readonly sendPlain?: boolean | undefined
}

/**
 * What is signed, by whom, and what is taken.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The application or network, 1 to 63 octets. Nothing that was signed for one realm is taken in another. */
  readonly realm: string
  /** The key that announces. Without one the source only listens. */
  readonly identity?: Identity_.Identity | undefined
  /** The key that is to succeed it. While it is given, the node announces by both, so that whoever trusts the old one learns of it. */
  readonly next?: Identity_.Identity | undefined
  /** Keys of this program that nobody is to trust again. The source says so for as long as it runs. */
  readonly retired?: ReadonlyArray<Identity_.Identity> | undefined
  /** Seals what is announced. Default: it is in the open. */
  readonly group?: Ring | undefined
  /** How often an announcement is signed anew. Default: every 28.5 to 30 seconds, with `over` every 29 to 30 minutes. */
  readonly interval?: Beacon.Options["interval"] | undefined
  /**
   * How long an announcement holds that does not say so, at most two hours. Default: 90 seconds, with `over` two hours, or three of the longest
   * `interval` where that is more.
   */
  readonly ttl?: Duration.Input | undefined
  /** How the announced endpoints are to be connected to. Default: `tcp`. */
  readonly transport?: Transport | undefined
  /**
   * The X25519 key of this node's connections, bound to its identity by the signature. Peers find it as the attribute `handshake-key`, and the type
   * of a service as `service`.
   */
  readonly handshakeKey?: Uint8Array | undefined
  /** Whether stamps are compared with this host's clock. */
  readonly clock?: {
    /** `prefer`, the default, compares them when both seem right, `require` takes nothing otherwise, and `ignore` never does. */
    readonly policy?: "prefer" | "require" | "ignore" | undefined
    /** The difference that is borne. Default: 5 minutes. */
    readonly skew?: Duration.Input | undefined
  } | undefined
  /**
   * Whether a trusted key whose clock went back is asked for a proof that it lives, and such questions are answered; only on the port of its own.
   * Default: false.
   */
  readonly challenges?: boolean | undefined
}

/**
 * Where the own port is, and how its announcements are spaced.
 *
 * @category models
 * @since 0.1.0
 */
export interface PortOptions extends Options, Source.ProtocolOptions {
  /** The source's name. Default: `signed`. */
  readonly name?: string | undefined
  /** The IPv4 group. Default: 239.83.192.86. */
  readonly group4?: string | undefined
  /** The IPv6 group. Default: ff12::d153:c056. */
  readonly group6?: string | undefined
  /** The UDP port. Default: 21077. */
  readonly port?: number | undefined
  /** Whether the interval grows with the number of nodes heard. Default: true. */
  readonly scaling?: boolean | undefined
}

/**
 * Signed announcements on a port of their own: 239.83.192.86 and ff12::d153:c056, port 21077, every 28.5 to 30 seconds, holding for 90.
 *
 * **Details**
 *
 * Peers have `authentication` `signed` and a `key`; what is refused is counted in the diagnostics by reason, and is never an error.
 *
 * All nodes together send some 20 announcements a second however many they are: among more than some 400, the interval and with it the ttl grow
 * with the number of keys that have proven themselves, to at most 21 and 62 minutes. The first announcement goes out within 50 ms; when many start
 * together, within as long as 600 a second take, which is half a minute at most. So does the last one that is said again when an interface or its
 * sockets are back. A change is announced at once.
 *
 * **Gotchas**
 *
 * Throws a `RangeError` on a `group4` or `group6` that is no multicast address, and on a `port`, an `interval` or a `ttl` that no beacon can have:
 * a ttl is 1 to 65535 seconds.
 *
 * **Example** (Announcing by a new key)
 *
 * ```ts
 * import { Discovery, Trust, TrustStore } from "@effect-discovery/core"
 * import { SignedBeacon } from "@effect-discovery/core/protocol"
 * import { NodeDiscovery } from "@effect-discovery/node"
 * import { NodeCrypto } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 *
 * const DiscoveryLive = Layer.unwrap(Effect.gen(function*() {
 *   const identity = yield* SignedBeacon.generate
 *   return NodeDiscovery.layer({ sources: [SignedBeacon.source({ realm: "chat", identity })] })
 * })).pipe(
 *   Layer.provide(Trust.layer()),
 *   Layer.provide(TrustStore.layerMemory()),
 *   Layer.provide(NodeCrypto.layer)
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const source = (
  options: PortOptions
): Source.Source<DiscoveryError.DiscoveryError, Network.Network | Services> => {
  const { group4 = "239.83.192.86", group6 = "ff12::d153:c056", name = "signed", port = 21_077 } = options
  const endpoints = [Endpoint.multicast(group4, port), Endpoint.multicast(group6, port)]
  const scaling = options.scaling ?? true
  return carried(
    name,
    (trust) =>
      Carrier.make({ name, endpoints, codec: Carrier.raw, isPaced: scaling, isPrivileged: isOfTrusted(trust) }),
    {
      ...options,
      ...settingsOf(options, own),
      scaling,
      carriage: Carriage.whole({ frame: Carrier.raw.encode })
    }
  )
}

/**
 * Signed announcements as JSON, `{"sa": "<base64url>"}`, on the port of the JSON beacon.
 *
 * **Details**
 *
 * Of an object with `sa` nothing else is used. Objects without are plain ones of the JSON beacon, and their peers prove nothing; a program uses
 * this source or the JSON beacon on one port. An envelope has at most 1,097 octets here, where the own port has 1,200.
 *
 * **Gotchas**
 *
 * Throws a `RangeError` on a `multicast` that is no multicast address, and otherwise like `source`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const json = (
  options: Options & Source.ProtocolOptions & {
    /** The source's name. Default: `json`. */
    readonly name?: string | undefined
    /** The multicast group. Default: 224.0.0.1. */
    readonly multicast?: string | undefined
    /** The UDP port. Default: 9778. */
    readonly port?: number | undefined
  }
): Source.Source<DiscoveryError.DiscoveryError, Network.Network | Services> => {
  const { multicast = "224.0.0.1", name = "json", port = 9_778 } = options
  const endpoints = [Endpoint.multicast(multicast, port)]
  const codec = Carrier.json({ ttl: 7_000, port })
  return carried(
    name,
    () => Carrier.make({ name, endpoints, codec, isPaced: false }),
    {
      ...options,
      ...settingsOf(options, own),
      scaling: false,
      carriage: Carriage.whole({ maxOctets: Carrier.maxJsonEnvelope, frame: codec.encode })
    }
  )
}

/**
 * Proves what another source announces, and takes what it hears as proven: for mDNS, where the envelope is the TXT attribute `sa`, or `sa0`,
 * `sa1` and so on when it is too long for one.
 *
 * **Details**
 *
 * Signed addresses come first, those of the records after them. It is signed anew every half an hour, since each time is an update of mDNS,
 * and holds for two hours. Services without an envelope are peers that prove nothing, as before. A goodbye of mDNS ends no signed peer:
 * only a signed one does, or time.
 *
 * **Gotchas**
 *
 * Throws a `RangeError` on an `interval` or a `ttl` like `source`.
 *
 * **Example** (mDNS with proof)
 *
 * ```ts
 * import { Trust } from "@effect-discovery/core"
 * import { Mdns, SignedBeacon } from "@effect-discovery/core/protocol"
 * import { NodeDiscovery, NodeTrust } from "@effect-discovery/node"
 * import { NodeCrypto } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 *
 * const mdns = Mdns.source({ browse: ["_chat._tcp"], type: "_chat._tcp" })
 *
 * const DiscoveryLive = Layer.unwrap(Effect.map(SignedBeacon.generate, (identity) =>
 *   NodeDiscovery.layer({ sources: [SignedBeacon.over(mdns, { realm: "chat", identity })] })
 * )).pipe(
 *   Layer.provideMerge(Trust.layer()),
 *   Layer.provide(NodeTrust.layerFile("trust.json")),
 *   Layer.provide(NodeCrypto.layer)
 * )
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const over = <E, R>(
  inner: Source.Source<E, R>,
  options: Omit<Options, "retired" | "challenges">
): Source.Source<E | DiscoveryError.DiscoveryError, R | Services> => ({
  name: inner.name,
  open: SignedSource.open(inner, {
    ...options,
    ...settingsOf(options, rare),
    scaling: false,
    carriage: Carriage.attributes
  })
})

const carried = (
  name: string,
  protocol: (trust: Trust.Trust["Service"]) => ReturnType<typeof Carrier.make>,
  options: SignedSource.Options & Source.ProtocolOptions
): Source.Source<DiscoveryError.DiscoveryError, Network.Network | Services> => ({
  name,
  open: Effect.flatMap(
    Trust.Trust,
    (trust) => SignedSource.open(Source.fromProtocol(protocol(trust), options), options)
  )
})

const isOfTrusted = (trust: Trust.Trust["Service"]) => (payload: Uint8Array): boolean => {
  const key = Carrier.keyOf(payload)
  return key !== undefined && trust.stateOfUnsafe(PeerKey.fromBytes(key)) === "trusted"
}

const own = { interval: { min: 28_500, max: 30_000 }, ttl: 90 }
const rare = { interval: { min: 1_740_000, max: 1_800_000 }, ttl: 7_200 }

const maxTtl = 7_200

// what a clock says that is right is later
const builtAt = Date.UTC(2026, 0, 1)

const settingsOf = (options: Options, usual: typeof own): Omit<SignedSource.Options, "carriage" | "scaling"> => ({
  realm: options.realm,
  identity: options.identity,
  next: options.next,
  retired: options.retired ?? [],
  ring: options.group?.ring,
  acceptPlain: options.group?.acceptPlain ?? false,
  sendPlain: options.group?.sendPlain ?? false,
  statement: { transport: options.transport ?? "tcp", handshakeKey: options.handshakeKey },
  ttl: options.ttl === undefined ? ttlFor(intervalOf(options, usual), usual.ttl) : secondsOf(options.ttl),
  maxTtl,
  interval: intervalOf(options, usual),
  clock: {
    policy: options.clock?.policy ?? "prefer",
    skew: Duration.toMillis(Duration.fromInputUnsafe(options.clock?.skew ?? "5 minutes")),
    builtAt
  },
  challenges: options.challenges ?? false
})

// two that are lost in a row lose nobody
const ttlFor = ({ max }: typeof own["interval"], usual: number): number =>
  Math.min(maxTtl, Math.max(usual, Math.ceil((3 * max) / 1_000)))

const intervalOf = ({ interval }: Options, usual: typeof own): typeof own["interval"] =>
  interval === undefined ? usual.interval : rangeOf(interval)

const rangeOf = (interval: NonNullable<Options["interval"]>): { readonly min: number; readonly max: number } => {
  const ends = typeof interval === "object" && "min" in interval ? interval : { min: interval, max: interval }
  const min = Duration.toMillis(Duration.fromInputUnsafe(ends.min))
  const max = Duration.toMillis(Duration.fromInputUnsafe(ends.max))
  if (min >= 1 && min <= max && max < Infinity) return { min, max }
  throw new RangeError("A signed beacon's interval must be finite and at least one millisecond")
}

const secondsOf = (ttl: Duration.Input): number => {
  const seconds = Math.ceil(Duration.toSeconds(Duration.fromInputUnsafe(ttl)))
  if (seconds >= 1 && seconds <= 65_535) return seconds
  throw new RangeError("A signed beacon's ttl must be 1 to 65535 seconds")
}

/**
 * The label of a shared key, which the peers of its group have as `group`: it tells keys apart, and tells nothing of them.
 *
 * @category getters
 * @since 0.1.0
 */
export const groupOf = (sharedKey: SharedKey): Effect.Effect<string, CryptoError.CryptoError, Digest.Digest> =>
  Digest.Digest.use((digest) => Group.labelOf(digest, sharedKey))
