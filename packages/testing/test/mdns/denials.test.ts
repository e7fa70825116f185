/** Denials as they go over the wire: RFC 6762, section 6.1. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { domain } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import { ada, host, query, responses, settled } from "./support/Settled.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

describe("a denial", () => {
  row("M-6.1-3 of ours has our name in it and one block of types, octet by octet", (bench) =>
    Effect.gen(function*() {
      yield* settled(bench)
      const cases = [[host, [0x40]], [ada, [0, 0, 0x80, 0, 0x40]]] as const
      for (const [name, bitmap] of cases) {
        const [said] = yield* responses(bench, query(Wire.question(name, "HINFO")))
        const wire = Buffer.from(Wire.nameOf(name))
        // the next name is a pointer to the one it is of, which stands first
        const data = [0xc0, 12, 0, bitmap.length, ...bitmap]
        const expected = Wire.concat([
          wire,
          Wire.u16(Wire.Type.NSEC),
          Wire.u16(0x8001),
          Uint8Array.of(0, 0, 0, 120),
          Wire.u16(data.length),
          Uint8Array.from(data)
        ])

        assert.deepStrictEqual(Buffer.from(said!.payload.subarray(12)), Buffer.from(expected))
      }
    }))

  row("M-6.1-3 of others tells of exactly the types below 256 that are not in it", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const sets = [[1], [28], [1, 28], [255], [2, 4, 8, 16, 32, 64, 128], Array.from({ length: 255 }, (_, i) => i + 1)]
      for (const [i, types] of sets.entries()) {
        for (const asked of [1, 16, 28, 64, 128, 254]) {
          const name = `n${i}-${asked}.local`
          const watch = yield* Subject.records(us, name, asked)
          yield* bench.peer().send(Wire.response({ answers: [Wire.nsec(name, types)] }))
          yield* Effect.sleep("1 millis")
          const isDenied = watch.events.some(({ _tag }) => _tag === "RecordDenied")
          yield* watch.close

          assert.strictEqual(isDenied, !types.includes(asked), `${asked} by ${types.join()}`)
        }
      }
    }))

  row(
    "M-6.1-12 is said of what is ours alone, not of names that others have records of, too",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "us" })
        yield* Subject.register(us, { instance: "ada", type: "_http._tcp", subtypes: ["_sub"], port: 80 })
        yield* Effect.sleep("10 seconds")
        const silent = [domain, `_sub._sub.${domain}`, "_services._dns-sd._udp.local", "_tcp.local", "local"]
        for (const name of silent) {
          for (const type of ["TXT", "A", "SRV"] as const) {
            assert.deepStrictEqual(yield* responses(bench, query(Wire.question(name, type))), [], `${name} ${type}`)
          }
        }
        for (const name of [host, ada, "1.0.0.10.in-addr.arpa"]) {
          const [said] = yield* responses(bench, query(Wire.question(name, "HINFO")))
          assert.isTrue(Tap.answers(name, "NSEC")(said!), name)
        }
      })
  )
})
