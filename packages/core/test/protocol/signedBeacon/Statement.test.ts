import { Announcement, Attributes, PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import * as Statement from "../../../src/protocol/signedBeacon/Statement.ts"

const key = PeerKey.fromBytes(new Uint8Array(32).fill(0xab))
const usual: Statement.Options = { transport: "tcp", handshakeKey: undefined }
const from = NetAddress.inetAddressFromStringUnsafe("10.0.0.7:21077")
const from6 = NetAddress.inetAddressFromInputUnsafe({
  address: NetAddress.ipFromStringUnsafe("fe80::7"),
  port: 1,
  scopeId: 4
})
const heard = { from, isSource: true, candidates: [] }

const claim = (options: Omit<Announcement.Options, "name">, place: Partial<Statement.Place> = {}) =>
  Statement.claimOf(
    { key, body: Statement.bodyOf(Announcement.make({ name: "ada", ...options }), usual), group: undefined, ttl: 9 },
    { ...heard, ...place }
  )

const addresses = (...of: Parameters<typeof claim>) => claim(...of).addresses.map(NetAddress.formatInet)
const at = (...texts: ReadonlyArray<string>) => texts.map((text) => NetAddress.inetAddressFromStringUnsafe(text))

describe("a claim", () => {
  it("S-U1 is signed, and its node is its key", () =>
    assert.deepInclude(claim({ port: 80 }), { identity: key, key, name: "ada", ttl: 9, authentication: "signed" }))

  it("is where it came from when it names no address, in either family", () => {
    assert.deepStrictEqual(addresses({ port: 80 }), ["10.0.0.7:80"])
    assert.deepStrictEqual(addresses({ port: 80 }, { from: from6 }), ["[fe80::7%4]:80"])
    assert.deepStrictEqual(addresses({}), [])
  })

  it("is not where somebody else said it again", () => {
    assert.deepStrictEqual(addresses({ port: 80 }, { isSource: false }), [])
    assert.deepStrictEqual(addresses({ addresses: at("10.0.0.9:80") }, { isSource: false }), ["10.0.0.9:80"])
  })

  it("S-U6 exposes no address that nobody could dial", () =>
    assert.deepStrictEqual(
      addresses({ addresses: at("127.0.0.1:80", "224.0.0.1:80", "192.0.2.7:80", "255.255.255.255:80", "10.0.0.9:80") }),
      ["10.0.0.9:80"]
    ))

  it("S-U6 gives a link-local address the scope that it was heard in", () =>
    assert.deepStrictEqual(addresses({ addresses: at("[fe80::9]:80") }, { from: from6 }), ["[fe80::9%4]:80"]))

  it("has candidates after what is signed, each address once", () =>
    assert.deepStrictEqual(
      addresses({ addresses: at("10.0.0.9:80") }, { candidates: at("10.0.0.8:80", "10.0.0.9:80") }),
      ["10.0.0.9:80", "10.0.0.8:80"]
    ))

  it("S-V1 has a name that says no more than its key where none was given", () => {
    const nameless = Statement.claimOf({ key, body: Body.empty, group: "00112233", ttl: 9 }, heard)
    assert.deepInclude(nameless, { name: "peer-abababab", group: "00112233" })
  })

  it("tells of service and handshake key beside the attributes, which keep their own", () => {
    const body: Body.Body = {
      ...Body.empty,
      services: ["_a._tcp", "_b._udp"],
      handshakeKey: new Uint8Array(32).fill(7),
      attributes: Attributes.make({ v: "1" })
    }
    const { attributes } = Statement.claimOf({ key, body, group: undefined, ttl: 9 }, heard)

    assert.strictEqual(attributes.get("service"), "_a._tcp,_b._udp")
    assert.deepStrictEqual(attributes.bytes("handshake-key"), new Uint8Array(32).fill(7))
    assert.strictEqual(attributes.get("v"), "1")
    const own = { ...body, attributes: Attributes.make({ service: "mine" }) }
    assert.strictEqual(
      Statement.claimOf({ key, body: own, group: undefined, ttl: 9 }, heard).attributes.get("service"),
      "mine"
    )
  })
})

describe("ttlOf", () => {
  it("is whole seconds that the format can say", () => {
    const ttl = (ttl?: number) =>
      Statement.ttlOf(Announcement.make({ name: "a", ...(ttl === undefined ? {} : { ttl }) }), 90)
    assert.deepStrictEqual([undefined, 1, 1_001, 65_535_000, 65_535_001, 0].map(ttl), [
      90,
      1,
      2,
      65_535,
      undefined,
      undefined
    ])
  })
})
