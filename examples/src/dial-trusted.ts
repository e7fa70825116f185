/**
 * A connection to every peer that is trusted, and to nobody else.
 *
 * Two nodes announce themselves on loopback, signed. The trust list, a file, names one of them. `Discovery.dial` connects to that one,
 * which proves its key once more on the connection; when the key is taken off the list, the connection ends at once.
 */
import { type Dial, Discovery, NetworkInterface, PeerKey, Trust } from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { Display, NodeDiscovery, NodeIdentity, NodeTrust } from "@effect-discovery/node"
import { NodeCrypto, NodeFileSystem, NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect, FileSystem, Layer } from "effect"
import { Signature } from "effect/crypto"
import { NetAddress } from "effect/net"
import * as Crypto from "node:crypto"
import * as Net from "node:net"
import * as Os from "node:os"

const makeNode = (options: Partial<SignedBeacon.PortOptions>) =>
  NodeDiscovery.layer({
    sources: [SignedBeacon.source({ realm: "example", port: 19_782, interval: "1 second", ...options })],
    interfaces: NetworkInterface.isLoopback
  })

// what is signed begins with what no other use of the key begins with
const challenge = (nonce: Uint8Array) => Buffer.concat([Buffer.from("effect-discovery example v1\0"), nonce])

/** Listens, and signs what it is asked to. */
const serve = Effect.fnUntraced(function*(identity: SignedBeacon.Identity) {
  const { sign } = yield* Signature.Signature
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const server = Net.createServer((socket) => {
    socket.on("error", () => socket.destroy())
    socket.once(
      "data",
      (nonce) => run(Effect.map(sign(identity.privateKey, challenge(nonce)), (signature) => socket.write(signature)))
    )
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => server.close())
  )
  return (server.address() as Net.AddressInfo).port
})

const neighbour = Effect.fnUntraced(function*(name: string, key: NodeIdentity.NodeIdentity) {
  const identity = yield* SignedBeacon.fromPrivateKey(key.privateKey)
  const port = yield* serve(identity)
  yield* Layer.build(Layer.fresh(makeNode({ identity }))).pipe(
    Effect.flatMap((context) => Effect.provideContext(Discovery.advertise({ name, port }), context))
  )
})

/** The host of an address, with the interface of a link-local one, without which it leads nowhere. */
const hostOf = (address: NetAddress.InetAddress) => {
  const scopes = NetAddress.scopeIdsFromInterfaces(Object.entries(Os.networkInterfaces()))
  return NetAddress.formatNativeHost(address, scopes, process.platform)
}

const reach = (address: NetAddress.InetAddress) =>
  Effect.acquireRelease(
    Effect.callback<Net.Socket, Error>((resume) => {
      const socket = Net.connect(address.port, hostOf(address))
      socket.once("connect", () => resume(Effect.succeed(socket)))
      socket.once("error", (error) => resume(Effect.fail(error)))
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

const receive = (socket: Net.Socket) =>
  Effect.callback<Uint8Array>((resume) => void socket.once("data", (bytes) => resume(Effect.succeed(bytes))))

/** Discovery was a hint: here is the proof. */
const prove = Effect.fnUntraced(function*(socket: Net.Socket, key: PeerKey.PeerKey) {
  const { verify } = yield* Signature.Signature
  const nonce = Crypto.randomBytes(32)
  socket.write(nonce)
  const signature = yield* receive(socket)
  const publicKey = yield* Signature.publicKey(Signature.ed25519, PeerKey.toBytes(key))
  if (!(yield* verify(publicKey, signature, challenge(nonce)))) return yield* Effect.fail("somebody else answered")
})

const connect = (connected: Deferred.Deferred<void>, closed: Deferred.Deferred<void>) =>
  Effect.fnUntraced(function*({ address, established, peer }: Dial.Attempt) {
    const socket = yield* reach(address)
    yield* Effect.timeout(prove(socket, peer.key!), "5 seconds")
    yield* established
    yield* Effect.acquireRelease(
      Console.log("open ", Display.display(peer.name)),
      () => Effect.andThen(Console.log("close", Display.display(peer.name)), Deferred.succeed(closed, undefined))
    )
    yield* Deferred.succeed(connected, undefined)
    return yield* Effect.never
  })

const program = Effect.gen(function*() {
  const trust = yield* Trust.Trust
  const directory = yield* FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped())
  const [ada, eve] = [yield* NodeIdentity.create(`${directory}/ada`), yield* NodeIdentity.create(`${directory}/eve`)]
  yield* trust.trust(ada.key, { name: "ada" })
  yield* neighbour("ada", ada)
  yield* neighbour("eve", eve)

  const [connected, closed] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
  yield* Effect.forkScoped(Discovery.dial(connect(connected, closed)))
  yield* Discovery.awaitPeer((peer) => peer.key === eve.key)
  yield* Deferred.await(connected)
  yield* Console.log("untrusted:", ...(yield* trust.untrusted).map(({ name }) => Display.display(name)))
  yield* trust.remove(ada.key)
  yield* Deferred.await(closed)
}).pipe(Effect.timeout("20 seconds"), Effect.scoped)

const TrustLive = Layer.unwrap(
  Effect.map(
    FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped()),
    (directory) => Trust.layer({ policy: "strict" }).pipe(Layer.provide(NodeTrust.layerFile(`${directory}/trust.json`)))
  )
)

const Live = makeNode({}).pipe(
  Layer.provideMerge(TrustLive),
  Layer.provideMerge(Layer.mergeAll(NodeCrypto.layer, NodeFileSystem.layer))
)

NodeRuntime.runMain(Effect.provide(program, Live))
