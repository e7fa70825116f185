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
    assert.deepStrictEqual(Socket.toNode(options, "win32").bind, { address: undefined, port: 45_900 })
  })

  it("binds to an ordinary address on Windows too", () => {
    const bind = { address: NetAddress.ipv4Loopback, port: 0 }

    assert.deepStrictEqual(Socket.toNode({ ...options, bind }, "win32").bind, bind)
  })

  it("keeps IPv6 sockets from taking the port of IPv4 ones", () => {
    assert.isTrue(Socket.toNode({ family: "IPv6", bind: { port: 5353 } }, "linux").ipv6Only)
    assert.isFalse(Socket.toNode(options, "linux").ipv6Only)
  })
})
