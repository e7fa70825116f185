/**
 * What whoever sends as much as they like can make the gate pay, keep, and miss.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Gate from "../../../src/protocol/signedBeacon/Gate.ts"
import * as Given from "../../internal/Given.ts"
import { ada, Bench, datagram, epoch, key, keyId, origin, sealed, self, short, type Words } from "./given.ts"

/** Datagrams that differ in what is written into one of them at the given offsets, which costs less than to encode each. */
const template = (words: Words) => {
  const octets = datagram(words)
  return (write: (view: DataView) => void): Uint8Array => {
    const copy = new Uint8Array(octets)
    write(new DataView(copy.buffer))
    return copy
  }
}

const keyAt = 16
const stampAt = 50
const lowStamp = (at: number) => (epoch + at) % 2 ** 32

/** A source address of any of 2 ** 24. */
const anywhere = (dice: Given.Dice) => {
  const number = dice.between(0, 2 ** 24 - 1)
  return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
}

/** In `seconds` of 10,000 datagrams each in Ada's name, how many of 20 a second of her own are taken. */
const imitate = (seconds: number, addressOf: (dice: Given.Dice) => string): { sent: number; taken: number } => {
  const dice = Given.dice(3)
  const bench = new Bench()
  bench.trust(ada)
  const forged = template({ isForged: true })
  let sent = 0
  let taken = 0
  for (let i = 0; i < seconds * 10_000; i++) {
    if (i % 10 === 0) taken += accepted(bench.wait(1))
    const payload = forged((view) => view.setUint32(stampAt, lowStamp(bench.now + 1_000 + i % 100)))
    taken += accepted(bench.hear(payload, origin(addressOf(dice))))
    if (dice.oneIn(500)) {
      sent++
      taken += accepted(bench.hear(datagram({ at: bench.now })))
    }
  }
  return { sent, taken }
}

const accepted = (said: ReadonlyArray<Gate.Output>) => said.filter(({ _tag }) => _tag === "Accepted").length

describe("10,000 forged datagrams a second in a trusted key's name", () => {
  it("from everywhere delay it, as odds have it, but do not silence it", { timeout: 30_000 }, () => {
    const { sent, taken } = imitate(60, anywhere)

    // 200 verifications a second of 10,000: one in 50 or so
    assert.isAbove(taken, sent / 200)
    assert.isBelow(taken, sent / 20)
  })

  it("from one address delay it much less", { timeout: 30_000 }, () => {
    const { sent, taken } = imitate(5, () => "10.0.0.66")

    assert.isAbove(taken, sent / 8)
  })

  it("from its own address do not silence it, either", { timeout: 30_000 }, () => {
    const { taken } = imitate(15, () => "10.0.0.2")

    assert.isAbove(taken, 0)
  })
})

describe("a flood of sybils with good signatures", () => {
  const sybil = template({})

  it("takes none of the verifications that are kept for trusted keys", () => {
    const bench = new Bench()
    bench.trust(ada)
    let taken = 0
    for (let i = 0; i < 50_000; i++) {
      if (i % 5 === 0) bench.wait(1)
      bench.hear(sybil((view) => view.setUint32(keyAt, 1_000 + i)), origin("10.0.0.66"))
      if (i % 500 === 0) taken += accepted(bench.hear(datagram({ at: bench.now })))
    }

    assert.strictEqual(taken, 100)
    assert.isAtMost(bench.verifications, 200 + 10 * 100 + 100)
  })

  it("is verified in eight batches a second", () => {
    const bench = new Bench()
    const batches = new Set<number>()
    for (let i = 0; i < 100_000; i++) {
      const before = bench.verifications
      if (i % 10 === 0) bench.wait(1)
      bench.hear(sybil((view) => view.setUint32(keyAt, 1_000 + i)), origin("10.0.0.66"))
      if (bench.verifications > before && bench.now > 1_000) batches.add(bench.now)
    }

    assert.isAtLeast(bench.verifications, 200 + 9 * 100)
    assert.isAtMost(batches.size, 10 * 8)
  })

  it("does not keep an honest stranger out for good", () => {
    const bench = new Bench()
    let taken = 0
    for (let i = 0; i < 100_000; i++) {
      if (i % 5 === 0) bench.wait(1)
      bench.hear(sybil((view) => view.setUint32(keyAt, 1_000 + i)), origin("10.0.0.66"))
      if (i % 500 !== 0) continue
      bench.hear(datagram({ at: bench.now }))
      if (bench.gate.floors.shelf.others.has(ada)) taken++
    }

    assert.isAbove(taken, 0)
  })
})

/** Every table of a gate that the network fills. */
const sizes = ({ challenges, floors, held, openings, presences, rotation, standing, verification }: Gate.Gate) => ({
  floors: floors.shelf.others.size,
  presences: presences.shelf.others.size,
  goodbyes: presences.goodbyes.size,
  retired: standing.retired.size,
  openings: openings.size,
  running: verification.running.size,
  waiting: verification.open.waiting.keys.length + verification.reserved.waiting.keys.length,
  suspects: verification.suspects.pairs.size,
  suspectKeys: verification.suspects.keys.size,
  challenges: challenges.open.size + challenges.askedAt.size,
  rotation: rotation.size,
  held: held.keys.size
})

