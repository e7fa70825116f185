/**
 * The property of S-4.1: a flood of forged peers evicts mostly itself, and those who were there before stay.
 */
import { type DiscoveryEvent, Machine, Peer, PeerKey, PeerRegistry } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Given from "./internal/Given.ts"

const honest = Array.from({ length: 200 }, (_, i) => `honest ${i}`)
const ownAddress = (i: number) => `192.168.${i >> 8}.${i & 255}`
const forged = (sources: number) => (i: number) =>
  `10.${(i % sources) >> 16}.${((i % sources) >> 8) & 255}.${i % sources & 255}`

/** 200 peers that have been announcing for two of their intervals, three of which their ttl holds. */
const established = (addressOf: (i: number) => string) => {
  const { state, tell } = Given.registry()
  const events: Array<DiscoveryEvent.DiscoveryEvent> = []
  const announce = (now: number) =>
    honest.forEach((name, i) => events.push(...tell(Given.heard(name, { ttl: 6_000 }, { address: addressOf(i) }), now)))
  for (const now of [0, 2_000, 4_000]) announce(now)
  return { state, tell, announce, events }
}

/** 100,000 sybils over ten seconds, in which the honest go on announcing. */
const flood = (options: { readonly home?: (i: number) => string; readonly from: (i: number) => string }) => {
  const { announce, events, state, tell } = established(options.home ?? ownAddress)
  for (let i = 0; i < 100_000; i++) {
    const now = 4_000 + i / 10
    if (i % 20_000 === 0) announce(now)
    if (PeerRegistry.wakeAt(state) <= now) events.push(...tell(Machine.Woke, now))
    events.push(...tell(Given.heard(`sybil ${i}`, { ttl: 6_000 }, { address: options.from(i) }), now))
  }
  const lost = events.filter(({ _tag, peer }) => _tag === "PeerLost" && peer.name.startsWith("honest"))
  const listed = honest.filter((name) => PeerRegistry.get(state, Peer.id("test", name)) !== undefined)
  return { listed: listed.length, lost: lost.length, peers: PeerRegistry.peers(state).length, tell, state }
}

describe("a flood of 100,000 sybils", () => {
  it.each([1, 20, 200])("from the own addresses of %d of them costs none its place (S-4.1)", (victims) => {
    const { listed, lost } = flood({ from: (i) => ownAddress(i % victims) })

    assert.deepStrictEqual({ listed, lost }, { listed: 200, lost: 0 })
  })

  it("costs no host that speaks for twenty peers any of them (S-4.1)", () => {
    const { listed, lost } = flood({ home: (i) => ownAddress(i % 10), from: forged(65_536) })

    assert.deepStrictEqual({ listed, lost }, { listed: 200, lost: 0 })
  })

  it("does not keep honest newcomers out", () => {
    const { state, tell } = flood({ from: forged(65_536) })
    const late = Array.from({ length: 50 }, (_, i) => `late ${i}`)
    late.forEach((name, i) => tell(Given.heard(name, {}, { address: ownAddress(300 + i) }), 14_000))
    const admitted = late.filter((name) => PeerRegistry.get(state, Peer.id("test", name)) !== undefined)

    assert.isAtLeast(admitted.length, 45)
  })
})

describe("a flood of 100,000 fresh keys", () => {
  const key = (i: number) => PeerKey.PeerKey.make(i.toString(16).padStart(64, "0"))
  const proven = (i: number) => ({ authentication: "signed", key: key(i), ttl: 6_000 } as const)
  const announce = (tell: ReturnType<typeof Given.registry>["tell"], now: number) =>
    honest.flatMap((name, i) => tell(Given.heard(name, proven(i), { address: ownAddress(i) }), now))

  /** 200 peers of known or unknown keys, and those who sign with as many keys as they like. */
  const besiege = (sources: number, state?: "trusted" | "pinned") => {
    const registry = Given.registry({ verifiedPeers: 500 })
    const { tell } = registry
    if (state !== undefined) honest.forEach((_, i) => tell({ _tag: "Trusted", key: key(i), state }, 0))
    for (const now of state === undefined ? [0, 2_000, 4_000] : [4_000]) announce(tell, now)
    for (let i = 0; i < 100_000; i++) {
      const now = 4_000 + i / 25
      tell(Given.heard(`sybil ${i}`, proven(honest.length + i), { address: forged(sources)(i) }), now)
    }
    return honest.filter((_, i) => PeerRegistry.get(registry.state, Peer.idOfKey(key(i))) !== undefined).length
  }

  it.each([1, 65_536])("S-4.1 from %d forged sources costs no established signer its place", (sources) => {
    assert.strictEqual(besiege(sources), 200)
  })

  it.each(["trusted", "pinned"] as const)(
    "S-4.1 costs none its place whose key is %s, though heard but once",
    (state) => {
      assert.strictEqual(besiege(65_536, state), 200)
    }
  )

  it("S-U3 S-U5 of goodbyes and claims in their name loses and changes none of them", () => {
    const { state, tell } = Given.registry()
    announce(tell, 0)
    const before = PeerRegistry.peers(state)
    const events = honest.flatMap((name, i) =>
      [name, key(i), Peer.idOfKey(key(i))].flatMap((identity) =>
        ["test", "key", "mdns"].flatMap((source) => {
          const from = { source, address: ownAddress(i) }
          return [
            ...tell(Given.goodbye(identity, from), 1),
            ...tell(Given.heard(identity, { name: "eve", authentication: "claimed", key: key(i) }, from), 1),
            ...tell(Given.goodbye(identity, from), 1)
          ]
        })
      )
    )

    assert.isTrue(events.every(({ peer }) => peer.name === "eve"))
    assert.deepStrictEqual(PeerRegistry.peers(state), before)
  })
})
