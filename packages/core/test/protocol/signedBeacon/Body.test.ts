import { Attributes, PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import type * as Endpoint from "../../../src/protocol/signedBeacon/Endpoint.ts"
import * as Fixtures from "./fixtures.ts"

const { fromHex, toHex } = Fixtures

const body = (parts: Partial<Body.Body>): Body.Body => ({ ...Body.empty, ...parts })

const encoded = (parts: Partial<Body.Body>): string => toHex(Result.getOrThrow(Body.encode(body(parts))))

const faultOf = (parts: Partial<Body.Body>) => Result.getOrThrow(Result.flip(Body.encode(body(parts))))

const read = (hex: string) => Body.decode(fromHex(hex), "announce")

const isRefused = (hex: string, kind: "announce" | "challenge" | "goodbye" = "announce") =>
  assert.deepStrictEqual(Body.decode(fromHex(hex), kind), Result.fail("body"), hex)

const endpoint = (address: string, port: number): Endpoint.Endpoint => ({
  transport: "udp",
  address: NetAddress.ipFromStringUnsafe(address),
  port
})

const key = PeerKey.fromBytes(new Uint8Array(32).fill(7))
const many = (count: number) => Array.from({ length: count }, (_, index) => index)
const utf8 = (text: string) => toHex(new TextEncoder().encode(text))
const name = (text: string) => `01${(utf8(text).length / 2).toString(16).padStart(2, "0")}${utf8(text)}`

describe("a name", () => {
  it("S-P6 keeps a leading byte order mark", () => {
    assert.strictEqual(Result.getOrThrow(read(name("\u{feff}a"))).name, "\u{feff}a")
    assert.strictEqual(encoded({ name: "\u{feff}a" }), name("\u{feff}a"))
  })

  it("S-P6 that is not UTF-8 is none: continuations, long forms, surrogates, beyond the last", () => {
    for (const hex of ["010180", "0102c080", "0103eda080", "0104f4908080", "0102c361", "0101ff"]) isRefused(hex)
  })

  it("S-P6 is in the normal form NFC, and stays as it is", () => {
    for (const text of ["é", "Å", "日本語", "한", "🦊", "a\u{301}b".normalize("NFC")]) {
      assert.strictEqual(Result.getOrThrow(read(name(text))).name, text)
    }
    for (const text of ["e\u{301}", "\u{212b}", "\u{1100}\u{1161}", "\u{2126}"]) isRefused(name(text))
  })

  it("SA1 has no control characters", () => {
    for (const code of [...many(0x20), ...many(0x21).map((offset) => 0x7f + offset)]) {
      isRefused(name(`a${String.fromCharCode(code)}`))
      assert.strictEqual(faultOf({ name: `a${String.fromCharCode(code)}` }).field, "name")
    }
    assert.isTrue(Result.isSuccess(read(name("\u{a0}"))))
  })

  it("SA1 has 1 to 63 octets", () => {
    assert.isTrue(Result.isSuccess(read(name("é".repeat(31) + "a"))))
    isRefused(name("é".repeat(32)))
    isRefused("0100")
    for (const text of ["", "é".repeat(32), "\u{d800}"]) assert.strictEqual(faultOf({ name: text }).field, "name")
  })
})

describe("the fields of an announcement", () => {
  it("SA1 none at all is a body", () => {
    assert.deepStrictEqual(Result.getOrThrow(read("")), Body.empty)
    assert.strictEqual(encoded({}), "")
  })

  it("SA1 unknown types that are not critical are skipped", () => {
    assert.deepStrictEqual(Result.getOrThrow(read("010161800080016fff0101")).name, "a")
  })

  it("SA1 unknown types that are not critical are in order too", () => {
    for (const hex of ["8000010161", "80016f8000", "80008000"]) isRefused(hex)
  })

  it("SA1 an unknown type below 128 is critical", () => {
    for (const type of [0, ...many(0x76).map((offset) => 0x0a + offset)]) isRefused(`${toHex(Uint8Array.of(type))}00`)
  })

  it("S-P3 a length beyond the end is refused, whatever it claims", () => {
    for (const hex of ["01", "0101", "01ff61", "800161ff", "ffff", "01016101"]) isRefused(hex)
  })

  it("SA1 a shorter value comes before a longer one that begins with it", () => {
    assert.isTrue(Result.isSuccess(read("8001618002616180026162")))
    isRefused("8002616180016180026162")
  })

  it("SA1 services are _x._tcp or _x._udp of at most 24 octets", () => {
    for (const text of ["_a._tcp", "_A-b_9._udp", `_${"s".repeat(18)}._tcp`]) {
      assert.deepStrictEqual(
        Result.getOrThrow(Body.decode(fromHex(encoded({ services: [text] })), "announce")).services,
        [text]
      )
    }
    for (
      const text of [
        "",
        "_._tcp",
        "a._tcp",
        "_a._sctp",
        "_a._TCP",
        "_a.b._tcp",
        "_a._tcp\n",
        "_é._tcp",
        `_${"s".repeat(19)}._tcp`
      ]
    ) {
      isRefused(`02${toHex(Uint8Array.of(utf8(text).length / 2))}${utf8(text)}`)
      assert.strictEqual(faultOf({ services: [text] }).field, "services")
    }
  })

  it("SA1 attributes have distinct keys of 1 to 32 of a-z, 0-9, -, _ and .", () => {
    isRefused("05030161610503016162")
    for (const key of ["", "A", "a b", "ä", "a=", "k".repeat(33)]) {
      isRefused(`05${toHex(Uint8Array.of(1 + utf8(key).length / 2, utf8(key).length / 2))}${utf8(key)}`)
      assert.strictEqual(faultOf({ attributes: Attributes.make([[key, "v"]]) }).field, "attributes")
    }
    isRefused("0500")
    isRefused("050261")
    isRefused("05020261")
  })

  it("S-P8 keys that objects treat specially are keys like any other", () => {
    const attributes = Attributes.make([["__proto__", "a"], ["constructor", "b"], ["prototype", ""]])
    const { attributes: read } = Result.getOrThrow(Body.decode(fromHex(encoded({ attributes })), "announce"))

    assert.deepStrictEqual([...read].toSorted(), [["__proto__", "a"], ["constructor", "b"], ["prototype", ""]])
    assert.isUndefined(({} as Record<string, unknown>)["a"])
  })

  it("SA1 the values of attributes are any octets", () => {
    const value = Uint8Array.of(0, 255, 0x80)
    const { attributes } = Result.getOrThrow(
      Body.decode(fromHex(encoded({ attributes: Attributes.make([["k", value]]) })), "announce")
    )

    assert.deepStrictEqual(attributes.bytes("k"), value)
  })

  it("SA1 there are no more than 4 services, 8 endpoints of each family, 16 attributes, and one of all else", () => {
    const services = (count: number) => many(count).map((index) => `_s${index}._tcp`)
    const endpoints = (count: number) =>
      many(count).flatMap((index) => [endpoint("10.0.0.1", 1 + index), endpoint("fd00::1", 1 + index)])
    const attributes = (count: number) => Attributes.make(many(count).map((index) => [`k${index}`, "v"] as const))
    const full = { services: services(4), endpoints: endpoints(8), attributes: attributes(16) }

    const read = Result.getOrThrow(Body.decode(fromHex(encoded(full)), "announce"))
    assert.deepStrictEqual([read.services.length, read.endpoints.length, read.attributes.size], [4, 16, 16])
    assert.strictEqual(faultOf({ services: services(5) }).field, "services")
    assert.strictEqual(faultOf({ endpoints: endpoints(9) }).field, "endpoints")
    assert.strictEqual(faultOf({ attributes: attributes(17) }).field, "attributes")
    for (const type of ["01", "06", "07"]) {
      isRefused(["61", "62"].map((octet) => `${type}60${octet.repeat(96)}`).join(""))
    }
    isRefused(["61", "62"].map((octet) => `0620${octet.repeat(32)}`).join(""))
    isRefused("010161010162")
  })

  it("SA1 a whole body has at most 1,072 octets", () => {
    const attributes = (length: number) =>
      Attributes.make([...many(4).map((index) => [`k${index}`, "v".repeat(251)] as const), [
        "last",
        "v".repeat(length)
      ]])

    assert.strictEqual(encoded({ attributes: attributes(41) }).length, 2 * 1_072)
    assert.deepStrictEqual(faultOf({ attributes: attributes(42) }), {
      field: "body",
      limit: "at most 1072 octets in all"
    })
    const unknown = many(4).map((index) => `8${index}ff${"00".repeat(255)}`).join("")
    assert.isTrue(Result.isSuccess(read(`${unknown}842a${"00".repeat(42)}`)))
    isRefused(`${unknown}842b${"00".repeat(43)}`)
    assert.strictEqual(encoded({ attributes: Attributes.make([["k", "v".repeat(253)]]) }).length, 2 * 257)
    assert.strictEqual(faultOf({ attributes: Attributes.make([["k", "v".repeat(254)]]) }).field, "attributes")
  })

  it("SA1 what is listed twice is said once, in the one order there is", () => {
    const first = encoded({
      services: ["_b._tcp", "_a._tcp", "_b._tcp"],
      endpoints: [endpoint("10.0.0.2", 9), endpoint("10.0.0.1", 9)]
    })
    const second = encoded({
      services: ["_a._tcp", "_b._tcp"],
      endpoints: [endpoint("10.0.0.1", 9), endpoint("10.0.0.2", 9), endpoint("10.0.0.1", 9)]
    })

    assert.strictEqual(first, second)
  })

  it("SA1 says where and why it cannot be said", () => {
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
      assert.deepStrictEqual(faultOf({ endpoints: [endpoint("10.0.0.1", port)] }), {
        field: "endpoints",
        limit: "ports from 1 to 65535"
      })
    }
    assert.strictEqual(faultOf({ handshakeKey: new Uint8Array(31) }).field, "handshakeKey")
    assert.strictEqual(faultOf({ successor: { key, signature: new Uint8Array(63) } }).field, "successor")
  })
})

