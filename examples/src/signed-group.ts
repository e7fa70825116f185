/**
 * A group with a shared key on a simulated LAN: its members find each other by signed announcements that nobody else can read, and whoever
 * lacks the key neither finds them nor is found. Which of them may be dialed is a matter of trust, not of membership.
 */
import { Announcement, Discovery, type PeerKey, Trust, TrustStore } from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { NodeTestCrypto } from "@effect-discovery/node"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Context, Effect, Layer, Redacted } from "effect"

// from a file or an invitation; `NodeSharedKey.fromPassphrase` makes one of words
const sharedKey = Redacted.make(crypto.getRandomValues(new Uint8Array(32)))

/** Starts a node that is known by its key, within the group or outside. */
const join = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  name: string,
  options: {
    readonly identity: SignedBeacon.Identity
    readonly group?: SignedBeacon.Ring
    readonly trusted?: PeerKey.PeerKey
  }
) {
  const { group, identity, trusted } = options
  const entries = trusted === undefined ? [] : [{ key: trusted, state: "trusted", addedAt: 0 } as const]
  const live = Discovery.layer({ sources: [SignedBeacon.source({ realm: "example", identity, group })] }).pipe(
    Layer.provideMerge(Trust.layer()),
    Layer.provide([TrustStore.layerMemory(entries), NodeTestCrypto.layer, lan.host(name).layer])
  )
  const context = yield* Layer.build(live)
  const { advertise, peers } = Context.get(context, Discovery.Discovery)
  yield* advertise(Announcement.make({ name, port: 7100 }))
  return { peers, trust: Context.get(context, Trust.Trust) }
})

const scenario = Effect.gen(function*() {
  const lan = yield* SimulatedNetwork.make({ latency: "2 millis" })
  const [ada, bob, cleo, eve] = yield* Effect.all([generate, generate, generate, generate])
  const group: SignedBeacon.Ring = { ring: [sharedKey] }
  const node = yield* join(lan, "ada", { identity: ada, group, trusted: bob.key })
  yield* join(lan, "bob", { identity: bob, group })
  yield* join(lan, "cleo", { identity: cleo, group })
  const outsider = yield* join(lan, "eve", { identity: eve })
  yield* Effect.sleep("1 minute")

  const known = (yield* node.peers).map((peer) => `${peer.name}${node.trust.isDialable(peer) ? ", dialable" : ""}`)
  return { known: known.toSorted(), outside: (yield* outsider.peers).length }
})

const generate = SignedBeacon.generate.pipe(Effect.provide(NodeTestCrypto.layer))

const program = Effect.gen(function*() {
  const { known, outside } = yield* Simulation.run(scenario)
  yield* Console.log(`ada knows: ${known.join("; ")}`)
  yield* Console.log(`who has no key of the group knows ${outside} of them`)

  if (known.join() !== "bob, dialable,cleo" || outside !== 0) {
    return yield* Effect.fail("the group is not what it should be")
  }
})

NodeRuntime.runMain(program)
