import { Announcement, Machine } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { NetAddress } from "effect/net"
import * as Inputs from "../fuzz/targets/json.ts"
import { beaconLaws } from "./beaconLaws.ts"
import { address, advertise, announced, hear, laws, sent, withdraw } from "./laws.ts"
import * as Vectors from "./vectors.ts"

interface Expected {
  readonly text: string
  readonly json: { readonly username: string } | null
}

const captured = Vectors.captured<Expected>("json")
const malformed = Vectors.malformed("json")
const protocol = JsonBeacon.protocol()
const plain = JsonBeacon.protocol({ body: JsonBeacon.username() })

const ada = Announcement.make({ name: "ada", identity: "a1", port: 8_080, attributes: { role: "leader" } })
const builtIn: ReadonlyArray<JsonBeacon.Rejection> = [
  "too-deep",
  "too-many",
  "encoding",
  "not-json",
  "not-an-object",
  "username"
]

const json = (value: unknown) => Vectors.fromText(JSON.stringify(value))
const textOf = (payload: Uint8Array | undefined) => new TextDecoder().decode(payload)

const schedule = { min: 1_900, max: 2_000, ttl: 7_000 } as const

const peerSubject = {
  protocol,
  announcements: [
    ada,
    Announcement.make({ name: "grace", port: 1, attributes: { "": "empty", "a\"b": "\u{1f600}\n" } })
  ],
  reasons: [...builtIn, "id", "port", "attributes", "ttl", "ask", "offer", "want", "page", "unasked"],
  corpus: Inputs.corpus,
  malformed,
  words: Inputs.words,
  ...schedule
} as const

laws(peerSubject)

const fixedSubject = { ...peerSubject, protocol: JsonBeacon.protocol({ name: "json-fixed", scaling: false }) } as const

laws(fixedSubject)
beaconLaws(fixedSubject)

const plainSubject = {
  ...peerSubject,
  protocol: JsonBeacon.protocol({ name: "json-username", body: JsonBeacon.username() }),
  reasons: builtIn,
  isSelfAware: false
} as const

laws(plainSubject)
beaconLaws(plainSubject)

const Player = Schema.Struct({
  player: Schema.NonEmptyString,
  seen: Schema.Date,
  bye: Schema.optionalKey(Schema.Boolean)
})
const seen = new Date(0)
const game = JsonBeacon.body(Player, {
  toAnnouncement: ({ bye, player }) => ({ name: player, ...(bye === true ? { ttl: 0 } : undefined) }),
  fromAnnouncement: ({ name }) => ({ player: name, seen }),
  goodbye: ({ name }) => ({ player: name, seen, bye: true })
})

const gameSubject = {
  ...peerSubject,
  protocol: JsonBeacon.protocol({ name: "game", port: 9_779, body: game }),
  reasons: [...builtIn, "schema", "announcement"],
  corpus: [json({ player: "ada", seen }), json({ player: "ada", seen, bye: true })],
  malformed: malformed.filter(({ expected }) => expected.decode === "error"),
  words: [...Inputs.words, Vectors.fromText(`"player":"x"`), Vectors.fromText(`"seen":"x"`)]
} as const

laws(gameSubject)
beaconLaws(gameSubject)

const claimOf = (payload: Uint8Array, spoken = protocol, source = address("10.77.0.3", 33_545)) => {
  const [output] = hear(spoken, payload, source)
  return output?._tag === "Announced" ? output.claim : undefined
}

const reasonOf = (payload: Uint8Array, spoken = protocol) => {
  const [output] = hear(spoken, payload)
  return output?._tag === "Rejected" ? output.reason : undefined
}

