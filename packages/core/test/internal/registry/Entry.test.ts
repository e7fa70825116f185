import { Lease, Limits } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Entry from "../../../src/internal/registry/Entry.ts"
import * as Given from "../Given.ts"

/** A peer that each of these was heard of at these times. */
const heardAt = (ttl: number, ...evidence: ReadonlyArray<ReadonlyArray<number>>): Entry.Entry => {
  const provenance = Given.provenance()
  const claim = Given.claim("ada", { ttl })
  const leases = evidence.map(([firstSeenAt = 0]) => Lease.make(ttl, firstSeenAt))
  const [first, ...others] = leases
  const entry = Entry.make(Given.peer("ada").id, provenance, claim, first!, new Map(), Limits.defaults)
  for (const lease of others) Entry.append(entry, { provenance, said: claim, lease })
  evidence.forEach(([, ...later], index) => later.forEach((now) => Lease.renew(leases[index]!, now)))
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

describe("share", () => {
  const entryOf = (registry: ReturnType<typeof Given.registry>): Entry.Entry =>
    Array.from(registry.state.entries.values())[0]!

  const isShared = (entry: Entry.Entry) => Entry.evidenceOf(entry).map(({ said }) => said === entry.peer)

  it("keeps nothing besides the peer of what one claim says, new or changed", () => {
    const registry = Given.registry()
    registry.tell(Given.heard("ada"), 0)
    assert.deepStrictEqual(isShared(entryOf(registry)), [true])

    registry.tell(Given.heard("ada", { name: "Ada" }), 1)
    assert.deepStrictEqual(isShared(entryOf(registry)), [true])
  })

  it("keeps what says something else than the peer", () => {
    const registry = Given.registry()
    const others = { addresses: [Given.address("10.0.0.9:80")] }
    registry.tell(Given.heard("ada"), 0)
    registry.tell(Given.heard("ada", others, { address: "10.0.0.9" }), 1)

    assert.deepStrictEqual(isShared(entryOf(registry)), [false, false])
    assert.deepStrictEqual(Entry.evidenceOf(entryOf(registry)).map(({ said }) => said.addresses.length), [1, 1])
  })

  it("shares again when one claim is all that is left", () => {
    const registry = Given.registry()
    registry.tell(Given.heard("ada"), 0)
    registry.tell(Given.heard("ada", { addresses: [] }, { address: "10.0.0.9" }), 1)
    registry.tell(Given.goodbye("ada"), 2)

    assert.deepStrictEqual(isShared(entryOf(registry)), [true])
  })
})

describe("append", () => {
  it("is the first again of a peer that has lost all", () => {
    const entry = heardAt(1_000, [0])
    Entry.detach(entry, entry.evidence!)
    assert.deepStrictEqual([entry.evidence, Entry.evidenceOf(entry)], [undefined, []])

    const added = Entry.append(entry, { provenance: Given.provenance(), said: entry.peer, lease: Lease.make(1_000, 7) })
    assert.strictEqual(entry.evidence, added)
    assert.strictEqual(added.firstSeenAt, 7)
  })
})

describe("detach", () => {
  it("leaves the others in their order, whichever goes", () => {
    for (const gone of [0, 1, 2]) {
      const entry = heardAt(1_000, [0], [1], [2])
      Entry.detach(entry, Entry.evidenceOf(entry)[gone]!)

      assert.deepStrictEqual(
        Entry.evidenceOf(entry).map(({ firstSeenAt }) => firstSeenAt),
        [0, 1, 2].filter((each) => each !== gone)
      )
    }
  })
})
