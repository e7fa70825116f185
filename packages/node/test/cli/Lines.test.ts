import { Attributes, DiscoveryEvent, Peer, PeerKey, TrustError } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Lines from "../../src/internal/cli/Lines.ts"
import { keyed, peer, plain } from "./peer.ts"

const attributes = Attributes.make({ role: "leader" })
const updated = DiscoveryEvent.updated(peer(), peer({ attributes }))!
const noon = new Date(2026, 0, 1, 12, 0, 0).getTime()

describe("json", () => {
  it("says what happened, when, and to whom", () => {
    assert.strictEqual(
      Lines.json(plain(DiscoveryEvent.discovered(peer({ attributes }))), 0),
      `{"event":"discovered","at":"1970-01-01T00:00:00.000Z","peer":{"id":"json:ada","name":"ada",` +
        `"addresses":["10.0.0.1:8080"],"attributes":{"role":"leader"},"sources":["json"],"authentication":"none"}}`
    )
  })

  it("says what an update changed, and why a peer is lost", () => {
    assert.deepInclude(JSON.parse(Lines.json(plain(updated), 0)), { event: "updated", changed: ["attributes"] })
    assert.deepInclude(JSON.parse(Lines.json(plain(DiscoveryEvent.lost(peer(), "Expired")), 0)), {
      event: "lost",
      reason: "Expired"
    })
  })

  it("S-D4 says of a key what it is, how far it is trusted, and whether it looks like another", () => {
    const event = DiscoveryEvent.discovered(keyed())
    const told = JSON.parse(
      Lines.json({ event, standing: { state: "unknown", isDialable: false, isLookalike: true } }, 0)
    )

    assert.deepInclude(told.peer, {
      key: keyed().key,
      authentication: "signed",
      fingerprint: "21fe 31df a154 a261",
      trust: "unknown",
      dialable: false,
      lookalike: true
    })
  })

  it("tells a change of trust as an update", () => {
    const standing = { state: "trusted", isDialable: true, isLookalike: false } as const
    const event = { _tag: "StandingChanged", peer: keyed(), changed: ["trust"] } as const

    assert.deepInclude(JSON.parse(Lines.json({ event, standing }, 0)), { event: "updated", changed: ["trust"] })
  })

  it("keeps a name's every character without showing it", () => {
    const name = "a\u009b\u202e\u2028b"
    const line = Lines.json(plain(DiscoveryEvent.discovered(peer({ name }))), 0)

    assert.include(line, `"a\\u009b\\u202e\\u2028b"`)
    assert.strictEqual(JSON.parse(line).peer.name, name)
  })
})

