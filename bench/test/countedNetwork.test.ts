import type * as Network from "@effect-discovery/core/Network"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Stream from "effect/Stream"
import * as CountedNetwork from "../src/udp/CountedNetwork.ts"

const destination = (host: string) => NetAddress.inetAddressUnsafe(NetAddress.ipFromStringUnsafe(host), 9)

/** A network of which one holds the end that the system has: what it opened a socket with, and what comes in. */
const makeNetwork = () => {
  const opened: Array<Network.OpenOptions> = []
  const events: Array<DatagramSocket.BackingEvents> = []
  const network: Network.Network["Service"] = {
    interfaces: Stream.empty,
    open: (options) => {
      opened.push(options)
      return DatagramSocket.makeFromBackingSocket((received) =>
        Effect.sync(() => {
          events.push(received)
          return backing
        })
      )
    }
  }
  return { events, network, opened }
}

const backing: DatagramSocket.BackingSocket = {
  address: { host: "127.0.0.1", port: 9 },
  send: (_payload, _destination, done) => done(),
  sendMany: (_payloads, _destinations, done) => done(),
  joinMulticast: () => Effect.succeed(() => Effect.void),
  close: () => {}
}

const options: Network.OpenOptions = { family: "IPv4", bind: { port: 9 } }

describe("CountedNetwork", () => {
  it.effect("tells an intercept all that the network tells it, and counts what it deals with", () =>
    Effect.gen(function*() {
      const traffic = { received: 0, sent: 0 }
      const { network, opened } = makeNetwork()
      const told: Array<ReadonlyArray<unknown>> = []
      const intercept: Network.Intercept = (...all) => told.push(all) !== 2
      yield* CountedNetwork.make(network, traffic).open({ ...options, intercept })
      const [{ intercept: counting }] = opened as [Network.OpenOptions]
      const payload = Uint8Array.of(1)
      assert.deepStrictEqual([false, true, true].map((isSameTurn) => counting!(payload, "127.0.0.2", 7, isSameTurn)), [
        true,
        false,
        true
      ])
      assert.deepStrictEqual(told, [false, true, true].map((isSameTurn) => [payload, "127.0.0.2", 7, isSameTurn]))
      assert.deepStrictEqual(traffic, { received: 2, sent: 0 })
    }))

  it.effect("counts what is read, and what is sent to groups", () =>
    Effect.gen(function*() {
      const traffic = { received: 0, sent: 0 }
      const { events, network, opened } = makeNetwork()
      const socket = yield* CountedNetwork.make(network, traffic).open(options)
      assert.isUndefined(opened[0]!.intercept)
      const reader = yield* socket.reader
      events[0]!.onPacket(Uint8Array.of(1), "127.0.0.2", 7)
      events[0]!.onPacket(Uint8Array.of(2), "127.0.0.3", 7)
      assert.lengthOf(yield* reader.pull, 2)
      const writer = yield* socket.writer
      const payload = Uint8Array.of(3)
      yield* writer.write({ payload, address: destination("239.255.0.1") })
      yield* writer.writeAll([
        { payload, address: destination("239.255.0.2") },
        { payload, address: destination("127.0.0.4") }
      ])
      assert.deepStrictEqual(traffic, { received: 2, sent: 2 })
    }))
})
