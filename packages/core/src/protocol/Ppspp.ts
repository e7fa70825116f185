/**
 * The Peer-to-Peer Streaming Peer Protocol over UDP (RFC 7574), as far as peers find and keep each other: handshakes, channels,
 * keep-alives, the exchange of peers, and goodbyes. What peers say of content is read, and handed to the program.
 *
 * `worker` speaks it on a port, `start` does so in a registry of workers, and `source` makes a swarm a source of `Discovery`.
 *
 * **Example** (Print the peers of a swarm as they come and go)
 *
 * ```ts
 * import { Discovery } from "@effect-discovery/core"
 * import { Ppspp } from "@effect-discovery/core/protocol"
 * import { NodeNetwork } from "@effect-discovery/node"
 * import { NodeCrypto } from "@effect/platform-node"
 * import { Console, Effect, Layer, Stream } from "effect"
 *
 * const swarm = Ppspp.swarm({ id: "c89800bfc82ed01ed6e3bfd5408c51274491f7d4", hash: "sha-1" })
 *
 * const DiscoveryLive = Discovery.layer({
 *   sources: [Ppspp.source({ swarm, bind: { port: 6778 }, bootstrap: ["192.168.1.20:6778"] })]
 * }).pipe(Layer.provide([NodeNetwork.layer(), NodeCrypto.layer]))
 *
 * const program = Stream.runForEach(Discovery.stream, (event) => Console.log(event._tag, event.peer.name))
 *
 * const main = program.pipe(Effect.provide(DiscoveryLive))
 * ```
 *
 * @since 0.1.0
 */
import type * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import type * as Result from "effect/Result"
import type * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as DiscoveryError from "../DiscoveryError.ts"
import * as Bounds from "../internal/runtime/Bounds.ts"
import * as PpsppSource from "../internal/runtime/ppspp/PpsppSource.ts"
import type { Event } from "../internal/runtime/ppspp/Speaker.ts"
import * as Speaker from "../internal/runtime/ppspp/Speaker.ts"
import * as Limits from "../Limits.ts"
import type * as Network from "../Network.ts"
import * as PeerWorker from "../PeerWorker.ts"
import type * as PeerWorkerError from "../PeerWorkerError.ts"
import * as PeerWorkers from "../PeerWorkers.ts"
import * as Source from "../Source.ts"
import * as Channels from "./ppspp/Channels.ts"
import type { Peer } from "./ppspp/channels/Output.ts"
import type { Chunks } from "./ppspp/Chunks.ts"
import * as Chunks_ from "./ppspp/Chunks.ts"
import type { Message } from "./ppspp/Message.ts"
import type { Options as SwarmOptions, Swarm } from "./ppspp/Swarm.ts"
import * as Swarm_ from "./ppspp/Swarm.ts"
import type { Url } from "./ppspp/Url.ts"
import * as Url_ from "./ppspp/Url.ts"

export type { Event } from "../internal/runtime/ppspp/Speaker.ts"
export type { Closed, Moved, Named, Opened, Peer, Unanswered } from "./ppspp/channels/Output.ts"
export type { Chunks } from "./ppspp/Chunks.ts"
export type { Message } from "./ppspp/Message.ts"
export type { Options as SwarmOptions, Swarm } from "./ppspp/Swarm.ts"
export { type Url, UrlError } from "./ppspp/Url.ts"

/**
 * Makes a swarm. All but the id has the default of RFC 7574: Merkle trees of SHA-256, ranges of 32-bit chunks, 1,024 octets each.
 *
 * **Gotchas**
 *
 * Throws on what no swarm can have: these are mistakes in the program, not input.
 *
 * **Example**
 *
 * ```ts
 * import { Ppspp } from "@effect-discovery/core/protocol"
 *
 * const swarm = Ppspp.swarm({ id: "c89800bfc82ed01ed6e3bfd5408c51274491f7d4", hash: "sha-1" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const swarm: (options: SwarmOptions) => Swarm = Swarm_.make

/**
 * The chunks, or octets, from `start` to `end`, both included.
 *
 * @category constructors
 * @since 0.1.0
 */
export const range: (start: number | bigint, end: number | bigint) => Chunks = Chunks_.range

/**
 * The chunks below a bin.
 *
 * @category constructors
 * @since 0.1.0
 */
export const bin: (bin: number | bigint) => Chunks = Chunks_.bin

/**
 * Reads the URL of a peer: `ppspp://host:port/<swarm>?option=value`, with IPv6 addresses in brackets, or `file://ip:port/swarm`.
 *
 * **Details**
 *
 * Nothing after the slash is a URL as well; it names no swarm. The options are those of RFC 7574, section 7, in lower case with
 * underscores, such as `chunk_size=1024`. A name of a host is not resolved.
 *
 * **Example**
 *
 * ```ts
 * import { Ppspp } from "@effect-discovery/core/protocol"
 * import { Result } from "effect"
 *
 * const url = Result.getOrThrow(Ppspp.parseUrl("ppspp://[fd11::1]:6778/c89800bf?chunk_addressing_method=32-bit_bins"))
 * const swarm = Ppspp.swarm({ ...url.settings, id: url.swarm ?? "00" })
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const parseUrl: (text: string) => Result.Result<Url, Url_.UrlError> = Url_.parse

/**
 * The URL of a peer of a swarm, with the settings that are no defaults.
 *
 * @category encoding
 * @since 0.1.0
 */