describe("text", () => {
  it("tells each kind of event in a line", () => {
    const events = [DiscoveryEvent.discovered(peer()), updated, DiscoveryEvent.lost(peer(), "Goodbye")]

    assert.deepStrictEqual(events.map((event) => Lines.text(plain(event), noon)), [
      "12:00:00 discovered json:ada 10.0.0.1:8080",
      "12:00:00 updated    json:ada (attributes) 10.0.0.1:8080 role=leader",
      "12:00:00 lost       json:ada (Goodbye)"
    ])
  })

  it("shows a key that has no value as it is, and one whose value is empty as such", () => {
    const event = DiscoveryEvent.discovered(peer({ attributes: Attributes.make({ flag: true, empty: "" }) }))

    assert.strictEqual(Lines.text(plain(event), noon), "12:00:00 discovered json:ada 10.0.0.1:8080 flag empty=")
  })

  it("gives the name of a peer whose id does not tell it", () => {
    const event = DiscoveryEvent.lost(peer({ id: Peer.id("json", "4f2a") }), "Expired")

    assert.strictEqual(Lines.text(plain(event), noon), "12:00:00 lost       json:4f2a (ada) (Expired)")
  })

  it.each(
    [
      [{ state: "trusted", isDialable: true, isLookalike: false }, "[21fe 31df a154 a261 signed trusted] ada"],
      [{ state: "unknown", isDialable: false, isLookalike: true }, "[21fe 31df a154 a261 signed unknown lookalike] ada"]
    ] as const
  )("S-D4 has a key's short form and its standing before the name (case %#)", (standing, expected) => {
    const item = { event: DiscoveryEvent.lost(keyed(), "Goodbye"), standing }

    assert.strictEqual(Lines.text(item, noon), `12:00:00 lost       ${expected} (Goodbye)`)
  })

  it("S-D4 a name cannot pass for a standing", () => {
    const name = "[21fe 31df a154 a261 signed trusted] ada"
    const line = Lines.text(plain(DiscoveryEvent.discovered(peer({ name }))), noon)

    assert.match(line, /^12:00:00 discovered json:\[/)
  })

  it("is one line that commands nothing, whatever a peer says", () => {
    const name = "x\r\n\u001b[2J"
    const event = DiscoveryEvent.discovered(peer({ name, attributes: Attributes.make({ "k\u0007": "v\n" }) }))

    assert.strictEqual(
      Lines.text(plain(event), noon),
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

  it("asks for the other program that says something else in our own name", () => {
    const rejected = { _tag: "DatagramRejected", source: "signed", interface: "lo", sample: "", total: 1 } as const
    const lines = ["selfSpoof", "stale"].map((reason) =>
      Lines.diagnostic({ ...rejected, reason, from: "127.0.0.1:5000" })
    )

    assert.deepStrictEqual(lines, [
      "discover: signed on lo rejected a datagram from 127.0.0.1:5000 (selfSpoof), 1 so far: something else is said in our own name; " +
      "does another program use the same name or key?",
      "discover: signed on lo rejected a datagram from 127.0.0.1:5000 (stale), 1 so far"
    ])
  })

  it("tells what is beyond a limit from what cannot be sent now", () => {
    const refused = { _tag: "AnnouncementRefused", source: "signed", total: 2 } as const
    const lines = [
      Lines.diagnostic({ ...refused, reason: "attributes" }),
      Lines.diagnostic({ ...refused, reason: "SourceFailed", message: "stamps.json cannot be written." })
    ]

    assert.deepStrictEqual(lines, [
      "discover: signed announced what is beyond the limits (attributes), 2 so far",
      "discover: signed cannot announce now, for the 2nd time: stamps.json cannot be written."
    ])
  })

  it("counts as English does", () => {
    const nth = (total: number) => {
      const line = Lines.diagnostic({
        _tag: "SessionRestarting",
        source: "json",
        interface: "eth0",
        message: "lost",
        total
      })
      return /the (\w+) time/.exec(line)?.[1]
    }

    assert.deepStrictEqual([1, 2, 3, 4, 10, 11, 12, 13, 20, 21, 33, 101, 112].map(nth), [
      "1st",
      "2nd",
      "3rd",
      "4th",
      "10th",
      "11th",
      "12th",
      "13th",
      "20th",
      "21st",
      "33rd",
      "101st",
      "112th"
    ])
  })
})

describe("trustEvent", () => {
  const [key, next] = [1, 2].map((octet) => PeerKey.fromBytes(new Uint8Array(32).fill(octet))) as [
    PeerKey.PeerKey,
    PeerKey.PeerKey
  ]

  it("tells of a key that uses the name of another", () => {
    const event = { key, name: "a\u001b[2J", realm: "chat", authentication: "signed", pinned: next } as const
    const line = Lines.trustEvent({ _tag: "KeyChanged", ...event }, 3)

    assert.match(
      line,
      /^discover: the key \[[0-9a-f ]{19}\] uses the name a\\u\{1b\}\[2J, which is that of \[[0-9a-f ]{19}\]/
    )
    assert.match(line, /, and is not trusted, 3 times so far$/)
  })

  it("tells of a successor with its whole key, since that is what can be trusted", () => {
    assert.include(Lines.trustEvent({ _tag: "RotationOffered", key, next, isTaken: false }, 1), next)
  })

  it("tells why the list could not be kept", () => {
    const error = TrustError.make(new TrustError.Locked({ file: "trust.json", lock: "trust.json.lock" }))

    assert.include(Lines.trustEvent({ _tag: "StoreFailed", error }, 1), "Another program is writing trust.json.")
  })
})
