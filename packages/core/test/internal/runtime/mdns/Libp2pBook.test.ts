import { Attributes, Limits } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Libp2pBook from "../../../../src/internal/runtime/mdns/Libp2pBook.ts"
import type * as Service from "../../../../src/internal/runtime/mdns/Service.ts"
import * as Vectors from "../../../protocol/vectors.ts"

const id = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"

const seen = (origin: string, multiaddrs: ReadonlyArray<string>): Service.Sighting => ({
  _tag: "Seen",
  service: {
    id: "x._p2p._udp.local",
    name: "x",
    type: "_p2p._udp",
    host: ".",
    port: 0,
    priority: 0,
    weight: 0,
    addresses: [],
    attributes: Attributes.empty,
    isTextMalformed: false,
    texts: multiaddrs.map((multiaddr) => {
      const string = Vectors.fromText(`dnsaddr=${multiaddr}/p2p/${id}`)
      return Uint8Array.of(string.length, ...string)
    }),
    interfaces: ["eth0"]
  },
  link: "eth0/IPv4",
  interface: "eth0",
  origin,
  ttl: 120_000
})

const claimOf = (origin: string, multiaddrs: ReadonlyArray<string>) => {
  const [input] = Libp2pBook.tell(Libp2pBook.make("libp2p", undefined), seen(origin, multiaddrs))
  return input?._tag === "Announced" ? input.claim : undefined
}

describe("tell", () => {
  it("has loopback addresses from loopback only", () => {
    const addressesOf = (origin: string) =>
      claimOf(origin, ["/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1", "/ip4/10.0.0.2/tcp/1"])?.addresses.map(String)

    assert.deepStrictEqual(addressesOf("10.0.0.2"), ["10.0.0.2:1"])
    assert.deepStrictEqual(addressesOf("fe80::2"), ["10.0.0.2:1"])
    assert.deepStrictEqual(addressesOf("127.0.0.1"), ["127.0.0.1:1", "[::1]:1", "10.0.0.2:1"])
  })

  it("keeps within the limit of attributes, in octets of whatever letters", () => {
    const multiaddrs = Array.from({ length: 20 }, (_, i) => `/dns4/${"\u00e9".repeat(80)}${i}/tcp/1`)
    const { attributes } = claimOf("10.0.0.2", multiaddrs)!

    assert.isAtMost(Attributes.byteLength(attributes), Limits.defaults.attributesBytes)
    assert.strictEqual(attributes.get("multiaddrs")?.split(" ").length, 10)
  })
})
