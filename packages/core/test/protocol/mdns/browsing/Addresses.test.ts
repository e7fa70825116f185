import { Claim } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Addresses from "../../../../src/protocol/mdns/browsing/Addresses.ts"
import type * as Link from "../../../../src/protocol/mdns/Link.ts"
import { draw } from "../arbitrary.ts"

const link: Link.Link = {
  key: "eth0/IPv4",
  interface: "eth0",
  index: 2,
  family: "IPv4",
  addresses: [],
  maxPayload: 1_440,
  isPortOwned: true
}

const ipOf = (octets: Uint8Array): NetAddress.IpAddress =>
  octets.length === 4 ? NetAddress.ipv4FromBytesUnsafe(octets) : NetAddress.ipv6FromBytesUnsafe(octets)

const told = (octets: Uint8Array, port: number): ReadonlyArray<string> =>
  Addresses.fromRecords([{ data: { _tag: "Address", octets }, origin: "10.0.0.9" }], port, link).addresses.map(String)

/** The beginnings of all ranges that are something special, and what is next to them. */
const beginnings = [
  ...[0, 9, 10, 11, 127, 169, 223, 224, 255, 0xfb, 0xfc, 0xfd, 0xfe, 0xff].map((first) => [first]),
  ...[0x0f, 0x10, 0x1f, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0].flatMap((second) => [[172, second], [0xfe, second]]),
  [192, 0, 2],
  [192, 168],
  [192, 167],
  [198, 51, 100],
  [203, 0, 113],
  [0x20, 0x01, 0x0d, 0xb8],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
]

describe("addresses", () => {
  it("are those that could be dialed, whatever range they are of", () => {
    const { below, octets } = draw(7)
    for (const beginning of beginnings) {
      for (const length of [4, 16]) {
        for (let i = 0; i < 20; i++) {
          const address = octets(length)
          address.set(beginning.slice(0, length))
          const port = below(3)
          const judged = NetAddress.inetAddressUnsafe(ipOf(address), port === 0 ? 1 : port)
          assert.strictEqual(
            told(address, port).length,
            Claim.isDialable(judged, undefined) && !isLoopback(judged) ? 1 : 0
          )
        }
      }
    }
  })

  it("have the link as their scope where they mean nothing without", () => {
    const octets = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    assert.deepStrictEqual(told(octets, 80), ["[fe80::1%2]:80"])
  })
})

const isLoopback = ({ address }: NetAddress.InetAddress) => NetAddress.isLoopback(NetAddress.toCanonical(address))
