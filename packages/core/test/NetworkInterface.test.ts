import { NetworkInterface } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface, NetAddress } from "effect/net"
import * as Given from "./internal/Given.ts"

const make = (name: string, ...addresses: ReadonlyArray<string>): NetworkInterface.NetworkInterface => ({
  name,
  index: 2,
  isInternal: name.startsWith("lo"),
  addresses: addresses.map((address) => IpInterface.fromStringUnsafe(address))
})

describe("isUsable", () => {
  it.each(["eth0", "wlan0", "en0", "enp3s0", "bond0", "Ethernet 2", "bridge0"])("takes %s", (name) => {
    assert.isTrue(NetworkInterface.isUsable(make(name)))
  })

  it.each(["lo", "tun0", "tap1", "utun3", "wg0", "ppp0", "docker0", "br-1f2e", "veth9a", "virbr0", "vEthernet (WSL)"])(
    "leaves out %s (S-V3)",
    (name) => {
      assert.isFalse(NetworkInterface.isUsable(make(name)))
    }
  )
})

describe("isLoopback and named", () => {
  it("select by what they say", () => {
    const interfaces = [make("lo"), make("eth0"), make("eth1")]
    const select = (predicate: NetworkInterface.Predicate) => interfaces.filter(predicate).map(({ name }) => name)

    assert.deepStrictEqual(select(NetworkInterface.isLoopback), ["lo"])
    assert.deepStrictEqual(select(NetworkInterface.named("eth1", "lo")), ["lo", "eth1"])
    assert.deepStrictEqual(select(NetworkInterface.named()), [])
  })
})

describe("addressOf", () => {
  it("is the first of the family", () => {
    const eth0 = make("eth0", "fe80::1/64", "10.0.0.1/24", "10.0.9.1/24")

    assert.deepStrictEqual(NetworkInterface.addressOf(eth0, "IPv4"), IpInterface.fromStringUnsafe("10.0.0.1/24"))
    assert.deepStrictEqual(NetworkInterface.addressOf(eth0, "IPv6"), IpInterface.fromStringUnsafe("fe80::1/64"))
    assert.isUndefined(NetworkInterface.addressOf(make("eth0", "10.0.0.1/24"), "IPv6"))
  })
})

describe("isOnLink", () => {
  const eth0 = make("eth0", "10.0.0.1/24", "172.16.5.1/30", "2001:db9::1/64")
  const isOnLink = (text: string) => NetworkInterface.isOnLink(eth0, Given.ip(text))

  it.each(["10.0.0.0", "10.0.0.200", "10.0.0.255", "172.16.5.2", "2001:db9::ffff"])("%s lies in a prefix", (text) => {
    assert.isTrue(isOnLink(text))
  })

  it.each(["10.0.1.0", "9.255.255.255", "172.16.5.4", "2001:db9:0:1::1", "::1"])("%s lies in none", (text) => {
    assert.isFalse(isOnLink(text))
  })

  it("a /32 holds its own address only", () => {
    const point = make("ppp0", "10.0.0.1/32")

    assert.isTrue(NetworkInterface.isOnLink(point, Given.ip("10.0.0.1")))
    assert.isFalse(NetworkInterface.isOnLink(point, Given.ip("10.0.0.2")))
  })
})

describe("broadcastAddresses", () => {
  const addresses = (...given: Parameters<typeof make>) =>
    NetworkInterface.broadcastAddresses(make(...given)).map(NetAddress.formatIp)

  it("are the directed and the limited one", () => {
    assert.deepStrictEqual(addresses("eth0", "10.0.0.1/24"), ["10.0.0.255", "255.255.255.255"])
    assert.deepStrictEqual(addresses("eth0", "172.16.5.1/30"), ["172.16.5.3", "255.255.255.255"])
  })

  it("are the directed one only on loopback, where the limited one fails", () => {
    assert.deepStrictEqual(addresses("lo", "127.0.0.1/8", "::1/128"), ["127.255.255.255"])
  })

  it("are the limited one only in a /31 or /32, which have no directed one (RFC 3021)", () => {
    assert.deepStrictEqual(addresses("eth0", "10.0.0.0/31"), ["255.255.255.255"])
    assert.deepStrictEqual(addresses("eth0", "10.0.0.1/32"), ["255.255.255.255"])
  })

  it("S-A6 are the directed one only when that is asked for, if there is one", () => {
    const directed = (network: string) =>
      NetworkInterface.broadcastAddresses(make("eth0", network), { isDirected: true }).map(NetAddress.formatIp)

    assert.deepStrictEqual(directed("10.0.0.1/24"), ["10.0.0.255"])
    assert.deepStrictEqual(directed("10.0.0.1/32"), ["255.255.255.255"])
  })

  it("are none without an IPv4 address", () => {
    assert.deepStrictEqual(addresses("eth0", "fe80::1/64"), [])
  })
})

describe("isBroadcast", () => {
  it.each([
    ["10.0.0.255", true],
    ["10.0.0.254", false],
    ["172.16.5.3", true],
    ["172.16.5.255", false],
    ["192.168.0.1", false],
    ["fe80::ffff", false]
  ])("%s: %s", (address, isBroadcast) => {
    const eth0 = make("eth0", "10.0.0.1/24", "172.16.5.1/30", "192.168.0.1/32", "fe80::1/64")

    assert.strictEqual(NetworkInterface.isBroadcast(eth0, NetAddress.ipFromStringUnsafe(address)), isBroadcast)
  })
})

describe("key", () => {
  it("differs when name, index, an address or a prefix does", () => {
    const eth0 = make("eth0", "10.0.0.1/24")
    const others = [
      make("eth1", "10.0.0.1/24"),
      { ...eth0, index: 3 },
      make("eth0", "10.0.0.2/24"),
      make("eth0", "10.0.0.1/25"),
      make("eth0", "10.0.0.1/24", "fe80::1/64")
    ]

    assert.strictEqual(NetworkInterface.key(make("eth0", "10.0.0.1/24")), NetworkInterface.key(eth0))
    assert.strictEqual(new Set([eth0, ...others].map(NetworkInterface.key)).size, 6)
  })
})
