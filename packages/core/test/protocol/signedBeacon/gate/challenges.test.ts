import { assert, describe, it } from "@effect/vitest"
import * as Gate from "../../../../src/protocol/signedBeacon/Gate.ts"
import { ada, Bench, datagram, grace, key, nonceOf, origin, self, short, type Words } from "../given.ts"

/** A gate that challenges, with Ada trusted and heard in her first run at 1,000. */
const ready = (overrides = {}) => {
  const bench = new Bench({ challenges: true, own: new Set([self]), instance: 9, ...overrides })
  bench.trust(ada)
  bench.hear(datagram({ at: 1_000 }))
  return bench
}

/** Ada in a second run, her clock ten seconds behind the first. */
const later = (words: Words = {}): Uint8Array => datagram({ at: -9_000, instance: 2, ...words })

const challengeOf = (said: ReturnType<Bench["hear"]>) => {
  const found = said.find(({ _tag }) => _tag === "Challenge")
  assert(found?._tag === "Challenge")
  return found
}

const proof = (ticket: number, words: Words = {}): Uint8Array =>
  datagram({ kind: "proof", at: -8_000, instance: 2, body: { nonce: nonceOf(ticket), target: self }, ...words })

describe("a trusted key whose clock went back", () => {
  it("is challenged where its announcement came from, and held until its proof", () => {
    const bench = ready()
    const said = bench.hear(later())
    assert.deepStrictEqual(said, [{ _tag: "Challenge", ticket: challengeOf(said).ticket, target: ada, to: origin() }])
    const after = bench.hear(proof(challengeOf(said).ticket))

    assert.deepStrictEqual(short(after), ["FloorRaised", "Accepted"])
    assert.deepInclude(after[1], { isRestart: true, ttl: 90_000 })
  })

  it("is taken with newer stamps of the same run from then on, but no older one of any run", () => {
    const bench = ready()
    bench.hear(proof(challengeOf(bench.hear(later())).ticket))

    assert.deepStrictEqual(short(bench.hear(later({ at: -8_000 }))), ["stale"])
    assert.deepStrictEqual(short(bench.hear(later({ at: -7_999 }))), ["Accepted"])
    // the first run's clock was ahead: what it said then is above the floor, and yet of the past
    assert.deepStrictEqual(short(bench.hear(datagram({ at: 900 }))), [])
  })

  it("is not taken with what it said before its clock went back for the first time, when it did so twice", () => {
    const bench = ready()
    bench.hear(proof(challengeOf(bench.hear(later())).ticket))
    bench.wait(60_000)
    const third = { instance: 3, isClocked: false }
    const { ticket } = challengeOf(bench.hear(later({ at: -20_000, ...third })))
    assert.include(short(bench.hear(proof(ticket, { at: -19_000, ...third }))), "Accepted")

    assert.notInclude(short(bench.hear(datagram({ at: 900 }))), "Accepted")
  })

  it("is not taken by its proof with what has a later stamp than that, but by itself then", () => {
    const bench = ready()
    const { ticket } = challengeOf(bench.hear(later({ at: -7_000 })))

    assert.deepStrictEqual(short(bench.hear(proof(ticket))), ["FloorRaised"])
    assert.deepStrictEqual(short(bench.hear(later({ at: -7_000 }))), ["Accepted"])
    assert.deepStrictEqual(short(bench.hear(later({ at: -7_500 }))), ["stale"])
  })

  it("has started again, though its last announcement holds no longer", () => {
    const bench = ready()
    bench.wait(91_000)
    const [, accepted] = bench.hear(datagram({ at: 92_000, instance: 2 }))

    assert.deepInclude(accepted, { _tag: "Accepted", isRestart: true })
  })

  it("has its floor kept outside again once it is above all that was", () => {
    const bench = ready()
    bench.hear(proof(challengeOf(bench.hear(later())).ticket))

    assert.deepStrictEqual(short(bench.hear(later({ at: 0 }))), ["Accepted"])
    assert.deepStrictEqual(short(bench.hear(later({ at: 1_001 }))), ["FloorRaised", "Accepted"])
  })

  it("S-6.4 has to prove itself to a receiver that starts anew, too, by whatever run it was heard last", () => {
    const bench = ready()
    const [raised] = bench.hear(proof(challengeOf(bench.hear(later())).ticket))
    assert(raised?._tag === "FloorRaised" && raised.hasEnded)
    const next = new Bench({ challenges: true, own: new Set([self]), instance: 10 })
    next.trust(ada)
    Gate.restoreFloor(next.gate, ada, raised.floor, 0)

    assert.deepStrictEqual(short(next.hear(datagram({ at: 1_000 }))), ["Challenge"])
  })

  it("S-6.4 has to do so though it was struck off the list and listed again meanwhile", () => {
    const bench = ready()
    const [raised] = bench.hear(proof(challengeOf(bench.hear(later())).ticket))
    assert(raised?._tag === "FloorRaised")
    bench.trust(ada, "unknown")

    assert.deepStrictEqual(bench.trust(ada), [{ ...raised, hasEnded: false }])
  })

  it("is not believed by a proof of another run: an old announcement with our challenge relayed revives nothing", () => {
    const bench = ready()
    const { ticket } = challengeOf(bench.hear(later({ instance: 3 })))

    assert.deepStrictEqual(short(bench.hear(proof(ticket, { at: 2_000, instance: 1 }))), ["FloorRaised", "Confirmed"])
    assert.deepStrictEqual(short(bench.hear(later({ instance: 3 }))), [])
  })

  it("is taken at its next announcement when somebody else's old one was held in its place", () => {
    const bench = ready()
    const { ticket } = challengeOf(bench.hear(later({ instance: 3 })))
    assert.deepStrictEqual(short(bench.hear(proof(ticket))), ["FloorRaised"])

    assert.deepStrictEqual(short(bench.hear(later({ at: -7_000 }))), ["Accepted"])
    assert.deepStrictEqual(short(bench.hear(datagram({ at: 900 }))), [])
  })

  it("is held with the newest of its announcements", () => {
    const bench = ready()
    const { ticket } = challengeOf(bench.hear(later({ body: { name: "old" } })))
    assert.deepStrictEqual(short(bench.hear(later({ at: -8_500, body: { name: "new" } }))), [])
    const accepted = bench.hear(proof(ticket)).at(-1)

    assert.strictEqual(accepted?._tag === "Accepted" ? accepted.body.name : undefined, "new")
  })

  it("is taken though somebody sends what earlier runs said, from elsewhere and in time for every challenge", () => {
    const bench = ready()
    const elsewhere = origin("10.0.0.66")
    const toAda: Array<number> = []
    const take = (said: ReturnType<Bench["hear"]>) => {
      for (const one of said) {
        if (one._tag === "Challenge" && one.to.address !== elsewhere.address) toAda.push(one.ticket)
      }
    }
    for (let half = 0; half < 20 && toAda.length === 0; half++) {
      for (let run = 3; run < 6; run++) take(bench.hear(later({ instance: run, at: half }), elsewhere))
      take(bench.hear(later({ at: -9_000 + half })))
      take(bench.wait(toAda.length > 0 ? 0 : 30_000))
    }

    assert.strictEqual(toAda.length, 1)
    assert.deepStrictEqual(short(bench.hear(proof(toAda[0]!))), ["FloorRaised", "Accepted"])
  })

  it("is not taken back to what is held once something newer of it was accepted", () => {
    const bench = ready()
    const { ticket } = challengeOf(bench.hear(later({ body: { name: "old" } })))
    assert.deepStrictEqual(short(bench.hear(later({ at: 2_000 }))), ["FloorRaised", "Accepted"])

    assert.deepStrictEqual(short(bench.hear(proof(ticket, { at: 3_000 }))), ["FloorRaised", "Confirmed"])
  })

  it("is stale as ever without challenges, or when it is not trusted", () => {
    assert.deepStrictEqual(short(ready({ challenges: false }).hear(later())), ["stale"])
    const bench = ready()
    bench.trust(ada, "pinned")

    assert.deepStrictEqual(short(bench.hear(later())), ["stale"])
  })
})

