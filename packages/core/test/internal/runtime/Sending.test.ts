import { Endpoint } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import type { NetAddress } from "effect/net"
import { DatagramSocket } from "effect/socket"
import type * as Outbox from "../../../src/internal/runtime/Outbox.ts"
import * as Sending from "../../../src/internal/runtime/Sending.ts"
import * as Sockets from "../../../src/internal/runtime/Sockets.ts"
import * as FakeNetwork from "../../support/FakeNetwork.ts"
import * as Given from "../Given.ts"

const fails = ({ address }: DatagramSocket.OutgoingDatagram) =>
  new DatagramSocket.DatagramSocketError({
    reason: new DatagramSocket.DatagramSocketWriteError({
      kind: "Unreachable",
      address: address as NetAddress.InetAddress,
      cause: new Error("EHOSTUNREACH")
    })
  })

/** With sockets that send nothing. */
const sending: Sending.Sending = {
  writer: { write: (datagram) => fails(datagram), writeAll: ([first]) => fails(first) },
  networkInterface: () => FakeNetwork.eth0,
  patience: { clock: () => 0, limit: 1_000, least: 500, isUrgent: () => false },
  isWanted: () => true,
  onSent: () => {}
}

describe("a round that cannot be sent", () => {
  const group = { _tag: "Transmit", payload: new Uint8Array(1), to: Endpoint.multicast("230.1.1.1", 4_000) } as const
  const answer = { _tag: "Transmit", payload: new Uint8Array(1), to: Given.address("10.0.0.9:4000") } as const
  const outcome = (...round: Outbox.Round) => Effect.map(Effect.exit(Sending.sendAll(sending, round)), Exit.isSuccess)

  it.effect("has failed when it is for a group, and not when it is for who asked", () =>
    Effect.gen(function*() {
      assert.isFalse(yield* outcome(group))
      assert.isFalse(yield* outcome(group, answer))
      assert.isFalse(yield* outcome(answer, group))
      assert.isTrue(yield* outcome(answer))
      assert.isTrue(yield* outcome(answer, answer))
    }))
})

describe("a round that goes to several addresses each", () => {
  it.effect("is no more at once than a slow link keeps up with", () =>
    Effect.gen(function*() {
      let [writing, most, written] = [0, 0, 0]
      const write = Effect.gen(function*() {
        most = Math.max(most, ++writing)
        yield* Effect.yieldNow
        writing--
        written++
      })
      const writer = { write: () => write, writeAll: () => Effect.die("one by one") }
      const to = Endpoint.broadcast(4_000)
      yield* Sending.sendAll(
        { ...sending, writer },
        Array.from({ length: 300 }, () => ({ _tag: "Transmit", payload: new Uint8Array(1), to }))
      )

      // the broadcast address of its network, and that of all
      assert.strictEqual(written, 600)
      assert.isAtMost(most, 2 * Sockets.mostAtOnce)
    }))
})
