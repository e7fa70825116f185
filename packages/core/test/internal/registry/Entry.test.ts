import { Lease } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Entry from "../../../src/internal/registry/Entry.ts"
import * as Given from "../Given.ts"

/** A peer that each of these was heard of at these times. */
const heardAt = (ttl: number, ...evidence: ReadonlyArray<ReadonlyArray<number>>): Entry.Entry => {
  const provenance = Given.provenance()
  const claim = Given.claim("ada", { ttl })
  const entry = Entry.make(Given.peer("ada").id, provenance, claim, new Map())
  for (const [firstSeenAt = 0, ...later] of evidence) {
    const lease = Lease.make(ttl, firstSeenAt)
    for (const now of later) Lease.renew(lease, now)
    entry.evidence.push({
      entry,
      provenance,
      claim,
      lease,
      firstSeenAt,
      dueAt: lease.expiresAt,
      isHearsay: false,
      slot: 0
    })
  }
  return entry
}

const isEstablished = (...options: Parameters<typeof heardAt>) => Entry.isEstablished(heardAt(...options))

describe("isEstablished", () => {
  it("takes three announcements over two of the three intervals that a ttl holds", () => {
    assert.isTrue(isEstablished(6_000, [1_000, 3_000, 5_000]))
    assert.isFalse(isEstablished(6_000, [1_000, 5_000]))
    assert.isFalse(isEstablished(6_000, [1_000, 3_000, 4_999]))
    assert.isFalse(isEstablished(6_000, [1_000, 1_001, 1_002, 1_003]))
  })

  it("takes no longer than 40 minutes, however long the ttl", () => {
    assert.isTrue(isEstablished(Infinity, [0, 1, 2_400_000]))
    assert.isFalse(isEstablished(Infinity, [0, 1, 2_399_999]))
  })

  it("is enough by one provenance", () => {
    assert.isTrue(isEstablished(6_000, [4_000], [0, 2_000, 4_000]))
    assert.isFalse(isEstablished(6_000, [4_000], [0, 2_000]))
  })
})
