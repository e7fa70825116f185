import { Endpoint } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"

describe("multicast", () => {
  it("stays on the link unless told otherwise (S-A6)", () => {
    const endpoint = Endpoint.multicast("230.1.1.1", 45_900)

    assert.deepStrictEqual({ ...endpoint, group: NetAddress.formatIp(endpoint.group) }, {
      _tag: "Multicast",
      group: "230.1.1.1",
      port: 45_900,
      ttl: 1
    })
    assert.strictEqual(Endpoint.multicast("ff02::fb", 5_353, { ttl: 255 }).ttl, 255)
  })

  it.each(["10.0.0.1", "255.255.255.255", "fe80::1"])("throws a RangeError on %s, which is no group", (address) => {
    assert.throws(
      () => Endpoint.multicast(address, 1),
      RangeError,
      `${address} is not the address of a multicast group`
    )
  })

  it("throws on text that is no address", () => {
    assert.throws(
      () => Endpoint.multicast("example.org", 1),
      RangeError,
      "example.org is not the address of a multicast group"
    )
  })
})

describe("family", () => {
  it("is the group's, and IPv4 for broadcast", () => {
    assert.strictEqual(Endpoint.family(Endpoint.multicast("230.1.1.1", 1)), "IPv4")
    assert.strictEqual(Endpoint.family(Endpoint.multicast("ff02::1", 1)), "IPv6")
    assert.strictEqual(Endpoint.family(Endpoint.broadcast(1)), "IPv4")
  })
})

describe("format", () => {
  it("is what people write", () => {
    assert.strictEqual(Endpoint.format(Endpoint.multicast("230.1.1.1", 45_900)), "230.1.1.1:45900")
    assert.strictEqual(Endpoint.format(Endpoint.multicast("ff02::fb", 5_353)), "[ff02::fb]:5353")
    assert.strictEqual(Endpoint.format(Endpoint.broadcast(21_025)), "broadcast:21025")
  })
})
