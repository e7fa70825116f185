import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Endpoint from "../../../src/protocol/signedBeacon/Endpoint.ts"

const source = NetAddress.inetAddressFromInputUnsafe({ address: "192.168.1.10", port: 21_077 })
const source6 = NetAddress.inetAddressFromInputUnsafe({ address: "fe80::1", port: 21_077, scopeId: 3 })
const loopback = NetAddress.inetAddressFromInputUnsafe({ address: "127.0.0.1", port: 21_077 })

const exposed = (address: string, from: NetAddress.InetAddress = source) => {
  const endpoint = { transport: "tcp", address: NetAddress.ipFromStringUnsafe(address), port: 7_100 } as const
  const exposed = Endpoint.expose(endpoint, from)
  return exposed && [NetAddress.formatInet(exposed.address), exposed.isAddressSigned]
}

describe("expose", () => {
  it("SA1 an announced address is what was signed", () => {
    assert.deepStrictEqual(exposed("192.168.1.20"), ["192.168.1.20:7100", true])
    assert.deepStrictEqual(exposed("fd00::20"), ["[fd00::20]:7100", true])
  })

  it("SA1 the unspecified address is that of the datagram, which nobody signed", () => {
    assert.deepStrictEqual(exposed("0.0.0.0"), ["192.168.1.10:7100", false])
    assert.deepStrictEqual(exposed("::", source6), ["[fe80::1%3]:7100", false])
  })

  it("SA1 there is no address of the other family in a datagram", () => {
    assert.isUndefined(exposed("::"))
    assert.isUndefined(exposed("0.0.0.0", source6))
  })

  it("SA1 a link-local address has the scope of the interface that it arrived by", () => {
    assert.deepStrictEqual(exposed("fe80::20", source6), ["[fe80::20%3]:7100", true])
    assert.deepStrictEqual(exposed("fd00::20", source6), ["[fd00::20]:7100", true])
  })

  it("S-U6 what nobody could dial is not exposed", () => {
    const addresses = [
      "224.0.0.1",
      "ff02::1",
      "255.255.255.255",
      "192.0.2.1",
      "2001:db8::1",
      "127.0.0.1",
      "::1",
      "::ffff:127.0.0.1"
    ]
    for (const address of addresses) {
      assert.isUndefined(exposed(address), address)
    }
  })

  it("S-U6 loopback is exposed to loopback", () => {
    assert.deepStrictEqual(exposed("127.0.0.1", loopback), ["127.0.0.1:7100", true])
    assert.deepStrictEqual(exposed("0.0.0.0", loopback), ["127.0.0.1:7100", false])
  })
})
