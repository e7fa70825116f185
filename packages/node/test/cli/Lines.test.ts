import { Attributes, DiscoveryEvent, Peer } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Lines from "../../src/internal/cli/Lines.ts"
import { peer } from "./peer.ts"

const attributes = Attributes.make({ role: "leader" })
const updated = DiscoveryEvent.updated(peer(), peer({ attributes }))!
const noon = new Date(2026, 0, 1, 12, 0, 0).getTime()

describe("json", () => {
  it("says what happened, when, and to whom", () => {
    assert.strictEqual(
      Lines.json(DiscoveryEvent.discovered(peer({ attributes })), 0),
      `{"event":"discovered","at":"1970-01-01T00:00:00.000Z","peer":{"id":"json:ada","name":"ada",` +
        `"addresses":["10.0.0.1:8080"],"attributes":{"role":"leader"},"sources":["json"],"authentication":"none"}}`
    )
  })

  it("says what an update changed, and why a peer is lost", () => {
    assert.deepInclude(JSON.parse(Lines.json(updated, 0)), { event: "updated", changed: ["attributes"] })
    assert.deepInclude(JSON.parse(Lines.json(DiscoveryEvent.lost(peer(), "Expired"), 0)), {
      event: "lost",
      reason: "Expired"
    })
  })

  it("keeps a name's every character without showing it", () => {
    const name = "a\u009b\u202e\u2028b"
    const line = Lines.json(DiscoveryEvent.discovered(peer({ name })), 0)

    assert.include(line, `"a\\u009b\\u202e\\u2028b"`)
    assert.strictEqual(JSON.parse(line).peer.name, name)
  })
})

describe("text", () => {
  it("tells each kind of event in a line", () => {
    const events = [DiscoveryEvent.discovered(peer()), updated, DiscoveryEvent.lost(peer(), "Goodbye")]

    assert.deepStrictEqual(events.map((event) => Lines.text(event, noon)), [
      "12:00:00 discovered json:ada 10.0.0.1:8080",
      "12:00:00 updated    json:ada (attributes) 10.0.0.1:8080 role=leader",
      "12:00:00 lost       json:ada (Goodbye)"
    ])
  })

  it("gives the name of a peer whose id does not tell it", () => {
    const event = DiscoveryEvent.lost(peer({ id: Peer.id("json", "4f2a") }), "Expired")

    assert.strictEqual(Lines.text(event, noon), "12:00:00 lost       json:4f2a (ada) (Expired)")
  })

  it("is one line that commands nothing, whatever a peer says", () => {
    const name = "x\r\n\u001b[2J"
    const event = DiscoveryEvent.discovered(peer({ name, attributes: Attributes.make({ "k\u0007": "v\n" }) }))

    assert.strictEqual(
      Lines.text(event, noon),
      "12:00:00 discovered json:x\\u{d}\\u{a}\\u{1b}[2J 10.0.0.1:8080 k\\u{7}=v\\u{a}"
    )
  })
})

describe("diagnostic", () => {
  it("is one line that commands nothing, whatever it is about", () => {
    const restarting = Lines.diagnostic({
      _tag: "SessionRestarting",
      source: "json",
      interface: "eth0",
      message: "lost\n\u001b[31m",
      total: 22
    })

    assert.strictEqual(restarting, "discover: json on eth0 starts again, for the 22nd time: lost\\u{a}\\u{1b}[31m")
  })
})
