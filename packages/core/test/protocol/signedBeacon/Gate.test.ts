import { assert, describe, it } from "@effect/vitest"
import * as Gate from "../../../src/protocol/signedBeacon/Gate.ts"
import { ada, Bench, datagram, epoch, grace, key, keyId, origin, sealed, self, short } from "./given.ts"

describe("receive", () => {
  it("an announcement that its key has signed is accepted", () => {
    const bench = new Bench()
    const [accepted] = bench.hear(datagram({ body: { name: "ada" } }))

    assert.deepInclude(accepted, { _tag: "Accepted", key: ada, ttl: 90_000, isRestart: false, group: undefined })
    assert.strictEqual(accepted?._tag === "Accepted" ? accepted.body.name : undefined, "ada")
  })

  it("every refusal has its own counter, and no signature is verified before the cheap checks", () => {
    const bench = new Bench({ own: new Set([self]), instance: 5 })
    bench.hear(datagram({ at: 10 }))
    bench.trust(grace, "denied")
    bench.verifications = 0
    const reasons = [
      new Uint8Array(127),
      new Uint8Array(1_300),
      datagram().with(0, 0),
      datagram({ realmTag: new Uint8Array(8) }),
      datagram({ key: grace }),
      datagram({ at: 9 }),
      datagram({ at: 10 }),
      datagram({ at: 86_400_001 }),
      datagram({ at: 300_001 }),
      datagram({ key: self, instance: 5 }),
      datagram({ key: self, instance: 6 }),
      sealed(datagram()),
      datagram({ at: 11 }).fill(0xff, -1),
      datagram({ kind: "proof", body: { nonce: new Uint8Array(16), target: self } }),
      datagram({ kind: "challenge", at: 11, body: { nonce: new Uint8Array(16), target: self } })
    ].flatMap((payload) => short(bench.hear(payload)))

    assert.deepStrictEqual(reasons, [
      "size",
      "size",
      "format",
      "realm",
      "denied",
      "stale",
      "duplicate",
      "farFuture",
      "notFresh",
      "self",
      "selfSpoof",
      "seal",
      "signature",
      "unasked",
      "policy"
    ])
    assert.strictEqual(bench.verifications, 0)
    assert.strictEqual(bench.gate.refused.size, 2)
  })

  it("a forged announcement costs one verification and is counted", () => {
    const bench = new Bench()

    assert.deepStrictEqual(short(bench.hear(datagram({ isForged: true }))), ["signature"])
    assert.deepStrictEqual(short(bench.hear(datagram())), ["Accepted"])
  })

  it("a body that breaks the format is refused only once its signature is good", () => {
    const bench = new Bench()
    const body = Uint8Array.of(1, 200)

    assert.deepStrictEqual(short(bench.hear(datagram({ body, isForged: true }))), ["signature"])
    assert.deepStrictEqual(short(bench.hear(datagram({ body }))), ["body"])
    assert.deepStrictEqual(short(bench.hear(datagram())), ["Accepted"])
  })

  it("an announcement holds for at most maxTtl", () => {
    const [accepted] = new Bench().hear(datagram({ ttl: 65_535 }))

    assert.deepInclude(accepted, { _tag: "Accepted", ttl: 7_200_000 })
  })

  it("S-U7 a packet with our key is ignored, and counted apart when it cannot be ours", () => {
    const bench = new Bench({ own: new Set([self]), instance: 5 })
    bench.hear(datagram({ key: self, instance: 5 }))
    bench.hear(datagram({ key: self, instance: 6, isForged: true }))
    bench.hear(datagram({ key: self, instance: 6, kind: "goodbye" }))

    assert.strictEqual(bench.gate.refused.self, 1)
    assert.strictEqual(bench.gate.refused.selfSpoof, 2)
    assert.strictEqual(bench.verifications, 0)
  })
})

