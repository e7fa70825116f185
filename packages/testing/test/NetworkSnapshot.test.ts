import { NetworkSnapshot, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { eth0, ip, join, open } from "./endpoint.ts"

describe("inspect", () => {
  it.effect("tells what sockets are bound to, joined and hold", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ ipv6: "fd11::/64" })
      const ada = yield* open(lan.host("ada"), { port: 9000 })
      const dual = yield* open(lan.host("grace"), { family: "IPv6", dualStack: true, port: 9778, reuseAddress: true })
      yield* join(dual.reader, "239.1.1.1", ip("10.11.0.2"), "10.11.0.1")
      yield* join(dual.reader, "ff02::9", eth0)
      yield* open(lan.host("grace"), {
        port: 9777,
        reusePort: true,
        connect: "10.11.0.1:9000",
        kernelReceiveBuffer: 1000
      })
      yield* lan.host("grace").pause("1 second")
      for (let i = 0; i < 4; i++) yield* ada.send("hello", "10.11.0.2:9777")
      yield* Effect.sleep("10 millis")
      const snapshot = yield* lan.inspect

      assert.deepStrictEqual(snapshot.hosts[1]?.sockets[0], {
        id: 3,
        family: "IPv4",
        isDualStack: false,
        local: "10.11.0.2:9777",
        peer: "10.11.0.1:9000",
        reusesAddress: false,
        reusesPort: true,
        memberships: [],
        queued: 1664,
        capacity: 2304,
        dropped: 2
      })
      assert.strictEqual(
        NetworkSnapshot.format(snapshot),
        `ada
  1: lo up mtu 65536 127.0.0.1/8 ::1/128
  2: eth0 on lan up mtu 1500 10.11.0.1/24 fd11::1/64 fe80::1/64
  #1 0.0.0.0:9000
grace paused
  1: lo up mtu 65536 127.0.0.1/8 ::1/128
  2: eth0 on lan up mtu 1500 10.11.0.2/24 fd11::2/64 fe80::2/64 239.1.1.1 ff02::9
  #3 10.11.0.2:9777 to 10.11.0.1:9000 reuseport 1664 B of 2304 queued 2 dropped
  #2 [::]:9778 dual-stack reuse joined 239.1.1.1 on eth0 from 10.11.0.1 joined ff02::9 on eth0`
      )
    })))
})
