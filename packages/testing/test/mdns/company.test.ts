/** What questions cost that go along with others (RFC 6762, section 5.3). */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { forSeeds } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"

const count = 20
/** The services, their type, and the addresses of their host in both families. */
const askedFor = count + 3

const within10Seconds = (sent: ReadonlyArray<{ readonly time: number }>, from: number): number =>
  sent.filter(({ time }) => time >= from && time < from + 10_000).length

describe("a host that dies with 20 services", () => {
  forSeeds(
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
        assert.isAtMost(sent.length, questions / 2)
        return Math.max(...sent.map(({ time }) => within10Seconds(sent, time)))
      }),
    // a question that begins anew is asked four times in ten seconds, and most of them go along with others
    (most) => assert.isAtMost(Math.max(...most), 4 * askedFor / 2),
    { hosts: ["us", "owner"], history: 100_000, count: 50 }
  )
})
