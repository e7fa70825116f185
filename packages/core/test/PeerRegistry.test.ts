import { Attributes, DiscoveryEvent, Lease, Limits, Machine, Peer, PeerRegistry } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface, NetAddress } from "effect/net"
import * as Given from "./internal/Given.ts"

const { goodbye, heard, registry } = Given
const ada = Peer.id("test", "ada")
const at = (...texts: ReadonlyArray<string>) => ({ addresses: texts.map(Given.address) })
const elsewhere = { address: "10.0.0.2" }

/** `discovered ada`, `updated ada addresses`, `lost ada Expired` */
const show = (events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>): ReadonlyArray<string> =>
  events.map((event) => {
    switch (event._tag) {
      case "PeerDiscovered":
        return `discovered ${event.peer.name}`
      case "PeerUpdated":
        return `updated ${event.peer.name} ${event.changed.join()}`
      case "PeerLost":
        return `lost ${event.peer.name} ${event.reason}`
    }
  })

const names = (state: PeerRegistry.PeerRegistry) => PeerRegistry.peers(state).map(({ name }) => name)

const addresses = (state: PeerRegistry.PeerRegistry, id = ada) =>
  PeerRegistry.get(state, id)?.addresses.map(NetAddress.formatInet)

describe("an announcement", () => {
  it("of a peer that is not known discovers it", () => {
    const { state, tell } = registry()
    const peer = Given.peer("ada", { attributes: Attributes.make({ role: "leader" }) })

    assert.deepStrictEqual(tell(heard("ada", { attributes: peer.attributes }), 0), [DiscoveryEvent.discovered(peer)])
    assert.deepStrictEqual(PeerRegistry.peers(state), [peer])
  })

  it("that says the same again is no event and leaves the very same peer", () => {
    const { state, tell } = registry()
    tell(heard("ada", { attributes: Attributes.make({ role: "leader" }) }), 0)
    const before = PeerRegistry.get(state, ada)

    assert.deepStrictEqual(tell(heard("ada", { attributes: Attributes.make({ role: "leader" }), ttl: 5 }), 1), [])
    assert.strictEqual(PeerRegistry.get(state, ada), before)
  })

  it("that says something else updates the peer", () => {
    const { tell } = registry()
    tell(heard("ada"), 0)
    const [event] = tell(heard("ada", { name: "Ada", ...at("10.0.0.1:81") }), 1)

    assert.deepStrictEqual(
      event,
      DiscoveryEvent.updated(Given.peer("ada"), Given.peer("ada", { name: "Ada", ...at("10.0.0.1:81") }))
    )
  })

  it("of one source never speaks for a peer of another (S-U5)", () => {
    const { state, tell } = registry()
    tell(heard("ada"), 0)

    assert.deepStrictEqual(show(tell(heard("ada", { name: "Eve" }, { source: "other" }), 1)), ["discovered Eve"])
    assert.deepStrictEqual(PeerRegistry.peers(state).map(({ id }) => id), [ada, Peer.id("other", "ada")])
  })
})

