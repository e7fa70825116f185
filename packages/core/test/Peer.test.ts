import { Attributes, Peer } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Given from "./internal/Given.ts"

describe("id", () => {
  it("starts with the source's name, so that no protocol speaks for another's peer (S-U5)", () => {
    assert.strictEqual(Peer.id("peerage", "a@host"), "peerage:a@host")
    assert.notStrictEqual(Peer.id("peerage", "ada"), Peer.id("json", "ada"))
  })
})

describe("PeerId", () => {
  it("decodes a name, a colon and an identifier", () => {
    assert.strictEqual(Schema.decodeSync(Peer.PeerId)("peerage:a@host"), Peer.id("peerage", "a@host"))
    assert.strictEqual(Schema.decodeSync(Peer.PeerId)("p:"), Peer.id("p", ""))
  })

  it.each(["", "ada", ":ada"])("refuses %j", (text) => {
    assert.throws(() => Schema.decodeSync(Peer.PeerId)(text))
  })
})

describe("changes", () => {
  const ada = Given.peer("ada", { attributes: Attributes.make({ role: "leader" }) })

  it("has none for two peers with the same content", () => {
    const again = Given.peer("ada", {
      addresses: [Given.address("10.0.0.1:80")],
      attributes: Attributes.make([["role", "leader"]])
    })

    assert.deepStrictEqual(Peer.changes(ada, ada), [])
    assert.deepStrictEqual(Peer.changes(ada, again), [])
  })

  it("tells a source from two whose names are parts of its name", () => {
    const before = Given.peer("ada", { sources: ["lan,wan"] })

    assert.deepStrictEqual(Peer.changes(before, { ...before, sources: ["lan", "wan"] }), ["evidence"])
  })

  it.each<[Peer.Aspect, Partial<Peer.Peer>]>([
    ["name", { name: "Ada" }],
    ["addresses", { addresses: [Given.address("10.0.0.1:81")] }],
    ["attributes", { attributes: Attributes.empty }],
    ["evidence", { sources: ["test", "other"] }],
    ["authentication", { authentication: "signed" }],
    ["key", { key: Given.key(1) }],
    ["group", { group: "52b6c968" }]
  ])("names %s when only that differs", (aspect, difference) => {
    assert.deepStrictEqual(Peer.changes(ada, { ...ada, ...difference }), [aspect])
    assert.deepStrictEqual(Peer.changes({ ...ada, ...difference }, ada), [aspect])
  })

  it("one address among others is a difference, and so is another order, which ranks them", () => {
    const [a, b, c] = [Given.address("10.0.0.1:80"), Given.address("10.0.0.2:80"), Given.address("10.0.0.3:80")]

    assert.deepStrictEqual(Peer.changes({ ...ada, addresses: [a, b] }, { ...ada, addresses: [a, c] }), ["addresses"])
    assert.deepStrictEqual(Peer.changes({ ...ada, addresses: [a, b] }, { ...ada, addresses: [b, a] }), ["addresses"])
  })

  it("names all that differ, in one order", () => {
    const other = Given.peer("eve", { addresses: [], sources: [], authentication: "claimed" })

    assert.deepStrictEqual(Peer.changes(ada, other), ["name", "addresses", "attributes", "evidence", "authentication"])
  })
})

describe("toJson", () => {
  it("is the peer as text", () => {
    const ada = Given.peer("ada", {
      addresses: [Given.address("10.0.0.1:80"), Given.address("[fe80::1%2]:80")],
      attributes: Attributes.make({ role: "leader" })
    })

    assert.deepStrictEqual(JSON.parse(JSON.stringify(Peer.toJson(ada))), {
      id: "test:ada",
      name: "ada",
      addresses: ["10.0.0.1:80", "[fe80::1%2]:80"],
      attributes: { role: "leader" },
      sources: ["test"],
      authentication: "none"
    })
  })
})
