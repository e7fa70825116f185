/** What PeerNet's own discovery promised to programs: sources of any kind, a list of trust, and a port that is told later. */
import { Announcement, Discovery, PeerKey, Source, Trust, TrustStore } from "@effect-discovery/core"
import { PeerNet } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Layer, Scope, Stream } from "effect"
import { NetAddress } from "effect/net"
import { open } from "../endpoint.ts"

const key = (octet: number): PeerKey.PeerKey => PeerKey.fromBytes(new Uint8Array(32).fill(octet))
const [ada, bob, eve] = [key(1), key(2), key(3)]

/** A host that announces a key until the effect that it gives is run. */
const join = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  host: string,
  announced: PeerKey.PeerKey,
  options: PeerNet.Options = {}
) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const layer = Discovery.layer({ sources: [PeerNet.source(options)] }).pipe(Layer.provide(lan.host(host).layer))
  const discovery = Context.get(yield* Layer.buildWithScope(layer, scope), Discovery.Discovery)
  const advertisement = yield* discovery.advertise(Announcement.make({ name: host, key: announced, port: 7_100 })).pipe(
    Scope.provide(scope)
  )
  return { ...discovery, ...advertisement, leave: Scope.close(scope, Exit.void) }
})

/** A host with a list of trust, and a line for all that happens there. */
const listen = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  trusted: ReadonlyArray<PeerKey.PeerKey>,
  sources: ReadonlyArray<Source.Source> = []
) {
  const entries = trusted.map((key) => ({ key, state: "trusted", addedAt: 0 }) as const)
  const layer = Discovery.layer({ sources: [PeerNet.source(), ...sources] }).pipe(
    Layer.provideMerge(Trust.layer()),
    Layer.provide(TrustStore.layerMemory(entries)),
    Layer.provideMerge(lan.host("listener").layer)
  )
  const context = yield* Layer.build(layer)
  const log: Array<string> = []
  const say = (line: string) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      log.push(`${Math.round(now / 1_000)} ${line}`)
    })
  yield* Stream.runForEach(Discovery.stream, (event) => {
    const { id, sources } = event.peer
    return say(`${event._tag} ${id.slice(0, 12)} by ${sources.join()}`)
  }).pipe(Effect.provideContext(context), Effect.forkScoped({ startImmediately: true }))
  return { context, log, say, ...Context.get(context, Discovery.Discovery) }
})

type Listener = Effect.Success<ReturnType<typeof listen>>

/** Keeps a connection to whomever is dialed. */
const dial = ({ context, say }: Listener, options: { readonly allowClaimed?: boolean } = {}) =>
  Discovery.dial(({ address, peer }) =>
    Effect.acquireRelease(
      say(`dial ${peer.key!.slice(0, 2)} ${address.port}`),
      () => say(`hang up ${peer.key!.slice(0, 2)}`)
    ).pipe(Effect.andThen(Effect.never)), options).pipe(
      Effect.provideContext(context),
      Effect.scoped,
      Effect.forkScoped({ startImmediately: true })
    )