describe("the clock", () => {
  const day = 86_400_000

  it("a stamp more than a day ahead cannot burn the floor of its key", () => {
    const bench = new Bench()

    assert.deepStrictEqual(short(bench.hear(datagram({ at: day + 1, isClocked: false }))), ["farFuture"])
    assert.deepStrictEqual(short(bench.hear(datagram({ at: day, isClocked: false }))), ["Accepted"])
  })

  it("a host whose clock is before its build takes every stamp", () => {
    const bench = new Bench()
    bench.wallOffset = -20 * 365 * day

    assert.deepStrictEqual(short(bench.hear(datagram({ at: 400 * day }))), ["Accepted"])
  })

  it("prefer takes a sender without a clock, require does not, ignore takes all", () => {
    const taken = (policy: "prefer" | "require" | "ignore", isClocked: boolean, at: number) =>
      short(new Bench({ clock: { policy, skew: 300_000, builtAt: 0 } }).hear(datagram({ isClocked, at })))

    assert.deepStrictEqual(taken("prefer", false, -day), ["Accepted"])
    assert.deepStrictEqual(taken("prefer", true, -day), ["notFresh"])
    assert.deepStrictEqual(taken("prefer", true, -300_000), ["Accepted"])
    assert.deepStrictEqual(taken("require", false, 0), ["notFresh"])
    assert.deepStrictEqual(taken("require", true, 0), ["Accepted"])
    assert.deepStrictEqual(taken("ignore", true, -day), ["Accepted"])
    assert.deepStrictEqual(taken("ignore", true, 2 * day), ["Accepted"])
  })

  it("S-6.4 an announcement may be as old as it holds, and holds for what is left of that and of the skew", () => {
    const hear = (age: number, ttl: number) => {
      const [output] = new Bench().hear(datagram({ at: -age, ttl }))
      return output?._tag === "Accepted" ? output.ttl : short([output!])[0]
    }

    assert.strictEqual(hear(300_000, 90), 90_000)
    assert.strictEqual(hear(300_001, 90), "notFresh")
    assert.strictEqual(hear(1_500_000, 7_200), 6_000_000)
    assert.strictEqual(hear(7_200_000, 7_200), 300_000)
    assert.strictEqual(hear(7_200_001, 65_535), "notFresh")
    assert.strictEqual(hear(-300_001, 7_200), "notFresh")
  })

  it("require takes nothing while our own clock is not plausible", () => {
    const bench = new Bench({ clock: { policy: "require", skew: 300_000, builtAt: Date.UTC(2030) } })

    assert.deepStrictEqual(short(bench.hear(datagram())), ["notFresh"])
  })
})

describe("the same octets again", () => {
  it("on another interface add that interface once, for the time that is left", () => {
    const bench = new Bench()
    bench.hear(datagram())
    bench.wait(60_000)
    const [seen] = bench.hear(datagram(), origin("10.1.0.2", "eth1"))

    assert.deepInclude(seen, { _tag: "SeenAlso", key: ada, ttl: 30_000 })
    assert.deepStrictEqual(short(bench.hear(datagram(), origin("10.1.0.2", "eth1"))), ["duplicate"])
  })

  it("S-6.5 are not verified while the first are: they come in the other address family as well", () => {
    const { gate, wallNow } = new Bench()
    const out: Array<Gate.Output> = []
    const hear = (from: Gate.Origin) =>
      Gate.receive(gate, { payload: datagram(), origin: from, wallNow: wallNow() }, 0, out)
    hear(origin())
    hear(origin("fe80::2"))
    hear(origin("10.1.0.2", "eth1"))

    assert.deepStrictEqual(short(out), ["Verify", "duplicate", "Verify"])
  })

  it("from another address of the same interface say nothing", () => {
    const bench = new Bench()
    bench.hear(datagram())

    assert.deepStrictEqual(short(bench.hear(datagram(), origin("10.0.0.66"))), ["duplicate"])
  })

  it("of an older announcement are stale for as long as a newer one holds, also of a stranger without a clock", () => {
    const bench = new Bench()
    const older = datagram({ at: 0, ttl: 7_200, isClocked: false })
    bench.hear(older)
    bench.hear(datagram({ at: 1, ttl: 7_200, isClocked: false }))
    bench.wait(7_199_999)

    assert.deepStrictEqual(short(bench.hear(older)), ["stale"])
  })

  it("extend nothing: once the time is over they are stale", () => {
    const bench = new Bench()
    bench.hear(datagram())
    bench.wait(89_999)
    assert.deepStrictEqual(short(bench.hear(datagram())), ["duplicate"])
    bench.wait(1)

    assert.deepStrictEqual(short(bench.hear(datagram(), origin("10.1.0.2", "eth1"))), ["stale"])
  })

  it("with one octet changed are stale", () => {
    const bench = new Bench()
    bench.hear(datagram({ body: { name: "ada" } }))

    assert.deepStrictEqual(short(bench.hear(datagram({ body: { name: "eve" } }), origin("10.1.0.2", "eth1"))), [
      "stale"
    ])
  })
})

