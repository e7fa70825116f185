import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

describe("sending", () => {
  rule("26: the default route takes what no other does, and leads nowhere here", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      yield* ada.send("hello", "192.0.2.1:9778")
      yield* Effect.sleep("3 seconds")

      assert.deepInclude((yield* lan.frames)[0]?.outcomes[0], { reason: "no-host" })
    }))

  rule("31: an address that no host has takes the datagram and loses it", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      yield* ada.send("hello", "10.11.0.77:9778")
      yield* Effect.sleep("3 seconds")

      assert.deepStrictEqual((yield* lan.frames)[0]?.outcomes, [
        { _tag: "Dropped", at: undefined, time: 3_000_000, reason: "no-host" }
      ])
    }))

  rule("41: a full receive buffer drops the newest, and the sender sees success", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778, receiveBuffer: { capacity: 2 } })
      for (const text of ["one", "two", "three"]) yield* ada.send(text, "10.11.0.2:9778")
      yield* arrival
      const [, , third] = yield* lan.frames

      assert.deepStrictEqual(yield* grace.received, ["one", "two"])
      assert.deepStrictEqual(third?.outcomes, [
        { _tag: "Dropped", at: "grace/eth0", time: 1000, reason: "buffer" }
      ])
    }))
})

describe("105: the payload", () => {
  it.effect("is what it was when it was written, in a Buffer of Node too", () =>
    Simulation.run(Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ seed: 1 })
      const ada = yield* open(lan.host("ada"))
      const grace = yield* open(lan.host("grace"), { port: 9778 })
      const payload = Buffer.from("hello")
      yield* ada.sendBytes(payload, "10.11.0.2:9778")
      payload.fill("x")
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(yield* grace.received, ["hello"])
    })))
})

describe("who gets a unicast datagram", () => {
  rule("24: a port that nobody holds drops it, and the sender hears of nothing", (lan) =>
    Effect.gen(function*() {
      lan.host("grace")
      const ada = yield* open(lan.host("ada"))
      yield* ada.send("hello", "10.11.0.1:9778")
      yield* arrival

      assert.deepStrictEqual((yield* lan.frames).map((frame) => frame.outcomes), [[
        { _tag: "Dropped", at: "grace/eth0", time: 1000, reason: "no-listener" }
      ]])
    }))

  rule("24: on the host itself too late is who binds the port after it was sent", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      yield* ada.send("hello", "127.0.0.1:9778")
      const late = yield* open(lan.host("ada"), { port: 9778 })
      yield* arrival

      assert.deepStrictEqual(yield* late.received, [])
    }))
})
