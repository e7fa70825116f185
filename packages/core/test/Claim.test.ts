import { Announcement, Attributes, Claim, Limits, type NetworkInterface } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface, NetAddress } from "effect/net"
import * as Given from "./internal/Given.ts"

const origin = Given.ip("10.0.0.7")

const addressesOf = (
  announcement: Partial<Announcement.Options>,
  options: Partial<Parameters<typeof Claim.fromAnnouncement>[1]>
): ReadonlyArray<string> =>
  Claim.fromAnnouncement({ name: "ada", ...announcement }, { ttl: 1_000, ...options }).addresses.map(
    NetAddress.formatInet
  )

describe("fromAnnouncement", () => {
  it("fills in what an announcement leaves out", () => {
    const claim = Claim.fromAnnouncement({ name: "ada", port: 80 }, { ttl: 6_000, origin })

    assert.deepStrictEqual(claim, {
      identity: "ada",
      name: "ada",
      addresses: [Given.address("10.0.0.7:80")],
      attributes: Attributes.empty,
      ttl: 6_000,
      authentication: "none"
    })
  })

  it("takes the announcement's own word before any default", () => {
    const announcement = Announcement.make({
      name: "ada",
      identity: "a1",
      addresses: [Given.address("10.0.0.9:90")],
      attributes: { role: "leader" },
      ttl: "1 minute",
      authentication: "claimed",
      key: Given.key(1),
      group: "52b6c968"
    })

    assert.deepStrictEqual(Claim.fromAnnouncement(announcement, { ttl: 6_000, origin, port: 80 }), {
      identity: "a1",
      name: "ada",
      addresses: [Given.address("10.0.0.9:90")],
      attributes: Attributes.make({ role: "leader" }),
      ttl: 60_000,
      authentication: "claimed",
      key: Given.key(1),
      group: "52b6c968"
    })
  })

  it("no addresses mean the address it came from, with the announced port before the source's", () => {
    assert.deepStrictEqual(addressesOf({ port: 80 }, { origin, port: 90 }), ["10.0.0.7:80"])
    assert.deepStrictEqual(addressesOf({ addresses: [] }, { origin, port: 90 }), ["10.0.0.7:90"])
  })

  it("without an origin or a port there is no address", () => {
    assert.deepStrictEqual(addressesOf({ port: 80 }, {}), [])
    assert.deepStrictEqual(addressesOf({}, { origin }), [])
    assert.deepStrictEqual(addressesOf({ port: 0 }, { origin }), [])
  })

  it("an IPv6 origin keeps its scope", () => {
    const options = { origin: Given.ip("fe80::1"), scopeId: 2 }

    assert.deepStrictEqual(addressesOf({ port: 80 }, options), ["[fe80::1%2]:80"])
    assert.deepStrictEqual(addressesOf({ port: 80 }, { origin: Given.ip("2001:db9::1") }), ["[2001:db9::1]:80"])
  })

  it("leaves out announced addresses that nobody could dial, and puts nothing in their place (S-U6)", () => {
    const dead = ["0.0.0.0:80", "127.0.0.1:80", "224.0.0.1:80"].map(Given.address)

    assert.deepStrictEqual(addressesOf({ addresses: [...dead, Given.address("10.0.0.9:80")] }, { origin }), [
      "10.0.0.9:80"
    ])
    assert.deepStrictEqual(addressesOf({ addresses: dead, port: 80 }, { origin }), [])
  })
})