const bounds: ReturnType<typeof sizes> = {
  floors: 4_096,
  presences: 1_024,
  goodbyes: 600,
  retired: 4_096,
  openings: 64,
  running: 64,
  waiting: 512,
  suspects: 1_024,
  suspectKeys: 1_024,
  challenges: 364,
  rotation: 0,
  held: 0
}

const assertBounded = (gate: Gate.Gate) => {
  for (const [table, size] of Object.entries(sizes(gate))) {
    assert.isAtMost(size, bounds[table as keyof typeof bounds], table)
  }
}

const kinds = ["announce", "goodbye", "retire", "challenge", "proof"] as const
const hostile = kinds.flatMap((kind) =>
  [false, true].map((isForged) =>
    template({
      kind,
      isForged,
      body: kind === "challenge" || kind === "proof" ? { nonce: new Uint8Array(16), target: self } : {}
    })
  )
)

describe("a flood of sealed garbage", () => {
  it("is opened at the rate of the limit, and what is over it is refused", () => {
    const bench = new Bench({ ring: [keyId] })
    const garbage = sealed(new Uint8Array(200)).fill(1, -1)
    for (bench.now = 0; bench.now < 10_000; bench.now++) for (let i = 0; i < 10; i++) bench.hear(garbage)

    const { budget, seal } = bench.gate.refused
    assert.strictEqual(budget + seal, 100_000)
    assert.isAtMost(seal, 2_000 + 10 * 2_000)
    assert.isAtLeast(seal, 10 * 2_000)
  })

  it("leaves a member odds of being heard, and is over at once", () => {
    const bench = new Bench({ ring: [keyId], limits: { ...new Bench().gate.options.limits, openings } })
    const garbage = sealed(new Uint8Array(200)).fill(1, -1)
    for (let i = 0; i < 100; i++) bench.hear(garbage)
    assert.deepStrictEqual(short(bench.hear(sealed(datagram()))), ["budget"])
    bench.now += 100

    assert.deepStrictEqual(short(bench.hear(sealed(datagram()))), ["Accepted"])
  })

  const openings = { perSecond: 10, burst: 100 }
})

describe("hostile envelopes in any number", () => {
  const group = { ring: [keyId], acceptPlain: true, own: new Set([self]), instance: 1, challenges: true }

  it("fill no table beyond its bound, whatever they are", { timeout: 60_000 }, () => {
    const dice = Given.dice(5)
    const bench = new Bench(group)
    for (let i = 0; i < 200_000; i++) {
      if (i % 100 === 0) bench.wait(10)
      const payload = dice.pick(hostile)((view) => view.setUint32(keyAt, dice.between(0, 2 ** 20)))
      bench.hear(dice.oneIn(8) ? sealed(payload) : payload, origin(anywhere(dice)))
      if (i % 10_000 === 0) assertBounded(bench.gate)
    }

    assertBounded(bench.gate)
  })

  it("fill none when every signature could be verified", { timeout: 60_000 }, () => {
    const dice = Given.dice(6)
    const limits = { ...new Bench().gate.options.limits, verifications: { perSecond: 1e6, burst: 1e6 } }
    const bench = new Bench({ ...group, limits })
    for (let i = 0; i < 50_000; i++) {
      if (i % 5 === 0) bench.wait(10)
      bench.hear(dice.pick(hostile)((view) => view.setUint32(keyAt, i)), origin(anywhere(dice)))
      if (i % 10_000 === 0) assertBounded(bench.gate)
    }

    assert.deepInclude(sizes(bench.gate), { floors: 4_096, presences: 1_024, suspects: 1_024, retired: 4_096 })
    assertBounded(bench.gate)
  })

  it("fill none when nobody answers for their tickets, which are given up after five seconds", () => {
    const gate = Gate.make({ ...new Bench(group).gate.options })
    const out: Array<Gate.Output> = []
    for (let i = 0; i < 10_000; i++) {
      const payload = datagram({ key: key(i) })
      const received = { payload: i % 2 === 0 ? payload : sealed(payload), origin: origin(), wallNow: epoch }
      Gate.receive(gate, received, i / 10, out)
    }
    assert.deepInclude(sizes(gate), { openings: 64, running: 64, waiting: 256 })
    Gate.wake(gate, 5_999, out)
    assert.deepInclude(sizes(gate), { openings: 0, running: 64, waiting: 192 })
  })

  it("S-F5 are refused for reasons of a closed set, each counted, and none throws", () => {
    const dice = Given.dice(8)
    const bench = new Bench(group)
    for (let i = 0; i < 50_000; i++) {
      const payload = dice.pick(hostile)(() => {})
      for (let flips = dice.between(0, 3); flips > 0; flips--) {
        payload[dice.between(0, payload.length - 1)]! ^= 1 << dice.between(0, 7)
      }
      const cut = dice.oneIn(10) ? payload.subarray(0, dice.between(0, payload.length)) : payload
      bench.hear(dice.oneIn(6) ? sealed(cut) : cut)
      if (i % 10 === 0) bench.wait(5)
    }

    const total = Object.values(bench.gate.refused).reduce((sum, count) => sum + count, 0)
    assert.isAbove(total, 30_000)
    assert.strictEqual(Object.keys(bench.gate.refused).length, 17)
  })
})