describe("evidence", () => {
  it("of a second provenance adds its addresses behind those of the first", () => {
    const { state, tell } = registry()
    tell(heard("ada", at("10.0.0.1:80")), 0)

    assert.deepStrictEqual(show(tell(heard("ada", at("10.0.0.2:80", "10.0.0.1:80"), elsewhere), 1)), [
      "updated ada addresses"
    ])
    assert.deepStrictEqual(addresses(state), ["10.0.0.1:80", "10.0.0.2:80"])
  })

  it("replaces the addresses of its own provenance and touches no other's (S-U2)", () => {
    const { state, tell } = registry()
    tell(heard("ada", at("10.0.0.1:80")), 0)
    tell(heard("ada", at("10.0.0.2:80"), elsewhere), 1)
    tell(heard("ada", at("10.0.0.2:90"), elsewhere), 2)

    assert.deepStrictEqual(addresses(state), ["10.0.0.1:80", "10.0.0.2:90"])
  })

  it("is apart by interface, too", () => {
    const { state, tell } = registry()
    tell(heard("ada", at("10.0.0.1:80")), 0)
    tell(heard("ada", at("10.0.0.1:81"), { interface: "eth1" }), 1)

    assert.deepStrictEqual(addresses(state), ["10.0.0.1:80", "10.0.0.1:81"])
    assert.strictEqual(PeerRegistry.explain(state, ada, 1)?.evidence.length, 2)
  })

  it("that says nothing new is no event", () => {
    const { tell } = registry()
    tell(heard("ada"), 0)

    assert.deepStrictEqual(tell(heard("ada", {}, elsewhere), 1), [])
  })

  it("beyond the limit is refused: a forger cannot push out those who were first", () => {
    const { state, tell } = registry({ evidencePerPeer: 2 })
    tell(heard("ada", at("10.0.0.1:80")), 0)
    tell(heard("ada", at("10.0.0.2:80"), elsewhere), 1)

    assert.deepStrictEqual(tell(heard("ada", at("10.0.0.3:80"), { address: "10.0.0.3" }), 2), [])
    assert.deepStrictEqual(addresses(state), ["10.0.0.1:80", "10.0.0.2:80"])
    assert.deepStrictEqual(state.pressure, { evicted: 0, refused: 1 })
  })

  it("beyond the limit takes the place of the newest that proves less", () => {
    const { state, tell } = registry({ evidencePerPeer: 2 })
    tell(heard("ada", at("10.0.0.1:80")), 0)
    tell(heard("ada", at("10.0.0.2:80"), elsewhere), 1)
    tell(heard("ada", { authentication: "signed", ...at("10.0.0.3:80") }, { address: "10.0.0.3" }), 2)

    assert.deepStrictEqual(addresses(state), ["10.0.0.3:80", "10.0.0.1:80"])
    assert.deepStrictEqual(state.pressure, { evicted: 0, refused: 0 })
  })

  it("takes the place of evidence that has ended", () => {
    const { state, tell } = registry({ evidencePerPeer: 2 })
    tell(heard("ada", at("10.0.0.1:80")), 0)
    tell(heard("ada", at("10.0.0.2:80"), elsewhere), 1)
    tell(goodbye("ada"), 2)
    tell(heard("ada", at("10.0.0.3:80"), { address: "10.0.0.3" }), 3)

    assert.deepStrictEqual(addresses(state), ["10.0.0.2:80", "10.0.0.3:80"])
  })

  it("gives a peer no more addresses than the limit", () => {
    const { state, tell } = registry({ addressesPerPeer: 2 })
    tell(heard("ada", at("10.0.0.1:80", "10.0.0.1:81", "10.0.0.1:82")), 0)
    assert.deepStrictEqual(addresses(state), ["10.0.0.1:80", "10.0.0.1:81"])

    tell(heard("ada", at("10.0.0.1:80")), 1)
    tell(heard("ada", at("10.0.0.2:80", "10.0.0.2:81"), elsewhere), 2)
    assert.deepStrictEqual(addresses(state), ["10.0.0.1:80", "10.0.0.2:80"])
  })

  it("gives a peer no more addresses than a limit that is no whole number allows", () => {
    const { state, tell } = registry({ addressesPerPeer: 1.5 })
    tell(heard("ada", at("10.0.0.1:80", "10.0.0.1:81", "10.0.0.1:82")), 0)

    assert.deepStrictEqual(addresses(state), ["10.0.0.1:80", "10.0.0.1:81"])
  })
})

