/**
 * That nothing is taken twice: an adversary who has heard everything sends it again, a million times, while signatures are verified late and
 * out of order, clocks jump, peers leave and come back, and the receiver starts again.
 */
import type { PeerKey } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Gate from "../../../src/protocol/signedBeacon/Gate.ts"
import * as Stamp from "../../../src/protocol/signedBeacon/Stamp.ts"
import * as Given from "../../internal/Given.ts"
import { datagram, epoch, key, nonceOf, options, origin, self, type Words } from "./given.ts"

/** A sender that never uses a stamp twice, unless it starts again with a clock that went back. */
interface Sender {
  readonly key: PeerKey.PeerKey
  run: number
  stamp: Stamp.Stamp | undefined
  clockOffset: number
}

interface Recorded {
  readonly payload: Uint8Array
  readonly key: PeerKey.PeerKey
  readonly kind: string
}

const origins = [origin(), origin("10.0.0.66"), origin("10.1.0.2", "eth1"), origin("10.1.0.66", "eth1")]

/** What was taken: of each key the last stamp and run, and how often an older stamp or an older run was taken after it. */
interface Ledger {
  readonly last: Map<PeerKey.PeerKey, { stamp: Stamp.Stamp; run: number }>
  accepted: number
  /** Keys that the receiver has taken nothing from since it started again: it takes once more what it took last. */
  readonly unheard: Set<PeerKey.PeerKey>
  replays: number
  revivals: number
}

const world = (seed: number, overrides: Partial<Gate.Options> = {}) => {
  const dice = Given.dice(seed)
  const floors = new Map<PeerKey.PeerKey, Gate.Floor>()
  const ledger: Ledger = { last: new Map(), accepted: 0, unheard: new Set(), replays: 0, revivals: 0 }
  const senders = Array.from({ length: 8 }, (_, index): Sender => ({
    key: key(10 + index),
    run: 1,
    stamp: undefined,
    clockOffset: 0
  }))
  const recorded: Array<Recorded> = []
  let now = 0
  let wallOffset = 0
  const make = () => Gate.make({ ...options, limits: roomy, ...overrides })
  let gate = make()
  let pending: Array<{ readonly ticket: number; readonly isValid: boolean }> = []
  const answers: Array<Uint8Array> = []

  const list = () => {
    const out: Array<Gate.Output> = []
    for (const { key } of senders) {
      Gate.trust(gate, key, "trusted", now, out)
      const floor = floors.get(key)
      if (floor !== undefined) Gate.restoreFloor(gate, key, floor, now)
    }
  }
  list()

  const send = (sender: Sender, words: Words): Uint8Array => {
    sender.stamp = Stamp.next(sender.stamp, epoch + now + sender.clockOffset)
    const payload = datagram({ key: sender.key, stamp: sender.stamp, instance: sender.run, isClocked: false, ...words })
    recorded.push({ payload, key: sender.key, kind: words.kind ?? "announce" })
    return payload
  }

  const take = (out: ReadonlyArray<Gate.Output>): void => {
    for (const output of out) {
      if (output._tag === "Verify") pending.push({ ticket: output.ticket, isValid: output.signature[32] === 1 })
      else if (output._tag === "FloorRaised") floors.set(output.key, output.floor)
      else if (output._tag === "Accepted") note(output)
      else if (output._tag === "Challenge") {
        Gate.challenged(gate, output.ticket, nonceOf(output.ticket), now)
        const sender = senders.find(({ key }) => key === output.target)!
        answers.push(send(sender, { kind: "proof", body: { nonce: nonceOf(output.ticket), target: self } }))
      }
    }
  }

  // a later run counts from its own first stamp
  const note = ({ envelope, key }: Gate.Accepted): void => {
    const last = ledger.last.get(key)
    const isNewer = last === undefined || envelope.instance > last.run ||
      (envelope.instance === last.run && Stamp.compare(envelope.stamp, last.stamp) > 0)
    ledger.accepted++
    const isFirst = ledger.unheard.delete(key)
    const isLast = Stamp.compare(envelope.stamp, floors.get(key)!) === 0
    if (last !== undefined && isFirst && isLast && Stamp.compare(envelope.stamp, last.stamp) === 0) return
    if (isNewer) ledger.last.set(key, { stamp: envelope.stamp, run: envelope.instance })
    else if (envelope.instance === last.run) ledger.replays++
    else ledger.revivals++
  }

  const hear = (payload: Uint8Array): void => {
    const out: Array<Gate.Output> = []
    Gate.receive(gate, { payload, origin: dice.pick(origins), wallNow: epoch + now + wallOffset }, now, out)
    take(out)
  }

  /** Some of the answers, in no order. */
  const settle = (odds: number): void => {
    const due = pending.filter(() => dice.oneIn(odds))
    pending = pending.filter((one) => !due.includes(one))
    for (const { isValid, ticket } of due.toReversed()) {
      const out: Array<Gate.Output> = []
      Gate.verified(gate, ticket, isValid, now, out)
      take(out)
    }
  }

  const pass = (milliseconds: number): void => {
    now += milliseconds
    const out: Array<Gate.Output> = []
    Gate.wake(gate, now, out)
    take(out)
  }

  const restart = (): void => {
    gate = make()
    pending = []
    answers.length = 0
    for (const { key } of senders) ledger.unheard.add(key)
    list()
  }

  return {
    answers,
    dice,
    hear,
    ledger,
    pass,
    recorded,
    restart,
    send,
    senders,
    settle,
    jump: (offset: number) => {
      wallOffset = offset
    }
  }
}

