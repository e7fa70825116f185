/**
 * Peers that are known by a key they have proven, and what the program thinks of the key.
 */
import { type DiscoveryEvent, Limits, Machine, Peer, PeerRegistry, type TrustState } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Given from "./internal/Given.ts"

const { goodbye, heard, registry } = Given
const key = Given.key(1)
const ada = Peer.idOfKey(key)
const proven = { authentication: "signed", key } as const
const signed = (i = 1, from: Parameters<typeof heard>[2] = {}, options: Parameters<typeof heard>[1] = {}) =>
  heard(`node ${i}`, { authentication: "signed", key: Given.key(i), ...options }, from)
const trusted = (state: TrustState.TrustState, i = 1): PeerRegistry.Trusted => ({
  _tag: "Trusted",
  key: Given.key(i),
  state
})
const sender = (i: number) => ({ address: `10.1.0.${i}` })
const show = (events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>) =>
  events.map((event) => `${event._tag} ${event.peer.name}${event._tag === "PeerLost" ? ` ${event.reason}` : ""}`)
const names = (state: PeerRegistry.PeerRegistry) => PeerRegistry.peers(state).map(({ name }) => name)
const addresses = (state: PeerRegistry.PeerRegistry, id: Peer.PeerId) =>
  PeerRegistry.get(state, id)?.addresses.map(NetAddress.formatInet)
const at = (...texts: ReadonlyArray<string>) => ({ addresses: texts.map(Given.address) })

describe("a proven key", () => {
  it("S-U5 is one peer, whatever sources it is heard by", () => {
    const { state, tell } = registry()
    tell(heard("ada", { ...proven, ...at("10.0.0.1:80") }, { source: "signed" }), 0)
    tell(heard("ada._http", { ...proven, ...at("10.0.0.1:81") }, { source: "mdns" }), 0)

    assert.deepStrictEqual(PeerRegistry.peers(state).map(({ id, sources }) => ({ id, sources })), [
      { id: ada, sources: ["signed", "mdns"] }
    ])
    assert.deepStrictEqual(addresses(state, ada), ["10.0.0.1:80", "10.0.0.1:81"])
  })

  it.each<Peer.Authentication>(["none", "claimed", "group"])(
    "S-U5 that is only named links nothing (%s)",
    (authentication) => {
      const { state, tell } = registry()
      tell(heard("ada", proven), 0)
      tell(heard("eve", { authentication, key }), 0)

      assert.deepStrictEqual(PeerRegistry.peers(state).map(({ id }) => id), [ada, Peer.id("test", "eve")])
    }
  )

  it("S-U5 cannot be spoken for by a source that calls itself \"key\"", () => {
    const { state, tell } = registry()
    tell(heard("ada", proven), 0)

    assert.deepStrictEqual(tell(heard(key, { name: "eve" }, { source: "key" }), 1), [])
    assert.deepStrictEqual(tell(goodbye(key, { source: "key" }), 1), [])
    assert.deepStrictEqual(names(state), ["ada"])
  })

  it("S-U3 is untouched by a goodbye that nobody signed, and ended by one that its holder did", () => {
    const { tell } = registry()
    tell(heard(key, proven), 0)

    for (const identity of [key, "ada", ada]) assert.deepStrictEqual(tell(goodbye(identity), 1), [])
    assert.deepStrictEqual(show(tell({ ...goodbye(key), key }, 2)), [`PeerLost ${key} Goodbye`])
  })

  it("is not lost while another source still hears it", () => {
    const { state, tell } = registry()
    tell(heard("ada", proven, { source: "signed" }), 0)
    tell(heard("ada", proven, { source: "mdns" }), 0)
    tell({ ...goodbye("ada", { source: "mdns" }), key }, 1)

    assert.deepStrictEqual(PeerRegistry.get(state, ada)?.sources, ["signed"])
  })

  it("is known until the end of what others heard of it, when a source closes that heard it before", () => {
    const { state, tell } = registry()
    tell(signed(1, {}, { ttl: 2_000 }), 0)
    tell(signed(1, { interface: "eth1" }, { ttl: 4_000 }), 1)
    tell(signed(1, { source: "other" }, { ttl: 2_999 }), 2)
    tell({ _tag: "Closed", source: "test", reason: "SourceClosed" }, 3)
    const evidence = PeerRegistry.explain(state, ada, 3)?.evidence

    assert.deepStrictEqual(evidence?.map(({ expiresIn, source }) => [source, expiresIn]), [["other", 2_998]])
    assert.strictEqual(PeerRegistry.wakeAt(state), 3_001)
    assert.deepStrictEqual(show(tell({ _tag: "Woke" }, 3_001)), ["PeerLost node 1 Expired"])
    assert.strictEqual(PeerRegistry.wakeAt(state), Infinity)
  })

  it("has more provenances, and beyond them the latest takes the place of what ends soonest", () => {
    const { state, tell } = registry({ evidencePerKey: 3, addressesPerPeer: 20 })
    for (let i = 0; i < 5; i++) tell(signed(1, sender(i), at(`10.1.0.${i}:80`)), i)

    assert.deepStrictEqual(addresses(state, ada), ["10.1.0.2:80", "10.1.0.3:80", "10.1.0.4:80"])
    assert.strictEqual(Limits.defaults.evidencePerPeer, 4)
  })
})

