import { Mdns } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"

const name = "printer.local"

describe("a service that a test stands in for", () => {
  for (
    const reason of [
      new Mdns.NoAnswer({ name, millis: 3_000 }),
      new Mdns.Denied({ name }),
      new Mdns.InvalidQuestion({ name, limit: "another one" }),
      new Mdns.Truncated({ name }),
      new Mdns.Failed({ cause: new Error("it has ended") })
    ]
  ) {
    it.effect(`can fail with ${reason._tag}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Mdns.lookup(name))

        assert.strictEqual(error.reason, reason)
        assert.strictEqual(error.message, reason.message)
      }).pipe(
        Effect.provide(Layer.mock(Mdns.Mdns)({ lookup: () => Effect.fail(new Mdns.ResolveError({ reason })) }))
      ))
  }
})