describe("a proof", () => {
  it("counts once, in time, and for our challenge only", () => {
    const bench = ready()
    const { ticket } = challengeOf(bench.hear(later()))

    assert.deepStrictEqual(short(bench.hear(proof(ticket + 1))), ["unasked"])
    assert.deepStrictEqual(short(bench.hear(proof(ticket, { body: { nonce: nonceOf(ticket), target: grace } }))), [
      "unasked"
    ])
    assert.deepStrictEqual(short(bench.hear(proof(ticket, { key: grace }))), ["unasked"])
    assert.deepStrictEqual(short(bench.hear(proof(ticket, { isForged: true }))), ["signature"])
    assert.deepStrictEqual(short(bench.hear(proof(ticket))), ["FloorRaised", "Accepted"])
    assert.deepStrictEqual(short(bench.hear(proof(ticket))), ["unasked"])
  })

  it("that comes after five seconds is too late", () => {
    const bench = ready()
    const { ticket } = challengeOf(bench.hear(later()))
    bench.wait(5_000)

    assert.deepStrictEqual(short(bench.hear(proof(ticket))), ["unasked"])
  })

  it("that comes after a later announcement of its own run lets nothing older of that be taken", () => {
    const bench = ready()
    const { ticket } = challengeOf(bench.ask(ada))
    const said = bench.hear(proof(ticket, { at: 500, instance: 1 }))
    assert.deepStrictEqual(short(said), ["Confirmed"])

    assert.deepStrictEqual(short(bench.hear(datagram({ at: 900 }))), ["stale"])
  })

  it("outside a restart extends what holds once, and adds no place", () => {
    const bench = ready()
    bench.wait(60_000)
    const first = challengeOf(bench.ask(ada)).ticket
    const confirmed = bench.hear(proof(first, { at: 61_000, instance: 1 }), origin("10.0.0.66"))
    assert.deepInclude(confirmed, { _tag: "Confirmed", key: ada, origins: [origin()], ttl: 90_000 })
    bench.wait(60_000)
    const second = challengeOf(bench.ask(ada)).ticket

    assert.deepStrictEqual(short(bench.hear(proof(second, { at: 121_000, instance: 1 }))), ["FloorRaised"])
  })
})

