import { Announcement } from "@effect-discovery/core"
import { SyncthingV0 } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { NetAddress } from "effect/net"
import * as Inputs from "../fuzz/targets/syncthingV0.ts"
import { beaconLaws } from "./beaconLaws.ts"
import { address, announced, hear, laws } from "./laws.ts"
import * as Vectors from "./vectors.ts"

const captured = Vectors.captured<{ readonly id: string; readonly port: number }>("syncthing-v0")
const malformed = Vectors.malformed("syncthing-v0")
const protocol = SyncthingV0.protocol()
const minimal = Vectors.fromHex("0012102555f000054e4f444531")

const subject = {
  protocol,
  announcements: [Announcement.make({ name: "NODE1", port: 22_000 }), Announcement.make({ name: "NODE2", port: 1 })],
  reasons: ["truncated", "magic", "successor", "length", "encoding"] satisfies Array<SyncthingV0.Rejection>,
  corpus: Inputs.corpus,
  malformed,
  words: Inputs.words,
  min: 28_500,
  max: 30_000,
  ttl: 90_000
} as const

laws(subject)
beaconLaws(subject)

const decodeHex = (hex: string) => SyncthingV0.decode(Vectors.fromHex(hex))

const addressesOf = (payload: Uint8Array, source: string): ReadonlyArray<string> | undefined => {
  const [output] = hear(protocol, payload, address(source, 21_025))
  return output?._tag === "Announced" ? output.claim.addresses.map(NetAddress.formatInet) : undefined
}

describe("decode", () => {
  it.each(captured)("reads $id as the program that sent it means it", ({ expected: { id, port }, hex }) => {
    assert.deepStrictEqual(decodeHex(hex), Result.succeed({ id, port }))
  })

  it("reads the vectors of the format's description, with and without the surplus octets", () => {
    const node = Result.succeed({ id: "NODE1", port: 22_000 })

    assert.deepStrictEqual(SyncthingV0.decode(minimal), node)
    assert.deepStrictEqual(decodeHex("0012102555f000054e4f44453100000000"), node)
  })

  it.each([
    "2012102555f00000000000054e4f44453100000000000000",
    "029e4c77000000054e4f4445310000000000000200000000",
    "9d79bc390000002001020304050607080910111213141516",
    "9d79bc400000002001020304050607080910111213141516",
    "7d79bc400000002001020304050607080910111213141516",
    "2ea7d90b0a2001020304050607080910111213141516",
    "1976030900000000",
    "23d63a9a00000000",
    "2ca856f500000000",
    "2ca856f600000000"
  ])("recognises the successor %s", (hex) => {
    assert.deepStrictEqual(decodeHex(hex), Result.fail("successor"))
  })

  it("says why it refuses", () => {
    assert.deepStrictEqual(decodeHex("00121025"), Result.fail("truncated"))
    assert.deepStrictEqual(decodeHex("0012102555f000044e4f44"), Result.fail("truncated"))
    assert.deepStrictEqual(decodeHex("0012102655f000044e4f4445"), Result.fail("magic"))
    assert.deepStrictEqual(decodeHex("0012102555f00000"), Result.fail("length"))
    assert.deepStrictEqual(decodeHex("0012102555f003f94e"), Result.fail("length"))
    assert.deepStrictEqual(decodeHex("0012102555f00002c328"), Result.fail("encoding"))
    assert.deepStrictEqual(decodeHex(`0012102555f000014e${"00".repeat(1_016)}`), Result.fail("size"))
  })

  it("keeps control characters as data", () => {
    const { hex } = malformed.find(({ id }) => id === "id-control")!

    assert.deepStrictEqual(decodeHex(hex), Result.succeed({ id: "a\n\0\x1b[31m", port: 22_000 }))
  })

  it("reads nothing from a datagram cut before the end of its id, and all from one cut after it", () => {
    const whole = Vectors.fromHex(captured[0]!.hex)
    const end = whole.length - 4
    for (let length = 0; length < whole.length; length++) {
      const decoded = SyncthingV0.decode(whole.subarray(0, length))
      assert.deepStrictEqual(decoded, length < end ? Result.fail("truncated") : SyncthingV0.decode(whole))
    }
  })
})

describe("encode", () => {
  it("sends the original's octets, with its four surplus zeros", () => {
    const { expected, hex } = captured[0]!

    assert.deepStrictEqual(SyncthingV0.encode(expected), Result.succeed(Vectors.fromHex(hex)))
  })

  it("leaves out the surplus that an original receiver would have no room for", () => {
    for (const [octets, length] of [[1_012, 1_024], [1_014, 1_024], [1_016, 1_024]] as const) {
      const node = { id: "N".repeat(octets), port: 1 }
      const payload = Result.getOrThrow(SyncthingV0.encode(node))

      assert.strictEqual(payload.length, length)
      assert.deepStrictEqual(SyncthingV0.decode(payload), Result.succeed(node))
    }
  })

  it.prop("what is sent is read back", { id: Schema.String, port: Schema.Port }, (node) => {
    const encoded = SyncthingV0.encode(node)

    if (Result.isSuccess(encoded)) assert.deepStrictEqual(SyncthingV0.decode(encoded.success), Result.succeed(node))
    else assert.isTrue(node.port === 0 || node.id === "" || /\p{Surrogate}/u.test(node.id))
  })
})

describe("protocol", () => {
  it("gives a peer the address it was heard from, with the announced port", () => {
    assert.deepStrictEqual(addressesOf(minimal, "10.77.0.1"), ["10.77.0.1:22000"])
  })

  it("shows a peer that announces port 0 as known but not reachable", () => {
    const { hex } = malformed.find(({ id }) => id === "port-0")!

    assert.deepStrictEqual(addressesOf(Vectors.fromHex(hex), "10.77.0.1"), [])
    assert.deepStrictEqual(addressesOf(Vectors.fromHex(captured[1]!.hex), "10.77.0.3"), [])
  })

  it.each([
    [{ name: "NODE" }, "port", "1 to 65535"],
    [{ name: "NODE", port: 0 }, "port", "1 to 65535"],
    [{ name: "N".repeat(1_017), port: 1 }, "name", "1 to 1,016 octets of UTF-8"],
    [{ name: "é".repeat(509), port: 1 }, "name", "1 to 1,016 octets of UTF-8"],
    [{ name: "\udc00", port: 1 }, "name", "1 to 1,016 octets of UTF-8"]
  ])("refuses to announce what it cannot carry (case %#)", (options, field, limit) => {
    assert.deepInclude(protocol.validate(Announcement.make(options)), { source: "syncthing-v0", field, limit })
  })

  it("announces by broadcast on port 21025, or on another one", () => {
    const [payload] = announced(protocol, Announcement.make({ name: "NODE1", port: 22_000 }))

    assert.deepStrictEqual(payload, Vectors.fromHex("0012102555f000054e4f44453100000000"))
    assert.deepStrictEqual(protocol.endpoints, [{ _tag: "Broadcast", port: 21_025 }])
    assert.deepStrictEqual(SyncthingV0.protocol({ port: 4_000 }).endpoints, [{ _tag: "Broadcast", port: 4_000 }])
  })
})
