import type { NetworkInterface } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface, NetAddress } from "effect/net"
import * as Arrival from "../../../src/internal/runtime/Arrival.ts"
import * as Given from "../Given.ts"

const networkInterface = (
  name: string,
  index: number,
  ...addresses: ReadonlyArray<string>
): NetworkInterface.NetworkInterface => ({
  name,
  index,
  isInternal: false,
  addresses: addresses.map((address) => IpInterface.fromStringUnsafe(address))
})

const eth0 = networkInterface("eth0", 2, "10.0.0.1/24", "fe80::1/64", "2001:db8:1::1/64")
const wlan0 = networkInterface("wlan0", 3, "192.168.7.1/24", "10.0.0.2/16", "fe80::2/64", "2001:db8:2::1/48")
const unnumbered = { ...eth0, index: 0 }

const { between, pick } = Given.dice(3)

const hosts = ["10.0.0", "10.0.1", "192.168.7", "172.16.0"].map((prefix) => () => `${prefix}.${between(0, 255)}`)
const hosts6 = ["fe80::", "2001:db8:1::", "2001:db8:2:7::", "2001:db8:3::", "::"]
  .map((prefix) => () => `${prefix}${between(1, 0xffff).toString(16)}`)
const zones = [["", 0], ["%eth0", 2], ["%2", 2], ["%wlan0", 3], ["%3", 3]] as const

describe("isElsewhere", () => {
  it("is of another link what that link's interface has for its own", () => {
    for (let run = 0; run < 5_000; run++) {
      const own = pick([eth0, wlan0, unnumbered])
      const surroundings = { networkInterface: () => own, interfaces: () => [eth0, wlan0] }
      const isMulticast = pick([true, false])
      const host = pick([...hosts, ...hosts6])()
      const [zone, scopeId] = host.startsWith("fe80") ? pick(zones) : zones[0]
      const source = NetAddress.inetAddressFromInputUnsafe({
        address: Given.ip(host),
        port: 9,
        ...(host.includes(":") && { scopeId })
      })

      assert.strictEqual(
        Arrival.isElsewhere(surroundings, host + zone),
        Arrival.linkOf(surroundings, source, isMulticast) === "ignore",
        `${host}${zone} on ${own.name}, ${own.index}`
      )
    }
  })

  it("is not said of a zone that is nobody's, or of what is no address", () => {
    const surroundings = { networkInterface: () => eth0, interfaces: () => [eth0, wlan0] }

    for (const host of ["fe80::9%eth9", "fe80::9%7", "somewhere", ""]) {
      assert.isFalse(Arrival.isElsewhere(surroundings, host), host)
    }
  })
})