describe("addresses off the link", () => {
  const networkInterface = {
    name: "eth0",
    index: 2,
    isInternal: false,
    addresses: [IpInterface.fromStringUnsafe("10.0.0.1/24")]
  }
  const announced = (...texts: ReadonlyArray<string>) => ({ ...heard("ada", at(...texts)), networkInterface })

  it("S-U6 are no addresses of the peer, and are named where it is explained", () => {
    const { state, tell } = registry()
    tell(announced("8.8.8.8:80", "10.0.0.9:80"), 0)
    const [evidence] = PeerRegistry.explain(state, ada, 0)!.evidence

    assert.deepStrictEqual(addresses(state), ["10.0.0.9:80"])
    assert.deepStrictEqual(evidence?.offLink?.map(NetAddress.formatInet), ["8.8.8.8:80"])
  })

  it("S-U6 are judged anew with every announcement, and are no event", () => {
    const { state, tell } = registry()
    tell(announced("10.0.0.9:80"), 0)

    assert.deepStrictEqual(tell(announced("10.0.0.9:80", "8.8.8.8:80"), 1), [])
    assert.lengthOf(PeerRegistry.explain(state, ada, 1)!.evidence[0]!.offLink!, 1)
    assert.deepStrictEqual(tell(announced("10.0.0.9:80"), 2), [])
    assert.isUndefined(PeerRegistry.explain(state, ada, 2)!.evidence[0]!.offLink)
  })

  const linked = (...addresses: ReadonlyArray<string>): PeerRegistry.Linked => ({
    _tag: "Linked",
    interfaces: [{ ...networkInterface, addresses: addresses.map((text) => IpInterface.fromStringUnsafe(text)) }]
  })

  it("S-U6 are offered once their network is the interface's, though they are not announced anew, and no longer than that", () => {
    const { state, tell } = registry()
    tell(announced("10.0.0.9:80", "192.168.0.9:80"), 0)
    tell(linked("10.0.0.1/24", "192.168.0.1/24"), 1)
    assert.deepStrictEqual(addresses(state), ["10.0.0.9:80", "192.168.0.9:80"])
    assert.isUndefined(PeerRegistry.explain(state, ada, 1)!.evidence[0]!.offLink)

    assert.deepStrictEqual(tell(linked("10.0.0.1/24", "192.168.0.1/24"), 2), [])
    tell(linked("192.168.0.1/24"), 3)
    assert.deepStrictEqual(addresses(state), ["192.168.0.9:80"])
  })

  it("S-U6 are judged by the interface as it is now, though they were heard before", () => {
    const { state, tell } = registry()
    tell(linked("192.168.0.1/24"), 0)
    tell(announced("10.0.0.9:80", "192.168.0.9:80"), 1)

    assert.deepStrictEqual(addresses(state), ["192.168.0.9:80"])
  })

  it("S-U6 of other interfaces stay as they are", () => {
    const { state, tell } = registry()
    tell(announced("10.0.0.9:80", "192.168.0.9:80"), 0)
    const [other] = linked("192.168.0.1/24").interfaces

    assert.deepStrictEqual(tell({ _tag: "Linked", interfaces: [{ ...other!, name: "eth1" }] }, 1), [])
    assert.deepStrictEqual(addresses(state), ["10.0.0.9:80"])
  })

  it("S-U6 are offered last where the program allows them", () => {
    const state = PeerRegistry.make(Limits.defaults, 1, { allowOffLink: true })
    PeerRegistry.observe(state, announced("8.8.8.8:80", "10.0.0.9:80"), 0, [])

    assert.deepStrictEqual(addresses(state), ["10.0.0.9:80", "8.8.8.8:80"])
  })
})