export const url = (address: NetAddress.InetAddress, swarm: Swarm): string => Url_.format(Url_.make(address, swarm))

/**
 * The URL of a peer as membership certificates have it: `file://ip:port/swarm`.
 *
 * @category encoding
 * @since 0.1.0
 */
export const membershipUrl = (address: NetAddress.InetAddress, swarm: Swarm): string =>
  Url_.formatMembership(Url_.make(address, swarm))

/**
 * What a handler knows beside the messages.
 *
 * @category models
 * @since 0.1.0
 */
export interface Delivery {
  /** Who said them. */
  readonly peer: Peer
  /** Sends messages to the peer; see `Worker.send`. */
  readonly reply: (...messages: ReadonlyArray<Message>) => Effect.Effect<boolean>
}

/**
 * How a worker is made.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<E = never, R = never> {
  /** The swarm that it serves, or several of them on one port. Fixed for its life. */
  readonly swarm: Swarm | readonly [Swarm, ...Array<Swarm>]
  /**
   * What to do about the messages of a datagram, in a fiber of its own, as for any peer worker. Handshakes, keep-alives and addresses of peers are
   * dealt with before. What a failure of it means is said at `PeerWorker.Options`.
   */
  readonly handle?: (messages: ReadonlyArray<Message>, delivery: Delivery) => Effect.Effect<unknown, E, R>
  /** Port, address, interface, family. Default: a free port on all addresses of IPv4. */
  readonly bind?: PeerWorker.Bind | undefined
  /** The host of the worker's URL. Default: the address that it is bound to. */
  readonly host?: string | undefined
  /** Whether peers are asked for others. Default: yes. */
  readonly exchange?: boolean | undefined
  /** What diagnostics and errors call it. Default: `ppspp`. */
  readonly name?: string | undefined
  /** Bounds other than the defaults. */
  readonly limits?: Partial<Limits.Limits> | undefined
}

/**
 * A peer worker that speaks PPSPP, until it is closed or its scope closes. Whoever closes it, it says goodbye to its peers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Worker {
  /** The worker beneath: port, URL, statistics, diagnostics. */
  readonly endpoint: PeerWorker.PeerWorker<ReadonlyArray<Swarm>>
  /** The peers with an established channel. */
  readonly peers: Effect.Effect<ReadonlyArray<Peer>>
  /** What happens to peers from now on, until the worker is closed. A slow reader misses the oldest. */
  readonly events: Stream.Stream<Event>
  /**
   * Opens a channel to a peer of the swarm, by default the first of the worker's, unless there is one. That it is `Opened`, or
   * `Unanswered`, after half a minute of silence or at once, is an event.
   */
  readonly connect: (address: NetAddress.InetAddress, swarm?: Swarm) => Effect.Effect<void>
  /**
   * Sends messages to a peer; whether they were sent. They are not when its channel is over, when too much waits to be sent, or when it
   * goes on from another port and that is more than it sent from there. Dies of messages that its swarm has no words for.
   */
  readonly send: (peer: Peer, ...messages: ReadonlyArray<Message>) => Effect.Effect<boolean>
  /** Says goodbye to a peer. */
  readonly disconnect: (peer: Peer) => Effect.Effect<void>
  /** Says goodbye to all peers and closes the worker; the final counts. */
  readonly close: Effect.Effect<PeerWorker.Statistics>
}

/**
 * Starts a worker that speaks PPSPP; it is closed with the scope.
 *
 * **Details**
 *
 * Peers of its swarms that shake hands are let in, up to a bound; all else is met with silence. Channel ids come from `SecureRandom`.
 *
 * **Example** (Answer requests with what one has)
 *
 * ```ts
 * import { Ppspp } from "@effect-discovery/core/protocol"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const worker = yield* Ppspp.worker({
 *     swarm: Ppspp.swarm({ id: "c89800bf" }),
 *     handle: (messages, { reply }) =>
 *       messages.some(({ _tag }) => _tag === "Request") ? reply({ _tag: "Choke" }) : Effect.void
 *   })
 *   yield* Console.log(worker.endpoint.url)
 *   return yield* Effect.never
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const worker = <E = never, R = never>(options: Options<E, R>): Effect.Effect<
  Worker,
  DiscoveryError.DiscoveryError | PeerWorkerError.PeerWorkerError,
  Network.Network | SecureRandom.SecureRandom | Scope.Scope | Exclude<R, Scope.Scope>
> => make<E, R, Network.Network>(options, PeerWorker.make)

/**
 * Starts a worker in the registry of workers, where it is found by its port; it is closed with the scope, or with the registry.
 *
 * @category constructors
 * @since 0.1.0
 */