describe("decoding", () => {
  it.each(captured)("reads $id as the program that sent it means it", ({ expected, hex }) => {
    const payload = Vectors.fromHex(hex)

    for (const spoken of [protocol, plain]) {
      if (expected.json === null) assert.strictEqual(reasonOf(payload, spoken), "not-json")
      else assert.strictEqual(claimOf(payload, spoken)?.name, expected.json.username)
    }
  })

  it("reads the vectors of the format's description, with and without a blank", () => {
    assert.strictEqual(claimOf(Vectors.fromText(`{"username":"hackerman1337"}`))?.name, "hackerman1337")
    assert.strictEqual(claimOf(Vectors.fromText(`{"username": "test"}`))?.name, "test")
    assert.strictEqual(reasonOf(Vectors.fromText("TEST")), "not-json")
  })

  it.each([
    ["", "not-json"],
    ["\ufeff{\"username\":\"a\"}", "not-json"],
    ["[1]", "not-an-object"],
    ["null", "not-an-object"],
    ["42", "not-an-object"],
    ["{}", "username"],
    [`{"username":""}`, "username"],
    [`{"username":42}`, "username"],
    [`{"username":1e999}`, "username"],
    [`{"username":"\\ud800"}`, "username"],
    [`{"username":"${"é".repeat(128)}"}`, "username"],
    [`{"username":"a","id":""}`, "id"],
    [`{"username":"a","id":null}`, "id"],
    [`{"username":"a","port":0}`, "port"],
    [`{"username":"a","port":65536}`, "port"],
    [`{"username":"a","port":"80"}`, "port"],
    [`{"username":"a","port":80.5}`, "port"],
    [`{"username":"a","ttl":-1}`, "ttl"],
    [`{"username":"a","ttl":86401}`, "ttl"],
    [`{"username":"a","ttl":1e999}`, "ttl"],
    [`{"username":"a","ttl":"7"}`, "ttl"],
    [`{"username":"a","attributes":[]}`, "attributes"],
    [`{"username":"a","attributes":{"a":1}}`, "attributes"],
    [`{"username":"a","attributes":{"a":"\\udc00"}}`, "attributes"]
  ])("refuses %j as %s", (text, reason) => {
    assert.strictEqual(reasonOf(Vectors.fromText(text)), reason)
  })

  it("refuses octets that are not UTF-8", () => {
    assert.strictEqual(reasonOf(Vectors.fromHex("7b22757365726e616d65223a22ff227d")), "encoding")
  })

  it("takes a username of 1 and of 255 octets", () => {
    for (const username of ["a", `${"é".repeat(127)}a`, "a".repeat(255)]) {
      assert.strictEqual(claimOf(json({ username }))?.name, username)
    }
  })

  it("keeps a NUL in a name", () => {
    assert.strictEqual(claimOf(Vectors.fromHex(malformed.find(({ id }) => id === "nul")!.hex))?.name, "a\0b")
  })

  it("S-P7 S-P8 drops unknown members, and makes no property of what it reads", () => {
    const text = `{"__proto__":{"isAdmin":true},"username":"x","attributes":{"__proto__":"p","toString":"t"},"more":1}`
    const claim = claimOf(Vectors.fromText(text))

    assert.deepStrictEqual([...claim!.attributes], [["__proto__", "p"], ["toString", "t"]])
    assert.strictEqual(Reflect.get({}, "isAdmin"), undefined)
    assert.strictEqual(Reflect.get(claim!, "isAdmin"), undefined)
  })

  const nested = (levels: number) => `{"username":"a","x":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`
  const listed = (commas: number) => `{"username":"a","x":[${"1,".repeat(commas - 1)}1]}`

  it("S-P7 takes 8 levels and 128 commas, and refuses one more", () => {
    assert.isDefined(claimOf(Vectors.fromText(nested(8))))
    assert.strictEqual(reasonOf(Vectors.fromText(nested(9))), "too-deep")
    assert.isDefined(claimOf(Vectors.fromText(listed(128))))
    assert.strictEqual(reasonOf(Vectors.fromText(listed(129))), "too-many")
  })

  it("S-P7 counts no bracket and no comma that stands in a string", () => {
    const name = `${"[{".repeat(20)}\\"${",".repeat(150)}\\\\`

    assert.isDefined(claimOf(Vectors.fromText(`{"username":"${name}"}`)))
  })

  it("S-P7 takes 16 attributes of 2,048 octets in all, and refuses more", () => {
    const large = JsonBeacon.protocol({ maxDatagram: 8_192 })
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]))
    const sized = (octets: number) => ({ k: "é".repeat((octets - 1) / 2) })

    assert.isDefined(claimOf(json({ username: "a", attributes: many(16) })))
    assert.strictEqual(reasonOf(json({ username: "a", attributes: many(17) })), "attributes")
    assert.isDefined(claimOf(json({ username: "a", attributes: sized(2_047) }), large))
    assert.strictEqual(reasonOf(json({ username: "a", attributes: sized(2_049) }), large), "attributes")
  })
})

