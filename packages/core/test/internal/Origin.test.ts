import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Origin from "../../src/internal/Origin.ts"
import * as Given from "./Given.ts"

describe("of", () => {
  it("an IPv4 address is its own", () => {
    assert.strictEqual(Origin.of("10.0.0.1"), "10.0.0.1")
    assert.strictEqual(Origin.of(""), "")
  })

  it.each([
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::6", "2001:db8:1:2"],
    ["2001:db8::6", "2001:db8:0:0"],
    ["2001:db8::", "2001:db8:0:0"],
    ["1:2:3:4:5::", "1:2:3:4"],
    ["::3:4:5:6:7:8", "0:0:3:4"],
    ["::1", "0:0:0:0"],
    ["::", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"]
  ])("%s is of %s", (host, origin) => {
    assert.strictEqual(Origin.of(host), origin)
  })

  it("two IPv6 addresses have one origin exactly when they share a /64", () => {
    const dice = Given.dice(1)
    const octets = (length: number) => Array.from({ length }, () => dice.pick([0, 0, 1, 255]))
    const draw = () => NetAddress.ipv6FromBytesUnsafe(Uint8Array.from(octets(16)))
    for (let round = 0; round < 5_000; round++) {
      const a = draw()
      const b = dice.oneIn(2) ? draw() : NetAddress.ipv6FromBytesUnsafe(
        Uint8Array.from([...NetAddress.ipv6ToOctets(a).slice(0, 8), ...octets(8)])
      )
      const prefix = (ip: NetAddress.Ipv6Address) => NetAddress.ipv6ToOctets(ip).slice(0, 8).join()
      const [hostA, hostB] = [NetAddress.formatIp(a), NetAddress.formatIp(b)]

      assert.strictEqual(Origin.of(hostA) === Origin.of(hostB), prefix(a) === prefix(b), `${hostA} ${hostB}`)
    }
  })
})
