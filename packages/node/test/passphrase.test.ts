import { SignedBeacon } from "@effect-discovery/core/protocol"
import { NodeCrypto } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { inspect } from "node:util"

const sharedKey = (realm: string, words: string) =>
  SignedBeacon.passphrase(realm, Redacted.make(words)).pipe(Effect.provide(NodeCrypto.layer))

describe("passphrase", () => {
  it.live(
    "is one key for the same words in a realm, however they are typed, and another in every other case",
    () =>
      Effect.gen(function*() {
        const keys = yield* Effect.forEach(
          [
            ["demo", "café au lait"],
            ["demo", "cafe\u0301 au lait"],
            ["dema", "café au lait"],
            ["demo", "café au lai"]
          ] as const,
          ([realm, words]) => sharedKey(realm, words)
        )
        const texts = keys.map((key) => Buffer.from(Redacted.value(key)).toString("hex"))

        assert.strictEqual(texts[0], texts[1])
        assert.strictEqual(new Set(texts).size, 3)
        for (const text of texts) assert.match(text, /^[0-9a-f]{64}$/)
      }),
    30_000
  )

  it.live("S-T5 is not shown by its key", () =>
    Effect.gen(function*() {
      const key = yield* sharedKey("demo", "words")
      const secret = Redacted.value(key)

      for (const text of [inspect(key, { showHidden: true }), JSON.stringify(key), String(key)]) {
        assert.notInclude(text, Buffer.from(secret).toString("hex"))
        assert.notInclude(text, [...secret].join(", ").slice(0, 20))
      }
    }), 30_000)
})
