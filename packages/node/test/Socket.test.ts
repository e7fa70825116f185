import type { Network } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Socket from "../src/internal/Socket.ts"

const group = NetAddress.ipFromStringUnsafe("230.1.1.1")
const options: Network.OpenOptions = { family: "IPv4", bind: { address: group, port: 45_900 }, reuseAddress: true }

describe("toNode", () => {
  it("binds to a group", () => {
    assert.deepStrictEqual(Socket.toNode(options, "linux").bind, { address: group, port: 45_900 })
  })

  it("binds to all addresses instead on Windows, where a group is none to bind to", () => {
    assert.deepStrictEqual(Socket.toNode(options, "win32").bind, { port: 45_900 })
  })

  it("binds to an ordinary address on Windows too", () => {
    const bind = { address: NetAddress.ipv4Loopback, port: 0 }

    assert.deepStrictEqual(Socket.toNode({ ...options, bind }, "win32").bind, bind)
  })

  it("binds to a link's address or group with the link as its scope, and to others without", () => {
    const bound = (address: string) => {
      const bind = { address: NetAddress.ipFromStringUnsafe(address), port: 5353, scopeId: 3 }
      return String(Socket.toNode({ family: "IPv6", bind }, "linux").bind)
    }

    assert.strictEqual(bound("fe80::1"), "[fe80::1%3]:5353")
    assert.strictEqual(bound("ff02::fb"), "[ff02::fb%3]:5353")
    assert.notInclude(bound("fd00::1"), "%")
    assert.notInclude(bound("ff05::1"), "%")
  })

  it("keeps IPv6 sockets from taking the port of IPv4 ones", () => {
    assert.isTrue(Socket.toNode({ family: "IPv6", bind: { port: 5353 } }, "linux").ipv6Only)
    assert.isFalse(Socket.toNode(options, "linux").ipv6Only)
  })

  it("lets them hear IPv4 when asked to", () => {
    assert.isFalse(Socket.toNode({ family: "IPv6", bind: { port: 5353 }, dualStack: true }, "linux").ipv6Only)
  })

  it("connects, shares the port and reports stray errors as asked", () => {
    const connect = { address: NetAddress.ipv4Loopback, port: 9 }
    const onError = () => {}
    const native = Socket.toNode({ ...options, connect, reusePort: true, onError }, "linux")

    assert.deepInclude(native, { connect, reusePort: true, onError })
  })
})