describe("what its holder signed, sent again from many addresses,", () => {
  it("does not push out the address that it came from first", () => {
    const { state, tell } = registry({ evidencePerKey: 3, addressesPerPeer: 20 })
    for (let i = 0; i < 6; i++) tell(signed(1, sender(i), at(`10.1.0.${i}:80`)), 0)

    assert.deepStrictEqual(addresses(state, ada), ["10.1.0.0:80", "10.1.0.1:80", "10.1.0.5:80"])
  })
})

describe("Worked", () => {
  const worked = (text: string, id = Peer.id("test", "ada")): PeerRegistry.Worked => ({
    _tag: "Worked",
    id,
    address: Given.address(text)
  })

  it("S-U2 ranks what worked last first, whatever is announced after that", () => {
    const { state, tell } = registry()
    const id = Peer.id("test", "ada")
    tell(heard("ada", at("10.0.0.1:80", "10.0.0.1:81", "10.0.0.1:82")), 0)
    tell(worked("10.0.0.1:81"), 1)
    assert.deepStrictEqual(show(tell(worked("10.0.0.1:82"), 2)), ["PeerUpdated ada"])
    assert.deepStrictEqual(addresses(state, id), ["10.0.0.1:82", "10.0.0.1:81", "10.0.0.1:80"])

    tell(heard("ada", at("10.0.0.1:80", "10.0.0.1:81")), 3)
    tell(heard("ada", at("10.0.0.9:9"), sender(9)), 4)
    assert.deepStrictEqual(addresses(state, id), ["10.0.0.1:81", "10.0.0.1:80", "10.0.0.9:9"])
  })

  it("S-U2 ranks what is signed before it", () => {
    const { state, tell } = registry()
    tell(heard("ada", at("10.0.0.1:80")), 0)
    tell(heard("ada", { authentication: "signed", ...at("10.0.0.2:80", "10.0.0.2:81") }, sender(2)), 0)
    tell(worked("10.0.0.1:80"), 1)
    tell(worked("10.0.0.2:81"), 2)

    assert.deepStrictEqual(addresses(state, Peer.id("test", "ada")), ["10.0.0.2:81", "10.0.0.2:80", "10.0.0.1:80"])
  })

  it("is nothing for an address that the peer does not have, nor for a peer that is not known", () => {
    const { tell } = registry()
    tell(heard("ada"), 0)

    assert.deepStrictEqual([...tell(worked("10.9.9.9:80"), 1), ...tell(worked("10.0.0.1:80", ada), 1)], [])
  })

  it("S-U2 S-U1 keeps four provenances of a peer that anyone can speak for", () => {
    const { state, tell } = registry()
    for (let i = 1; i <= 6; i++) tell(heard("ada", at(`10.1.0.${i}:80`), sender(i)), i)
    const peer = PeerRegistry.get(state, Peer.id("test", "ada"))

    assert.strictEqual(peer?.authentication, "none")
    assert.deepStrictEqual(addresses(state, peer!.id), [1, 2, 3, 4].map((i) => `10.1.0.${i}:80`))
  })
})

