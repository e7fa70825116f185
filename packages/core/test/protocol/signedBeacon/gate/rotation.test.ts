import { PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Gate from "../../../../src/protocol/signedBeacon/Gate.ts"
import { ada, Bench, datagram, epoch, key, origin, short, signature } from "../given.ts"

const day = 86_400_000

/** Announces Ada with a successor, now. */
const announce = (bench: Bench, next = key(50), isSigned = true) =>
  bench.hear(datagram({
    at: bench.now,
    body: { successor: { key: next, signature: signature(isSigned) } }
  })).filter(({ _tag }) => _tag !== "FloorRaised" && _tag !== "Accepted")

const ready = () => {
  const bench = new Bench()
  bench.trust(ada)
  return bench
}

const pass = (bench: Bench, milliseconds = 1_000) => {
  bench.wait(milliseconds)
  return bench
}

const offered = (next: PeerKey.PeerKey) => [{ _tag: "RotationOffered" as const, key: ada, next }]

describe("rotation", () => {
  it("S-T6 a successor that has signed is offered with each announcement until it is trusted, and verified once", () => {
    const bench = ready()

    assert.deepStrictEqual(announce(bench), offered(key(50)))
    assert.deepStrictEqual(announce(pass(bench)), offered(key(50)))
    assert.strictEqual(bench.verifications, 3)
    bench.trust(key(50))
    assert.deepStrictEqual(announce(pass(bench)), [])
  })

  it("S-T6 a successor that has not signed, or that is named by a key that is not trusted, is not offered", () => {
    assert.deepStrictEqual(short(announce(ready(), key(50), false)), ["signature"])
    assert.deepStrictEqual(announce(new Bench()), [])
  })

  it("S-T6 a successor under whose key anybody can sign, or that is the key itself, is not even verified", () => {
    const bench = ready()

    assert.deepStrictEqual(short(announce(bench, PeerKey.fromBytes(new Uint8Array(32)))), ["signature"])
    assert.deepStrictEqual(announce(pass(bench), ada), [])
    assert.strictEqual(bench.verifications, 2)
  })

  it("S-T6 a denied or retired successor is never offered", () => {
    const bench = ready()
    bench.trust(key(50), "denied")
    assert.deepStrictEqual(announce(bench), [])
    const other = ready()
    other.hear(datagram({ key: key(51), kind: "retire" }))

    assert.deepStrictEqual(announce(pass(other), key(51)), [])
  })

  it("S-T6 a key that has named a successor may name another one after a day", () => {
    const bench = ready()
    announce(bench)

    assert.deepStrictEqual(announce(pass(bench, day - 1), key(51)), [])
    assert.deepStrictEqual(announce(pass(bench, 1), key(51)), offered(key(51)))
  })

  it("S-T6 a successor whose signature comes late is not offered for a key that is not trusted any more", () => {
    const bench = ready()
    const out: Array<Gate.Output> = []
    const payload = datagram({ body: { successor: { key: key(50), signature: signature() } } })
    Gate.receive(bench.gate, { payload, origin: origin(), wallNow: epoch }, 0, out)
    Gate.verified(bench.gate, 1, true, 0, out)
    Gate.trust(bench.gate, ada, "denied", 0, out)
    Gate.verified(bench.gate, 2, true, 0, out)

    assert.deepStrictEqual(short(out), ["Verify", "FloorRaised", "Accepted", "Verify", "Withdrawn"])
  })
})
