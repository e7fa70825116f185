/**
 * The networks of interfaces, against those of `effect/net/IpNetwork`.
 */
import { assert, describe, it } from "@effect/vitest"
import { type IpInterface, IpNetwork, NetAddress } from "effect/net"
import * as Prefix from "../../src/internal/Prefix.ts"
import * as Given from "./Given.ts"

const { between } = Given.dice(1)

const draw = (bytes: number): ReadonlyArray<number> => Array.from({ length: bytes }, () => between(0, 255))

const ipOf = (octets: ReadonlyArray<number>): NetAddress.IpAddress => {
  if (octets.length === 4) return Given.ip(octets.join("."))
  const segments = Array.from({ length: 8 }, (_, i) => (octets[2 * i]! << 8) | octets[2 * i + 1]!)
  return Given.ip(segments.map((segment) => segment.toString(16)).join(":"))
}

/** The same address but for one bit. */
const flip = (octets: ReadonlyArray<number>, bit: number): ReadonlyArray<number> =>
  octets.map((octet, index) => index === bit >> 3 ? octet ^ (0x80 >> (bit & 7)) : octet)

describe("Prefix", () => {
  it("holds what IpNetwork says it holds, and ends where it says it ends", () => {
    for (let run = 0; run < 2_000; run++) {
      const octets = draw(run % 2 === 0 ? 4 : 16)
      const width = octets.length * 8
      const prefixLength = between(0, width)
      const address = ipOf(octets)
      const network = IpNetwork.fromAddressUnsafe(address, prefixLength)
      const prefix = Prefix.of({ address, prefixLength } as IpInterface.IpInterface)
      const others = [flip(octets, between(0, width - 1)), draw(octets.length), draw(octets.length === 4 ? 16 : 4)]
      for (const other of [octets, ...others].map(ipOf)) {
        const context = `${NetAddress.formatIp(other)} in ${IpNetwork.format(network)}`
        assert.strictEqual(Prefix.contains(prefix, Prefix.partsOf(other)), IpNetwork.contains(network, other), context)
      }
      const last = Prefix.partsOf(IpNetwork.lastAddress(network))
      assert.strictEqual(Prefix.isBroadcast(prefix, last), width === 32 && prefixLength <= 30)
      const before = Prefix.partsOf(ipOf(flip(octets, width - 1)))
      const isLast = before.every((part, index) => part === last[index])
      assert.strictEqual(Prefix.isBroadcast(prefix, before), isLast && width === 32 && prefixLength <= 30)
    }
  })

  it("tells unicast addresses as NetAddress does", () => {
    const ends = [0, 0, 1, 0x7f, 0xdf, 0xe0, 0xef, 0xf0, 0xfe, 0xff, 0xff]
    const texts = ["0.0.0.0", "255.255.255.255", "0.0.0.1", "::", "::1", "::ffff:ffff"]
    const drawn = Array.from({ length: 2_000 }, (_, run) => {
      const octets = draw(run % 2 === 0 ? 4 : 16)
      return ipOf([ends[run % ends.length]!, ...octets.slice(1)])
    })
    for (const ip of [...texts.map(Given.ip), ...drawn]) {
      assert.strictEqual(Prefix.isUnicast(Prefix.partsOf(ip)), NetAddress.isUnicast(ip), NetAddress.formatIp(ip))
    }
  })

  it("reads addresses as systems write them, and nothing else", () => {
    for (let run = 0; run < 4_000; run++) {
      // with runs of zeros, which are left out
      const octets = draw(run % 2 === 0 ? 4 : 16).map((octet) => between(0, 2) === 0 ? octet : 0)
      const ip = ipOf(octets)
      for (const text of [NetAddress.formatIp(ip), NetAddress.formatIp(ip).toUpperCase()]) {
        assert.deepStrictEqual(Prefix.partsOfText(text), Array.from(Prefix.partsOf(ip)), text)
      }
    }
    assert.deepStrictEqual(Prefix.partsOfText("::ffff:10.0.0.1"), [0, 0, 0, 0, 0, 0xffff, 0x0a00, 1])
    for (const text of ["", "host", "10.0.0", "10.0.0.1.2", "1:2", "1:2:3:4:5:6:7:8:9", "fe80::1%2", "10.0.0.x"]) {
      assert.isUndefined(Prefix.partsOfText(text), text)
    }
  })
})
