/**
 * What a stranger on the link says in the name of others (security notes, section 5).
 */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Bench } from "./support/Bench.ts"
import { announce, domain, goodbye, nameOf, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const peers = { peers: ["peer", "stranger"] }

/** A host that browses and knows `ada`, whom `peer` announced a while ago. */
const browsing = Effect.fnUntraced(function*(bench: Bench) {
  const browse = yield* Subject.browse(yield* Subject.start(bench), type)
  yield* bench.peer().send(announce("ada"))
  yield* Effect.sleep("1 minute")
  assert.deepStrictEqual(Subject.names(browse), ["ada"])
  return browse
})

const losses = ({ events }: Subject.Browse) => events.filter(({ _tag }) => _tag === "ServiceLost")

describe("a goodbye", () => {
  row("S-U3 of a stranger is asked about, and an answer of the owner undoes it", (bench) =>
    Effect.gen(function*() {
      const browse = yield* browsing(bench)
      yield* bench.peer("stranger").send(goodbye("ada"))
      const sent = yield* bench.during(150)
      assert.isTrue(sent.some(Tap.asks(domain, "PTR")))

      yield* bench.peer().send(announce("ada"))
      yield* Effect.sleep("1 minute")
      assert.deepStrictEqual([Subject.names(browse), losses(browse)], [["ada"], []])
    }), peers)

  row(
    "S-U3 of a stranger leaves the owner ten seconds to answer, where its own leaves one",
    (bench) =>
      Effect.gen(function*() {
        const browse = yield* browsing(bench)
        for (const [from, seconds] of [["stranger", 10], ["peer", 1]] as const) {
          const before = losses(browse).length
          yield* bench.peer().send(announce("ada"))
          yield* Effect.sleep("2 seconds")
          yield* bench.peer(from).send(goodbye("ada"))
          yield* Effect.sleep(seconds * 1_000 - 1)
          assert.lengthOf(losses(browse), before)
          yield* Effect.sleep(2)
          assert.lengthOf(losses(browse), before + 1)
        }
      }),
    peers
  )
})

describe("a flush", () => {
  const forged = Wire.response({ answers: [Wire.srv(nameOf("ada"), "ada-host.local", 666)] })

  row(
    "S-U4 of a stranger is asked about, and an answer of the owner keeps what was known",
    (bench) =>
      Effect.gen(function*() {
        const browse = yield* browsing(bench)
        yield* bench.peer("stranger").send(forged)
        const sent = yield* bench.during(150)
        assert.isTrue(sent.some(Tap.asks(nameOf("ada"), "SRV")))

        yield* bench.peer().send(announce("ada"))
        yield* Effect.sleep("1 minute")
        assert.strictEqual(Subject.find(browse, "ada")?.port, 80)
        assert.deepStrictEqual(losses(browse), [])
      }),
    peers
  )

  row("S-U4 of the owner is not asked about", (bench) =>
    Effect.gen(function*() {
      const browse = yield* browsing(bench)
      yield* bench.peer().send(forged)
      const sent = yield* bench.during(5_000)

      assert.isFalse(sent.some(Tap.asks(nameOf("ada"), "SRV")))
      assert.strictEqual(Subject.find(browse, "ada")?.port, 666)
    }), peers)
})
