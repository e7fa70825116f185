import { Network } from "@effect-discovery/core"
import { assert, describe } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { failure, join, open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

const group = "239.1.1.1"
const to = `${group}:9778`

describe("interfaces", () => {
  rule("97: the list leaves out what is down, and tells every change", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      const seen: Array<ReadonlyArray<string>> = []
      yield* Network.Network.use((network) =>
        Stream.runForEach(network.interfaces, (list) => Effect.sync(() => seen.push(list.map(({ name }) => name))))
      ).pipe(Effect.provide(ada.layer), Effect.forkScoped)
      yield* arrival
      yield* ada.interface("eth0").down
      yield* ada.interface("eth0").down
      yield* arrival
      yield* ada.interface("eth0").up
      yield* arrival

      assert.deepStrictEqual(seen, [["lo", "eth0"], ["lo"], ["lo", "eth0"]])
    }))

  rule("98: down, unicast and multicast fail to send; up again, they do not", (lan) =>
    Effect.gen(function*() {
      const host = lan.host("ada")
      const ada = yield* open(host, { multicast: { interface: host.address, ttl: 1 } })
      yield* host.interface("eth0").down

      assert.deepStrictEqual(yield* failure(ada.send("hello", "10.11.0.2:9778")), ["ENETUNREACH", "Unreachable"])
      assert.deepStrictEqual(yield* failure(ada.send("hello", to)), ["ENETUNREACH", "Unreachable"])
      assert.deepStrictEqual(yield* failure(join(ada.reader, group)), ["ENODEV", "Unknown"])

      yield* host.interface("eth0").up

      assert.deepStrictEqual(yield* failure(ada.send("hello", "10.11.0.2:9778")), [undefined, undefined])
      assert.deepStrictEqual(yield* failure(ada.send("hello", to)), [undefined, undefined])
    }))

  rule(
    "64, 98: down, nothing is received; up again, everything is, without joining again",
    (lan) =>
      Effect.gen(function*() {
        const ada = yield* open(lan.host("ada"))
        const host = lan.host("grace")
        const grace = yield* open(host, { port: 9778, join: [group] })
        const say = (text: string) => Effect.andThen(ada.send(text, to), arrival)
        yield* say("one")
        yield* host.interface("eth0").down
        yield* say("two")
        yield* host.interface("eth0").up
        yield* say("three")

        assert.deepStrictEqual(yield* grace.received, ["one", "three"])
        assert.deepInclude((yield* lan.frames)[1]?.outcomes[1], { reason: "interface-down" })
      })
  )
})
