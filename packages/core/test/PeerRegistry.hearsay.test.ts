import { type Claim, type DiscoveryEvent, Lease, PeerRegistry } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Given from "./internal/Given.ts"

/** Another tells of a node at an address. */
const told = (name: string, address = "10.0.0.1", options: Partial<Claim.Claim> = {}): PeerRegistry.Announced => ({
  ...Given.heard(name, { addresses: [Given.address(`${address}:80`)], ...options }, { address }),
  isHearsay: true
})

const itself = (name: string, address = "10.0.0.1", options: Partial<Claim.Claim> = {}): PeerRegistry.Announced => ({
  ...told(name, address, options),
  isHearsay: false
})

const tags = (events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>) => events.map(({ _tag }) => _tag)

const addressesOf = ({ state }: ReturnType<typeof Given.registry>) =>
  PeerRegistry.peers(state).map(({ addresses }) => addresses.map(NetAddress.formatInet))

describe("hearsay", () => {
  it("discovers a peer that is not known, proven by nothing, for as long as it was said to hold", () => {
    const { state, tell } = Given.registry()

    assert.deepStrictEqual(tags(tell(told("ada", "10.0.0.1", { ttl: 500 }), 0)), ["PeerDiscovered"])
    assert.strictEqual(PeerRegistry.peers(state)[0]!.authentication, "none")
    assert.deepStrictEqual(tags(tell({ _tag: "Woke" }, 500)), ["PeerLost"])
  })

  it("becomes what the peer says when that comes from the same address, without an event when it is the same", () => {
    const registry = Given.registry()
    registry.tell(told("ada"), 0)

    assert.deepStrictEqual(registry.tell(itself("ada"), 100), [])
    assert.deepStrictEqual(registry.tell({ _tag: "Woke" }, 1_000), [])
    assert.deepStrictEqual(tags(registry.tell({ _tag: "Woke" }, 1_100)), ["PeerLost"])
  })

  it("gives way to what the peer says from another address", () => {
    const registry = Given.registry()
    registry.tell(told("ada", "10.0.0.66"), 0)

    assert.deepStrictEqual(tags(registry.tell(itself("ada", "10.0.0.2"), 100)), ["PeerUpdated"])
    assert.deepStrictEqual(addressesOf(registry), [["10.0.0.2:80"]])
  })

  it("gives way as well when whoever tells of it has renewed its lease", () => {
    const registry = Given.registry()
    const lease = Lease.make(1_000, 0)
    registry.tell({ ...told("ada", "10.0.0.66"), lease }, 0)
    Lease.renew(lease, 50)

    assert.deepStrictEqual(tags(registry.tell(itself("ada", "10.0.0.2"), 100)), ["PeerUpdated"])
    assert.deepStrictEqual(addressesOf(registry), [["10.0.0.2:80"]])
  })

  it("is known as such for no longer than it is there", () => {
    const { state, tell } = Given.registry()
    for (const name of ["ada", "grace", "edsger"]) tell(told(name, "10.0.0.66"), 0)
    assert.strictEqual(state.hearsay.size, 3)
    tell(itself("ada", "10.0.0.66"), 100)
    assert.strictEqual(state.hearsay.size, 2)
    tell(itself("grace", "10.0.0.2"), 100)
    assert.strictEqual(state.hearsay.size, 1)
    tell({ _tag: "Woke" }, 5_000)
    assert.strictEqual(state.hearsay.size, 0)
  })

  it("changes nothing of a peer that was heard", () => {
    const registry = Given.registry()
    registry.tell(itself("ada", "10.0.0.2"), 0)

    assert.deepStrictEqual(registry.tell(told("ada", "10.0.0.66", { ttl: 9_000 }), 100), [])
    assert.deepStrictEqual(registry.tell(told("ada", "10.0.0.2", { ttl: 9_000 }), 100), [])
    assert.deepStrictEqual(addressesOf(registry), [["10.0.0.2:80"]])
    assert.deepStrictEqual(tags(registry.tell({ _tag: "Woke" }, 1_000)), ["PeerLost"])
  })

  it("renews hearsay of the same address, and shortens nothing", () => {
    const { tell } = Given.registry()
    tell(told("ada", "10.0.0.1", { ttl: 1_000 }), 0)
    tell(told("ada", "10.0.0.1", { ttl: 2_000 }), 0)
    tell(told("ada", "10.0.0.1", { ttl: 500 }), 0)
    tell(told("ada", "10.0.0.9", { ttl: 9_000 }), 0)

    assert.deepStrictEqual(tell({ _tag: "Woke" }, 1_999), [])
    assert.deepStrictEqual(tags(tell({ _tag: "Woke" }, 2_000)), ["PeerLost"])
  })

  it("S-4.1 displaces nobody, and is displaced by who is heard", () => {
    const limits = { unverifiedPeers: 2, peersPerSource: 8 }
    const registry = Given.registry(limits)
    registry.tell(told("ada", "10.0.0.1"), 0)
    registry.tell(told("bob", "10.0.0.2"), 0)

    assert.deepStrictEqual(registry.tell(told("eve", "10.0.0.3"), 1), [])
    assert.strictEqual(registry.state.pressure.refused, 1)
    assert.deepStrictEqual(tags(registry.tell(itself("zoe", "10.0.0.4"), 2)), ["PeerLost", "PeerDiscovered"])
    assert.deepStrictEqual(registry.tell(told("eve", "10.0.0.3"), 3), [])
  })

  it("S-4.1 establishes nobody, however often it is repeated", () => {
    const { state, tell } = Given.registry()
    for (let now = 0; now < 2_000; now += 100) tell(told("ada", "10.0.0.1", { ttl: 1_000 + now }), now)

    assert.strictEqual(Array.from(state.entries.values())[0]!.evidence?.lease.heard, 0)
  })

  it("ends with a goodbye from its address", () => {
    const { tell } = Given.registry()
    tell(told("ada"), 0)

    assert.deepStrictEqual(tags(tell(Given.goodbye("ada", { address: "10.0.0.1" }), 1)), ["PeerLost"])
  })
})