describe("authentication", () => {
  it("the best proven evidence gives the name and ranks first, as long as it holds", () => {
    const { state, tell } = registry()
    tell(heard("ada", { name: "forged", ...at("10.0.0.1:80") }), 0)
    tell(heard("ada", { name: "Ada", authentication: "signed", ...at("10.0.0.2:80") }, elsewhere), 1)
    const proven = PeerRegistry.get(state, ada)
    tell(goodbye("ada", elsewhere), 2)

    assert.deepStrictEqual([proven?.name, proven?.authentication], ["Ada", "signed"])
    assert.deepStrictEqual(proven?.addresses.map(NetAddress.formatInet), ["10.0.0.2:80", "10.0.0.1:80"])
    assert.deepStrictEqual(PeerRegistry.get(state, ada), Given.peer("ada", { name: "forged", ...at("10.0.0.1:80") }))
  })

  it("ranks signed, group, claimed, none; of the same rank the oldest first", () => {
    const { state, tell } = registry({ evidencePerPeer: 8 })
    const ranks: ReadonlyArray<Peer.Authentication> = ["none", "group", "none", "signed", "claimed"]
    ranks.forEach((authentication, i) =>
      tell(heard("ada", { authentication, ...at(`10.0.0.${i}:80`) }, { address: `10.0.0.${i}` }), i)
    )

    assert.deepStrictEqual(addresses(state), [
      "10.0.0.3:80",
      "10.0.0.1:80",
      "10.0.0.4:80",
      "10.0.0.0:80",
      "10.0.0.2:80"
    ])
  })
})

describe("a goodbye", () => {
  it("ends the evidence of its own provenance only", () => {
    const { tell } = registry()
    tell(heard("ada", at("10.0.0.1:80")), 0)
    tell(heard("ada", at("10.0.0.2:80"), elsewhere), 1)

    assert.deepStrictEqual(show(tell(goodbye("ada"), 2)), ["updated ada addresses"])
    assert.deepStrictEqual(show(tell(goodbye("ada", elsewhere), 3)), ["lost ada Goodbye"])
  })

  it("from elsewhere, of another source, or of nobody is nothing", () => {
    const { state, tell } = registry()
    tell(heard("ada"), 0)
    const strangers = [
      goodbye("ada", elsewhere),
      goodbye("ada", { interface: "eth1" }),
      goodbye("ada", { source: "other" }),
      goodbye("grace")
    ]

    assert.deepStrictEqual(strangers.flatMap((input) => tell(input, 1)), [])
    assert.deepStrictEqual(names(state), ["ada"])
  })

  it("leaves the peer free to be discovered again", () => {
    const { tell } = registry()
    tell(heard("ada"), 0)
    tell(goodbye("ada"), 1)

    assert.deepStrictEqual(show(tell(heard("ada"), 2)), ["discovered ada"])
  })
})

