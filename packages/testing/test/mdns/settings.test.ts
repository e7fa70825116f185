import { Mdns } from "@effect-discovery/core/protocol"
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { nameOf, type } from "./support/Play.ts"
import * as Play from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

/** Every option of the layer, and every one of a service that could have to do with names. */
const layers: ReadonlyArray<Subject.Options> = [
  {},
  { host: "ada", announcements: 8, allowOtherDomains: true, limits: {}, interfaces: () => true }
]
const services: ReadonlyArray<Partial<Subject.Registration>> = [
  {},
  { isVerified: true },
  { isPlaceholder: true },
  { ttl: "1 hour", allowLarge: true, subtypes: ["_sub"] }
]

describe("settings", () => {
  for (const [i, layer] of layers.entries()) {
    for (const [j, service] of services.entries()) {
      row(
        `M-9-3 a name that another host holds is given up, whatever the options (${i + 1}.${j + 1})`,
        (bench) =>
          Effect.gen(function*() {
            const us = yield* Subject.start(bench, layer)
            const ours = yield* Subject.register(us, { instance: "eve", type, port: 80, ...service })
            yield* Effect.sleep("10 seconds")
            assert.strictEqual(yield* ours.name, "eve")
            for (let k = 0; k < 50; k++) {
              yield* bench.peer().send(Wire.response({ answers: [Wire.srv(nameOf("eve"), "other.local", 9)] }))
              yield* Effect.sleep("100 millis")
            }

            assert.strictEqual(yield* ours.name, "eve (2)")
          })
      )
    }
  }

  for (const allowOtherDomains of [undefined, false, true]) {
    row(
      `M-13-1 names outside of local are asked for by multicast if that is wanted (${allowOtherDomains})`,
      (bench) =>
        Effect.gen(function*() {
          const us = yield* Subject.start(bench, { allowOtherDomains })
          const others = ["printer.example.com", "far.example", "1.0.0.10.in-addr.arpa"]
          for (const name of [...others, "printer.local"]) {
            const watch = yield* Subject.records(us, name, Wire.Type.A)
            const asking = yield* Effect.forkScoped(bench.host().run(Effect.exit(us.mdns.lookup(name))))
            yield* Effect.sleep("1 second")
            yield* bench.peer().send(Wire.response({ answers: [Wire.a(name, "10.0.0.99")] }))
            const exit = yield* Fiber.join(asking)
            const isAsked = allowOtherDomains === true || name.endsWith(".local")

            assert.strictEqual((yield* bench.sent()).some(Tap.asks(name)), isAsked, name)
            assert.strictEqual(exit._tag, isAsked ? "Success" : "Failure", name)
            assert.deepStrictEqual(watch.events.map(({ _tag }) => _tag), isAsked ? ["RecordFound"] : [], name)
            yield* watch.close
          }
        })
    )
  }

  row("M-18.5-3 a reply that is cut short is told as such to whoever asks once", (bench) =>
    Effect.gen(function*() {
      const asking = yield* Effect.forkScoped(
        bench.host().run(Effect.flip(Mdns.lookupOnce("printer.local")))
      )
      const { message, source } = yield* Play.until(bench, ({ source }) => source.port !== 5353)
      const questions = [Wire.question("printer.local", "A")]
      yield* bench.peer().send(Wire.response({ id: message.id, tc: 1, questions }), {
        to: source.address,
        toPort: source.port
      })
      const error = yield* Fiber.join(asking)

      assert.strictEqual(error.reason._tag, "Truncated")
    }))
})
