import { Machine, PeerRegistry } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Given from "./internal/Given.ts"

const elsewhere = (index: number) => ({ address: `10.1.${index >> 8}.${index & 255}` })

describe("a peer that is of a lower class from now on", () => {
  it("gives way there like any other, though it says the same as before", () => {
    const { state, tell } = Given.registry({ unverifiedPeers: 1 })
    tell(Given.heard("ada", { ttl: 1_000 }, { address: "" }), 0)
    tell(Given.heard("ada", { ttl: 9_000 }), 0)
    tell(Machine.Woke, 1_100)
    tell(Given.heard("grace", {}, elsewhere(1)), 1_100)

    assert.strictEqual(PeerRegistry.peers(state).length, 1)
  })

  it("takes the place there of one whose time is over", () => {
    const { state, tell } = Given.registry({ unverifiedPeers: 1 })
    tell(Given.heard("grace", { ttl: 1_000 }, elsewhere(1)), 0)
    tell(Given.heard("ada", { ttl: 9_000 }, { address: "" }), 0)
    tell(Given.heard("ada", { ttl: 9_000 }), 0)
    tell(Given.goodbye("ada", { address: "" }), 1_005)
    assert.deepStrictEqual(PeerRegistry.peers(state).map(({ name }) => name), ["ada"])
    tell(Given.heard("edsger", {}, elsewhere(2)), 1_006)

    assert.strictEqual(PeerRegistry.peers(state).length, 1)
  })

  it("moves there beside thousands that do so at once", () => {
    const count = 3_000
    const { state, tell } = Given.registry({ unverifiedPeers: 10, verifiedPeers: count })
    for (let i = 0; i < count; i++) {
      tell(Given.heard(`${i}`, { ttl: 1_000, authentication: "group", group: "g" }, elsewhere(i)), 0)
      tell(Given.heard(`${i}`, { ttl: 9_000 }, { address: `10.2.${i >> 8}.${i & 255}` }), 0)
    }
    tell(Machine.Woke, 1_100)

    assert.strictEqual(PeerRegistry.peers(state).length, 10)
  })
})