describe("peer", () => {
  it("puts the username first and leaves out what is absent", () => {
    const bare = Announcement.make({ name: "ada", identity: "a1" })
    const full = Announcement.update(ada, { ttl: "90 seconds" })

    assert.strictEqual(textOf(announced(protocol, bare)[0]), `{"username":"ada","id":"a1"}`)
    assert.strictEqual(
      textOf(announced(protocol, full)[0]),
      `{"username":"ada","id":"a1","port":8080,"attributes":{"role":"leader"},"ttl":90}`
    )
  })

  it("carries an announcement to another node and back", () => {
    const claim = claimOf(announced(protocol, Announcement.update(ada, { ttl: "90 seconds" }))[0]!)

    assert.deepInclude(claim, { identity: "a1", name: "ada", ttl: 90_000, authentication: "none" })
    assert.deepStrictEqual(claim!.addresses.map(NetAddress.formatInet), ["10.77.0.3:8080"])
    assert.deepStrictEqual([...claim!.attributes], [["role", "leader"]])
  })

  it("gives a node without an identity one of eight hex digits, another for another seed", () => {
    const bare = Announcement.make({ name: "ada" })
    const ids = [1, 2].map((seed) => claimOf(announced(protocol, bare, seed)[0]!)!.identity)

    for (const id of ids) assert.match(id, /^[0-9a-f]{8}$/)
    assert.notStrictEqual(ids[0], ids[1])
  })

  it("says goodbye with a ttl of zero", () => {
    const [, payload = new Uint8Array()] = sent(
      Machine.replay(protocol, { seed: 1, inputs: [[0, advertise(ada)], [60, withdraw()]] })
    ).map(([, payload]) => payload)

    assert.strictEqual(textOf(payload), `{"username":"ada","id":"a1","ttl":0}`)
    assert.deepStrictEqual(hear(protocol, payload), [{ _tag: "Withdrawn", identity: "a1" }])
  })

  it("identifies an object without an id by its username and where it came from", () => {
    const claim = claimOf(json({ username: "ada", port: 80 }))

    assert.strictEqual(claim?.identity, "ada@10.77.0.3")
    assert.deepStrictEqual(claim?.addresses.map(NetAddress.formatInet), ["10.77.0.3:80"])
  })

  it("is read by the plain body as its username", () => {
    assert.deepInclude(claimOf(announced(protocol, ada)[0]!, plain), { name: "ada", identity: "ada@10.77.0.3" })
  })

  it("announces the protocol's ttl where that was chosen", () => {
    const slow = JsonBeacon.protocol({ interval: "30 seconds", ttl: "100 seconds" })

    assert.strictEqual(claimOf(announced(slow, ada)[0]!, protocol)?.ttl, 100_000)
    assert.strictEqual(claimOf(announced(slow, Announcement.update(ada, { ttl: 5_000 }))[0]!, protocol)?.ttl, 5_000)
    assert.strictEqual(claimOf(announced(protocol, ada)[0]!, JsonBeacon.protocol({ interval: 9_000 }))?.ttl, 27_000)
  })

  it.each(["2 days", Infinity] as const)("refuses to announce the protocol's ttl of %s", (ttl) => {
    for (const scaling of [true, false]) {
      const spoken = JsonBeacon.protocol({ ttl, scaling })

      assert.deepInclude(spoken.validate(ada), { field: "ttl", limit: "more than nothing and at most a day" })
      assert.isUndefined(spoken.validate(Announcement.update(ada, { ttl: "1 day" })))
    }
  })

  it.each<readonly [string, Announcement.Options, string]>([
    ["name", { name: "a".repeat(256) }, "1 to 255 octets of UTF-8"],
    ["name", { name: "\ud800" }, "1 to 255 octets of UTF-8"],
    ["identity", { name: "a", identity: "é".repeat(128) }, "1 to 255 octets of UTF-8"],
    ["port", { name: "a", port: 0 }, "1 to 65535"],
    ["ttl", { name: "a", ttl: 0 }, "more than nothing and at most a day"],
    ["ttl", { name: "a", ttl: "2 days" }, "more than nothing and at most a day"],
    ["attributes", { name: "a", attributes: { k: Uint8Array.of(255) } }, "UTF-8 text, since JSON carries no bytes"],
    ["attributes", { name: "a", attributes: { k: "\udc00" } }, "UTF-8 text, since JSON carries no bytes"],
    ["attributes", { name: "a", attributes: { k: "v".repeat(2_048) } }, "at most 2048 octets in all"],
    [
      "attributes",
      { name: "a", attributes: Array.from({ length: 17 }, (_, i) => [`${i}`, ""] as const) },
      "at most 16"
    ],
    [
      "attributes",
      { name: "a", attributes: { k: "v".repeat(1_400) } },
      "short enough for a datagram of 1400 octets (this one takes 1454)"
    ]
  ])("refuses to announce an impossible %s (case %#)", (field, options, limit) => {
    assert.deepInclude(protocol.validate(Announcement.make(options)), { source: "json", field, limit })
  })

  const Text = Schema.String.check(Schema.isMaxLength(20))
  const Peer = Schema.Struct({
    name: Schema.NonEmptyString.check(Schema.isMaxLength(60)),
    port: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 })),
    attributes: Schema.Record(Text, Text)
  })

  it.prop("what is announced is what is heard", { peer: Peer }, ({ peer }) => {
    const announcement = Announcement.make(peer)
    if (protocol.validate(announcement) !== undefined) return
    const claim = claimOf(announced(protocol, announcement)[0]!)

    assert.strictEqual(claim?.name, peer.name)
    assert.deepStrictEqual(claim?.attributes, announcement.attributes)
    assert.strictEqual(claim?.addresses[0]?.port, peer.port)
  })
})