describe("S-A5", () => {
  it("S-A5 only trusted keys are challenged, each once in 30 seconds", () => {
    const bench = ready()

    assert.deepStrictEqual(short(bench.ask(ada)), ["Challenge"])
    bench.wait(29_999)
    assert.deepStrictEqual(short(bench.ask(ada)), [])
    bench.wait(1)
    assert.deepStrictEqual(short(bench.ask(ada)), ["Challenge"])
    assert.deepStrictEqual(short(bench.ask(grace)), [])
  })

  it("S-A5 no more than ten challenges a second are sent, and 64 are open", () => {
    const bench = ready({ limits: { ...new Bench().gate.options.limits, openChallenges: 40 } })
    const keys = Array.from({ length: 100 }, (_, index) => key(100 + index))
    for (const other of keys) bench.trust(other)
    const sent = [0, 500, 1_000, 1_000, 1_000, 1_000].map((wait) => {
      bench.wait(wait)
      return keys.filter((other) => bench.ask(other).length > 0).length
    })

    assert.deepStrictEqual(sent, [10, 5, 10, 10, 5, 0])
  })

  it("S-A5 a replayed announcement of another run makes one challenge in 30 seconds, however often it is sent", () => {
    const bench = ready()
    const asked: Array<number> = []
    for (let second = 0; second < 59; second++) {
      for (let i = 0; i < 20; i++) if (short(bench.hear(later())).includes("Challenge")) asked.push(second)
      if (short(bench.wait(1_000)).includes("Challenge")) asked.push(second + 1)
    }

    assert.deepStrictEqual(asked, [0, 30])
  })
})

describe("to answer", () => {
  const nonce = new Uint8Array(16).fill(3)
  const challenge = (at: number, words: Words = {}): Uint8Array =>
    datagram({ kind: "challenge", at, body: { nonce, target: self }, ...words })

  it("S-A5 a trusted challenger gets one proof a second, sent to where the challenge came from", () => {
    const bench = ready()
    const said = bench.hear(challenge(1_001), origin("10.0.0.7"))
    assert.deepStrictEqual(said[1], { _tag: "Prove", nonce, key: self, challenger: ada, to: origin("10.0.0.7") })

    assert.deepStrictEqual(short(bench.hear(challenge(1_002))), ["policy"])
    bench.wait(1_000)
    assert.deepStrictEqual(short(bench.hear(challenge(1_003))), ["FloorRaised", "Prove"])
  })

  it("a challenge again, or for somebody else, is not answered", () => {
    const bench = ready()
    bench.hear(challenge(1_001))
    bench.wait(1_000)

    assert.deepStrictEqual(short(bench.hear(challenge(1_001))), ["stale"])
    assert.deepStrictEqual(short(bench.hear(challenge(1_002, { body: { nonce, target: grace } }))), ["policy"])
  })

  it("a challenger that is not trusted is answered under the policy open only", () => {
    const stranger = challenge(0, { key: grace })

    assert.deepStrictEqual(short(ready().hear(stranger)), ["policy"])
    assert.deepStrictEqual(short(ready({ policy: "open" }).hear(stranger)), ["Prove"])
    assert.deepStrictEqual(short(ready({ challenges: false, policy: "open" }).hear(stranger)), ["policy"])
  })
})