describe("isDialable", () => {
  const isDialable = (text: string, from: string | undefined = "10.0.0.7") =>
    Claim.isDialable(Given.address(text), from === undefined ? undefined : Given.ip(from))

  it.each([
    "10.0.0.9:80",
    "169.254.3.4:80",
    "8.8.8.8:65535",
    "[fe80::1%2]:80",
    "[2001:db9::1]:80",
    "192.0.3.1:80",
    "[c0:0:2::1]:80"
  ])("%s is", (text) => {
    assert.isTrue(isDialable(text))
  })

  it.each([
    "10.0.0.9:0",
    "0.0.0.0:80",
    "[::]:80",
    "224.0.0.1:80",
    "239.255.255.250:80",
    "[ff02::1]:80",
    "255.255.255.255:80",
    "192.0.2.1:80",
    "198.51.100.255:80",
    "203.0.113.9:80",
    "[2001:db8::1]:80",
    "[2001:db8:ffff::1]:80"
  ])("%s is not (S-U6)", (text) => {
    assert.isFalse(isDialable(text))
  })

  it("loopback is from loopback only, or when the program says so itself (S-U6)", () => {
    for (const text of ["127.0.0.1:80", "127.1.2.3:80", "[::1]:80"]) {
      assert.isFalse(isDialable(text, "10.0.0.7"), text)
      assert.isTrue(isDialable(text, "127.0.0.1"), text)
      assert.isTrue(Claim.isDialable(Given.address(text), undefined), text)
    }
  })

  it("an IPv4 address in IPv6 clothes is judged as the one it stands for", () => {
    for (const text of ["127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1"]) {
      assert.isFalse(isDialable(`[::ffff:${text}]:80`), text)
    }
    assert.isTrue(isDialable("[::ffff:10.0.0.9]:80"))
  })
})

const eth0: NetworkInterface.NetworkInterface = {
  name: "eth0",
  index: 2,
  isInternal: false,
  addresses: ["10.0.0.1/24", "2001:4860::1/64"].map((text) => IpInterface.fromStringUnsafe(text))
}

describe("onLink", () => {
  const texts = (addresses: ReadonlyArray<NetAddress.InetAddress> = []) => addresses.map(NetAddress.formatInet)
  const seen = (
    addresses: ReadonlyArray<string>,
    options: Partial<Parameters<typeof Claim.onLink>[2]> = {},
    on = eth0
  ) => {
    const claim = Given.claim("ada", { addresses: addresses.map(Given.address) })
    const result = Claim.onLink(claim, on, { source: "10.0.0.7", allowOffLink: false, ...options })
    return { addresses: texts(result.addresses), offLink: texts(result.offLink), isSame: result === claim }
  }
  const near = ["10.0.0.9:80", "[::ffff:10.0.0.8]:80", "[2001:4860::7]:80", "[fe80::1%2]:80", "169.254.3.4:80"]
  const far = ["8.8.8.8:80", "10.0.1.9:80", "[2001:4860:0:1::7]:80"]

  it("S-U6 keeps what is on the link as it is", () => {
    assert.deepStrictEqual(seen(near), { addresses: near, offLink: [], isSame: true })
  })

  it("S-U6 marks what is not and does not offer it", () => {
    assert.deepStrictEqual(seen([...far, ...near]), { addresses: near, offLink: far, isSame: false })
  })

  it("S-U6 offers it behind the others where that is allowed", () => {
    const { addresses, offLink } = seen([...far, ...near], { allowOffLink: true })

    assert.deepStrictEqual([addresses, offLink], [[...near, ...far], far])
  })

  it("S-U6 drops broadcast addresses of the interface, allowed or not", () => {
    for (const allowOffLink of [true, false]) {
      assert.deepStrictEqual(seen(["10.0.0.255:80", "10.0.0.9:80"], { allowOffLink }).addresses, ["10.0.0.9:80"])
    }
  })

  it("S-U6 takes the address that a claim came from for one of the link: two networks may share a wire", () => {
    assert.isTrue(seen(["192.168.7.7:80"], { source: "192.168.7.7" }).isSame)
    assert.isTrue(seen(["[fd12::7]:80"], { source: "fd12::7%eth0" }).isSame)
  })

  it("takes what comes over loopback as it is, and what comes by an interface of which nothing is known", () => {
    assert.isTrue(seen(far, {}, { ...eth0, isInternal: true }).isSame)
    assert.isTrue(seen(far, {}, { ...eth0, addresses: [] }).isSame)
  })
})