describe("username", () => {
  it("sends the original's octets and nothing else", () => {
    const { expected, hex } = captured[1]!
    const announcement = Announcement.update(ada, { name: expected.json!.username })

    assert.deepStrictEqual(announced(plain, announcement), [Vectors.fromHex(hex)])
  })

  it("identifies a node by its name and address, or by its address alone", () => {
    const byIp = JsonBeacon.protocol({ body: JsonBeacon.username({ identity: "ip" }) })
    const payload = Vectors.fromHex(captured[1]!.hex)

    assert.strictEqual(claimOf(payload, plain)?.identity, "Zoë@10.77.0.3")
    assert.deepInclude(claimOf(payload, byIp), { identity: "10.77.0.3", name: "Zoë" })
  })
})

describe("body", () => {
  const spoken = JsonBeacon.protocol({ name: "game", port: 9_779, body: game })

  it("announces, hears and says goodbye in the schema's encoding", () => {
    const [payload] = announced(spoken, ada)
    const { state } = spoken.step(spoken.init(1, 0).state, { _tag: "Advertise", key: 0, announcement: ada }, 0)
    const [goodbye] = spoken.step(state, { _tag: "Withdraw", key: 0 }, 1).outputs

    assert.strictEqual(textOf(payload), `{"player":"ada","seen":"1970-01-01T00:00:00.000Z"}`)
    assert.deepInclude(claimOf(payload!, spoken), { identity: "ada", name: "ada" })
    assert.deepStrictEqual(
      goodbye?._tag === "Transmit" && hear(spoken, goodbye.payload),
      [{ _tag: "Withdrawn", identity: "ada" }]
    )
  })

  it("refuses what its schema does not accept, and what no announcement can be made of", () => {
    const nameless = JsonBeacon.protocol({
      body: JsonBeacon.body(Schema.Struct({ a: Schema.String }), {
        toAnnouncement: ({ a }) => ({ name: a }),
        fromAnnouncement: ({ name }) => ({ a: name })
      })
    })

    assert.strictEqual(reasonOf(json({ player: "ada" }), spoken), "schema")
    assert.strictEqual(reasonOf(json({ a: "" }), nameless), "announcement")
  })

  it("survives a function of the user's that throws on what it reads", () => {
    const throwing = JsonBeacon.protocol({
      body: JsonBeacon.body(Schema.Struct({ a: Schema.String }), {
        toAnnouncement: ({ a }) => ({ name: decodeURIComponent(a) }),
        fromAnnouncement: ({ name }) => ({ a: name })
      })
    })

    assert.strictEqual(reasonOf(json({ a: "%" }), throwing), "schema")
  })

  it("refuses to announce what its schema does not allow, and what is no object", () => {
    const make = (schema: Schema.Codec<unknown, unknown>) =>
      JsonBeacon.protocol({
        body: JsonBeacon.body(schema, { toAnnouncement: () => ({ name: "a" }), fromAnnouncement: ({ name }) => name })
      })
    const invalid = make(Schema.Finite).validate(ada)

    assert.strictEqual(invalid?.field, "body")
    assert.match(invalid!.limit, /^what its schema allows/)
    assert.deepInclude(make(Schema.String).validate(ada), {
      field: "body",
      limit: "a JSON object of at most 8 levels and 128 commas"
    })
  })

  it("refuses to announce what every node would refuse to hear", () => {
    const Named = Schema.Struct({ name: Schema.String, id: Schema.String })
    const named = JsonBeacon.protocol({
      body: JsonBeacon.body(Named, {
        toAnnouncement: ({ id, name }) => ({ name, identity: id }),
        fromAnnouncement: ({ attributes, name }, id) => ({ name: attributes.get("title") ?? name, id })
      })
    })

    for (
      const options of [{ name: "half \ud83d" }, { name: "a", identity: "\ud83d" }, {
        name: "a",
        attributes: { title: "" }
      }]
    ) {
      assert.deepInclude(named.validate(Announcement.make(options)), { field: "body" })
    }
    assert.isUndefined(named.validate(Announcement.make({ name: "whole \ud83d\ude00" })))
  })

  it("recognises itself by the identity that it reads from its own datagrams", () => {
    const body = JsonBeacon.body(Schema.Struct({ key: Schema.String }), {
      toAnnouncement: ({ key }) => ({ name: "someone", identity: key }),
      fromAnnouncement: (_, id) => ({ key: id })
    })
    const keyed = JsonBeacon.protocol({ body })
    const bare = Announcement.make({ name: "ada" })
    const { outputs, state } = keyed.step(keyed.init(1, 0).state, { _tag: "Advertise", key: 0, announcement: bare }, 0)
    const payload = outputs[0]?._tag === "Transmit" ? outputs[0].payload : new Uint8Array()
    const source = address("10.77.0.3", 9_778)

    assert.match(textOf(payload), /^\{"key":"[0-9a-f]{8}"\}$/)
    assert.deepStrictEqual(keyed.step(state, { _tag: "Received", payload, source }, 1).outputs, [])
  })
})

describe("protocol", () => {
  it("speaks on 224.0.0.1:9778, or where it is told to", () => {
    const other = JsonBeacon.protocol({ name: "chat", group: "239.1.2.3", port: 5_000 })

    assert.deepInclude(protocol.endpoints[0], { port: 9_778, ttl: 1 })
    assert.deepInclude(other, { name: "chat" })
    assert.deepInclude(other.endpoints[0], { port: 5_000 })
  })

  it("scales nothing but its own body", () => {
    assert.throws(() => JsonBeacon.protocol({ body: JsonBeacon.username(), scaling: true }), RangeError)
  })

  it.each([true, false])("refuses a ttl of nothing, with which all would be goodbyes (scaling: %s)", (scaling) => {
    assert.throws(() => JsonBeacon.protocol({ ttl: 0, scaling }), RangeError)
  })

  it.each([0, 8_193, NaN])("refuses to read datagrams of up to %d octets", (maxDatagram) => {
    assert.throws(() => JsonBeacon.protocol({ maxDatagram }), RangeError)
  })
})
