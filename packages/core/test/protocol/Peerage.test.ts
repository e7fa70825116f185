import { Announcement } from "@effect-discovery/core"
import { Peerage } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { NetAddress } from "effect/net"
import * as Inputs from "../fuzz/targets/peerage.ts"
import { beaconLaws } from "./beaconLaws.ts"
import { address, announced, hear, laws } from "./laws.ts"
import * as Vectors from "./vectors.ts"

const captured = Vectors.captured<{ readonly node: string }>("peerage")
const malformed = Vectors.malformed("peerage")
const protocol = Peerage.protocol()

const subject = {
  protocol,
  announcements: [Announcement.make({ name: "ada@10.0.0.1" }), Announcement.make({ name: "grace@10.0.0.2" })],
  reasons: ["prefix", "length", "encoding", "control-character", "at-sign", "empty-part"] satisfies Array<
    Peerage.Rejection
  >,
  corpus: Inputs.corpus,
  malformed,
  words: Inputs.words,
  min: 3_001,
  max: 7_000,
  ttl: 21_000
} as const

laws(subject)
beaconLaws(subject)

const reasonOf = (text: string) => {
  const decoded = Peerage.decode(Vectors.fromText(text))
  return Result.isFailure(decoded) ? decoded.failure : undefined
}

describe("decode", () => {
  it.each(captured)("reads $id as the library that sent it means it", ({ expected, hex }) => {
    assert.deepStrictEqual(Peerage.decode(Vectors.fromHex(hex)), Result.succeed(expected.node))
  })

  it("reads the vector of the format's description", () => {
    const payload = Vectors.fromHex("506565723a616c6963654031302e302e302e35")

    assert.deepStrictEqual(Peerage.decode(payload), Result.succeed("alice@10.0.0.5"))
  })

  it("says why it refuses", () => {
    assert.strictEqual(reasonOf("peer:a@b"), "prefix")
    assert.strictEqual(reasonOf("Peer:@b"), "length")
    assert.strictEqual(reasonOf(`Peer:a@${"b".repeat(254)}`), "length")
    assert.strictEqual(reasonOf("Peer:ab\u0085@c"), "control-character")
    assert.strictEqual(reasonOf("Peer:a\x7f@c"), "control-character")
    assert.strictEqual(reasonOf("Peer:nonode"), "at-sign")
    assert.strictEqual(reasonOf("Peer:a@b@c"), "at-sign")
    assert.strictEqual(reasonOf("Peer:ab@"), "empty-part")
    assert.strictEqual(reasonOf("Peer:@ab"), "empty-part")
    assert.strictEqual(reasonOf(`Peer:a@${"b".repeat(506)}`), "size")
  })

  it("refuses a name that is not UTF-8", () => {
    assert.deepStrictEqual(Peerage.decode(Vectors.fromHex("506565723a61406cff")), Result.fail("encoding"))
  })

  it("keeps a byte order mark as a part of the name", () => {
    assert.deepStrictEqual(Peerage.decode(Vectors.fromText("Peer:\ufeffa@b")), Result.succeed("\ufeffa@b"))
  })

  it("takes names of 3 and of 255 octets", () => {
    for (const name of ["a@b", `a@${"b".repeat(253)}`, `a@${"é".repeat(126)}b`]) {
      assert.deepStrictEqual(Peerage.decode(Vectors.fromText(`Peer:${name}`)), Result.succeed(name))
    }
  })
})

describe("encode", () => {
  it.prop("sends exactly the names that it would accept", { local: Schema.String, host: Schema.String }, (parts) => {
    const name = `${parts.local}@${parts.host}`
    const encoded = Peerage.encode(name)
    const decoded = Result.flatMap(encoded, Peerage.decode)

    if (Result.isSuccess(encoded)) assert.deepStrictEqual(decoded, Result.succeed(name))
    else assert.notDeepEqual(Peerage.decode(Vectors.fromText(`Peer:${name}`)), Result.succeed(name))
  })
})

describe("protocol", () => {
  it.each(captured)("gives the peer of $id the address it was heard from, with the protocol's port", (vector) => {
    const { src, srcPort } = vector.transport
    const [output] = hear(protocol, Vectors.fromHex(vector.hex), address(src, srcPort))
    const claim = output?._tag === "Announced" ? output.claim : undefined

    assert.strictEqual(claim?.identity, vector.expected.node)
    assert.deepStrictEqual(claim?.addresses.map(NetAddress.formatInet), [`${src}:45900`])
  })

  it("sends the library's own octets", () => {
    const [payload] = announced(
      protocol,
      Announcement.make({ name: "alice@10.0.0.5", port: 80, attributes: { a: "b" } })
    )

    assert.deepStrictEqual(payload, Vectors.fromText("Peer:alice@10.0.0.5"))
  })

  it.each([
    ["node", "of the form name@host, with one at sign"],
    ["x", "of the form name@host, with 3 to 255 octets"],
    ["@", "of the form name@host, with 3 to 255 octets"],
    ["a\n@b", "free of control characters"],
    ["\ud800@b", "well-formed Unicode"]
  ])("refuses to announce %j", (name, limit) => {
    const refused = protocol.validate(Announcement.make({ name }))

    assert.deepInclude(refused, { source: "peerage", field: "name", limit })
  })

  it("identifies a node by its name, even one that was given another identity", () => {
    const announcement = Announcement.make({ name: "a@b", identity: "something else" })
    const { state } = protocol.step(protocol.init(1, 0).state, { _tag: "Advertise", key: 0, announcement }, 0)
    const received = {
      _tag: "Received",
      payload: Vectors.fromText("Peer:a@b"),
      source: address("10.0.0.1", 1)
    } as const

    assert.deepStrictEqual(protocol.step(state, received, 1).outputs, [])
  })

  it("speaks on another group and port, and believes for as long as it is told", () => {
    const other = Peerage.protocol({ group: "239.1.2.3", port: 5_000, ttl: "3650 days" })
    const [output] = hear(other, Vectors.fromText("Peer:a@b"))

    assert.deepInclude(other.endpoints[0], { _tag: "Multicast", port: 5_000 })
    assert.strictEqual(output?._tag === "Announced" && output.claim.ttl, 3_650 * 86_400_000)
  })
})
