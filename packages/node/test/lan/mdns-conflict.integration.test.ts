/**
 * Two hosts claim one name, in every combination of us and Avahi: one keeps it, the other renames once.
 */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import * as Lan from "./Lan.ts"
import * as LanTest from "./LanTest.ts"
import type * as Lines from "./peers/lines.ts"
import * as Peer from "./peers/Peer.ts"

const type = "_http._tcp"

const starts = { us: Peer.ours, Avahi: Peer.avahi }
const wanted = (of: string): Peer.Service => ({ name: "Wanted", type, port: 80, txt: { of } })

const combinations = [
  { first: "us", second: "us" },
  { first: "us", second: "Avahi" },
  { first: "Avahi", second: "us" }
] as const

type Combination = typeof combinations[number]

const renames = (peer: Peer.Peer): ReadonlyArray<Lines.Line> => peer.told().filter(({ tell }) => tell === "renamed")

/** The latest name that a peer has published the service by, and how often it renamed. */
const outcome = (peer: Peer.Peer) => ({
  name: peer.told().flatMap((line) => line.tell === "published" ? [line.name] : []).at(-1),
  renames: renames(peer).length
})

// announcements, and conflicts that come late, are done with by then
const settle = Effect.sleep("4 seconds")

/** Two of them on hosts of a LAN, as a combination says; they announce these host names. */
const meet = Effect.fnUntraced(function*({ first, second }: Combination, names: readonly [string, string]) {
  const [one, other] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
  return yield* Effect.all([starts[first](one, names[0]), starts[second](other, names[1])], { concurrency: 2 })
})

LanTest.suite("two hosts that claim one name", Peer.avahiUnavailable(), () => {
  for (const combination of combinations) {
    const { first, second } = combination
    LanTest.test(
      `M-2-1 M-3-1 M-8.1-5 M-8.1-7 of a service, ${first} first and then ${second}: the first keeps it`,
      Effect.gen(function*() {
        const [holder, latecomer] = yield* meet(combination, ["first", "second"])
        yield* holder.publish(wanted("first"))
        yield* holder.published("Wanted")
        yield* latecomer.publish(wanted("second"))
        yield* latecomer.published("Wanted")
        yield* settle

        assert.deepStrictEqual(outcome(holder), { name: "Wanted", renames: 0 })
        assert.strictEqual(outcome(latecomer).renames, 1)
        assert.notStrictEqual(outcome(latecomer).name, "Wanted")
      })
    )

    LanTest.test(
      `M-2-1 M-8.2-4 of a service, ${first} and ${second} at once: one keeps it`,
      Effect.gen(function*() {
        const both = yield* meet(combination, ["first", "second"])
        yield* Effect.forEach(both, (peer, at) => peer.publish(wanted(String(at))), { concurrency: 2 })
        yield* Effect.forEach(both, (peer) => peer.published("Wanted"), { concurrency: 2 })
        yield* settle

        const outcomes = both.map(outcome).toSorted((self, that) => self.renames - that.renames)
        assert.deepStrictEqual(outcomes[0], { name: "Wanted", renames: 0 })
        assert.strictEqual(outcomes[1]!.renames, 1)
        assert.notStrictEqual(outcomes[1]!.name, "Wanted")
      })
    )

    LanTest.test(
      `M-2-1 M-9-5 X-22 of a host, ${first} first and then ${second}: the first keeps it, and services are as they were`,
      Effect.gen(function*() {
        const [one, other] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
        const holder = yield* starts[first](one, "same")
        yield* holder.publish({ ...wanted("first"), name: "First" })
        yield* holder.published("First")
        const latecomer = yield* starts[second](other, "same")
        yield* latecomer.publish({ ...wanted("second"), name: "Second" })
        yield* latecomer.published("Second")
        yield* Effect.forEach([holder, latecomer], (peer) => peer.browse(type))

        yield* holder.sees("Second", ({ host }) => host === "same-2.local")
        yield* settle
        assert.strictEqual((yield* latecomer.sees("First")).host, "same.local")
        assert.strictEqual((yield* holder.sees("Second")).host, "same-2.local")
        assert.deepStrictEqual([...renames(holder), ...renames(latecomer)], [])
      })
    )

    LanTest.test(
      `M-8.2-4 X-22 of a host, ${first} and ${second} at once: one keeps it, and services are as they were`,
      Effect.gen(function*() {
        const names = ["First", "Second"]
        const hosts = yield* Lan.Lan
        const both = yield* Effect.forEach(
          [first, second],
          (kind, at) =>
            Effect.tap(starts[kind](hosts[at]!, "same"), (peer) =>
              Effect.andThen(
                peer.publish({ ...wanted(kind), name: names[at]! }),
                peer.published(names[at]!)
              )),
          { concurrency: 2 }
        )
        yield* Effect.forEach(both, (peer) => peer.browse(type))
        yield* settle

        const seen = yield* Effect.forEach(both, (peer, at) => peer.sees(names[1 - at]!))
        const [kept, renamed] = seen.map(({ host }) => host).toSorted((self, that) => self.length - that.length)
        assert.deepStrictEqual([kept, renamed], ["same.local", "same-2.local"])
        assert.deepStrictEqual(both.flatMap(renames), [])
      })
    )
  }
})
