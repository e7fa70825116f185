/**
 * Hosts that announce by keys of their own, and what each of them sees.
 */
import {
  Announcement,
  type Diagnostic,
  Discovery,
  type Limits,
  type PeerKey,
  type Source,
  Trust,
  TrustStore
} from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { NodeTestCrypto } from "@effect-discovery/node"
import type { SimulatedNetwork } from "@effect-discovery/testing"
import { Clock, Context, Effect, Exit, Layer, Redacted, Scope, Stream } from "effect"
import { createHash } from "node:crypto"

/** The private key of a name. */
export const seedOf = (name: string): Uint8Array => new Uint8Array(createHash("sha256").update(name).digest())

const keys = new Map<string, PeerKey.PeerKey>()

/** The public key of a name. */
export const keyOf = (name: string): PeerKey.PeerKey => {
  const key = keys.get(name) ?? Effect.runSync(Effect.map(identityOf(name), ({ key }) => key))
  keys.set(name, key)
  return key
}

export const identityOf = (name: string, crypto = NodeTestCrypto.layer) =>
  SignedBeacon.fromSeed(Redacted.make(seedOf(name))).pipe(Effect.provide(crypto))

export const realm = "demo"

export type SignedSource = Source.Source<any, any>

/** One host's program. */
export interface Node {
  readonly discovery: Discovery.Discovery["Service"]
  readonly advertisement: Source.Advertisement | undefined
  /** What happened to peers, as `12.5 PeerLost ada Goodbye`. */
  readonly log: Array<string>
  /** How many datagrams were refused, by reason. */
  readonly refused: Map<string, number>
  readonly names: Effect.Effect<ReadonlyArray<string>>
  readonly trust: Trust.Trust["Service"]
  readonly close: Effect.Effect<void>
}

export interface Options {
  readonly trusted?: ReadonlyArray<string> | undefined
  readonly trust?: Trust.Options | undefined
  readonly announcement?: Announcement.Announcement | undefined
  readonly source?: ((identity: SignedBeacon.Identity) => SignedSource) | undefined
  readonly stamps?: SignedBeacon.StampStore["Service"] | undefined
  readonly limits?: Partial<Limits.Limits> | undefined
  readonly crypto?: typeof NodeTestCrypto.layer | undefined
  /** Where the trust list is kept, in place of a list of its own. */
  readonly store?: TrustStore.TrustStore["Service"] | undefined
}

/** Starts a program on a host that announces its name by its key. */
export const join = Effect.fnUntraced(
  function*(lan: SimulatedNetwork.SimulatedNetwork, name: string, options: Options = {}) {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const host = lan.host(name)
    const crypto = options.crypto ?? NodeTestCrypto.layer
    const withStamps = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      options.stamps === undefined ? effect : Effect.provideService(effect, SignedBeacon.StampStore, options.stamps)
    const identity = yield* withStamps(identityOf(name, crypto)).pipe(host.run)
    const source = options.source?.(identity) ?? SignedBeacon.source({ realm, identity })
    const entries = (options.trusted ?? []).map((name) => ({ key: keyOf(name), state: "trusted", addedAt: 0 }) as const)
    const trust = Trust.layer(options.trust).pipe(Layer.provide(
      options.store === undefined
        ? TrustStore.layerMemory(entries)
        : Layer.succeed(TrustStore.TrustStore, options.store)
    ))
    const layer = Discovery.layer({ sources: [source], limits: options.limits }).pipe(
      Layer.provideMerge(trust),
      Layer.provide(Layer.mergeAll(host.layer, crypto))
    ) as Layer.Layer<Discovery.Discovery | Trust.Trust>
    const context = yield* Layer.buildWithScope(layer, scope).pipe(host.run)
    const discovery = Context.get(context, Discovery.Discovery)
    const log: Array<string> = []
    const refused = new Map<string, number>()
    yield* Stream.runForEach(discovery.stream, (event) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const reason = event._tag === "PeerLost" ? ` ${event.reason}` : ""
        log.push(`${now / 1_000} ${event._tag} ${event.peer.name}${reason}`)
      })).pipe(Effect.forkIn(scope, { startImmediately: true }))
    yield* Stream.runForEach(discovery.diagnostics, (diagnostic) => Effect.sync(() => note(refused, diagnostic))).pipe(
      Effect.forkIn(scope, { startImmediately: true })
    )
    const announcement = options.announcement ?? Announcement.make({ name, port: 7_000 })
    const advertisement = yield* discovery.advertise(announcement).pipe(Scope.provide(scope), host.run)
    const node: Node = {
      discovery,
      advertisement,
      log,
      refused,
      names: Effect.map(discovery.peers, (peers) => peers.map((peer) => peer.name).toSorted()),
      trust: Context.get(context, Trust.Trust),
      close: host.run(Scope.close(scope, Exit.void))
    }
    return node
  }
)

const note = (refused: Map<string, number>, diagnostic: Diagnostic.Diagnostic): void => {
  if (diagnostic._tag === "DatagramRejected") refused.set(diagnostic.reason, diagnostic.total)
}

/** What happened to peers, without its time. */
export const events = ({ log }: Node): ReadonlyArray<string> => log.map((line) => line.split(" ").slice(1).join(" "))

export const losses = (node: Node): ReadonlyArray<string> => events(node).filter((line) => line.startsWith("PeerLost"))

/** When all clocks show a time that can be right. */
export const start = Date.UTC(2026, 10, 22)