export const start = <E = never, R = never>(options: Options<E, R>): Effect.Effect<
  Worker,
  DiscoveryError.DiscoveryError | PeerWorkerError.PeerWorkerError,
  PeerWorkers.PeerWorkers | SecureRandom.SecureRandom | Scope.Scope | Exclude<R, Scope.Scope>
> =>
  make<E, R, PeerWorkers.PeerWorkers>(
    options,
    // the registry would keep a worker whose start is interrupted before the scope knows of it
    (worker) => Effect.acquireRelease(PeerWorkers.start(worker), ({ close }) => close)
  )

const make = Effect.fnUntraced(function*<E, R, R2>(options: Options<E, R>, start: Speaker.Start<R2>) {
  const swarms = swarmsOf(options.swarm)
  const limits = yield* Bounds.check(Limits.defaults, options.limits)
  const { handle, host } = options
  const speaker = yield* Speaker.open({
    name: options.name ?? name,
    swarms,
    asks: options.exchange ?? true,
    limits,
    maxDatagram: maxDatagramOf(swarms),
    bind: options.bind,
    url: (address) => Url_.format({ ...Url_.make(address, swarms[0]), ...(host === undefined ? undefined : { host }) }),
    handle: ({ messages, peer }, put) =>
      handle === undefined ? Effect.void : handle(messages, {
        peer,
        reply: (...messages) => send(put, peer, messages)
      }),
    tell: () => {}
  }, start)
  return of(speaker, swarms[0])
})

const send = (put: Speaker.Speaker["put"], { channel }: Peer, messages: ReadonlyArray<Message>) =>
  Effect.sync(() => put({ _tag: "Send", channel, messages }))

const name = "ppspp"

const swarmsOf = (swarm: Options["swarm"]): readonly [Swarm, ...Array<Swarm>] => "id" in swarm ? [swarm] : swarm

// a chunk, and what is said beside it; a frame of Ethernet at least
const maxDatagramOf = (swarms: ReadonlyArray<Swarm>): number =>
  Math.min(
    65_507,
    Math.max(1_472, ...swarms.map(({ chunkSize }) => chunkSize === "variable" ? 65_507 : chunkSize + 448))
  )

const of = ({ endpoint, events, put, state }: Speaker.Speaker, first: Swarm): Worker => ({
  endpoint,
  peers: Effect.sync(() => Channels.peers(state())),
  events: Stream.fromPubSub(events),
  connect: (address, swarm = first) => Effect.sync(() => void put({ _tag: "Connect", swarm, address })),
  send: (peer, ...messages) => send(put, peer, messages),
  disconnect: ({ channel }) => Effect.sync(() => void put({ _tag: "Close", channel })),
  close: endpoint.close
})

/**
 * How a source is made.
 *
 * @category models
 * @since 0.1.0
 */
export interface SourceOptions {
  /** The swarm whose peers are looked for. */
  readonly swarm: Swarm
  /** Peers that the program knows, such as `192.168.1.20:6778`. They are asked until they answer, and again when lost. Default: none. */
  readonly bootstrap?: ReadonlyArray<NetAddress.InetAddress | string> | undefined
  /** Where its worker is. Default: a free port on the first interface of the layer's. */
  readonly bind?: PeerWorker.Bind | undefined
  /**
   * How many peers that others named are asked whether they are there, or have answered, at a time. Default: 16; 0 for none. Those that one
   * informant named get half of these places, those of the next one half of what is left, and so on.
   */
  readonly follow?: number | undefined
  /** Whether peers are asked for others. Default: yes. */
  readonly exchange?: boolean | undefined
  /** When to open a socket again that failed; see `Source.ProtocolOptions`. */
  readonly retry?: Schedule.Schedule<unknown, DiscoveryError.DiscoveryError> | undefined
}

/**
 * A swarm as a source of `Discovery`. A peer is an address in a swarm: `ppspp:<swarm>@192.168.1.20:6778`.
 *
 * **Details**
 *
 * Peers with a channel are there, and are lost with `Goodbye` or after three minutes of silence; one that restarted has the attribute
 * `restarts`. Peers that were only named by another have the attribute `named-by`, which goes when they have answered themselves; at most
 * 32 of one informant are kept, one a second is asked at most, and one that does not answer is dropped.
 *
 * When the layer closes, goodbyes are sent within `Limits.goodbye`. Fails with `AddressInUse` when the port is taken.
 *
 * **Gotchas**
 *
 * Throws on a bootstrap address that is none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const source = (
  options: SourceOptions
): Source.Source<DiscoveryError.DiscoveryError, Network.Network | SecureRandom.SecureRandom> => {
  const bootstrap = (options.bootstrap ?? []).map((address) =>
    typeof address === "string" ? NetAddress.inetAddressFromStringUnsafe(address) : address
  )
  return {
    name,
    open: Effect.flatMap(Source.Settings, (settings) =>
      PpsppSource.open({
        name,
        swarm: options.swarm,
        bind: options.bind ?? { interface: settings.interfaces },
        bootstrap,
        follow: options.follow ?? 16,
        asks: options.exchange ?? true,
        maxDatagram: maxDatagramOf([options.swarm]),
        retry: options.retry ?? Source.defaultRetry,
        settings
      }))
  }
}
