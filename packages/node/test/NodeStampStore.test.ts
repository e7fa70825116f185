import { PeerKey } from "@effect-discovery/core"
import { SignedBeacon } from "@effect-discovery/core/protocol"
import { NodeStampStore } from "@effect-discovery/node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Temporary from "./support/temporary.ts"

const [ada, bob] = [1, 2].map((octet) => PeerKey.fromBytes(new Uint8Array(32).fill(octet))) as [
  PeerKey.PeerKey,
  PeerKey.PeerKey
]

const store = (file: string) => SignedBeacon.StampStore.pipe(Effect.provide(NodeStampStore.layerFile(file)))

describe("layerFile", () => {
  it.live("keeps the last stamp of each key for the next start, for nobody else to read", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("stamps.json")
      const before = yield* store(file)
      assert.isUndefined(yield* before.load(ada))
      yield* before.save(ada, { ms: 5, counter: 1 })
      yield* before.save(bob, { ms: 2 ** 48 - 1, counter: 65_535 })
      yield* before.save(ada, { ms: 60_000, counter: 0 })
      const after = yield* store(file)

      assert.deepStrictEqual(yield* after.load(ada), { ms: 60_000, counter: 0 })
      assert.deepStrictEqual(yield* after.load(bob), { ms: 2 ** 48 - 1, counter: 65_535 })
      assert.strictEqual((Fs.statSync(file).mode & 0o777).toString(8), "600")
      assert.deepStrictEqual(Fs.readdirSync(Path.dirname(file)), ["stamps.json"])
    }))

  it.live("never goes back, and loses nothing when two programs write", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("stamps.json")
      const [one, two] = [yield* store(file), yield* store(file)]
      yield* one.save(ada, { ms: 9, counter: 9 })
      yield* two.save(ada, { ms: 9, counter: 8 })
      yield* Effect.all([one.save(ada, { ms: 10, counter: 0 }), two.save(bob, { ms: 1, counter: 0 })], {
        concurrency: "unbounded"
      })

      assert.deepStrictEqual(yield* one.load(ada), { ms: 10, counter: 0 })
      assert.deepStrictEqual(yield* one.load(bob), { ms: 1, counter: 0 })
    }))

  for (
    const text of [
      "",
      "{",
      "{}",
      `{"version":2,"stamps":[]}`,
      `{"version":1,"stamps":[{"key":"ab","ms":1,"counter":0}]}`
    ]
  ) {
    it.live(`S-T4 a damaged file, ${JSON.stringify(text)}, is an error and not written over`, () =>
      Effect.gen(function*() {
        const file = yield* Temporary.file("stamps.json")
        Fs.writeFileSync(file, text)
        const stamps = yield* store(file)
        const errors = [
          yield* Effect.flip(stamps.load(ada)),
          yield* Effect.flip(stamps.save(ada, { ms: 1, counter: 0 }))
        ]

        for (const { reason } of errors) assert.strictEqual(reason._tag, "Corrupt")
        assert.strictEqual(Fs.readFileSync(file, "utf8"), text)
      }))
  }

  it.live("a directory that is not there is an error that says so", () =>
    Effect.gen(function*() {
      const file = yield* Temporary.file("stamps.json")
      const stamps = yield* store(Path.join(Path.dirname(file), "nowhere", "stamps.json"))

      assert.strictEqual((yield* Effect.flip(stamps.save(ada, { ms: 1, counter: 0 }))).reason._tag, "Unwritable")
    }))
})
