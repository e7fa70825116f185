import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"

const day = 24 * 3_600_000
const names = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
const hosts = names(10, "host")
const many = names(20, "host")

describe("a quiet LAN", () => {
  row(
    "X-24 of 10 hosts with 10 services each costs every browser no more than 40 queries a day for a type",
    (bench) =>
      Effect.gen(function*() {
        const browses: Array<Subject.Browse> = []
        for (const on of hosts) {
          const us = yield* Subject.start(bench, { on })
          for (const instance of names(10, `${on} `)) {
            yield* Subject.register(us, { instance, type: "_http._tcp", port: 80 })
          }
          browses.push(yield* Subject.browse(us, "_http._tcp"))
          yield* Effect.sleep("3 seconds")
        }
        yield* Effect.sleep("5 minutes")
        const since = yield* bench.now
        yield* Effect.sleep(day)
        const sent = yield* bench.sent({ since })

        for (const browse of browses) {
          assert.strictEqual(Subject.names(browse).length, 90)
        }
        for (const host of hosts) {
          const asked = sent.filter((query) => query.host === host && Tap.asks("_http._tcp.local", "PTR")(query))
          assert.isAtMost(asked.length, 40, host)
        }
        for (const browse of browses) {
          assert.deepStrictEqual(browse.events.filter(({ _tag }) => _tag === "ServiceLost"), [])
        }
      }),
    { hosts, history: 2_000_000 },
    120_000
  )

  row(
    "24 hours of 20 hosts that publish and browse pass in less than a minute",
    (bench) =>
      Effect.gen(function*() {
        const started = process.hrtime.bigint()
        const browses: Array<Subject.Browse> = []
        for (const on of many) {
          const us = yield* Subject.start(bench, { on })
          yield* Subject.register(us, { instance: on, type: "_http._tcp", port: 80 })
          browses.push(yield* Subject.browse(us, "_http._tcp"))
        }
        yield* Effect.sleep(day)

        for (const browse of browses) assert.strictEqual(Subject.names(browse).length, 19)
        assert.isBelow(Number(process.hrtime.bigint() - started) / 1e9, 60)
      }),
    { hosts: many, history: 1_000 },
    120_000
  )
})
