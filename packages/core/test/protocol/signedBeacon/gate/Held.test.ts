import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Envelope from "../../../../src/protocol/signedBeacon/Envelope.ts"
import type * as Candidate from "../../../../src/protocol/signedBeacon/gate/Candidate.ts"
import * as Held from "../../../../src/protocol/signedBeacon/gate/Held.ts"
import { ada, datagram, grace, origin, type Words } from "../given.ts"

const candidate = (words: Words): Candidate.Signed => {
  const payload = datagram(words)
  const envelope = Result.getOrThrow(Envelope.decodeHeader(payload))
  return { _tag: "Signed", envelope, payload, group: undefined, origin: origin(), ttl: 90_000 }
}

const runsOf = (held: Held.Held) => Array.from(held.keys.get(ada)?.runs.keys() ?? [])

describe("Held", () => {
  it("has room for four runs of a key, of which a random one goes for a fifth", () => {
    const held = Held.make(4)
    for (const instance of [1, 2, 3, 4]) Held.put(held, candidate({ instance }), () => 0.5, 0)
    assert.deepStrictEqual(runsOf(held), [1, 2, 3, 4])
    Held.put(held, candidate({ instance: 5 }), () => 0.5, 0)

    assert.deepStrictEqual(runsOf(held), [1, 2, 4, 5])
  })

  it("holds for 90 seconds, and then has room for others", () => {
    const held = Held.make(1)
    Held.put(held, candidate({}), () => 0, 1_000)
    const other = candidate({ key: grace }).envelope

    assert.deepStrictEqual([90_999, 91_000].map((now) => Held.isNews(held, other, now)), [false, true])
  })
})
