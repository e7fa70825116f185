import { assert, describe, it } from "@effect/vitest"
import { ada, Bench, datagram, key, short, signature } from "../given.ts"

const day = 86_400_000

/** Announces `of` with a successor, now. */
const announce = (bench: Bench, next = key(50), { of = ada, isSigned = true } = {}) =>
  bench.hear(datagram({
    key: of,
    at: bench.now,
    body: { successor: { key: next, signature: signature(isSigned) } }
  })).filter(({ _tag }) => _tag !== "FloorRaised" && _tag !== "Accepted")

const ready = (rotation: "offer" | "auto" = "offer") => {
  const bench = new Bench({ rotation })
  bench.trust(ada)
  return bench
}

const pass = (bench: Bench, milliseconds = 1_000) => {
  bench.wait(milliseconds)
  return bench
}

describe("rotation", () => {
  it("S-T6 a successor that has signed is offered, once", () => {
    const bench = ready()

    assert.deepStrictEqual(announce(bench), [{ _tag: "RotationOffered", key: ada, next: key(50), isAuto: false }])
    assert.deepStrictEqual(announce(pass(bench)), [])
  })

  it("S-T6 a successor that has not signed, or that is named by a key that is not trusted, is not offered", () => {
    assert.deepStrictEqual(short(announce(ready(), key(50), { isSigned: false })), ["signature"])
    assert.deepStrictEqual(announce(new Bench()), [])
  })

  it("S-T6 a denied or retired successor is never offered", () => {
    const bench = ready("auto")
    bench.trust(key(50), "denied")
    assert.deepStrictEqual(announce(bench), [])
    bench.hear(datagram({ key: key(51), kind: "retire" }))

    assert.deepStrictEqual(announce(pass(bench), key(51)), [])
  })

  it("S-T6 with auto the next key is to be trusted without asking, one hop a day and four in a chain", () => {
    const bench = ready("auto")
    const hops: Array<number> = []
    let holder = ada
    for (let hour = 0; hour < 24 * 10; hour++) {
      const next = key(50 + hops.length)
      for (const said of announce(bench, next, { of: holder })) {
        if (said._tag !== "RotationOffered" || !said.isAuto) continue
        hops.push(hour)
        bench.trust(next)
        holder = next
      }
      bench.wait(day / 24)
    }

    assert.deepStrictEqual(hops, [0, 24, 48, 72])
  })

  it("S-T6 a key that has a successor gets no second one without asking", () => {
    const bench = ready("auto")
    announce(bench)
    bench.trust(key(50))
    assert.deepStrictEqual(announce(pass(bench), key(51)), [])

    assert.deepStrictEqual(announce(pass(bench, day), key(51)), [
      { _tag: "RotationOffered", key: ada, next: key(51), isAuto: false }
    ])
  })
})
