import { PeerKey } from "@effect-discovery/core"
import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Arbitrary from "../mdns/arbitrary.ts"
import * as Draw from "./draw.ts"
import * as Fixtures from "./fixtures.ts"
import * as Mutants from "./mutants.ts"
import * as Pipeline from "./pipeline.ts"
import * as Reference from "./reference.ts"

const realm = "réalm"
const realmTag = Pipeline.tagOf(realm)
const seed = Fixtures.announce.seed
const privateKey = Reference.privateKey(seed)
const key = PeerKey.fromBytes(Reference.publicHalf(privateKey))

/** What we read in a datagram, as the other reader writes it down. */
const read = Effect.fnUntraced(function*(datagram: Uint8Array, realm: string) {
  const judged = yield* Effect.result(Pipeline.judge(datagram, realm))
  return Result.isFailure(judged) ? undefined : Fixtures.describe(judged.success.envelope, judged.success.body)
})

layer(Pipeline.layer)("an independent reader and writer", (it) => {
  it.effect("SA1 reads the vectors as we do", () =>
    Effect.gen(function*() {
      for (const { expected, hex } of Fixtures.plain) {
        const datagram = Fixtures.fromHex(hex)
        assert.deepStrictEqual<unknown>(yield* read(datagram, "demo"), expected)
        assert.deepStrictEqual<unknown>(Reference.read(datagram, "demo"), expected)
      }
    }))

  it.effect("SA1 reads what we write and sign, and writes the same octets", () =>
    Effect.gen(function*() {
      const draw = Arbitrary.draw(1)
      for (let i = 0; i < 1_000; i++) {
        const { body, parts } = Draw.envelope(draw, realmTag, key)
        const datagram = yield* Pipeline.sign(Fixtures.fromHex(seed), realm, Envelope.encodeUnsigned(parts))
        const message = Reference.read(datagram, realm)
        assert.isDefined(message)
        assert.strictEqual(Fixtures.toHex(Reference.write(message!, realm, privateKey)), Fixtures.toHex(datagram))

        const accepted = yield* Pipeline.judge(datagram, realm)
        assert.deepStrictEqual<unknown>(Fixtures.describe(accepted.envelope, accepted.body), message)
        assert.deepStrictEqual(Fixtures.sorted(accepted.body), Fixtures.sorted(body))
      }
    }))

  it.effect("SA1 writes and signs what we read, and what we write again the same", () =>
    Effect.gen(function*() {
      const draw = Arbitrary.draw(2)
      for (let i = 0; i < 1_000; i++) {
        const { body, parts } = Draw.envelope(draw, realmTag, key)
        const message = Fixtures.describe({ ...parts, signed: new Uint8Array(), signature: new Uint8Array() }, body)
        const datagram = Reference.write(message, realm, privateKey)
        const { body: read, envelope } = yield* Pipeline.judge(datagram, realm)
        assert.deepStrictEqual(Fixtures.sorted(read), Fixtures.sorted(body))

        const again = Envelope.encodeUnsigned({ ...envelope, body: Pipeline.bodyOctets(read) })
        assert.strictEqual(Fixtures.toHex(Envelope.encode(again, envelope.signature)), Fixtures.toHex(datagram))
      }
    }))

  it.effect("SA1 agrees with us on thousands of mutants", () =>
    Effect.gen(function*() {
      const draw = Arbitrary.draw(3)
      const verdicts = new Map<string, number>()
      for (let i = 0; i < 6_000; i++) {
        const { parts } = Draw.envelope(draw, realmTag, key)
        const good = Reference.signAs(Envelope.encodeUnsigned(parts), realm, privateKey)
        const mutant = Mutants.make(draw, good, privateKey, realm)
        const ours = yield* read(mutant, realm)
        assert.deepStrictEqual<unknown>(ours, Reference.read(mutant, realm), Fixtures.toHex(mutant))
        const verdict = yield* Pipeline.verdict(mutant, realm)
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
      }

      for (const verdict of ["accepted", "size", "format", "realm", "weak-key", "not-canonical", "signature", "body"]) {
        assert.isAbove(verdicts.get(verdict) ?? 0, verdict === "accepted" || verdict === "body" ? 1_000 : 10, verdict)
      }
    }), 60_000)
})
