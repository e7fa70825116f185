/**
 * Two hosts claim one name, in every combination of us and Avahi: one keeps it, the other renames once.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Lan from "./Lan.ts"
import * as Namespace from "./Namespace.ts"
import type * as Lines from "./peers/lines.ts"
import * as Peer from "./peers/Peer.ts"

const type = "_http._tcp"
const timeout = 90_000

const unavailable = Namespace.unavailable ?? Peer.avahiUnavailable()
if (unavailable !== undefined) console.warn(`skipped, since ${unavailable}`)

const starts = { us: Peer.ours, Avahi: Peer.avahi }
const wanted = (of: string): Peer.Service => ({ name: "Wanted", type, port: 80, txt: { of } })

const combinations = [
  { first: "us", second: "us" },
  { first: "us", second: "Avahi" },
  { first: "Avahi", second: "us" }
] as const

const renames = (peer: Peer.Peer): ReadonlyArray<Lines.Line> => peer.told().filter(({ tell }) => tell === "renamed")

/** The latest name that a peer has published the service by, and how often it renamed. */
const outcome = (peer: Peer.Peer) => ({
  name: peer.told().flatMap((line) => line.tell === "published" ? [line.name] : []).at(-1),
  renames: renames(peer).length
})

// announcements, and conflicts that come late, are done with by then
const settle = Effect.sleep("4 seconds")

describe.skipIf(unavailable !== undefined)("two hosts that claim one name", () => {
  layer(Lan.layer(2), { excludeTestServices: true, timeout })((it) => {
    it.effect.each(combinations)(
      "of a service, $first first and then $second: the first keeps it",
      (combination) =>
        Effect.gen(function*() {
          const [one, other] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
          const first = yield* starts[combination.first](one, "first")
          const second = yield* starts[combination.second](other, "second")
          yield* first.publish(wanted("first"))
          yield* first.published("Wanted")
          yield* second.publish(wanted("second"))
          yield* second.published("Wanted")
          yield* settle

          assert.deepStrictEqual(outcome(first), { name: "Wanted", renames: 0 })
          assert.strictEqual(outcome(second).renames, 1)
          assert.notStrictEqual(outcome(second).name, "Wanted")
        }),
      timeout
    )

    it.effect.each(combinations)(
      "of a service, $first and $second at once: one keeps it",
      (combination) =>
        Effect.gen(function*() {
          const [one, other] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
          const first = yield* starts[combination.first](one, "first")
          const second = yield* starts[combination.second](other, "second")
          const both = [first, second]
          yield* Effect.forEach(both, (peer, at) => peer.publish(wanted(String(at))), { concurrency: 2 })
          yield* Effect.forEach(both, (peer) => peer.published("Wanted"), { concurrency: 2 })
          yield* settle

          const outcomes = both.map(outcome).toSorted((self, that) => self.renames - that.renames)
          assert.deepStrictEqual(outcomes[0], { name: "Wanted", renames: 0 })
          assert.strictEqual(outcomes[1]!.renames, 1)
          assert.notStrictEqual(outcomes[1]!.name, "Wanted")
        }),
      timeout
    )

    it.effect.each(combinations)(
      "of a host, $first first and then $second: the first keeps it",
      (combination) =>
        Effect.gen(function*() {
          const [one, other] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
          const first = yield* starts[combination.first](one, "same")
          yield* first.publish({ ...wanted("first"), name: "First" })
          yield* first.published("First")
          const second = yield* starts[combination.second](other, "same")
          yield* second.publish({ ...wanted("second"), name: "Second" })
          yield* second.published("Second")
          yield* settle
          yield* Effect.forEach([first, second], (peer) => peer.browse(type))

          assert.strictEqual((yield* second.sees("First")).host, "same.local")
          assert.strictEqual((yield* first.sees("Second")).host, "same-2.local")
          assert.deepStrictEqual([...renames(first), ...renames(second)], [])
        }),
      timeout
    )
  })
})
