import { type ContractBed } from "@effect-discovery/testing"
import { assert, describe, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as Namespace from "../lan/Namespace.ts"
import * as NamespaceBed from "./NamespaceBed.ts"

class Bed extends Context.Service<Bed, ContractBed.Bed>()("test/Bed") {}

if (Namespace.unavailable !== undefined) console.warn(`skipped, since ${Namespace.unavailable}`)

describe.skipIf(Namespace.unavailable !== undefined)("the bed of namespaces", () => {
  layer(Layer.effect(Bed, NamespaceBed.make()), { excludeTestServices: true, timeout: 60_000 })((it) => {
    it.effect("carries a datagram from host to host, and tells what came", () =>
      Effect.gen(function*() {
        const bed = yield* Bed
        const port = yield* bed.port
        const sender = yield* bed.host("h1").open({ family: "IPv4" })
        const receiver = yield* bed.host("h2").open({ family: "IPv4", port })
        yield* sender.send("hello", `10.11.0.2:${port}`)

        assert.deepStrictEqual(yield* receiver.received, [{ payload: "hello", from: `10.11.0.1:${sender.port}` }])
      }))

    it.effect("undoes what was done to interfaces", () =>
      Effect.gen(function*() {
        const bed = yield* Bed
        const host = bed.host("h1")
        const names = Effect.map(host.interfaces, (all) => all.map(({ addresses, name }) => [name, addresses]))
        const before = yield* names
        yield* host.interface("eth0").carrier(false)
        yield* host.interface("eth1").addAddress("10.22.0.9/24")
        const changed = yield* names
        yield* bed.reset

        assert.deepStrictEqual(changed.map(([name]) => name), ["lo", "eth1"])
        assert.deepStrictEqual(yield* names, before)
      }))
  })
})
