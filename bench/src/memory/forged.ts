/**
 * Child: what it costs to hear signed announcements that nobody has signed, 10,000 a second from everywhere, and whether peers on the trust list
 * are heard meanwhile.
 *
 * The datagrams come from memory: what a socket costs is in the UDP groups.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as PeerKey from "@effect-discovery/core/PeerKey"
import * as SignedBeacon from "@effect-discovery/core/protocol/SignedBeacon"
import * as Trust from "@effect-discovery/core/Trust"
import * as TrustStore from "@effect-discovery/core/TrustStore"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
// how envelopes are written is not public
import * as Body from "../../../packages/core/src/protocol/signedBeacon/Body.ts"
import * as Envelope from "../../../packages/core/src/protocol/signedBeacon/Envelope.ts"
import * as Child from "../harness/Child.ts"
import * as Workload from "../Workload.ts"
import * as InMemoryNetwork from "./InMemoryNetwork.ts"

/**
 * What is sent: nothing, though it is made; what is refused by its header alone; or what claims to be signed by keys that nobody knows, or
 * by those on the trust list.
 */
export type Forged = "nothing" | "another realm" | "strangers" | "trusted keys"

/** Percents of one core, and how many announcements the last of the trusted peers had sent when it was seen. */
export interface Sample {
  readonly share: number
  readonly announcements: number
}

export type Api = {
  readonly measure: (options: { readonly forged: Forged; readonly milliseconds: number }) => Promise<Sample>
}

const realm = "bench"
const port = 21_077
const perSecond = 10_000
/** Milliseconds until the bursts that every limit allows are used up. */
const settling = 3_000
/** How often a trusted peer announces itself, in milliseconds: so much sooner than life that a minute is told in seconds. */
const interval = 300
const trustedPeers = 8
/** Announcements of each, after which it is given up. */
const most = 30

interface Author {
  readonly key: PeerKey.PeerKey
  readonly privateKey: KeyObject
}

const makeAuthor = (): Author => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  return { privateKey, key: PeerKey.fromBytes(publicKey.export({ format: "der", type: "spki" }).subarray(-32)) }
}

const realmTag: Uint8Array = new Uint8Array(
  createHash("sha256").update(Envelope.realmLabel(realm)).digest().subarray(0, Envelope.realmTagOctets)
)
const body = Result.getOrThrow(Body.encode({ ...Body.empty, name: "bench", services: ["_bench._tcp"] }))

const unsigned = (key: PeerKey.PeerKey, ms: number, tag = realmTag): Uint8Array =>
  Envelope.encodeUnsigned({
    kind: "announce",
    isClocked: true,
    realmTag: tag,
    key,
    stamp: { ms, counter: 0 },
    instance: 1,
    ttl: 90,
    body
  })

const announcement = ({ key, privateKey }: Author): Uint8Array => {
  const signed = unsigned(key, Date.now())
  return Envelope.encode(signed, sign(null, Envelope.signedInput(realm, signed), privateKey))
}

// some minutes ahead, so that they are neither stale nor too far from the clock; R and S are as those of signatures are
const forgery = (key: PeerKey.PeerKey, index: number, tag: Uint8Array): Uint8Array =>
  Envelope.encode(unsigned(key, Date.now() + 60_000 + index % 60_000, tag), new Uint8Array(64).fill(7))

const anotherTag: Uint8Array = new Uint8Array(Envelope.realmTagOctets)

const strangers = (): ReadonlyArray<PeerKey.PeerKey> =>
  Array.from({ length: 16_384 }, (_, index) => PeerKey.fromBytes(createHash("sha256").update(`${index}`).digest()))

const start = async (authors: ReadonlyArray<Author>) => {
  const network = InMemoryNetwork.make(port)
  const DiscoveryLive = Discovery.layer({
    sources: [SignedBeacon.source({ realm })],
    interfaces: NetworkInterface.isLoopback
  }).pipe(
    Layer.provide(Trust.layer()),
    Layer.provide(TrustStore.layerMemory(authors.map(({ key }) => ({ key, state: "trusted", addedAt: 0 })))),
    Layer.provide(Layer.merge(network.layer, NodeCrypto.layer))
  )
  const runtime = ManagedRuntime.make(DiscoveryLive)
  const seen = new Set<string>()
  await runtime.runPromise(Discovery.peers)
  runtime.runFork(Stream.runForEach(Discovery.stream, ({ peer }) => Effect.sync(() => seen.add(peer.key ?? ""))))
  return { ...network, runtime, seen }
}

/** A thousandth of a second's forgeries every millisecond, each from another of 65,536 addresses. */
const flood = (payloads: ReadonlyArray<Uint8Array>, deliver: (payload: Uint8Array, host: string) => void) => {
  const from = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    for (const due = ((performance.now() - from) * perSecond) / 1_000; sent < due; sent++) {
      const source = (sent * 40_503) % 65_536
      deliver(Buffer.from(payloads[sent % payloads.length]!), `127.1.${source >> 8}.${source & 255}`)
    }
  }, 1)
  return () => clearInterval(timer)
}

/** Has the trusted peers announce themselves, spread over the interval, until all were seen. */
const untilSeen = async (
  authors: ReadonlyArray<Author>,
  world: Pick<Awaited<ReturnType<typeof start>>, "deliver" | "seen">
): Promise<number> => {
  for (let announcements = 1; announcements < most; announcements++) {
    for (const [index, author] of authors.entries()) {
      if (!world.seen.has(author.key)) world.deliver(Buffer.from(announcement(author)), Workload.addressOf(index))
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
      await sleep(interval / authors.length)
    }
    if (authors.every(({ key }) => world.seen.has(key))) return announcements
  }
  return most
}

const api: Api = {
  measure: async ({ forged, milliseconds }) => {
    const authors = Array.from({ length: trustedPeers }, makeAuthor)
    const keys = forged === "trusted keys" ? authors.map(({ key }) => key) : strangers()
    const tag = forged === "another realm" ? anotherTag : realmTag
    const payloads = Array.from({ length: 16_384 }, (_, index) => forgery(keys[index % keys.length]!, index, tag))
    const world = await start(authors)
    const end = flood(payloads, forged === "nothing" ? () => {} : world.deliver)
    await sleep(settling)
    const from = performance.now()
    const before = process.cpuUsage()
    await sleep(milliseconds)
    const { system, user } = process.cpuUsage(before)
    const share = (system + user) / (10 * (performance.now() - from))
    const announcements = await untilSeen(authors, world)
    end()
    await world.runtime.dispose()
    return { share, announcements }
  }
}

Child.serve(api)
