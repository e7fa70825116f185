import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import * as LoopbackBed from "./LoopbackBed.ts"

const group = "239.255.77.1"

describe("the bed of the loopback interface", () => {
  it.live("tells what has come", () =>
    Effect.gen(function*() {
      const bed = yield* LoopbackBed.make
      const port = yield* bed.port
      const h1 = bed.host("h1")
      const sender = yield* h1.open({ family: "IPv4" })
      const receiver = yield* h1.open({ family: "IPv4", port })
      for (let i = 0; i < 100; i++) yield* sender.send("hello", `127.0.0.1:${port}`)

      assert.strictEqual((yield* receiver.received).length, 100)
    }))

  it.live("refuses what could leave the machine before the system hears of it", () =>
    Effect.gen(function*() {
      const bed = yield* LoopbackBed.make
      const h1 = bed.host("h1")
      const plain = yield* h1.open({ family: "IPv4" })
      const six = yield* h1.open({ family: "IPv6", dualStack: true })
      const attempts = [
        plain.send("x", "198.51.100.1:9"),
        plain.send("x", "255.255.255.255:9"),
        plain.send("x", `${group}:9`),
        plain.join({ group }),
        plain.join({ group, interface: "0.0.0.0" }),
        six.send("x", "[ff02::77]:9"),
        six.send("x", "[ff02::77%1]:9"),
        six.join({ group: "ff02::77", interface: "lo" }),
        six.send("x", `[::ffff:${group}]:9`),
        h1.open({ family: "IPv4", connect: "198.51.100.1:9" })
      ]

      for (const attempt of attempts) assert.isTrue(Exit.hasDies(yield* Effect.exit(Effect.scoped(attempt))))
    }))
})
