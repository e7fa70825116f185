import { Announcement, Machine, PeerKey } from "@effect-discovery/core"
import { PeerNet } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { NetAddress } from "effect/net"
import * as Inputs from "../fuzz/targets/peernet.ts"
import { beaconLaws } from "./beaconLaws.ts"
import { address, advertise, hear, laws, received, sent } from "./laws.ts"
import * as Vectors from "./vectors.ts"

const keyText = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
const key = PeerKey.PeerKey.make(keyText)
const other = PeerKey.PeerKey.make("ff".repeat(32))
const vector = Vectors.fromHex(`504e4554011bbc${keyText}`)
const ada = Announcement.make({ name: "ada", key, port: 7_100 })

const reasons = ["truncated", "magic", "version"] satisfies Array<PeerNet.Rejection>

const error = { decode: "error", must: [] } as const
const subject = {
  protocol: PeerNet.protocol({ first: "at once" }),
  // the name of a peer is its key
  announcements: [
    Announcement.make({ name: keyText, port: 7_100 }),
    Announcement.make({ name: other, port: 1 })
  ],
  reasons,
  corpus: Inputs.corpus,
  malformed: [
    { id: "empty", wrong: "it has no octets", hex: "", expected: error },
    { id: "longer", wrong: "an octet too many", hex: `504e4554011bbc${keyText}00`, expected: error },
    { id: "version", wrong: "the version is 2", hex: `504e4554021bbc${keyText}`, expected: error },
    { id: "case", wrong: "the magic is in small letters", hex: `706e6574011bbc${keyText}`, expected: error }
  ],
  words: Inputs.words,
  min: 4_750,
  max: 5_000,
  ttl: 15_000
} as const

laws(subject)
beaconLaws(subject)

const protocol = PeerNet.protocol()

describe("decode", () => {
  it("reads the vector of the format's description", () => {
    assert.deepStrictEqual(PeerNet.decode(vector), Result.succeed({ key, port: 7_100 }))
  })

  it("S-P2 reads 39 octets, neither fewer nor more", () => {
    const longer = new Uint8Array(80)
    longer.set(vector)

    for (let length = 0; length < 80; length++) {
      assert.deepStrictEqual(
        PeerNet.decode(longer.subarray(0, length)),
        length === 39 ? Result.succeed({ key, port: 7_100 }) : Result.fail(length < 39 ? "truncated" : "size")
      )
    }
  })

  it("refuses whatever else differs before the port", () => {
    for (let bit = 0; bit < 5 * 8; bit++) {
      const flipped = vector.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      assert.deepStrictEqual(PeerNet.decode(flipped), Result.fail(bit < 32 ? "magic" : "version"))
    }
  })
})

describe("encode", () => {
  it("writes the vector", () => {
    assert.deepStrictEqual(PeerNet.encode({ key, port: 7_100 }), Result.succeed(vector))
  })

  it.prop("what is sent is read back", {
    octets: Schema.Uint8Array.check(Schema.isMinLength(32), Schema.isMaxLength(32)),
    port: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))
  }, ({ octets, port }) => {
    const node = { key: PeerKey.fromBytes(octets), port }

    assert.deepStrictEqual(PeerNet.decode(Result.getOrThrow(PeerNet.encode(node))), Result.succeed(node))
  })
})

describe("protocol", () => {
  it("S-U1 a peer is claimed, known by its key, and where its datagram came from", () => {
    const [output] = hear(protocol, vector, address("10.77.0.1", 40_000))
    const claim = output?._tag === "Announced" ? output.claim : undefined

    assert.deepInclude(claim, { identity: keyText, name: keyText, key, authentication: "claimed", ttl: 15_000 })
    assert.deepStrictEqual(claim?.addresses.map(NetAddress.formatInet), ["10.77.0.1:7100"])
  })

  it("S-U6 a peer that announces port 0 is known and cannot be reached", () => {
    const [output] = hear(protocol, subject.corpus[1], address("10.77.0.1", 40_000))

    assert.deepStrictEqual(output?._tag === "Announced" ? output.claim.addresses : undefined, [])
  })

  it("begins after an interval, and tells a new port at once", () => {
    const inputs = [[0, advertise(ada)], [12_000, advertise(Announcement.update(ada, { port: 7_200 }))]] as const
    const ports = sent(Machine.replay(protocol, { seed: 1, inputs, until: 18_000 })).map(([at, payload]) =>
      [at, Result.getOrThrow(PeerNet.decode(payload)).port] as const
    )

    assert.deepStrictEqual(ports.map(([, port]) => port), [7_100, 7_100, 7_200, 7_200])
    assert.isTrue(ports[0]![0] >= 4_750 && ports[0]![0] <= 5_000)
    assert.strictEqual(ports[2]![0], 12_000)
  })

  it("S-U7 ignores its own datagrams, and counts others in its name", () => {
    const { state } = protocol.step(protocol.init(1, 0).state, advertise(ada), 0)
    const heard = (port: number) => protocol.step(state, received(Result.getOrThrow(PeerNet.encode({ key, port }))), 1)

    assert.deepStrictEqual(heard(7_100).outputs, [])
    assert.deepStrictEqual(heard(7_101).outputs, [{ _tag: "Rejected", reason: "selfSpoof" }])
  })

  it("takes the key from the key, the identity or the name, in this order", () => {
    const announced = (options: Announcement.Options) => {
      const [first] = sent(
        Machine.replay(subject.protocol, { seed: 1, inputs: [[0, advertise(Announcement.make(options))]] })
      )
      return first && Result.getOrThrow(PeerNet.decode(first[1])).key
    }

    assert.strictEqual(announced({ name: "ada", identity: other, key, port: 1 }), key)
    assert.strictEqual(announced({ name: "ada", identity: other, port: 1 }), other)
    assert.strictEqual(announced({ name: other, port: 1 }), other)
  })

  it.each([
    [{ name: "ada", port: 7_100 }, "key"],
    [{ name: other.toUpperCase(), port: 7_100 }, "key"],
    [{ name: other.slice(1), port: 7_100 }, "key"],
    [{ name: other, identity: "ada", port: 7_100 }, "key"],
    [{ name: "ada", key }, "port"],
    [{ name: "ada", key, port: 0 }, "port"],
    [{ name: "ada", key, port: 7_100, addresses: [address("10.77.0.1", 7_100)] }, "addresses"]
  ])("refuses to announce what it cannot carry (case %#)", (options, field) => {
    assert.deepInclude(protocol.validate(Announcement.make(options)), { source: "peernet", field })
  })

  it("announces by broadcast on port 4040, or on another one", () => {
    assert.deepStrictEqual(protocol.endpoints, [{ _tag: "Broadcast", port: 4_040 }])
    assert.deepStrictEqual(PeerNet.protocol({ port: 4_000 }).endpoints, [{ _tag: "Broadcast", port: 4_000 }])
  })
})
