import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Envelope from "../../../../src/protocol/signedBeacon/Envelope.ts"
import type * as Candidate from "../../../../src/protocol/signedBeacon/gate/Candidate.ts"
import * as Verification from "../../../../src/protocol/signedBeacon/gate/Verification.ts"
import { ada, datagram, grace, key, origin } from "../given.ts"

const signed = (by: typeof ada): Candidate.Signed => {
  const payload = datagram({ key: by })
  const envelope = Result.getOrThrow(Envelope.decodeHeader(payload))
  return { _tag: "Signed", envelope, payload, origin: origin(), group: undefined, ttl: 90_000 }
}

const succession: Candidate.Succession = {
  _tag: "Succession",
  key: ada,
  next: grace,
  signature: new Uint8Array(64),
  origin: origin()
}

const draw = () => 0.5
const pickAll = (verification: Verification.Verification, now = 0) => {
  const picked: Array<Candidate.Candidate> = []
  for (;;) {
    const candidate = Verification.pick(verification, draw, now)
    if (candidate === undefined) return picked
    picked.push(candidate)
  }
}

describe("Verification", () => {
  it("lets what a key has signed and the signature of its successor wait beside each other", () => {
    const verification = Verification.make({ perSecond: 200, burst: 200 })
    for (const candidate of [signed(ada), succession]) {
      assert.isUndefined(Verification.submit(verification, candidate, true, draw, 0))
    }

    assert.deepStrictEqual(new Set(pickAll(verification).map(({ _tag }) => _tag)), new Set(["Signed", "Succession"]))
  })

  it.each([true, false])("forgets what waits in the name of a key, kept for trusted ones %s", (isReserved) => {
    const verification = Verification.make({ perSecond: 200, burst: 200 })
    Verification.submit(verification, signed(ada), isReserved, draw, 0)
    Verification.remove(verification, ada)

    assert.deepStrictEqual(pickAll(verification), [])
  })

  it("waits for what is being verified while that is as much as can be", () => {
    const verification = Verification.make({ perSecond: 1_000, burst: 1_000 })
    for (let i = 1; i <= 65; i++) Verification.submit(verification, signed(key(i)), false, draw, 0)
    for (let ticket = 1; ticket <= 64; ticket++) {
      Verification.start(verification, ticket, Verification.pick(verification, draw, 0)!, 0)
    }

    assert.isUndefined(Verification.pick(verification, draw, 0))
    assert.strictEqual(Verification.dueAt(verification), 5_000)
    Verification.finish(verification, 1)
    assert.strictEqual(Verification.dueAt(verification), 0)
  })

  it("goes on after a burst that is smaller than a batch would be", () => {
    const verification = Verification.make({ perSecond: 200, burst: 4 })
    const submitAll = (now: number) => {
      for (let i = 1; i <= 10; i++) Verification.submit(verification, signed(key(i)), false, draw, now)
      return pickAll(verification, now).length
    }

    assert.deepStrictEqual([submitAll(0), submitAll(1), submitAll(1_000)], [2, 0, 2])
  })
})
