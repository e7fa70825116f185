/** A host that says its address, then a service without it, and not its address again within a second, whoever asks (RFC 6762, section 6). */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Bench } from "./support/Bench.ts"
import { service, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const [pointer, srv, text, address] = service("ada") as [Wire.Record, Wire.Record, Wire.Record, Wire.Record]

const say = (bench: Bench, answers: ReadonlyArray<Wire.Record>) => bench.peer().send(Wire.response({ answers }))

/** A peer says its address so often, 20 s apart, and `millis` later a service: who was found 200 ms later, and how often the address was asked for. */
const play = Effect.fnUntraced(function*(bench: Bench, times: number, millis: number) {
  const browse = yield* Subject.browse(yield* Subject.start(bench), type)
  for (let i = 0; i < times; i++) {
    yield* Effect.sleep("20 seconds")
    yield* say(bench, [address])
  }
  yield* Effect.sleep(millis)
  yield* say(bench, [pointer, srv, text])
  const sent = yield* bench.during(200)
  return {
    found: Subject.services(browse).map(({ addresses, name }) => `${name} ${addresses.join()}`),
    asked: sent.filter(Tap.asks("ada-host.local", "A")).length
  }
})

describe("a host that says its address before its service", () => {
  for (const times of [1, 2, 3]) {
    row(
      `is found as soon as it says that, and not asked, when it has said its address ${times} times`,
      (bench) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* play(bench, times, 999), { found: ["ada 10.0.0.2:80"], asked: 0 })
        })
    )

    row(
      `is asked as soon as it may say its address again, when it has said it ${times} times`,
      (bench) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* play(bench, times, 1_000), { found: [], asked: 1 })
        })
    )
  }
})
