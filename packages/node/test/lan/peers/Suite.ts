/**
 * What we and another implementation of mDNS see of each other, whatever it is made with.
 */
import { assert } from "@effect/vitest"
import { type Duration, Effect } from "effect"
import * as Lan from "../Lan.ts"
import * as LanTest from "../LanTest.ts"
import type * as Lines from "./lines.ts"
import * as Peer from "./Peer.ts"

/** What a peer is, and can. */
export interface Facts {
  readonly name: string
  readonly start: Peer.Start
  /** Why there is none here; `undefined` when there is. */
  readonly unavailable?: string | undefined
  /** A TXT record with as many kinds of values as it can publish. */
  readonly txt: Lines.Txt
  readonly browses: boolean
  /** Whether the port of what it publishes can change. */
  readonly changesPort: boolean
  /** Why it does not miss in time what is not renewed; absent when it does. */
  readonly keepsLonger?: string
  /** Whether it sees addresses that do not come together with the rest of a service. */
  readonly takesLateAddresses: boolean
  /** Whether it publishes with a ttl that one can choose. */
  readonly choosesTtl: boolean
  /** What it does when a name is taken: the name it takes instead, `refuses`, or `tramples` by going on. */
  readonly onConflict: { readonly renamesTo: (name: string) => string } | "refuses" | "tramples"
}

const type = "_http._tcp"
const count = 20

/** All four states of a value. */
export const octets: Lines.Txt = { raw: "\u0000\u00ff=\u0080", empty: "", flag: null, path: "/a=b" }

const many = (prefix: string, txt: Lines.Txt): ReadonlyArray<Peer.Service> =>
  Array.from({ length: count }, (_, at) => ({
    name: `${prefix} ${at + 1}`,
    type,
    port: 8_001 + at,
    txt: { ...txt, number: String(at + 1) }
  }))

const one = (name: string, more?: Partial<Peer.Service>): Peer.Service => ({
  name,
  type,
  port: 8_000,
  txt: {},
  ...more
})

