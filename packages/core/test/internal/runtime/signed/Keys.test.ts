import { PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Keys from "../../../../src/internal/runtime/signed/Keys.ts"

const octets = (n: number): Uint8Array => new Uint8Array(32).fill(n)

describe("imported keys", () => {
  it.effect("are kept, the least recently used goes first, and what is pinned stays", () =>
    Effect.gen(function*() {
      const keys = Keys.make(3, (key) => key === PeerKey.fromBytes(octets(9)))
      const get = (n: number) => Keys.get(keys, octets(n))
      const [pinned, first] = [yield* get(9), yield* get(1)]
      for (const n of [2, 3, 1, 4, 5]) yield* get(n)

      assert.strictEqual(yield* get(9), pinned)
      assert.strictEqual(yield* get(1), first)
      assert.deepStrictEqual([...keys.others.keys()].map((key) => Number.parseInt(key.slice(0, 2), 16)), [4, 5, 1])
    }))

  it.effect("a key that is trusted no more is one of the others", () =>
    Effect.gen(function*() {
      let isTrusted = true
      const keys = Keys.make(1, () => isTrusted)
      yield* Keys.get(keys, octets(1))
      yield* Keys.get(keys, octets(2))
      assert.deepStrictEqual([keys.pinned.size, keys.others.size], [2, 0])
      isTrusted = false
      yield* Keys.get(keys, octets(1))
      yield* Keys.get(keys, octets(2))

      assert.deepStrictEqual([keys.pinned.size, keys.others.size], [0, 1])
    }))
})
