/** What questions cost that go along with others (RFC 6762, section 5.3). */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"

const count = 20

describe("a host that dies with 20 services", () => {
  row(
    "M-5.2-10 M-5.3-1 costs whoever follows them few datagrams",
    (bench) =>
      Effect.gen(function*() {
        const owner = yield* Subject.start(bench, { on: "owner" })
        const us = yield* Subject.start(bench, { on: "us" })
        const browse = yield* Subject.browse(us, "_http._tcp", { follow: true })
        for (let i = 0; i < count; i++) {
          yield* Subject.register(owner, { instance: `service ${i}`, type: "_http._tcp", port: 80 })
          yield* Effect.sleep("137 millis")
        }
        yield* Effect.sleep("1 minute")
        assert.strictEqual(Subject.names(browse).length, count)
        const since = yield* bench.now
        yield* bench.host("owner").interface("eth0").down
        yield* Effect.sleep("2 minutes")
        assert.deepStrictEqual(Subject.names(browse), [])
        yield* Effect.sleep("98 minutes")

        const sent = yield* bench.sent({ since, host: "us" })
        const questions = sent.flatMap(({ message }) => message.questions).length
        assert.isAbove(questions, 300)
        assert.isAtMost(sent.length, 100)
        for (const { time } of sent) {
          const close = sent.filter((other) => other.time >= time && other.time < time + 10_000)
          assert.isAtMost(close.length, 20)
        }
      }),
    { hosts: ["us", "owner"], history: 100_000 }
  )
})