describe("Trusted", () => {
  const small = { unverifiedPeers: 2, verifiedPeers: 2, peersPerSource: 2 }

  it("takes a peer out of reach of those who hold other keys (S-4.1)", () => {
    const { state, tell } = registry(small)
    tell(trusted("trusted", 1), 0)
    tell(signed(1), 0)
    tell(signed(2), 0)
    tell(trusted("pinned", 2), 0)
    for (let i = 3; i < 100; i++) tell(signed(i), i)

    assert.deepStrictEqual(names(state), ["node 1", "node 2", "node 98", "node 99"])
  })

  it("has no bound by address: all its keys may be behind one (S-4.1)", () => {
    const { state, tell } = registry({ ...small, trustEntries: 50 })
    for (let i = 1; i <= 50; i++) tell(trusted("trusted", i), 0)
    for (let i = 1; i <= 50; i++) tell({ ...signed(i), perOrigin: 1 }, 0)

    assert.strictEqual(names(state).length, 50)
  })

  it("of a key that is trusted no more makes its peer one among strangers at once (S-4.1)", () => {
    const { state, tell } = registry(small)
    tell(trusted("trusted", 1), 0)
    for (const i of [1, 2, 3]) tell(signed(i, sender(i)), i)
    const events = tell(trusted("unknown", 1), 4)

    assert.strictEqual(names(state).length, 2)
    assert.include(names(state), "node 1")
    assert.deepStrictEqual(show(events).map((text) => text.replace(/\d/, "_")), ["PeerLost node _ Evicted"])
  })

  it("of a key that is trusted no more loses its peer where only established strangers are", () => {
    const { state, tell } = registry(small)
    tell(trusted("trusted", 1), 0)
    for (const now of [0, 400, 800]) for (const i of [1, 2, 3]) tell(signed(i, sender(i)), now)

    assert.deepStrictEqual(show(tell(trusted("unknown", 1), 900)), ["PeerLost node 1 Evicted"])
    assert.deepStrictEqual(names(state), ["node 2", "node 3"])
    assert.deepStrictEqual(state.pressure, { evicted: 0, refused: 1 })
  })

  it("of a key that is trusted no more ends what has expired before anything else, itself included", () => {
    const { state, tell } = registry(small)
    tell(trusted("trusted", 1), 0)
    tell(signed(1, {}, { ttl: 100 }), 0)
    for (const i of [2, 3]) tell(signed(i, sender(i)), 0)

    assert.deepStrictEqual(show(tell(trusted("unknown", 1), 200)), ["PeerLost node 1 Expired"])
    assert.deepStrictEqual(names(state), ["node 2", "node 3"])
  })

  it("of a denied key loses its peer and takes up nothing of it, by any source, until it is denied no more", () => {
    const { state, tell } = registry()
    tell(signed(), 0)
    assert.deepStrictEqual(show(tell(trusted("denied"), 1)), ["PeerLost node 1 Evicted"])
    assert.deepStrictEqual(tell(signed(1, { source: "other" }), 2), [])
    assert.deepStrictEqual(tell(signed(1, { interface: "", address: "" }), 2), [])
    assert.deepStrictEqual(state.pressure, { evicted: 0, refused: 0 })

    tell(trusted("unknown"), 3)
    assert.deepStrictEqual(show(tell(signed(), 4)), ["PeerDiscovered node 1"])
  })

  it("holds no more keys than the limit", () => {
    const { state, tell } = registry({ trustEntries: 2 })
    for (let i = 1; i < 10; i++) tell(trusted("trusted", i), 0)
    tell(trusted("denied", 1), 0)
    tell(trusted("unknown", 2), 0)

    assert.deepStrictEqual(Array.from(state.trust), [[Given.key(1), "denied"]])
  })

  it("keeps its books through any history", () => {
    const dice = Given.dice(5)
    const { state, tell } = registry({ ...small, trustEntries: 6, evidencePerKey: 2 })
    for (let now = 0; now < 30_000; now += dice.between(0, 60)) {
      const i = dice.between(1, 12)
      if (dice.oneIn(5)) tell(trusted(dice.pick(["denied", "trusted", "pinned", "unknown"]), i), now)
      else if (dice.oneIn(8)) tell({ ...goodbye("", sender(i % 4)), key: Given.key(i) }, now)
      else if (dice.oneIn(3)) tell(Machine.Woke, now)
      else tell(signed(i, dice.oneIn(9) ? { address: "" } : sender(i % 4), { ttl: dice.between(50, 900) }), now)

      const members = Object.values(state.populations).flatMap(({ established, fresh }) => [...established, ...fresh])
      assert.sameMembers(members, Array.from(state.entries.values()))
      assert.isTrue(members.every((member) => state.trust.get(member.peer.key!) !== "denied"))
    }
  })
})
