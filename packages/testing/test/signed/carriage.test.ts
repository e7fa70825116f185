import { Announcement, Peer, TrustStore } from "@effect-discovery/core"
import { Mdns, SignedBeacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, type Duration, Effect, Layer, Option, type Scope } from "effect"
import * as Hostile from "./Hostile.ts"
import { events, join, keyOf, type Options, realm, start } from "./support.ts"

const type = "_chat._tcp"
const mdns = () => Mdns.source({ browse: [type], type })
const signedMdns: Options = { source: (identity) => SignedBeacon.over(mdns(), { realm, identity }) }
const json: Options = { source: (identity) => SignedBeacon.json({ realm, identity }) }

const memoryStore = (entries: Parameters<typeof TrustStore.layerMemory>[0]) =>
  Effect.map(Layer.build(TrustStore.layerMemory(entries)), (context) => Context.get(context, TrustStore.TrustStore))

const announcement = (name: string, octets: number) =>
  Announcement.make({ name, port: 7_000, attributes: octets === 0 ? {} : { pad: "x".repeat(octets) } })

/** A test on a link of its own. */
const simulate = (
  name: string,
  body: (lan: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<void, unknown, Scope.Scope>,
  duration?: Duration.Input
): void =>
  it.effect(
    name,
    () => Simulation.run(Effect.flatMap(SimulatedNetwork.make({ latency: "1 millis" }), body), { start, duration }),
    30_000
  )

describe("in the TXT record of mDNS", () => {
  for (const octets of [0, 100, 200]) {
    simulate(
      `an announcement with ${octets} octets of attributes proves itself, and its goodbye as well`,
      (lan) =>
        Effect.gen(function*() {
          const ada = yield* join(lan, "ada", signedMdns)
          const bob = yield* join(lan, "bob", { ...signedMdns, announcement: announcement("bob", octets) })
          yield* Effect.sleep("10 seconds")
          const peer = Option.getOrThrow(yield* ada.discovery.lookup(Peer.idOfKey(keyOf("bob"))))

          assert.strictEqual(peer.authentication, "signed")
          assert.deepStrictEqual(peer.sources, ["mdns"])
          assert.deepStrictEqual(Peer.toJson(peer).addresses, ["10.11.0.2:7000"])
          assert.strictEqual(peer.attributes.get("pad") ?? "", "x".repeat(octets))
          assert.deepStrictEqual(yield* ada.names, ["bob"])
          yield* bob.close
          yield* Effect.sleep("5 seconds")
          assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob Goodbye"])
        })
    )
  }

  simulate("it holds for hours, signed anew every half an hour", (lan) =>
    Effect.gen(function*() {
      const ada = yield* join(lan, "ada", signedMdns)
      yield* join(lan, "bob", signedMdns)
      yield* Effect.sleep("5 hours")

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob"])
    }), "6 hours")

  simulate("who comes long after it was signed takes it as well", (lan) =>
    Effect.gen(function*() {
      yield* join(lan, "bob", signedMdns)
      yield* Effect.sleep("25 minutes")
      const ada = yield* join(lan, "ada", signedMdns)
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(yield* ada.names, ["bob"])
    }))

  simulate(
    "who starts anew takes what was signed before, though it is no newer than what was taken then",
    (lan) =>
      Effect.gen(function*() {
        const store = yield* memoryStore([{ key: keyOf("bob"), state: "trusted", addedAt: 0 }])
        yield* join(lan, "bob", signedMdns)
        const ada = yield* join(lan, "ada", { ...signedMdns, store })
        yield* Effect.sleep("1 minute")
        yield* ada.close
        const again = yield* join(lan, "ada", { ...signedMdns, store })
        yield* Effect.sleep("10 seconds")

        assert.deepStrictEqual(yield* again.names, ["bob"])
      })
  )

  simulate("S-U3 a goodbye of mDNS that nobody signed ends no peer that did", (lan) =>
    Effect.gen(function*() {
      const ada = yield* join(lan, "ada", signedMdns)
      yield* join(lan, "bob", signedMdns)
      yield* Effect.sleep("10 seconds")
      yield* lan.host("bob").crash
      const said = yield* lan.frames
      const send = yield* Hostile.open(lan.host("mallory"), "224.0.0.251", 5_353)
      const announced = said.findLast(({ from, payload }) => from.startsWith("bob") && payload[2] === 0x84)!
      yield* send(withoutTtl(announced.payload))
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob"])
    }))

  simulate("a peer is lost with the interface it was heard on, and back with it", (lan) =>
    Effect.gen(function*() {
      const ada = yield* join(lan, "ada", signedMdns)
      yield* join(lan, "bob", signedMdns)
      yield* Effect.sleep("10 seconds")
      yield* lan.host("ada").interface("eth0").down
      yield* Effect.sleep("10 seconds")
      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerLost bob InterfaceLost"])
      yield* lan.host("ada").interface("eth0").up
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(yield* ada.names, ["bob"])
    }))

  simulate("services without a proof are peers that prove nothing", (lan) =>
    Effect.gen(function*() {
      const ada = yield* join(lan, "ada", signedMdns)
      yield* join(lan, "bob", { source: mdns })
      yield* Effect.sleep("10 seconds")
      const [peer] = yield* ada.discovery.peers

      assert.deepInclude(peer, { name: "bob", authentication: "none" })
    }))
})

/** A response whose records all have a ttl of 0. */
const withoutTtl = (payload: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(payload)
  const view = new DataView(copy.buffer)
  const count = view.getUint16(6) + view.getUint16(8) + view.getUint16(10)
  let at = 12
  for (let i = 0; i < count; i++) {
    while (copy[at] !== 0 && copy[at]! < 0xc0) at += copy[at]! + 1
    at += copy[at] === 0 ? 1 : 2
    view.setUint32(at + 4, 0)
    at += 10 + view.getUint16(at + 8)
  }
  return copy
}

describe("in JSON", () => {
  simulate("announcements, changes and goodbyes prove themselves", (lan) =>
    Effect.gen(function*() {
      const ada = yield* join(lan, "ada", json)
      const bob = yield* join(lan, "bob", json)
      yield* Effect.sleep("100 seconds")
      yield* bob.advertisement!.update({ attributes: { load: "0.7" } })
      yield* Effect.sleep("1 second")
      const peer = Option.getOrThrow(yield* ada.discovery.lookup(Peer.idOfKey(keyOf("bob"))))
      assert.deepInclude(Peer.toJson(peer), {
        addresses: ["10.11.0.2:7000"],
        attributes: { load: "0.7" },
        sources: ["json"],
        authentication: "signed"
      })
      yield* bob.close
      yield* Effect.sleep("2 seconds")

      assert.deepStrictEqual(events(ada), ["PeerDiscovered bob", "PeerUpdated bob", "PeerLost bob Goodbye"])
      const [payload] = yield* Hostile.recorded(lan)
      assert.match(new TextDecoder().decode(payload), /^\{"sa":"[\w-]+"\}$/)
    }))

  simulate(
    "whatever is not the one spelling of an envelope is refused, and plain objects prove nothing",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* join(lan, "ada", json)
        const send = yield* Hostile.open(lan.host("mallory"), "224.0.0.1", 9_778)
        const objects = [
          { sa: "AAA=" },
          { sa: "AAB" },
          { sa: "A" },
          { sa: "A A" },
          { sa: "++//" },
          { sa: 7 },
          { sa: "AAAA", username: "eve" },
          { username: "zoe", id: "z", port: 80 }
        ]
        for (const object of objects) yield* send(new TextEncoder().encode(JSON.stringify(object)))
        yield* Effect.sleep("1 second")
        const [plain] = yield* ada.discovery.peers
        yield* send(new TextEncoder().encode(`{"username":"zoe","id":"z","ttl":0}`))
        yield* Effect.sleep("10 seconds")

        assert.deepInclude(plain, { id: Peer.id("json", "z"), authentication: "none" })
        assert.deepStrictEqual(events(ada), ["PeerDiscovered zoe", "PeerLost zoe Goodbye"])
        assert.deepStrictEqual([...ada.refused], [["base64url", 6], ["size", 1]])
      })
  )

  simulate(
    "an announcement that is too long for a datagram is refused, and nothing is sent",
    (lan) =>
      Effect.gen(function*() {
        const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`a${i}`, "x".repeat(95)]))
        const error = yield* Effect.flip(
          join(lan, "ada", { ...json, announcement: Announcement.make({ name: "ada", port: 1, attributes }) })
        )

        assert.match((error as Error).message, /^json cannot announce this: attributes must be short enough/)
        assert.deepStrictEqual(yield* Hostile.recorded(lan), [])
      })
  )
})