describe("expiry", () => {
  it("comes at the end of the ttl, neither before nor after", () => {
    const { state, tell } = registry()
    tell(heard("ada", { ttl: 1_000 }), 500)

    assert.strictEqual(PeerRegistry.wakeAt(state), 1_500)
    assert.deepStrictEqual(tell(Machine.Woke, 1_499), [])
    assert.deepStrictEqual(show(tell(Machine.Woke, 1_500)), ["lost ada Expired"])
    assert.deepStrictEqual(PeerRegistry.peers(state), [])
    assert.strictEqual(PeerRegistry.wakeAt(state), Infinity)
  })

  it("of one piece of evidence leaves the peer to the others", () => {
    const { tell } = registry()
    tell(heard("ada", { ttl: 1_000, ...at("10.0.0.1:80") }), 0)
    tell(heard("ada", { ttl: 2_000, ...at("10.0.0.2:80") }, elsewhere), 0)

    assert.deepStrictEqual(show(tell(Machine.Woke, 1_000)), ["updated ada addresses"])
    assert.deepStrictEqual(show(tell(Machine.Woke, 2_000)), ["lost ada Expired"])
  })

  it("takes everyone whose time has come at once, the first to expire first", () => {
    const { state, tell } = registry()
    for (const [name, ttl] of [["ada", 300], ["grace", 100], ["edsger", 500], ["barbara", 200]] as const) {
      tell(heard(name, { ttl }), 0)
    }

    assert.deepStrictEqual(show(tell(Machine.Woke, 300)), [
      "lost grace Expired",
      "lost barbara Expired",
      "lost ada Expired"
    ])
    assert.strictEqual(PeerRegistry.wakeAt(state), 500)
  })

  it("of many that end one after the other is one batch, up to a 64th of a ttl after the first has ended", () => {
    const { state, tell } = registry()
    for (let i = 0; i < 300; i++) tell(heard(`node${i}`, { ttl: 6_400 }, { address: `10.0.${i}.1` }), Math.floor(i / 3))

    assert.strictEqual(PeerRegistry.wakeAt(state), 6_500)
    assert.lengthOf(tell(Machine.Woke, 6_500), 300)
  })

  it("of so many that end at one instant waits for those that may end just after, of a few for none", () => {
    for (const [count, at] of [[2, 6_400], [14, 6_400], [15, 6_500], [1_000, 6_500]] as const) {
      const { state, tell } = registry()
      for (let i = 0; i < count; i++) {
        tell(heard(`node${i}`, { ttl: 6_400 }, { address: `10.${i >> 8}.${i & 255}.1` }), 0)
      }

      assert.strictEqual(PeerRegistry.wakeAt(state), at, `${count}`)
    }
  })

  it("is put off by a second at most, and not for those that end later than that", () => {
    const { state, tell } = registry()
    tell(heard("ada", { ttl: 3_600_000 }), 0)
    tell(heard("grace", { ttl: 3_600_000 }), 1_001)
    assert.strictEqual(PeerRegistry.wakeAt(state), 3_600_000)

    tell(heard("edsger", { ttl: 3_600_000 }), 1_000)
    assert.strictEqual(PeerRegistry.wakeAt(state), 3_601_000)
  })

  it("is postponed by renewing the lease, without any event", () => {
    const { state, tell } = registry()
    const lease = Lease.make(1_000, 0)
    tell({ ...heard("ada"), lease }, 0)
    Lease.renew(lease, 900)

    assert.deepStrictEqual(tell(Machine.Woke, 1_000), [])
    assert.strictEqual(PeerRegistry.wakeAt(state), 1_900)
    assert.deepStrictEqual(show(tell(Machine.Woke, 1_900)), ["lost ada Expired"])
  })

  it("is postponed by announcing again", () => {
    const { tell } = registry()
    tell(heard("ada"), 0)
    tell(heard("ada"), 900)

    assert.deepStrictEqual(tell(Machine.Woke, 1_899), [])
    assert.deepStrictEqual(show(tell(Machine.Woke, 1_900)), ["lost ada Expired"])
  })

  it("honours a shorter ttl than before", () => {
    const { state, tell } = registry()
    tell(heard("ada", { ttl: 10_000 }), 0)
    tell(heard("grace", { ttl: 5_000 }), 0)
    tell(heard("ada", { ttl: 100 }), 1_000)

    assert.strictEqual(PeerRegistry.wakeAt(state), 1_100)
    assert.deepStrictEqual(show(tell(Machine.Woke, 1_100)), ["lost ada Expired"])
  })

  it("waits to be woken: an announcement that was late to be read still renews (S-F2)", () => {
    const { tell } = registry()
    tell(heard("ada"), 0)

    assert.deepStrictEqual(tell(heard("grace"), 5_000), [DiscoveryEvent.discovered(Given.peer("grace"))])
    assert.deepStrictEqual(tell(heard("ada"), 5_000), [])
    assert.deepStrictEqual(tell(Machine.Woke, 5_999), [])
  })

  it("never comes to what holds for ever", () => {
    const { state, tell } = registry()
    tell(heard("ada", { ttl: Infinity }), 0)

    assert.strictEqual(PeerRegistry.wakeAt(state), Infinity)
    assert.deepStrictEqual(tell(Machine.Woke, Number.MAX_SAFE_INTEGER), [])
  })
})

