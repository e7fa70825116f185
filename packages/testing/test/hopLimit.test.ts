import { Network } from "@effect-discovery/core"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { NetAddress } from "effect/net"
import type { DatagramSocket } from "effect/socket"

const address = NetAddress.inetAddressFromStringUnsafe

const open = (ttl?: number) =>
  Effect.gen(function*() {
    const network = yield* Network.Network
    const socket = yield* network.open({
      family: "IPv4",
      bind: { port: 0 },
      ttl,
      multicast: { interface: 0, ttl: 7 }
    })
    yield* socket.reader
    return yield* socket.writer
  })

const kindOf = ({ reason }: DatagramSocket.DatagramSocketError) => "cause" in reason ? String(reason.cause) : ""

describe("ttl", () => {
  it.effect("is the hop limit of unicast, and not that of multicast", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      yield* lan.host("grace").start(Effect.never)
      yield* lan.host("ada").start(
        Effect.gen(function*() {
          for (const ttl of [255, undefined]) {
            const writer = yield* open(ttl)
            yield* writer.write({ payload: new Uint8Array(1), address: address("10.11.0.2:9") })
            yield* writer.write({ payload: new Uint8Array(1), address: address("224.0.0.251:9") })
          }
        }).pipe(Effect.scoped)
      )
      yield* Effect.sleep("1 second")
      const journal = yield* lan.journal
      const datagrams = journal.events.flatMap(({ datagram, kind }) =>
        kind === "send" ? [journal.datagram(datagram!)!] : []
      )
      const sent = datagrams.filter(({ kind }) => kind !== "Icmp").map(({ ttl }) => ttl)

      assert.deepStrictEqual(sent, [255, 7, 64, 7])
    })))

  it.effect.each([0, 256])("of %d is refused", (ttl) =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const error = yield* Effect.flip(Effect.scoped(lan.host("ada").run(Effect.scoped(open(ttl)))))

      assert.include(kindOf(error), "EINVAL")
    })))
})
