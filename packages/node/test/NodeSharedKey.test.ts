import { NodeSharedKey } from "@effect-discovery/node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Fs from "node:fs"
import { inspect } from "node:util"
import * as Temporary from "./support/temporary.ts"

const hex = (key: Redacted.Redacted<Uint8Array>) => Buffer.from(Redacted.value(key)).toString("hex")

describe("create", () => {
  it.live("S-T5 the shared key of a group is made once, with mode 0600, and read again as the same", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("group.key")
      const made = yield* NodeSharedKey.create(file)
      const error = yield* Effect.flip(NodeSharedKey.create(file))

      assert.strictEqual((Fs.statSync(file).mode & 0o777).toString(8), "600")
      assert.strictEqual(error.reason._tag, "KeyFileExists")
      assert.strictEqual(hex(yield* NodeSharedKey.load(file)), hex(made))
      assert.strictEqual(Redacted.value(made).length, 32)
      assert.strictEqual(inspect(made), "<redacted:SharedKey>")
    }))

  it.live("no two keys are the same", () =>
    Effect.gen(function*() {
      const keys = yield* Effect.all(
        [1, 2].map((at) => Effect.flatMap(Temporary.file(`${at}.key`), NodeSharedKey.create))
      )

      assert.strictEqual(new Set(keys.map(hex)).size, 2)
    }))
})

describe("load", () => {
  it.live("S-T5 refuses a file that others may read", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("group.key")
      yield* NodeSharedKey.create(file)
      Fs.chmodSync(file, 0o640)

      assert.strictEqual((yield* Effect.flip(NodeSharedKey.load(file))).reason._tag, "KeyFileExposed")
    }))

  it.live.each(["", "secret words", "5ec7e7".repeat(10), "5ec7e7".repeat(11)])(
    "S-T5 an error says nothing of what is in the file (case %#)",
    (text) =>
      Effect.gen(function*() {
        const file = yield* Temporary.file("group.key")
        Fs.writeFileSync(file, text, { mode: 0o600 })
        const error = yield* Effect.flip(NodeSharedKey.load(file))

        assert.strictEqual(error.reason._tag, "Corrupt")
        assert.notMatch(`${error.message}${inspect(error, { depth: 9 })}${JSON.stringify(error)}`, /secret|5ec7e7/)
      })
  )

  it.live("a file that is missing is said to be", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(NodeSharedKey.load(yield* Temporary.file("group.key")))

      assert.strictEqual(error.reason._tag, "KeyFileMissing")
    }))
})

describe("fromPassphrase", () => {
  const fromWords = (realm: string, words: string) => NodeSharedKey.fromPassphrase(realm, Redacted.make(words))

  // by Python's hashlib.scrypt
  const expected = "1ae0fb97058d130b8e494cb46330d36fbbd7f970c48e70aa95a056819adf0451"

  it.live(
    "S-T5 is one key for the same words in a realm, however they are typed, and shows neither",
    () =>
      Effect.gen(function*() {
        const key = yield* fromWords("demo", "cafe\u0301 au lait")
        const others = [yield* fromWords("dema", "café au lait"), yield* fromWords("demo", "café au lai")]

        assert.strictEqual(hex(key), expected)
        assert.strictEqual(new Set([key, ...others].map(hex)).size, 3)
        for (const text of [inspect(key, { showHidden: true }), JSON.stringify(key), String(key)]) {
          assert.notInclude(text, expected)
          assert.notInclude(text, [...Redacted.value(key)].join(", ").slice(0, 20))
        }
      }),
    30_000
  )

  it("throws on no realm, and on no words, without showing them", () => {
    assert.throws(() => fromWords("", "words"), /^A realm is 1 to 63 octets of UTF-8 in the normal form NFC$/)
    assert.throws(() => fromWords("x".repeat(64), "words"), RangeError)
    assert.throws(() => fromWords("cafe\u0301", "words"), RangeError)
    assert.throws(() => fromWords("demo", ""), /^There are no words/)
  })
})
