import { PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Lookalikes from "../../src/internal/cli/Lookalikes.ts"
import { keyed, peer } from "./peer.ts"

const [ada, eve] = [1, 2].map((octet) => PeerKey.fromBytes(new Uint8Array(32).fill(octet))) as [
  PeerKey.PeerKey,
  PeerKey.PeerKey
]
const entry = { key: ada, state: "trusted", name: "paypal", addedAt: 0 } as const

describe("has", () => {
  it("S-D4 flags another key, or none, under a name that looks like that of a key on the list", () => {
    const names = Lookalikes.make()
    Lookalikes.adopt(names, [entry])

    assert.isTrue(Lookalikes.has(names, keyed({ key: eve, name: "PayPal" })))
    assert.isTrue(Lookalikes.has(names, keyed({ key: eve, name: "р\u0430ypal" })))
    assert.isTrue(Lookalikes.has(names, peer({ name: "paypal" })))
    assert.isFalse(Lookalikes.has(names, keyed({ key: ada, name: "paypal" })))
    assert.isFalse(Lookalikes.has(names, keyed({ key: eve, name: "eve" })))
  })

  it("S-D4 knows a name in the other case, too, where capitals look like other letters than their small forms do", () => {
    const names = Lookalikes.make()
    Lookalikes.adopt(names, [{ ...entry, name: "ΗΛΙΟΝ" }])

    assert.isTrue(Lookalikes.has(names, peer({ name: "ηλιον" })))
    assert.isTrue(Lookalikes.has(names, peer({ name: "HΛION" })))
    assert.isFalse(Lookalikes.has(names, keyed({ key: ada, name: "ηλιον" })))
  })

  it("S-D4 two trusted keys of one name are both flagged", () => {
    const names = Lookalikes.make()
    Lookalikes.adopt(names, [entry, { ...entry, key: eve }])

    assert.isTrue(Lookalikes.has(names, keyed({ key: ada, name: "paypal" })))
  })

  it("S-D4 counts what a key on the list calls itself", () => {
    const names = Lookalikes.make()
    Lookalikes.adopt(names, [{ key: ada, state: "pinned", addedAt: 0 }])
    assert.isTrue(Lookalikes.note(names, ada, "Ada"))
    assert.isFalse(Lookalikes.note(names, ada, "ADA"))
    assert.isTrue(Lookalikes.has(names, peer({ name: "ada" })))
    // for as long as it is on the list
    Lookalikes.adopt(names, [])

    assert.isFalse(Lookalikes.has(names, peer({ name: "ada" })))
  })

  it("a denied key has no name that others could be taken for", () => {
    const names = Lookalikes.make()
    Lookalikes.adopt(names, [{ ...entry, state: "denied" }])

    assert.isFalse(Lookalikes.has(names, peer({ name: "paypal" })))
  })
})
