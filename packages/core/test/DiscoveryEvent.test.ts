import { Attributes, DiscoveryEvent, Peer } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Given from "./internal/Given.ts"
import * as Histories from "./internal/Histories.ts"

const ada = Given.peer("ada")
const leader = Given.peer("ada", { attributes: Attributes.make({ role: "leader" }) })
const grace = Given.peer("grace")

describe("updated", () => {
  it("says what changed", () => {
    assert.deepStrictEqual(DiscoveryEvent.updated(ada, leader), {
      _tag: "PeerUpdated",
      peer: leader,
      previous: ada,
      changed: ["attributes"]
    })
  })

  it("is no event when nothing did", () => {
    assert.isUndefined(DiscoveryEvent.updated(ada, Given.peer("ada")))
  })
})

describe("isDiscovered, isUpdated and isLost", () => {
  it("tell the three events apart", () => {
    const events = [
      DiscoveryEvent.discovered(ada),
      DiscoveryEvent.updated(ada, leader)!,
      DiscoveryEvent.lost(ada, "Goodbye")
    ]

    assert.deepStrictEqual(events.map(DiscoveryEvent.isDiscovered), [true, false, false])
    assert.deepStrictEqual(events.map(DiscoveryEvent.isUpdated), [false, true, false])
    assert.deepStrictEqual(events.map(DiscoveryEvent.isLost), [false, false, true])
  })
})

describe("net", () => {
  const { discovered, lost, net, updated } = DiscoveryEvent

  it("a peer discovered and lost again leaves nothing", () => {
    assert.deepStrictEqual(net([discovered(ada), updated(ada, leader)!, lost(leader, "Expired")]), [])
  })

  it("a peer lost and discovered again is an update, or nothing when it is the same", () => {
    assert.deepStrictEqual(net([lost(ada, "Goodbye"), discovered(leader)]), [updated(ada, leader)!])
    assert.deepStrictEqual(net([lost(ada, "Goodbye"), discovered(ada)]), [])
  })

  it("updates add up, and cancel out", () => {
    const signed = Given.peer("ada", { ...leader, authentication: "signed" })

    assert.deepStrictEqual(net([updated(ada, leader)!, updated(leader, signed)!]), [updated(ada, signed)!])
    assert.deepStrictEqual(net([updated(ada, leader)!, updated(leader, ada)!]), [])
  })

  it("a discovery carries the latest state, a loss the first one and the latest reason", () => {
    assert.deepStrictEqual(net([discovered(ada), updated(ada, leader)!]), [discovered(leader)])
    assert.deepStrictEqual(net([lost(ada, "Goodbye"), discovered(leader), lost(leader, "Evicted")]), [
      lost(ada, "Evicted")
    ])
  })

  it("peers stay in the order in which they first changed", () => {
    assert.deepStrictEqual(net([discovered(ada), discovered(grace), updated(ada, leader)!]), [
      discovered(leader),
      discovered(grace)
    ])
  })
})

const histories = function*(count: number) {
  for (let seed = 0; seed < count; seed++) {
    const dice = Given.dice(seed)
    const before = Histories.fold(new Map(), Histories.draw(dice, new Map(), 20))
    yield { seed, before, events: Histories.draw(dice, before, 40) }
  }
}

describe("net of any history", () => {
  it("leads to the same state", () => {
    for (const { before, events, seed } of histories(3_000)) {
      const state = Histories.fold(before, DiscoveryEvent.net(events))

      assert.deepStrictEqual(
        Histories.content(state),
        Histories.content(Histories.fold(before, events)),
        `seed ${seed}`
      )
    }
  })

  it("is the same when a part of the history was coalesced before", () => {
    for (const { events, seed } of histories(1_000)) {
      const { net } = DiscoveryEvent
      const half = events.length >> 1
      const again = net([...net(events.slice(0, half)), ...events.slice(half)])
      const byId = (some: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>) =>
        some.toSorted((a, b) => a.peer.id < b.peer.id ? -1 : 1)

      assert.deepStrictEqual(byId(again), byId(net(events)), `seed ${seed}`)
    }
  })

  it("holds at most one event a peer, and none for a peer that is as before", () => {
    for (const { before, events, seed } of histories(1_000)) {
      const after = Histories.fold(before, events)
      const net = DiscoveryEvent.net(events)
      const isAsBefore = ({ peer: { id } }: DiscoveryEvent.DiscoveryEvent) => {
        const [a, b] = [before.get(id), after.get(id)]
        return a === undefined || b === undefined ? a === b : Peer.changes(a, b).length === 0
      }

      assert.strictEqual(new Set(net.map(({ peer }) => peer.id)).size, net.length, `seed ${seed}`)
      assert.deepStrictEqual(net.filter(isAsBefore), [], `seed ${seed}`)
    }
  })
})