describe("the fields of a challenge", () => {
  const nonce = new Uint8Array(16).fill(1)
  const octets = Result.getOrThrow(Body.encode(Body.challenge(nonce, key)))

  it("SA1 are nonce and target, in 52 octets", () => {
    assert.strictEqual(octets.length, 52)
    for (const kind of ["challenge", "proof"] as const) {
      assert.deepStrictEqual(Result.getOrThrow(Body.decode(octets, kind)), Body.challenge(nonce, key))
    }
  })

  it("SA1 are exactly these", () => {
    const hex = toHex(octets)
    for (
      const other of [
        "",
        hex.slice(0, 36),
        hex.slice(36),
        "010161" + hex,
        hex + "8000",
        hex.slice(36) + hex.slice(0, 36)
      ]
    ) {
      isRefused(other, "challenge")
    }
    isRefused(hex)
    isRefused(hex, "goodbye")
    isRefused(hex.slice(0, 36))
    isRefused("080f" + "01".repeat(15) + hex.slice(36), "challenge")
    isRefused(hex.slice(0, 36) + "091f" + "01".repeat(31), "challenge")
    assert.strictEqual(faultOf({ nonce }).field, "target")
    assert.strictEqual(faultOf({ target: key }).field, "nonce")
    assert.strictEqual(faultOf({ nonce: new Uint8Array(15), target: key }).field, "nonce")
    assert.strictEqual(faultOf({ nonce, target: key, name: "a" }).field, "body")
  })

  it("SA1 a goodbye has none", () => {
    assert.deepStrictEqual(Body.decode(new Uint8Array(), "goodbye"), Result.succeed(Body.empty))
    isRefused("8000", "goodbye")
  })
})

describe("successorInput", () => {
  it("SA1 is what the next key signed in the vector", () => {
    const { key: next } = Result.getOrThrow(read(Fixtures.successor.hex.slice(128, -128))).successor!
    assert.strictEqual(
      toHex(Body.successorInput(key, next)),
      `${toHex(Buffer.from("LAN-ROTATE-v1\0\0\0"))}${"07".repeat(32)}${next}`
    )
  })
})
