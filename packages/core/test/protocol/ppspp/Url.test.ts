import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Swarm from "../../../src/protocol/ppspp/Swarm.ts"
import * as Url from "../../../src/protocol/ppspp/Url.ts"
import * as Given from "./given.ts"

const reason = (text: string) => Result.match(Url.parse(text), { onSuccess: () => "good", onFailure: (_) => _.reason })

describe("parse", () => {
  it("reads a host, a port, a swarm and its settings", () => {
    assert.deepStrictEqual(
      Url.parse(
        "ppspp://example.net:7777/c89800bf?content_integrity_protection_method=sign_all&merkle_hash_tree_function=sha-1" +
          "&live_signature_algorithm=15&chunk_addressing_method=32-bit_bins&chunk_size=variable"
      ),
      Result.succeed({
        host: "example.net",
        port: 7777,
        swarm: "c89800bf",
        settings: {
          integrity: "sign-all",
          hash: "sha-1",
          liveSignature: 15,
          addressing: "bins-32",
          chunkSize: "variable"
        }
      })
    )
  })

  it("reads IPv6 addresses in brackets, names of files, and nothing after the slash", () => {
    const parsed = ["ppspp://[fd11::1]:7777/messier74.jpg", "ppspp+udp://10.0.0.1:1/", "ppspp://10.0.0.1:1"].map((
      text
    ) => Result.getOrThrow(Url.parse(text)))

    assert.deepStrictEqual(parsed, [
      { host: "fd11::1", port: 7777, swarm: "messier74.jpg", settings: {} },
      { host: "10.0.0.1", port: 1, settings: {} },
      { host: "10.0.0.1", port: 1, settings: {} }
    ])
  })

  it("reads the form of membership certificates, of IP addresses only", () => {
    assert.deepStrictEqual(
      Url.parse(`file://192.168.0.1:6778/${Given.id}`),
      Result.succeed({ host: "192.168.0.1", port: 6778, swarm: Given.id, settings: {} })
    )
    assert.strictEqual(reason("file://example.net:6778/00"), "host")
  })

  it("S-P9 says which part is wrong, the length before all else", () => {
    const reasons = [
      `ppspp://${"a".repeat(3_000)}`,
      "http://10.0.0.1:1/",
      "ppspp://:1/",
      "ppspp://fd11::1:1/",
      "ppspp://[10.0.0.1]:1/",
      "ppspp://10.0.0.1/",
      "ppspp://10.0.0.1:0/",
      "ppspp://10.0.0.1:65536/",
      "ppspp://10.0.0.1:1e3/",
      "ppspp://10.0.0.1:1/a/b",
      "ppspp://10.0.0.1:1/?__proto__=1",
      "ppspp://10.0.0.1:1/?chunk_size=0",
      "ppspp://10.0.0.1:1/?live_signature_algorithm=256"
    ].map(reason)

    assert.deepStrictEqual(reasons, [
      "length",
      "scheme",
      "host",
      "host",
      "host",
      "port",
      "port",
      "port",
      "port",
      "swarm",
      "option",
      "value",
      "value"
    ])
  })
})

describe("format", () => {
  it("writes what parse reads", () => {
    for (const host of ["10.0.0.1", "[fd11::1]", "[fe80::1%2]"]) {
      for (const addressing of Swarm.addressings) {
        for (const integrity of Swarm.integrities) {
          const swarm = Swarm.make({
            id: `0f${"11".repeat(32)}`,
            liveSignature: 15,
            addressing,
            integrity,
            hash: "sha-512"
          })
          const url = Url.make(NetAddress.inetAddressFromStringUnsafe(`${host}:6778`), swarm)

          const { settings, swarm: id } = Result.getOrThrow(Url.parse(Url.format(url)))
          const again = Swarm.make({ ...settings, id: id! })
          assert.strictEqual(
            Url.format(Url.make(NetAddress.inetAddressFromStringUnsafe(`${host}:6778`), again)),
            Url.format(url)
          )
          assert.strictEqual(again.addressing, addressing)
          assert.strictEqual(again.integrity, integrity)
        }
      }
    }
  })

  it("leaves out the zone of an address, which is this host's", () => {
    const url = Url.make(NetAddress.inetAddressFromStringUnsafe("[fe80::1%2]:6778"), Swarm.make({ id: "ab" }))

    assert.strictEqual(Url.format(url), "ppspp://[fe80::1]:6778/ab")
    assert.strictEqual(Url.formatMembership(url), "file://[fe80::1]:6778/ab")
  })

  it("leaves out what is a default, and writes root hashes in lower case", () => {
    const url = Url.make(NetAddress.inetAddressFromStringUnsafe("[fd11::1]:6778"), Swarm.make({ id: "ABCD" }))

    assert.strictEqual(Url.format(url), "ppspp://[fd11::1]:6778/abcd")
    assert.strictEqual(Url.formatMembership(url), "file://[fd11::1]:6778/abcd")
  })
})