/** Dies when it is not done in time. */
const within = <A, E, R>(duration: Duration.Input, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.timeoutOrElse(effect, { duration, orElse: () => Effect.die(new Error(`not within ${String(duration)}`)) })

const meet = Effect.fnUntraced(function*(facts: Facts) {
  const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
  const ours = yield* Peer.ours(first, "ours")
  const theirs = yield* facts.start(second, "theirs")
  yield* ours.browse(type)
  if (facts.browses) yield* theirs.browse(type)
  return { ours, theirs }
})

const seesAll = (peer: Peer.Peer, services: ReadonlyArray<Peer.Service>, address?: string) =>
  Effect.forEach(
    services,
    ({ name, port, txt }) =>
      // its addresses of the other family may come a moment later
      Effect.map(
        peer.sees(name, ({ addresses, txt }) =>
          "number" in txt && (address === undefined || addresses.includes(address))),
        (seen) =>
          assert.deepStrictEqual({ name: seen.name, port: seen.port, txt: seen.txt }, { name, port, txt })
      )
  )

/** Runs the tests that a peer like this can pass. */
export const suite = (facts: Facts): void =>
  LanTest.suite(`we and ${facts.name}`, facts.unavailable, () => {
    weSeeThem(facts)
    if (facts.browses) theySeeUs(facts)
    weGiveWay(facts)
    theyGiveWay(facts)
  })

const weSeeThem = (facts: Facts): void => {
  LanTest.test(
    `D-4-1 D-6.5-3 we see its ${count} services, and their goodbye when it leaves`,
    Effect.gen(function*() {
      const { ours, theirs } = yield* meet(facts)
      const services = many("Theirs", facts.txt)
      yield* Effect.forEach(services, theirs.publish)

      yield* seesAll(ours, services, "10.77.0.2")
      yield* Effect.forEach(services, ({ name }) => theirs.published(name))
      yield* theirs.leave
      yield* within("5 seconds", Effect.forEach(services, ({ name }) => ours.misses(name)))
    })
  )

  LanTest.test(
    "we see its updates, and the goodbye of one service",
    Effect.gen(function*() {
      const { ours, theirs } = yield* meet(facts)
      yield* Effect.forEach([one("Changing"), one("Staying")], theirs.publish)
      yield* Effect.forEach(["Changing", "Staying"], (name) => ours.sees(name))
      yield* theirs.update("Changing", { txt: { state: "new" } })
      yield* ours.sees("Changing", ({ txt }) => txt["state"] === "new")
      if (facts.changesPort) {
        yield* theirs.update("Changing", { port: 9_000 })
        yield* ours.sees("Changing", ({ port }) => port === 9_000)
      }
      yield* theirs.withdraw("Changing")

      yield* within("4 seconds", ours.misses("Changing"))
      assert.isTrue(ours.seen().has("Staying"))
    })
  )

  LanTest.test(
    facts.choosesTtl
      ? "M-5.2-6 we miss what was killed when its time is up, and not before"
      : "we do not miss what was killed before its time is up",
    Effect.gen(function*() {
      const { ours, theirs } = yield* meet(facts)
      yield* theirs.publish(one("Killed", facts.choosesTtl ? { ttl: 8 } : {}))
      yield* theirs.published("Killed")
      yield* ours.sees("Killed")
      yield* theirs.kill
      yield* Effect.sleep("4 seconds")

      assert.isTrue(ours.seen().has("Killed"))
      if (facts.choosesTtl) yield* within("8 seconds", ours.misses("Killed"))
    })
  )
}

const theySeeUs = (facts: Facts): void => {
  LanTest.test(
    `D-6.5-1 D-6.5-2 M-10.1-1 it sees our ${count} services, and their goodbye when we leave`,
    Effect.gen(function*() {
      const { ours, theirs } = yield* meet(facts)
      const services = many("Ours", octets)
      yield* Effect.forEach(services, ours.publish)

      yield* seesAll(theirs, services, facts.takesLateAddresses ? "10.77.0.1" : undefined)
      yield* Effect.forEach(services, ({ name }) => ours.published(name))
      yield* ours.leave
      yield* within("5 seconds", Effect.forEach(services, ({ name }) => theirs.misses(name)))
    })
  )

  LanTest.test(
    "M-8.4-1 M-8.4-4 M-10.1-1 it sees our updates, without a goodbye, and the goodbye of one service",
    Effect.gen(function*() {
      const { ours, theirs } = yield* meet(facts)
      yield* Effect.forEach([one("Changing"), one("Staying")], ours.publish)
      yield* Effect.forEach(["Changing", "Staying"], (name) => theirs.sees(name))
      yield* ours.update("Changing", { txt: { state: "new" } })
      yield* theirs.sees("Changing", ({ txt }) => txt["state"] === "new")
      yield* ours.update("Changing", { port: 9_000 })
      yield* theirs.sees("Changing", ({ port }) => port === 9_000)
      assert.isFalse(theirs.told().some(({ tell }) => tell === "gone"))
      yield* ours.withdraw("Changing")

      yield* within("4 seconds", theirs.misses("Changing"))
      assert.isTrue(theirs.seen().has("Staying"))
    })
  )

  LanTest.test(
    `it does not miss us when we are killed, until the time is up${
      facts.keepsLonger === undefined ? "" : `, nor then: ${facts.keepsLonger}`
    }`,
    Effect.gen(function*() {
      const { ours, theirs } = yield* meet(facts)
      yield* ours.publish(one("Killed", { ttl: 8 }))
      yield* theirs.sees("Killed")
      yield* ours.published("Killed")
      yield* ours.kill
      yield* Effect.sleep("4 seconds")

      assert.isTrue(theirs.seen().has("Killed"))
      if (facts.keepsLonger === undefined) yield* within("20 seconds", theirs.misses("Killed"))
    })
  )
}

const weGiveWay = (facts: Facts): void =>
  LanTest.test(
    "M-2-1 M-3-1 M-3-2 M-8.1-7 M-8.1-8 a name that it has already is left to it, and we tell our new one",
    Effect.gen(function*() {
      const { ours, theirs } = yield* meet(facts)
      yield* theirs.publish(one("Wanted", { txt: { of: "theirs" } }))
      yield* theirs.published("Wanted")
      yield* ours.publish(one("Wanted", { txt: { of: "ours" } }))

      assert.deepInclude(yield* ours.tells("renamed"), { previous: "Wanted", name: "Wanted (2)" })
      assert.strictEqual(yield* ours.published("Wanted"), "Wanted (2)")
      yield* ours.sees("Wanted", ({ txt }) => txt["of"] === "theirs")
      if (facts.browses) {
        yield* theirs.sees("Wanted (2)", ({ txt }) => txt["of"] === "ours")
        assert.notStrictEqual(theirs.seen().get("Wanted")?.txt["of"], "ours")
      }
      assert.lengthOf(ours.told().filter(({ tell }) => tell === "renamed"), 1)
      assert.lengthOf(theirs.told().filter(({ tell }) => tell === "renamed"), 0)
    })
  )

const theyGiveWay = (facts: Facts): void => {
  const { onConflict } = facts
  if (onConflict === "tramples") {
    return LanTest.test(
      "M-9-1 M-9-2 a name that we have already it takes without asking, and we give it up",
      Effect.gen(function*() {
        const { ours, theirs } = yield* meet(facts)
        yield* ours.publish(one("Wanted", { txt: { of: "ours" } }))
        yield* ours.published("Wanted")
        yield* theirs.publish(one("Wanted", { txt: { of: "theirs" } }))

        assert.deepInclude(yield* ours.tells("renamed"), { previous: "Wanted", name: "Wanted (2)" })
        yield* theirs.sees("Wanted (2)", ({ txt }) => txt["of"] === "ours")
      })
    )
  }

  LanTest.test(
    onConflict === "refuses"
      ? "M-8.1-5 a name that we have already is left to us: it gives up"
      : "M-8.1-5 X-6 a name that we have just announced is left to us: it takes another one",
    Effect.gen(function*() {
      const { ours, theirs } = yield* meet(facts)
      yield* ours.publish(one("Wanted", { txt: { of: "ours" } }))
      yield* ours.published("Wanted")
      yield* theirs.publish(one("Wanted", { txt: { of: "theirs" } }))

      if (onConflict === "refuses") {
        yield* theirs.tells("refused")
      } else {
        const name = onConflict.renamesTo("Wanted")
        assert.strictEqual(yield* theirs.published("Wanted"), name)
        yield* ours.sees(name, ({ txt }) => txt["of"] === "theirs")
      }
      if (facts.browses) yield* theirs.sees("Wanted", ({ txt }) => txt["of"] === "ours")
      assert.lengthOf(ours.told().filter(({ tell }) => tell === "renamed"), 0)
    })
  )
}
