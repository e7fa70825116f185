/**
 * The gate against a model of it that is too simple to be wrong: lists of all that was ever taken.
 */
import type { PeerKey, TrustState } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import type * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Given from "../../internal/Given.ts"
import { Bench, datagram, key, origin, self, short } from "./given.ts"

interface Sent {
  readonly key: PeerKey.PeerKey
  readonly kind: Envelope.Kind
  readonly at: number
  readonly instance: number
  readonly ttl: number
  readonly isClocked: boolean
  readonly isForged: boolean
  readonly isBroken: boolean
}

interface Taken extends Sent {
  readonly keptUntil: number
}

const maxAge = 3_600_000
const day = 86_400_000
const skew = 300_000

const ttlOf = ({ kind, ttl }: Sent): number => kind === "announce" ? Math.min(ttl, 7_200) * 1_000 : 0

const isFresh = (sent: Sent, wallAt: number): boolean =>
  sent.at <= wallAt + skew && (sent.at >= wallAt - skew || sent.at >= wallAt - ttlOf(sent))

/** What should come of each datagram, in short. */
class Model {
  taken: Array<Taken> = []
  holding: Array<{ sent: Sent; ttl: number; until: number; interfaces: Array<string> }> = []
  leaving: Array<{ sent: Sent; at: number }> = []
  readonly states = new Map<PeerKey.PeerKey, TrustState.TrustState>()
  readonly retired: Array<PeerKey.PeerKey> = []

  isListed = (key: PeerKey.PeerKey) => this.states.has(key)
  isDenied = (key: PeerKey.PeerKey) => this.states.get(key) === "denied" || this.retired.includes(key)

  hear(sent: Sent, networkInterface: string, now: number, wallAt: number | undefined): ReadonlyArray<string> {
    if (sent.key === self && sent.kind !== "retire") return [sent.instance === 1 ? "self" : "selfSpoof"]
    if (this.isDenied(sent.key)) return ["denied"]
    if (sent.kind === "retire") return sent.isForged ? ["signature"] : this.retire(sent.key)
    const same = this.holding.find(({ sent: held, until }) =>
      JSON.stringify(held) === JSON.stringify(sent) && now < until
    )
    if (same !== undefined) return this.again(same, networkInterface)
    if (this.leaving.some(({ sent: left }) => JSON.stringify(left) === JSON.stringify(sent))) return ["duplicate"]
    if (this.known(sent.key, now).some(({ at }) => at >= sent.at)) return ["stale"]
    if (wallAt !== undefined && sent.at > wallAt + day) return ["farFuture"]
    if (wallAt !== undefined && sent.isClocked && !isFresh(sent, wallAt)) return ["notFresh"]
    if (sent.isForged) return ["signature"]
    if (sent.isBroken && sent.kind === "announce") return ["body"]
    return this.take(sent, networkInterface, now, sent.isClocked ? wallAt : undefined)
  }

  again(held: { interfaces: Array<string> }, networkInterface: string): ReadonlyArray<string> {
    if (held.interfaces.includes(networkInterface)) return ["duplicate"]
    held.interfaces.push(networkInterface)
    return ["SeenAlso"]
  }

  /** What counts of a key: everything while it is listed, else nothing once the last was forgotten. */
  known(key: PeerKey.PeerKey, now: number): ReadonlyArray<Taken> {
    const all = this.taken.filter((taken) => taken.key === key)
    if (this.isListed(key) || all.some(({ keptUntil }) => now < keptUntil)) return all
    this.taken = this.taken.filter((taken) => taken.key !== key)
    return []
  }

  take(sent: Sent, networkInterface: string, now: number, wallAt: number | undefined): ReadonlyArray<string> {
    const before = this.known(sent.key, now)
    const ttl = sent.kind === "announce"
      ? Math.min(ttlOf(sent), sent.at + ttlOf(sent) + skew - (wallAt ?? -Infinity))
      : Math.min(before.at(-1)?.ttl ?? maxAge, 7_200_000)
    this.taken.push({ ...sent, ttl, keptUntil: now + Math.max(ttl, Math.min(maxAge, 2 * Math.max(ttl, skew))) })
    this.holding = this.holding.filter((held) => held.sent.key !== sent.key)
    this.leaving = this.leaving.filter((left) => left.sent.key !== sent.key)
    const raised = this.isListed(sent.key) ? ["FloorRaised"] : []
    if (sent.kind === "goodbye") {
      this.leaving.push({ sent, at: now + 1_000 })
      return raised
    }
    this.holding.push({ sent, ttl, until: now + ttl, interfaces: [networkInterface] })
    return [...raised, "Accepted"]
  }

