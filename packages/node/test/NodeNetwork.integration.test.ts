import { Discovery, Network, NetworkInterface } from "@effect-discovery/core"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"
import { NetAddress } from "effect/net"
import type { DatagramSocket } from "effect/socket"
import { NodeDiscovery, NodeNetwork } from "../src/index.ts"

const loopback = NetAddress.ipv4Loopback
const group = NetAddress.ipFromStringUnsafe("239.77.0.1") as NetAddress.MulticastAddress<NetAddress.Ipv4Address>

const open = (options: Partial<Network.OpenOptions> = {}) =>
  Effect.gen(function*() {
    const network = yield* Network.Network
    const socket = yield* network.open({ family: "IPv4", bind: { address: loopback, port: 0 }, ...options })
    const reader = yield* socket.reader
    return { reader, writer: yield* socket.writer, port: reader.address.port }
  })

const causeOf = ({ reason }: DatagramSocket.DatagramSocketError) => "cause" in reason ? String(reason.cause) : ""

const withoutBuffer = { receiveBuffer: { capacity: 16, strategy: "sliding" } } as const

layer(NodeNetwork.layer(), { excludeTestServices: true })("NodeNetwork", (it) => {
  it.effect("lists the loopback interface with its address and prefix", () =>
    Effect.gen(function*() {
      const { interfaces } = yield* Network.Network
      const list = Option.getOrThrow(yield* Stream.runHead(interfaces))
      const lo = list.find(NetworkInterface.isLoopback)

      assert.strictEqual(String(lo && NetworkInterface.addressOf(lo, "IPv4")), "127.0.0.1/8")
    }))

  it.effect("what is sent to a group on loopback reaches a socket bound to it", () =>
    Effect.gen(function*() {
      // any free port, of which a group-bound socket takes the same number
      const { port } = yield* Effect.scoped(open())
      const receiver = yield* open({ bind: { address: group, port }, reuseAddress: true, ...withoutBuffer })
      yield* receiver.reader.joinMulticast({ group, interface: loopback })
      const sender = yield* open({ multicast: { interface: loopback, ttl: 1 } })
      yield* sender.writer.write({ payload: "hello", address: NetAddress.inetAddressUnsafe(group, port) })
      const [datagram] = yield* Effect.timeout(receiver.reader.pull, "5 seconds")

      assert.strictEqual(new TextDecoder().decode(datagram.payload), "hello")
      assert.strictEqual(datagram.address.port, sender.port)
    }))

  it.effect("what is intercepted gets to no reader, and all else does", () =>
    Effect.gen(function*() {
      const seen: Array<readonly [text: string, host: string, port: number]> = []
      const intercept: Network.Intercept = (payload, host, port) =>
        seen.push([new TextDecoder().decode(payload), host, port]) % 2 === 1
      const receiver = yield* open({ intercept, kernelReceiveBuffer: 2 ** 32 - 1 })
      const sender = yield* open()
      const address = NetAddress.inetAddressUnsafe(loopback, receiver.port)
      for (const payload of ["one", "two", "three", "four"]) yield* sender.writer.write({ payload, address })
      const got: Array<string> = []
      while (got.length < 2) {
        for (const { payload } of yield* Effect.timeout(receiver.reader.pull, "5 seconds")) {
          got.push(new TextDecoder().decode(payload))
        }
      }

      assert.deepStrictEqual(seen.map(([text]) => text), ["one", "two", "three", "four"])
      assert.deepStrictEqual(seen[0]!.slice(1), ["127.0.0.1", sender.port])
      assert.deepStrictEqual(got, ["two", "four"])
    }))

  it.effect("what comes after a datagram that was left to the reader is of no same turn", () =>
    Effect.gen(function*() {
      const seen: Array<boolean> = []
      const intercept: Network.Intercept = (_payload, _host, _port, isSameTurn = false) =>
        seen.push(isSameTurn) % 3 !== 0
      const receiver = yield* open({ intercept })
      const sender = yield* open()
      const address = NetAddress.inetAddressUnsafe(loopback, receiver.port)
      for (let i = 0; i < 30; i++) yield* sender.writer.write({ payload: new Uint8Array(1), address })
      while (seen.length < 30) yield* Effect.sleep("1 millis")

      assert.isFalse(seen.some((isSameTurn, index) => isSameTurn && index % 3 === 0))
    }))

  it.effect("the octets of a long datagram that is intercepted are given back, and only of those", () =>
    Effect.gen(function*() {
      const seen: Array<Uint8Array> = []
      const intercept: Network.Intercept = (payload) => seen.push(payload) !== 2
      const receiver = yield* open({ intercept })
      const sender = yield* open()
      const address = NetAddress.inetAddressUnsafe(loopback, receiver.port)
      for (const octets of [5_000, 5_000, 100]) {
        yield* sender.writer.write({ payload: new Uint8Array(octets).fill(7), address })
      }
      const [read] = yield* Effect.timeout(receiver.reader.pull, "5 seconds")
      while (seen.length < 3) yield* Effect.sleep("1 millis")

      assert.deepStrictEqual(read.payload, Buffer.alloc(5_000, 7))
      assert.deepStrictEqual(seen.map(({ length }) => length), [0, 5_000, 100])
    }))

  it.effect("of many datagrams in one turn the octets of shorter ones are given back, too, but not of short ones", () =>
    Effect.gen(function*() {
      const seen: Array<Uint8Array> = []
      const intercept: Network.Intercept = (payload) => seen.push(payload) > 0
      const receiver = yield* open({ intercept })
      const sender = yield* open()
      const address = NetAddress.inetAddressUnsafe(loopback, receiver.port)
      const datagram = (octets: number) => ({ payload: new Uint8Array(octets), address })
      const pairs = Array.from({ length: 15 }, () => [datagram(210), datagram(100)]).flat()
      yield* sender.writer.writeAll([datagram(100), ...pairs])
      while (seen.length < 31) yield* Effect.sleep("1 millis")

      const lengths = seen.map(({ length }) => length)
      assert.lengthOf(lengths.filter((length) => length === 100), 16)
      assert.include(lengths, 0)
    }))

  it.effect("a port that is taken is in use for a socket that intercepts, too, and free when its scope closes", () =>
    Effect.gen(function*() {
      const intercept = () => false
      const { port } = yield* Effect.scoped(open({ intercept }))
      yield* open({ bind: { address: loopback, port }, intercept })
      const error = yield* Effect.flip(open({ bind: { address: loopback, port }, intercept }))

      assert.deepInclude(error.reason, { _tag: "DatagramSocketOpenError", kind: "AddressInUse" })
    }))

  it.effect("closing the scope frees the port", () =>
    Effect.gen(function*() {
      const { port } = yield* Effect.scoped(open())
      const again = yield* open({ bind: { address: loopback, port } })

      assert.strictEqual(again.port, port)
    }))

  it.effect("a port that another socket holds for itself is in use", () =>
    Effect.gen(function*() {
      const { port } = yield* open()
      const error = yield* Effect.flip(open({ bind: { port }, reuseAddress: true }))

      assert.deepInclude(error.reason, { _tag: "DatagramSocketOpenError", kind: "AddressInUse" })
    }))

  it.effect.each([-1, 65_536, 1.5, Number.NaN])("port %d is refused", (port) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(open({ bind: { port } }))

      assert.strictEqual(causeOf(error), `RangeError: ${port} is not a port`)
    }))

  it.effect.each([2 ** 32 - 1, 2 ** 32, 1e6 / 3])(
    "a receive buffer that the system refuses is left as it is: %d",
    (octets) =>
      Effect.gen(function*() {
        const { port, writer, reader } = yield* open({ kernelReceiveBuffer: octets })
        yield* writer.write({ payload: "still works", address: NetAddress.inetAddressUnsafe(loopback, port) })
        const [datagram] = yield* Effect.timeout(reader.pull, "5 seconds")

        assert.strictEqual(new TextDecoder().decode(datagram.payload), "still works")
      })
  )

  it.effect("S-F4 an interface that does not exist is nothing to join on", () =>
    Effect.gen(function*() {
      const { reader } = yield* open({ family: "IPv6", bind: { port: 0 } })
      const group = NetAddress.ipFromStringUnsafe("ff02::77") as NetAddress.MulticastAddress<NetAddress.Ipv6Address>
      const error = yield* Effect.flip(reader.joinMulticast({ group, interface: 4_000_000 }))

      assert.include(causeOf(error), "No interface with index 4000000 is up")
    }))

  it.effect("S-F4 an interface that does not exist is nothing to send by", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        open({ family: "IPv6", bind: { port: 0 }, multicast: { interface: 4_000_000, ttl: 1 } })
      )

      assert.include(causeOf(error), "No interface with index 4000000 is up")
    }))

  it.effect.each([[0, "needs the index of an interface"], [4_000_000, "No interface with index 4000000"]] as const)(
    "nothing is sent to a link-local address with scope %d",
    ([scopeId, message]) =>
      Effect.gen(function*() {
        const { writer } = yield* open({ family: "IPv6", bind: { port: 0 } })
        const address = NetAddress.inetAddressFromInputUnsafe({ address: "fe80::77", port: 9, scopeId })
        const error = yield* Effect.flip(writer.write({ payload: "", address }))

        assert.strictEqual(error.reason._tag, "DatagramSocketWriteError")
        assert.include(causeOf(error), message)
      })
  )

  it.effect("what goes along with a datagram to nowhere is sent all the same", () =>
    Effect.gen(function*() {
      const to = (address: string, port: number) => NetAddress.inetAddressFromInputUnsafe({ address, port, scopeId: 0 })
      const receiver = yield* open({ family: "IPv6", bind: { address: NetAddress.ipv6Loopback, port: 0 } })
      const { writer } = yield* open({ family: "IPv6", bind: { port: 0 } })
      const there = to("::1", receiver.port)
      const error = yield* Effect.flip(writer.writeAll([
        { payload: "one", address: there },
        { payload: "lost", address: to("fe80::77", 9) },
        { payload: "two", address: there }
      ]))
      const got: Array<string> = []
      while (got.length < 2) {
        const datagrams = yield* Effect.timeout(receiver.reader.pull, "5 seconds")
        got.push(...datagrams.map(({ payload }) => new TextDecoder().decode(payload)))
      }

      assert.include(causeOf(error), "needs the index of an interface")
      assert.deepStrictEqual(got, ["one", "two"])
    }))

  it.effect("a failed write is the writer's to see", () =>
    Effect.gen(function*() {
      const { writer } = yield* open()
      const tooLarge = new Uint8Array(65_508)
      const error = yield* Effect.flip(
        writer.write({ payload: tooLarge, address: NetAddress.inetAddressUnsafe(loopback, 9) })
      )

      assert.deepInclude(error.reason, { _tag: "DatagramSocketWriteError", kind: "MessageTooLarge" })
    }))
})

describe("NodeDiscovery.layer", () => {
  it.effect("needs nothing more", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Discovery.peers, [])
    }).pipe(Effect.provide(NodeDiscovery.layer({ sources: [] }))))
})
