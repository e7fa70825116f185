import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { failure, open } from "../endpoint.ts"
import { arrival, rule } from "./simulated.ts"

const fine = [undefined, undefined]
const port = 9778

describe("reusePort", () => {
  rule("21: flows spread over the sockets, each constantly to one", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada")
      const sockets = yield* Effect.replicateEffect(open(lan.host("grace"), { port, reusePort: true }), 4)
      for (let flow = 0; flow < 100; flow++) {
        const sender = yield* open(ada)
        for (let i = 0; i < 3; i++) yield* sender.send(`${flow}`, `10.11.0.2:${port}`)
      }
      yield* arrival
      const received = yield* Effect.forEach(sockets, (socket) => socket.received)

      assert.strictEqual(received.flat().length, 300)
      assert.isTrue(received.every((texts) => texts.length >= 30), received.map((texts) => texts.length).join())
      for (const texts of received) {
        assert.isTrue(texts.every((text) => texts.filter((other) => other === text).length === 3))
      }
    }), { seed: 1 })

  rule("21: those of a socket that closes go to the others", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const scopes = yield* Effect.replicateEffect(Scope.make(), 2)
      const sockets = yield* Effect.forEach(scopes, (scope) =>
        Scope.provide(open(lan.host("grace"), { port, reusePort: true }), scope))
      yield* Scope.close(scopes[1]!, Exit.void)
      for (let i = 0; i < 10; i++) {
        yield* ada.send("hello", `10.11.0.2:${port}`)
      }
      yield* arrival

      assert.strictEqual((yield* sockets[0]!.received).length, 10)
    }))

  rule("52: of a group they all get a copy", (lan) =>
    Effect.gen(function*() {
      const ada = yield* open(lan.host("ada"))
      const shared = { port, reusePort: true, join: ["239.1.1.1"] }
      const sockets = yield* Effect.replicateEffect(open(lan.host("grace"), shared), 3)
      yield* ada.send("hello", `239.1.1.1:${port}`)
      yield* arrival

      assert.deepStrictEqual(yield* Effect.forEach(sockets, (socket) => socket.received), [["hello"], ["hello"], [
        "hello"
      ]])
    }))
})

describe("file descriptors", () => {
  rule("17: a socket too many fails, until another closes", (lan) =>
    Effect.gen(function*() {
      const ada = lan.host("ada", { fileDescriptors: 2 })
      const scope = yield* Scope.make()
      yield* open(ada)
      yield* Scope.provide(open(ada), scope)
      const full = yield* failure(open(ada))
      yield* Scope.close(scope, Exit.void)

      assert.deepStrictEqual(full, ["EMFILE", "Unknown"])
      assert.deepStrictEqual(yield* failure(open(ada)), fine)
    }))
})