describe("unlinked", () => {
  const claim = Given.claim("ada", { addresses: ["8.8.8.8:80", "10.0.0.9:80"].map(Given.address) })

  it("has each address once, those off the link last, whether or not they were offered", () => {
    for (const allowOffLink of [true, false]) {
      const marked = Claim.onLink(claim, eth0, { source: "10.0.0.7", allowOffLink })

      assert.deepStrictEqual(Claim.unlinked(marked), { ...claim, addresses: claim.addresses.toReversed() })
    }
  })

  it("is the claim itself where none is off the link", () => {
    assert.strictEqual(Claim.unlinked(claim), claim)
  })
})

describe("excess", () => {
  const excess = (options: Partial<Claim.Claim>) => Claim.excess(Given.claim("ada", options), Limits.defaults)
  const entries = (count: number) => Array.from({ length: count }, (_, i) => [`${i}`, ""] as const)

  it("a claim exactly at every limit is within", () => {
    const name = "é".repeat(508)
    const attributes = Attributes.make([...entries(15), ["v", "x".repeat(2_048 - 20 - 1)]])

    assert.strictEqual(Attributes.byteLength(attributes), 2_048)
    assert.isUndefined(excess({ name, identity: "x".repeat(1_016), attributes }))
  })

  it("a name or an identity is measured in octets", () => {
    assert.strictEqual(excess({ name: "x".repeat(1_017) }), "name")
    assert.strictEqual(excess({ identity: "x".repeat(1_017) }), "name")
    assert.strictEqual(excess({ name: `${"é".repeat(508)}x` }), "name")
    assert.strictEqual(excess({ name: "あ".repeat(339) }), "name")
  })

  it("an identity is not empty, and a ttl is no less than nothing", () => {
    assert.strictEqual(excess({ identity: "" }), "name")
    for (const ttl of [NaN, -1, -Infinity]) assert.strictEqual(excess({ ttl }), "ttl")
    for (const ttl of [0, Infinity]) assert.isUndefined(excess({ ttl }))
  })

  it("attributes are limited in number and in octets", () => {
    assert.strictEqual(excess({ attributes: Attributes.make(entries(17)) }), "attributes")
    assert.strictEqual(excess({ attributes: Attributes.make({ v: "x".repeat(2_048) }) }), "attributes")
  })
})

describe("excess of attributes", () => {
  const excess = (value: Attributes.Value) =>
    Claim.excess(Given.claim("ada", { attributes: Attributes.make({ v: value }) }), Limits.defaults)

  it.each(["x", "é", "€", "😀"])("counts octets of %s and not characters", (text) => {
    const octets = new TextEncoder().encode(text).length
    const most = Math.floor(2_047 / octets)

    assert.isUndefined(excess(text.repeat(most)))
    assert.strictEqual(excess(text.repeat(most + 1)), "attributes")
  })

  it("counts octets that are no text, and a key without a value", () => {
    assert.isUndefined(excess(new Uint8Array(2_047).fill(0xff)))
    assert.strictEqual(excess(new Uint8Array(2_048).fill(0xff)), "attributes")
    assert.isUndefined(excess(true))
  })
})

describe("isSame", () => {
  const ada = Given.claim("ada", {
    addresses: [Given.address("10.0.0.1:80"), Given.address("10.0.0.2:80")],
    attributes: Attributes.make({ role: "leader" })
  })

  it("does not look at the ttl", () => {
    assert.isTrue(Claim.isSame(ada, { ...ada, ttl: 5, attributes: Attributes.make({ role: "leader" }) }))
  })

  it.each<Partial<Claim.Claim>>([
    { name: "Ada" },
    { authentication: "claimed" },
    { key: Given.key(1) },
    { group: "52b6c968" },
    { addresses: [] },
    { offLink: [Given.address("8.8.8.8:80")] },
    { addresses: [Given.address("10.0.0.1:80"), Given.address("10.0.0.2:81")] },
    { attributes: Attributes.empty }
  ])("is false when %o differs", (difference) => {
    assert.isFalse(Claim.isSame(ada, { ...ada, ...difference }))
  })
})