describe("goodbye", () => {
  it("ends an announcement after a second, wherever it was heard", () => {
    const bench = new Bench()
    bench.hear(datagram())
    bench.hear(datagram(), origin("10.1.0.2", "eth1"))

    assert.deepStrictEqual(bench.hear(datagram({ kind: "goodbye", at: 1 })), [])
    assert.deepStrictEqual(bench.wait(999), [])
    assert.deepStrictEqual(bench.wait(1), [
      { _tag: "Withdrawn", key: ada, origins: [origin(), origin("10.1.0.2", "eth1")] }
    ])
  })

  it("is undone by a newer announcement within that second", () => {
    const bench = new Bench()
    bench.hear(datagram())
    bench.hear(datagram({ kind: "goodbye", at: 1 }))
    bench.wait(500)
    assert.deepStrictEqual(short(bench.hear(datagram({ at: 2, instance: 2 }))), ["Accepted"])

    assert.deepStrictEqual(bench.wait(5_000), [])
  })

  it("cannot be undone by an older announcement, nor by the one that held", () => {
    const bench = new Bench()
    bench.hear(datagram())
    bench.hear(datagram({ at: 1 }))
    bench.hear(datagram({ kind: "goodbye", at: 2 }))
    bench.wait(10_000)

    assert.deepStrictEqual(short(bench.hear(datagram())), ["stale"])
    assert.deepStrictEqual(short(bench.hear(datagram({ at: 1 }))), ["stale"])
  })

  it("S-6.4 what a stranger said before it stays too old for as long as it may look fresh", () => {
    const bench = new Bench()
    const before = datagram({ at: 299_999 })
    bench.hear(before)
    bench.hear(datagram({ at: 300_000, kind: "goodbye" }))

    assert.deepStrictEqual(short(bench.wait(599_999)), ["Withdrawn"])
    assert.deepStrictEqual(short(bench.hear(before)), ["stale"])
    bench.wait(1)
    assert.deepStrictEqual(short(bench.hear(before)), ["notFresh"])
  })

  it("is a duplicate by the other address family, and stale with other octets or after that second", () => {
    const bench = new Bench()
    const goodbye = datagram({ kind: "goodbye", at: 1 })
    bench.hear(datagram())
    bench.hear(goodbye)
    bench.wait(999)

    assert.deepStrictEqual(short(bench.hear(goodbye, origin("fe80::2"))), ["duplicate"])
    assert.deepStrictEqual(short(bench.hear(datagram({ kind: "goodbye", at: 1, salt: 1 }))), ["stale"])
    assert.deepStrictEqual(short(bench.wait(1)), ["Withdrawn"])
    assert.deepStrictEqual(short(bench.hear(goodbye)), ["stale"])
  })

  it("is a duplicate on another interface, too, when both came before the first was verified", () => {
    const { gate, wallNow } = new Bench()
    const out: Array<Gate.Output> = []
    const payload = datagram({ kind: "goodbye" })
    for (const from of [origin(), origin("10.1.0.2", "eth1")]) {
      Gate.receive(gate, { payload, origin: from, wallNow: wallNow() }, 0, out)
    }
    for (const ticket of [1, 2]) Gate.verified(gate, ticket, true, 0, out)

    assert.deepStrictEqual(short(out), ["Verify", "Verify", "duplicate"])
  })
})

describe("the seal", () => {
  const group = { ring: [keyId] }

  it("an announcement inside a seal of the group is accepted with the key's id", () => {
    const [accepted] = new Bench(group).hear(sealed(datagram()))

    assert.deepInclude(accepted, { _tag: "Accepted", group: keyId })
  })

  it("a closed group drops what is not sealed, unless told otherwise", () => {
    assert.deepStrictEqual(short(new Bench(group).hear(datagram())), ["plain"])
    assert.deepStrictEqual(short(new Bench({ ...group, acceptPlain: true }).hear(datagram())), ["Accepted"])
  })

  it("a damaged seal, or one of another key, is not tried with the rest of the ring", () => {
    const bench = new Bench({ ring: ["11111111", keyId] })

    assert.deepStrictEqual(short(bench.hear(sealed(datagram()).fill(1, -1))), ["seal"])
    assert.deepStrictEqual(short(bench.hear(sealed(datagram(), 1))), ["seal"])
    assert.strictEqual(bench.gate.openings.size, 0)
  })

  it("what is inside passes the same checks", () => {
    const bench = new Bench(group)
    bench.hear(sealed(datagram({ at: 5 })))

    assert.deepStrictEqual(short(bench.hear(sealed(new Uint8Array(200)))), ["format"])
    assert.deepStrictEqual(short(bench.hear(sealed(datagram({ at: 4 })))), ["stale"])
    assert.deepStrictEqual(short(bench.hear(sealed(sealed(datagram())))), ["format"])
  })
})