describe("a lease", () => {
  it("is held from when its claim is heard until it has ended or been replaced", () => {
    const { tell } = registry()
    const [first, second] = [Lease.make(1_000, 0), Lease.make(1_000, 1)]
    tell({ ...heard("ada"), lease: first }, 0)
    assert.isTrue(first.isHeld)

    tell({ ...heard("ada"), lease: second }, 1)
    assert.deepStrictEqual([first.isHeld, second.isHeld], [false, true])

    tell(goodbye("ada"), 2)
    assert.isFalse(second.isHeld)
  })

  it("of refused evidence is neither held nor waited for", () => {
    const { tell } = registry({ evidencePerPeer: 1 })
    const lease = Lease.make(1_000, 0)
    tell(heard("ada"), 0)
    tell({ ...heard("ada", {}, elsewhere), lease }, 0)

    assert.deepStrictEqual([lease.isHeld, lease.isPending], [false, false])
  })
})

describe("a closed source", () => {
  const populated = () => {
    const { state, tell } = registry()
    tell(heard("ada", at("10.0.0.1:80")), 0)
    tell(heard("ada", at("10.0.0.1:81"), { interface: "eth1" }), 0)
    tell(heard("grace"), 0)
    tell(heard("edsger", {}, { source: "other" }), 0)
    return { state, tell }
  }

  it("takes what it had on one interface along when that is lost", () => {
    const { state, tell } = populated()
    const events = tell({ _tag: "Closed", source: "test", interface: "eth0", reason: "InterfaceLost" }, 1)

    assert.deepStrictEqual(show(events), ["updated ada addresses", "lost grace InterfaceLost"])
    assert.deepStrictEqual(addresses(state), ["10.0.0.1:81"])
    assert.deepStrictEqual(names(state), ["ada", "edsger"])
  })

  it("takes all that it knew along when it ends", () => {
    const { state, tell } = populated()
    const events = tell({ _tag: "Closed", source: "test", reason: "SourceClosed" }, 1)

    assert.deepStrictEqual(show(events), ["lost ada SourceClosed", "lost grace SourceClosed"])
    assert.deepStrictEqual(names(state), ["edsger"])
    assert.strictEqual(PeerRegistry.wakeAt(state), 1_000)
  })
})

describe("limits", () => {
  const sender = (i: number) => ({ address: `10.0.${i >> 8}.${i & 255}` })

  it("of one source address: its oldest peer goes when it announces too many", () => {
    const { state, tell } = registry({ peersPerSource: 2 })
    tell(heard("ada"), 0)
    tell(heard("grace"), 0)
    tell(heard("edsger", {}, elsewhere), 0)

    assert.deepStrictEqual(show(tell(heard("barbara"), 1)), ["lost ada Evicted", "discovered barbara"])
    assert.deepStrictEqual(names(state), ["grace", "edsger", "barbara"])
    assert.deepStrictEqual(state.pressure, { evicted: 1, refused: 0 })
  })

  it("of unproven peers do not count proven ones, nor those the program named", () => {
    const { state, tell } = registry({ unverifiedPeers: 1, verifiedPeers: 1 })
    tell(heard("none", {}, sender(1)), 0)
    tell(heard("signed", { authentication: "signed" }, sender(2)), 0)
    for (const name of ["one", "two", "three"]) tell(heard(name, {}, { interface: "", address: "" }), 0)

    assert.deepStrictEqual(names(state), ["none", "signed", "one", "two", "three"])
    assert.deepStrictEqual(show(tell(heard("claimed", { authentication: "claimed" }, sender(3)), 1)), [
      "lost none Evicted",
      "discovered claimed"
    ])
    assert.deepStrictEqual(show(tell(heard("group", { authentication: "group" }, sender(4)), 1)), [
      "lost signed Evicted",
      "discovered group"
    ])
  })

  it("what has expired makes room before anyone is evicted", () => {
    const { tell } = registry({ unverifiedPeers: 2 })
    tell(heard("ada", { ttl: 5_000 }, sender(1)), 0)
    tell(heard("grace", { ttl: 100 }, sender(2)), 0)

    assert.deepStrictEqual(show(tell(heard("edsger", {}, sender(3)), 200)), ["lost grace Expired", "discovered edsger"])
  })

  it("S-F2 after a stall a newcomer ends nobody who was slept past: what renews them may wait to be read", () => {
    const { state, tell } = registry({ unverifiedPeers: 2 })
    for (const now of [0, 400, 800]) for (const i of [1, 2]) tell(heard(`peer ${i}`, {}, sender(i)), now)
    tell(heard("newcomer", {}, sender(3)), 5_000)
    for (const i of [1, 2]) tell(heard(`peer ${i}`, {}, sender(i)), 5_000)

    assert.deepStrictEqual(PeerRegistry.peers(state).map(({ name }) => name), ["peer 1", "peer 2"])
    assert.deepStrictEqual(tell(Machine.Woke, 5_100), [])
  })

  it("a newcomer stays out when all who are there are established", () => {
    const { state, tell } = registry({ unverifiedPeers: 2 })
    for (const now of [0, 400, 800]) for (const i of [1, 2]) tell(heard(`peer ${i}`, {}, sender(i)), now)

    assert.deepStrictEqual(tell(heard("eve", {}, sender(3)), 900), [])
    assert.deepStrictEqual(names(state), ["peer 1", "peer 2"])
    assert.deepStrictEqual(state.pressure, { evicted: 0, refused: 1 })
  })

  it("hold for peers that are proven only after they were discovered", () => {
    const { state, tell } = registry({ unverifiedPeers: 10, verifiedPeers: 10 })
    for (let i = 0; i < 100; i++) {
      tell(heard(`peer ${i}`, {}, sender(i)), i)
      tell(heard(`peer ${i}`, { authentication: "signed" }, sender(i)), i)
    }

    assert.strictEqual(PeerRegistry.peers(state).length, 20)
  })
})