const roomy = { ...options.limits, verifications: { perSecond: 20_000, burst: 20_000 } }
const day = 86_400_000

/** The story goes on while the adversary repeats what it has heard: older things as likely as new ones. */
const play = (seed: number, { replays, overrides = {}, canGoBack = false, canRestart = true }: {
  readonly replays: number
  readonly canRestart?: boolean
  readonly overrides?: Partial<Gate.Options>
  readonly canGoBack?: boolean
}): Ledger => {
  const story = world(seed, overrides)
  const { dice } = story
  for (let i = 0; i < replays; i++) {
    if (i % 50 === 0) {
      const sender = dice.pick(story.senders)
      const kind = dice.oneIn(12) ? "goodbye" : "announce"
      story.hear(story.send(sender, { kind }))
      story.pass(dice.between(0, 200))
      if (dice.oneIn(200)) story.jump(dice.pick([0, 0, 300_000, -day, -400 * day, 20 * 365 * day]))
      if (canRestart && dice.oneIn(100)) story.restart()
      if (dice.oneIn(50)) startAgain(sender, dice, canGoBack)
    }
    for (const proof of story.answers.splice(0)) story.hear(proof)
    story.hear(dice.pick(story.recorded).payload)
    if (i % 7 === 0) story.settle(2)
  }
  return story.ledger
}

const startAgain = (sender: Sender, dice: Given.Dice, canGoBack: boolean): void => {
  sender.run++
  if (!canGoBack) return
  sender.stamp = undefined
  sender.clockOffset -= dice.between(0, 20_000)
}

const challenging = { challenges: true, own: new Set([self]), instance: 9 }

describe("a million replays", () => {
  it("are all refused, whatever else happens", { timeout: 60_000 }, () => {
    const { accepted, replays, revivals } = play(1, { replays: 1_000_000 })

    assert.deepStrictEqual({ replays, revivals }, { replays: 0, revivals: 0 })
    assert.isAbove(accepted, 10_000)
  })
})

describe("a peer whose clock went back, and who proves that it lives", () => {
  it("is taken again, but nothing old of it", () => {
    let taken = 0
    for (let seed = 0; seed < 10; seed++) {
      const ledger = play(seed, { replays: 10_000, overrides: challenging, canGoBack: true, canRestart: false })

      assert.deepInclude(ledger, { replays: 0, revivals: 0 }, `seed ${seed}`)
      if ([...ledger.last.values()].some(({ run }) => run > 1)) taken++
    }

    assert.isAbove(taken, 5)
  })

  // within a run, the announcement that is held when the receiver has just started may be one of its older ones
  it("is never taken with what an earlier run said, even by a receiver that started again meanwhile", () => {
    for (let seed = 0; seed < 50; seed++) {
      const ledger = play(seed, { replays: 10_000, overrides: challenging, canGoBack: true })

      assert.strictEqual(ledger.revivals, 0, `seed ${seed}`)
    }
  })
})