  retire(key: PeerKey.PeerKey): ReadonlyArray<string> {
    this.retired.push(key)
    return ["Retired", ...this.drop(key)]
  }

  drop(key: PeerKey.PeerKey): ReadonlyArray<string> {
    const had = [...this.holding, ...this.leaving].some(({ sent }) => sent.key === key)
    this.holding = this.holding.filter(({ sent }) => sent.key !== key)
    this.leaving = this.leaving.filter(({ sent }) => sent.key !== key)
    return had ? ["Withdrawn"] : []
  }

  trust(key: PeerKey.PeerKey, state: TrustState.TrustState, now: number): ReadonlyArray<string> {
    const isNew = !this.isListed(key) && state !== "unknown"
    const raised = isNew && this.known(key, now).length > 0 ? ["FloorRaised"] : []
    if (state === "unknown") this.states.delete(key)
    else this.states.set(key, state)
    return [...raised, ...(state === "denied" ? this.drop(key) : [])]
  }

  pass(until: number): ReadonlyArray<string> {
    const due = this.leaving.filter(({ at }) => at <= until)
    this.leaving = this.leaving.filter(({ at }) => at > until)
    return due.map(() => "Withdrawn")
  }
}

const keys = [key(1), key(2), key(4), key(5)]
const states: ReadonlyArray<TrustState.TrustState> = ["trusted", "pinned", "denied", "unknown", "trusted", "unknown"]

const payloadOf = ({ isBroken, kind, ttl, ...sent }: Sent): Uint8Array =>
  datagram({
    ...sent,
    kind,
    ttl: kind === "announce" ? ttl : 0,
    body: isBroken && kind === "announce" ? Uint8Array.of(1, 9) : {}
  })

const run = (seed: number, steps: number): void => {
  const dice = Given.dice(seed)
  const pick = <A>(list: ReadonlyArray<A>): A => list[dice.between(0, list.length - 1)]!
  const bench = new Bench({
    own: new Set([self]),
    instance: 1,
    limits: { ...new Bench().gate.options.limits, verifications: { perSecond: 1e9, burst: 1e9 } }
  })
  const model = new Model()
  const history: Array<Sent> = []
  const send = (): Sent => {
    const sent: Sent = {
      key: dice.oneIn(30) ? self : pick(keys),
      kind: dice.oneIn(150) ? "retire" : dice.oneIn(6) ? "goodbye" : "announce",
      at: bench.now + dice.between(-20, 5) * (dice.oneIn(20) ? day / 20 : 100),
      instance: dice.between(1, 2),
      ttl: pick([1, 5, 90, 1_000, 65_535]),
      isClocked: !dice.oneIn(3),
      isForged: dice.oneIn(8),
      isBroken: dice.oneIn(15)
    }
    // only an announcement has these: two goodbyes that differ in them are one
    const said = sent.kind === "announce" ? sent : { ...sent, ttl: 0, isBroken: false }
    history.push(said)
    return said
  }
  for (let step = 0; step < steps; step++) {
    const context = `seed ${seed}, step ${step}`
    if (dice.oneIn(40)) bench.wallOffset = pick([0, 0, 200_000, -600_000, 3 * day, -30 * day])
    if (dice.oneIn(15)) {
      const [of, state] = [pick(keys), pick(states)]
      assert.deepStrictEqual(short(bench.trust(of, state)), model.trust(of, state, bench.now), context)
    }
    const pause = pick([0, 1, 50, 500, 1_000, 3_000, 60_000, dice.oneIn(10) ? 4_000_000 : 10])
    assert.deepStrictEqual(short(bench.wait(pause)), model.pass(bench.now), context)
    const sent = history.length > 0 && dice.oneIn(2) ? pick(history.slice(-40)) : send()
    const networkInterface = pick(["eth0", "eth1", "wlan0"])
    const heard = short(bench.hear(payloadOf(sent), origin("10.0.0.2", networkInterface)))
    const isPlausible = bench.wallOffset > -day
    const wallAt = isPlausible ? bench.now + bench.wallOffset : undefined
    assert.deepStrictEqual(heard, model.hear(sent, networkInterface, bench.now, wallAt), context)
  }
}

describe("Gate", () => {
  it("does what a model of lists does, whatever is sent, said and waited for", () => {
    for (let seed = 0; seed < 150; seed++) run(seed, 200)
  })
})