describe("explain", () => {
  it("gives the evidence, the oldest first, with times relative to now", () => {
    const { state, tell } = registry()
    tell(heard("ada", at("10.0.0.1:80")), 100)
    tell(heard("ada", { ttl: Infinity, ...at("10.0.0.2:80") }, elsewhere), 200)
    tell(heard("ada", at("10.0.0.1:80")), 400)

    assert.deepStrictEqual(PeerRegistry.explain(state, ada, 500), {
      peer: Given.peer("ada", at("10.0.0.1:80", "10.0.0.2:80")),
      evidence: [
        { ...Given.provenance(), ...at("10.0.0.1:80"), firstHeardAgo: 400, heardAgo: 100, heard: 2, expiresIn: 900 },
        {
          ...Given.provenance(elsewhere),
          ...at("10.0.0.2:80"),
          firstHeardAgo: 300,
          heardAgo: 300,
          heard: 1,
          expiresIn: Infinity
        }
      ]
    })
  })

  it("counts renewals of the lease", () => {
    const { state, tell } = registry()
    const lease = Lease.make(1_000, 0)
    tell({ ...heard("ada"), lease }, 0)
    Lease.renew(lease, 300)
    const [evidence] = PeerRegistry.explain(state, ada, 500)!.evidence

    assert.deepStrictEqual([evidence?.heardAgo, evidence?.heard, evidence?.expiresIn], [200, 2, 800])
  })

  it("knows nothing of a peer that is not known", () => {
    assert.isUndefined(PeerRegistry.explain(registry().state, ada, 0))
  })
})

describe("machine", () => {
  it("expires peers at its own deadlines", () => {
    const inputs = [[0, heard("ada")], [200, heard("grace", { ttl: 300 })], [900, heard("ada")]] as const
    const outputs = Machine.replay(PeerRegistry.machine(Limits.defaults), { seed: 1, inputs, until: 5_000 })

    assert.deepStrictEqual(outputs.map(([at, event]) => `${at} ${show([event]).join()}`), [
      "0 discovered ada",
      "200 discovered grace",
      "500 lost grace Expired",
      "1900 lost ada Expired"
    ])
  })
})
