import { Endpoint } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Sending from "../../../src/internal/runtime/Sending.ts"
import * as Sockets from "../../../src/internal/runtime/Sockets.ts"
import * as FakeNetwork from "../../support/FakeNetwork.ts"

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
      const sending: Sending.Sending = {
        writer: { write: () => write, writeAll: () => Effect.die("one by one") },
        networkInterface: () => FakeNetwork.eth0,
        patience: { clock: () => 0, limit: 1_000, least: 500, isUrgent: () => false },
        isWanted: () => true,
        onSent: () => {}
      }
      const to = Endpoint.broadcast(4_000)
      yield* Sending.sendAll(
        sending,
        Array.from({ length: 300 }, () => ({ _tag: "Transmit", payload: new Uint8Array(1), to }))
      )

      // the broadcast address of its network, and that of all
      assert.strictEqual(written, 600)
      assert.isAtMost(most, 2 * Sockets.mostAtOnce)
    }))
})