describe("trust", () => {
  it("to deny a key ends what it has announced, at once", () => {
    const bench = new Bench()
    bench.hear(datagram())

    const said = bench.trust(ada, "denied")

    assert.deepStrictEqual(short(said), ["FloorRaised", "Withdrawn"])
    assert.deepStrictEqual(said[1], { _tag: "Withdrawn", key: ada, origins: [origin()] })
    assert.deepStrictEqual(short(bench.hear(datagram({ at: 1 }))), ["denied"])
  })

  it("what is being verified when its key is denied is not accepted", () => {
    const { gate, wallNow } = new Bench()
    const out: Array<Gate.Output> = []
    Gate.receive(gate, { payload: datagram(), origin: origin(), wallNow: wallNow() }, 0, out)
    Gate.trust(gate, ada, "denied", 0, out)
    Gate.verified(gate, 1, true, 0, out)

    assert.deepStrictEqual(short(out), ["Verify", "denied"])
  })

  it("the floor of a key that is entered in the list is to be kept from then on", () => {
    const bench = new Bench()
    bench.hear(datagram())
    const floor = { ms: datagramTime(0), counter: 0, instance: 1 }

    assert.deepStrictEqual(bench.trust(ada), [{ _tag: "FloorRaised", key: ada, floor, hasEnded: false }])
    assert.deepInclude(bench.hear(datagram({ at: 1 })), {
      _tag: "FloorRaised",
      key: ada,
      floor: { ...floor, ms: datagramTime(1) },
      hasEnded: false
    })
  })

  it("the floor of a goodbye says that what was announced has ended, whether the key is on the list by then or later", () => {
    const ended = (outputs: ReadonlyArray<Gate.Output>) =>
      outputs.flatMap((output) => output._tag === "FloorRaised" ? [output.hasEnded] : [])
    const [before, after] = [new Bench(), new Bench()]
    before.trust(ada)

    for (const bench of [before, after]) bench.hear(datagram())
    assert.deepStrictEqual(ended(before.hear(datagram({ at: 1, kind: "goodbye" }))), [true])
    after.hear(datagram({ at: 1, kind: "goodbye" }))
    assert.deepStrictEqual(ended(after.trust(ada)), [true])
  })

  it("S-6.4 after a restart the announcement of the very floor is taken once more, and nothing else of that stamp or before", () => {
    const restarted = () => {
      const bench = new Bench()
      bench.trust(ada)
      Gate.restoreFloor(bench.gate, ada, { ms: epoch, counter: 0, instance: 1 }, 0)
      return bench
    }
    const hear = (words: Parameters<typeof datagram>[0]) => short(restarted().hear(datagram(words)))

    assert.deepStrictEqual(hear({}), ["FloorRaised", "Accepted"])
    assert.deepStrictEqual(hear({ at: -1 }), ["stale"])
    assert.deepStrictEqual(hear({ instance: 2 }), ["stale"])
    assert.deepStrictEqual(hear({ kind: "goodbye" }), ["stale"])
    assert.deepStrictEqual(hear({ isForged: true }), ["signature"])

    const bench = restarted()
    bench.hear(datagram())
    bench.wait(90_000)
    assert.deepStrictEqual(short(bench.hear(datagram())), ["stale"])
  })

  it("S-T7 a valid retirement denies its key for good, also one never heard of, however old it is", () => {
    const bench = new Bench()
    bench.trust(ada)
    bench.hear(datagram({ at: 10 }))

    assert.deepStrictEqual(short(bench.hear(datagram({ kind: "retire", at: -86_400_000, isForged: true }))), [
      "signature"
    ])
    assert.deepStrictEqual(short(bench.hear(datagram({ kind: "retire", at: -86_400_000 }))), ["Retired", "Withdrawn"])
    assert.deepStrictEqual(short(bench.hear(datagram({ at: 11 }))), ["denied"])
    assert.deepStrictEqual(short(bench.hear(datagram({ kind: "retire", key: key(77) }))), ["Retired"])
    assert.deepStrictEqual(short(bench.hear(datagram({ key: key(77), at: 1 }))), ["denied"])
  })

  it("S-T7 our own key can be retired, and we are told", () => {
    const bench = new Bench({ own: new Set([self]), instance: 5 })

    assert.deepStrictEqual(bench.hear(datagram({ kind: "retire", key: self })), [{ _tag: "Retired", key: self }])
  })
})

const datagramTime = (at: number) => Date.UTC(2026, 0, 1) + at
