import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Result } from "effect"
import { Aead, Digest, Mac, SecureRandom } from "effect/crypto"
import * as Group from "../../../../src/internal/runtime/signed/Group.ts"
import * as Seal from "../../../../src/protocol/signedBeacon/Seal.ts"
import * as Fixtures from "../../../protocol/signedBeacon/fixtures.ts"

const salt = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i)

/** The real thing, but for the salt. */
const crypto = Layer.mergeAll(Digest.layerWebCrypto, Mac.layerWebCrypto, Aead.layerWebCrypto).pipe(
  Layer.provideMerge(Layer.succeed(SecureRandom.SecureRandom, SecureRandom.make(() => salt)))
)

const shared = Redacted.make(Fixtures.fromHex(Fixtures.sealed.sharedKey!))
const other = Redacted.make(new Uint8Array(32))
const envelope = Fixtures.fromHex(Fixtures.announce.hex)
const datagram = Fixtures.fromHex(Fixtures.sealed.hex)

const opened = (group: Group.Group, octets: Uint8Array) => group.open(Result.getOrThrow(Seal.decode(octets)))

describe("a group", () => {
  it.effect("seals the given announcement as it is given, and opens it", () =>
    Effect.gen(function*() {
      const group = yield* Group.make([shared])

      assert.deepStrictEqual(yield* group.seal(envelope), datagram)
      assert.deepStrictEqual(yield* opened(group, datagram), envelope)
    }).pipe(Effect.provide(crypto)))

  it.effect("opens what any key of its ring has sealed, and seals with the first", () =>
    Effect.gen(function*() {
      const group = yield* Group.make([other, shared])

      assert.deepStrictEqual(yield* opened(group, datagram), envelope)
      assert.deepStrictEqual((yield* group.seal(envelope)).subarray(8, 12), Fixtures.fromHex(group.ids[0]!))
      assert.isUndefined(yield* opened(yield* Group.make([other]), datagram))
    }).pipe(Effect.provide(crypto)))

  it.effect("opens nothing in which a bit is another one", () =>
    Effect.gen(function*() {
      const group = yield* Group.make([shared])
      for (let bit = 64; bit < datagram.length * 8; bit += 7) {
        const changed = new Uint8Array(datagram)
        changed[bit >> 3]! ^= 1 << (bit & 7)
        assert.isUndefined(yield* opened(group, changed), String(bit))
      }
    }).pipe(Effect.provide(crypto)))

  it("S-T8 compares shared keys in constant time: a ring has none twice, and only whole ones", () => {
    assert.isUndefined(Group.fault([shared, other]))
    assert.strictEqual(Group.fault([shared, other, shared]), "A ring has each shared key once.")
    assert.strictEqual(Group.fault([]), "A ring has 1 to 8 shared keys.")
    assert.strictEqual(Group.fault([Redacted.make(new Uint8Array(16))]), "A shared key has 32 octets.")
  })
})
