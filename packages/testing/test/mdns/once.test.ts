/** What is asked once, from a port of its own (RFC 6762, section 5.1). */
import { Mdns } from "@effect-discovery/core/protocol"
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type * as Bench from "./support/Bench.ts"
import type * as Peer from "./support/Peer.ts"
import * as Play from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const name = "printer.local"
const lookUp = (bench: Bench.Bench, host = name, options: Parameters<typeof Mdns.lookupOnce>[1] = {}) =>
  Effect.forkScoped(bench.host().run(Effect.result(Mdns.lookupOnce(host, options))))

/** The addresses that are found, or why there are none. */
const found = Effect.fnUntraced(function*(asking: Effect.Success<ReturnType<typeof lookUp>>) {
  const result = yield* Fiber.join(asking)
  return result._tag === "Success" ? result.success.map(String) : [result.failure.reason._tag]
})

/** The next question, and a way to answer it. */
const asked = Effect.fnUntraced(function*(bench: Bench.Bench, local = "eth0") {
  const isQuestion = (sent: Tap.Sent) => sent.interface === local && Tap.asks(name)(sent)
  const { message: { id }, source } = yield* Play.until(bench, isQuestion)
  const reply = (message: Wire.Message, options: Peer.Options = {}, write = Wire.response) =>
    bench.peer().send(write({ id, questions: [Wire.question(name, "A")], ...message }), {
      interface: local,
      to: source.address,
      toPort: source.port,
      ...options
    })
  return { id, reply }
})

const right = { answers: [Wire.a(name, "10.0.0.99")] }
const wrong = { answers: [Wire.a(name, "10.0.0.66")] }

describe("a question that is asked once", () => {
  row("takes nothing but an answer to it, from port 5353 of its own link", (bench) =>
    Effect.gen(function*() {
      const asking = yield* lookUp(bench)
      const { id, reply } = yield* asked(bench)
      yield* reply({ ...wrong, id: id ^ 1 })
      yield* reply(wrong, {}, Wire.query)
      yield* reply(wrong, { fromPort: 40_000 })
      yield* reply(wrong, { from: "172.16.0.9" })
      yield* reply({ answers: [Wire.a("other.local", "10.0.0.66")] })
      yield* reply({ answers: [] })
      yield* reply({ answers: [Wire.txt(name, ["a"])] })
      yield* Effect.sleep("100 millis")
      yield* reply(right)

      assert.deepStrictEqual(yield* found(asking), ["10.0.0.99:0"])
    }))

  row("takes what is said beside the answer, too", (bench) =>
    Effect.gen(function*() {
      const asking = yield* lookUp(bench)
      const { reply } = yield* asked(bench)
      yield* reply({ ...right, additionals: [Wire.aaaa(name, "fd00::99")] })

      assert.deepStrictEqual((yield* found(asking)).toSorted(), ["10.0.0.99:0", "[fd00::99]:0"])
    }), { ipv6: true })

  row("is asked again after a second, and no more", (bench) =>
    Effect.gen(function*() {
      const asking = yield* lookUp(bench, name, { timeout: "10 seconds" })
      assert.deepStrictEqual(yield* found(asking), ["NoAnswer"])

      assert.deepStrictEqual((yield* bench.sent()).map(({ time }) => time), [0, 1_000])
    }), { isJudged: false })

  row(
    "is asked on the interfaces that it is to be asked on, and its addresses are those of that link",
    (bench) =>
      Effect.gen(function*() {
        const asking = yield* lookUp(bench, name, { interfaces: ({ name }) => name === "eth1" })
        const { reply } = yield* asked(bench, "eth1")
        yield* reply({ answers: [Wire.aaaa(name, "fe80::99")] })

        assert.deepStrictEqual(yield* found(asking), ["[fe80::99%3]:0"])
        assert.isTrue((yield* bench.sent()).every((sent) => sent.interface === "eth1"))
      }),
    { segments: 2, ipv6: true }
  )

  row("is of the link: any other is not asked", (bench) =>
    Effect.gen(function*() {
      for (const host of ["example.com", "printer", ""]) {
        assert.deepStrictEqual(yield* found(yield* lookUp(bench, host)), ["InvalidQuestion"])
      }
      assert.deepStrictEqual(yield* bench.sent(), [])
    }))
})
