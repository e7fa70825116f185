/**
 * Hosts that announce keys, and one that dials them.
 *
 * The announcements here are taken at their word: what proves a key is tested elsewhere, what is done about it here.
 */
import {
  Announcement,
  type Dial,
  Discovery,
  Endpoint,
  Network,
  PeerKey,
  type PeerRegistry,
  Source,
  Trust,
  TrustStore
} from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import type { SimulatedNetwork } from "@effect-discovery/testing"
import { Clock, Context, Effect, Layer, Result, Schema, type Scope, Stream } from "effect"
import { NetAddress } from "effect/net"

const Said = Schema.fromJsonString(Schema.Struct({
  name: Schema.NonEmptyString,
  key: PeerKey.PeerKey,
  ports: Schema.Array(Schema.Int),
  elsewhere: Schema.Array(Schema.String),
  authentication: Schema.Literals(["claimed", "signed"]),
  ttl: Schema.optionalKey(Schema.Int)
}))
const decode = Schema.decodeResult(Said)
const encode = Schema.encodeSync(Said)

const bytesOf = (announcement: Announcement.Announcement, isLeaving: boolean) => {
  const { addresses = [], authentication, key, name, port } = announcement
  return new TextEncoder().encode(encode({
    name,
    key: key!,
    ports: port === undefined ? [] : [port],
    elsewhere: addresses.map(NetAddress.formatInet),
    authentication: authentication === "claimed" ? "claimed" : "signed",
    ...(isLeaving ? { ttl: 0 } : undefined)
  }))
}

const protocol = Beacon.make({
  name: "word",
  endpoint: Endpoint.multicast("239.20.30.40", 4_000),
  interval: { min: "4 seconds", max: "5 seconds" },
  identify: ({ authentication, key }) => `${authentication} ${key}`,
  encode: (announcement) => Result.succeed(bytesOf(announcement, false)),
  goodbye: (announcement) => bytesOf(announcement, true),
  decode: (payload, source) =>
    Result.match(decode(new TextDecoder().decode(payload)), {
      onFailure: () => Result.fail("format"),
      onSuccess: ({ authentication, elsewhere, key, name, ports, ttl }) =>
        Result.succeed<Announcement.Options>({
          name,
          identity: `${authentication} ${key}`,
          key,
          authentication,
          addresses: [
            ...ports.map((port) => NetAddress.inetAddressFromInputUnsafe({ address: source.address, port })),
            ...elsewhere.map(NetAddress.inetAddressFromStringUnsafe)
          ],
          ...(ttl === undefined ? undefined : { ttl })
        })
    })
})

// a goodbye of a key ends what the key has proven
const said = (input: PeerRegistry.Input): PeerRegistry.Input => {
  if (input._tag !== "Withdrawn") return input
  const [authentication, key] = input.identity.split(" ")
  return authentication === "signed" ? { ...input, key: PeerKey.PeerKey.make(key!) } : input
}

const source = () => {
  const { name, open } = Source.fromProtocol(protocol)
  return { name, open: Effect.map(open, (opened) => ({ ...opened, inputs: Stream.map(opened.inputs, said) })) }
}

const build = (lan: SimulatedNetwork.SimulatedNetwork, host: string) => {
  const network = lan.host(host).layer
  return Discovery.layer({ sources: [source()] }).pipe(Layer.provideMerge(network))
}

export const key = (octet: number): PeerKey.PeerKey => PeerKey.fromBytes(new Uint8Array(32).fill(octet))

/** Announces a key from a host, until the scope closes. */
export const announce = Effect.fnUntraced(
  function*(lan: SimulatedNetwork.SimulatedNetwork, host: string, options: Partial<Announcement.Options> = {}) {
    const discovery = Context.get(yield* Layer.build(Layer.fresh(build(lan, host))), Discovery.Discovery)
    return yield* discovery.advertise(
      Announcement.make({ name: host, port: 7100, authentication: "signed", ...options })
    )
  }
)

/** What became of attempts: those open now, with when each began, and a line for all that happened. */
export interface Switchboard {
  readonly open: Map<PeerKey.PeerKey, number>
  readonly log: Array<string>
  readonly dialedAt: Array<number>
  mostAtOnce: number
}

export const switchboard = (): Switchboard => ({ open: new Map(), log: [], dialedAt: [], mostAtOnce: 0 })

/** Takes a socket for as long as the connection lasts, and does with it what `talk` says. */
export const connect =
  <E, R>(board: Switchboard, talk: (attempt: Dial.Attempt) => Effect.Effect<unknown, E, R>) =>
  (attempt: Dial.Attempt) =>
    Effect.gen(function*() {
      const key = attempt.peer.key!
      const to = NetAddress.formatInet(attempt.address)
      const count = (more: number) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          board.open.set(key, (board.open.get(key) ?? 0) + more)
          board.mostAtOnce = Math.max(board.mostAtOnce, board.open.get(key)!)
          if (more > 0) board.dialedAt.push(now)
          board.log.push(`${now} ${more > 0 ? "dial" : "hang up"} ${attempt.peer.name} ${to}`)
        })
      yield* Effect.acquireRelease(count(1), () => count(-1))
      const network = yield* Network.Network
      const socket = yield* network.open({ family: "IPv4", bind: { port: 0 } })
      yield* Effect.orDie(socket.reader)
      return yield* talk(attempt)
    })

/** A host with a trust list. What it makes lives as long as the scope. */
export const caller = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  options: Trust.Options = {}
) {
  const trusting = Trust.layer(options).pipe(Layer.provide(TrustStore.layerMemory()))
  const context = yield* Layer.build(build(lan, "caller").pipe(Layer.provideMerge(trusting)))
  const trust = Context.get(context, Trust.Trust)
  const dial = <E, R>(
    talk: (attempt: Dial.Attempt) => Effect.Effect<unknown, E, R>,
    options: Dial.Options<E> = {}
  ): Effect.Effect<Switchboard, never, Exclude<Exclude<R, Scope.Scope>, Network.Network> | Scope.Scope> =>
    Effect.gen(function*() {
      const board = switchboard()
      yield* Discovery.dial(connect(board, talk), options).pipe(
        Effect.provideContext(context),
        Effect.orDie,
        Effect.forkScoped({ startImmediately: true })
      )
      return board
    }) as never
  const run = <A, E>(program: Effect.Effect<A, E, Discovery.Discovery | Trust.Trust>) =>
    Effect.provideContext(program, context)
  return { trust, dial, run, peers: Context.get(context, Discovery.Discovery).peers }
})

/** The sockets that a host has open now. */
export const sockets = (lan: SimulatedNetwork.SimulatedNetwork, host: string) =>
  Effect.map(lan.inspect, ({ hosts }) => hosts.find(({ name }) => name === host)?.sockets.length ?? 0)

/** Addresses for an announcement. */
export const addresses = (inputs: ReadonlyArray<NetAddress.InetAddressInput>) => ({
  addresses: inputs.map(NetAddress.inetAddressFromInputUnsafe)
})