const onLan = <A, E>(program: (lan: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<A, E, Scope.Scope>) =>
  Simulation.run(Effect.flatMap(SimulatedNetwork.make({ latency: "1 millis" }), program), { duration: "1 hour" })

describe("PeerNet", () => {
  it.effect("a node is found after an interval, with its source and the address it came from, and lost after 15 seconds", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { log, peers } = yield* listen(lan, [])
      const { leave } = yield* join(lan, "ada", ada)
      yield* Effect.sleep("12 seconds")
      const [peer] = yield* peers
      yield* leave
      yield* Effect.sleep("1 minute")

      assert.deepInclude(peer, { key: ada, name: ada, authentication: "claimed", sources: ["peernet"] })
      assert.match(peer!.addresses.map(NetAddress.formatInet).join(), /^10\.\d+\.0\.\d+:7100$/)
      assert.match(log.join("\n"), /^5 PeerDiscovered peernet:0101 by peernet\n2[45] PeerLost peernet:0101 by peernet$/)
    })))

  it.effect("two nodes that announce at once know each other at once", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const one = yield* join(lan, "ada", ada, { first: "at once" })
      const two = yield* join(lan, "bob", bob, { first: "at once" })
      yield* one.update({ port: 7_200 })
      yield* Effect.sleep(10)

      assert.deepStrictEqual((yield* two.peers).map(({ addresses, key }) => [key, addresses[0]!.port]), [[ada, 7_200]])
    })))

  it.effect("S-U7 who announces our key is no peer, and changes nothing", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const one = yield* join(lan, "ada", ada)
      yield* join(lan, "eve", ada)
      const reasons: Array<string> = []
      yield* Stream.runForEach(one.diagnostics, (diagnostic) =>
        Effect.sync(() => {
          if (diagnostic._tag === "DatagramRejected") reasons.push(diagnostic.reason)
        })).pipe(Effect.forkScoped({ startImmediately: true }))
      yield* one.update({ port: 7_300 })
      yield* Effect.sleep("1 minute")

      assert.deepStrictEqual(yield* one.peers, [])
      assert.deepStrictEqual(Array.from(new Set(reasons)), ["selfSpoof"])
    })))

  it.effect("S-P2 S-F1 a datagram of any other size is counted, and the next one is read", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const { diagnostics, peers } = yield* listen(lan, [])
      const reasons = new Map<string, number>()
      yield* Stream.runForEach(diagnostics, (diagnostic) =>
        Effect.sync(() => {
          if (diagnostic._tag === "DatagramRejected") reasons.set(diagnostic.reason, diagnostic.total)
        })).pipe(Effect.forkScoped({ startImmediately: true }))
      const { sendBytes } = yield* open(lan.host("eve"), { broadcast: true })
      for (const size of [0, 38, 40, 1_400]) yield* sendBytes(new Uint8Array(size), "255.255.255.255:4040")
      yield* sendBytes(frame(eve, 1), "255.255.255.255:4040")
      yield* Effect.sleep("11 seconds")

      assert.deepStrictEqual((yield* peers).map(({ key }) => key), [eve])
      assert.deepStrictEqual(Object.fromEntries(reasons), { truncated: 2, size: 2 })
    })))
})

const frame = (key: PeerKey.PeerKey, port: number): Uint8Array =>
  Uint8Array.from([...new TextEncoder().encode("PNET"), 1, port >> 8, port & 0xff, ...PeerKey.toBytes(key)])

describe("the list of trust", () => {
  it.effect("S-T2 whose key is trusted is dialed when claims may be, and nobody else", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const listener = yield* listen(lan, [ada])
      yield* dial(listener, { allowClaimed: true })
      yield* join(lan, "ada", ada)
      yield* join(lan, "eve", eve)
      yield* Effect.sleep("1 minute")

      assert.deepStrictEqual(dials(listener), ["dial 01 7100"])
      assert.deepStrictEqual(yield* reported(listener), [eve])
    })))

  it.effect("S-T2 nobody is dialed for a key that is only claimed, unless that was asked for", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const listener = yield* listen(lan, [ada])
      yield* dial(listener)
      yield* join(lan, "ada", ada)
      yield* Effect.sleep("1 minute")

      assert.deepStrictEqual(dials(listener), [])
    })))

  it.effect("a peer that is lost is not hung up on", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const listener = yield* listen(lan, [ada])
      yield* dial(listener, { allowClaimed: true })
      const { leave } = yield* join(lan, "ada", ada)
      yield* Effect.sleep("10 seconds")
      yield* leave
      yield* Effect.sleep("1 minute")

      assert.deepStrictEqual(yield* listener.peers, [])
      assert.deepStrictEqual(dials(listener), ["dial 01 7100"])
    })))
})

const reported = ({ context }: Listener) =>
  Effect.map(Context.get(context, Trust.Trust).untrusted, (seen) => seen.map(({ key }) => key))

const dials = ({ log }: Listener) =>
  log.map((line) => line.replace(/^\d+ /, "")).filter((line) => /^(dial|hang)/.test(line))

describe("sources of any kind", () => {
  it.effect("a peer that the program announces and loses is told beside those of the network, each by its source", () =>
    onLan(Effect.fnUntraced(function*(lan) {
      const invitations = Source.manual("invitations")
      const { log } = yield* listen(lan, [], [invitations])
      yield* join(lan, "ada", ada)
      yield* invitations.announce(Announcement.make({
        name: "bob",
        addresses: [NetAddress.inetAddressFromStringUnsafe("10.1.2.3:7100")]
      }))
      yield* Effect.sleep("10 seconds")
      yield* invitations.withdraw("bob")
      yield* Effect.sleep(10)

      assert.deepStrictEqual(log, [
        "0 PeerDiscovered invitations: by invitations",
        "5 PeerDiscovered peernet:0101 by peernet",
        "10 PeerLost invitations: by invitations"
      ])
    })))
})
