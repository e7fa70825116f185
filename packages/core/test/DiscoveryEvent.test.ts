import { Attributes, DiscoveryEvent, Peer } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Given from "./internal/Given.ts"

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

  it("a discovery carries the latest state, a loss the latest reason", () => {
    assert.deepStrictEqual(net([discovered(ada), updated(ada, leader)!]), [discovered(leader)])
    assert.deepStrictEqual(net([lost(ada, "Goodbye"), discovered(leader), lost(leader, "Evicted")]), [
      lost(leader, "Evicted")
    ])
  })

  it("peers stay in the order in which they first changed", () => {
    assert.deepStrictEqual(net([discovered(ada), discovered(grace), updated(ada, leader)!]), [
      discovered(leader),
      discovered(grace)
    ])
  })
})

type State = ReadonlyMap<Peer.PeerId, Peer.Peer>

/** The state after the events; throws where one of them does not fit the state that it comes to. */
const fold = (state: State, events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>): State => {
  const next = new Map(state)
  for (const event of events) {
    const before = next.get(event.peer.id)
    assert.strictEqual(before === undefined, event._tag === "PeerDiscovered")
    if (event._tag === "PeerUpdated") assert.deepStrictEqual(event.previous, before)
    if (event._tag === "PeerLost") next.delete(event.peer.id)
    else next.set(event.peer.id, event.peer)
  }
  return next
}

const draw = (dice: Given.Dice): Peer.Peer =>
  Given.peer(dice.pick(["ada", "grace", "edsger", "barbara"]), {
    addresses: dice.pick([[], [Given.address("10.0.0.1:80")]]),
    attributes: Attributes.make({ load: `${dice.between(0, 2)}` })
  })

const history = (dice: Given.Dice, known: Map<Peer.PeerId, Peer.Peer>): Array<DiscoveryEvent.DiscoveryEvent> => {
  const events: Array<DiscoveryEvent.DiscoveryEvent> = []
  for (let length = dice.between(0, 40); length > 0; length--) {
    const peer = draw(dice)
    const before = known.get(peer.id)
    const event = before === undefined
      ? DiscoveryEvent.discovered(peer)
      : dice.oneIn(2)
      ? DiscoveryEvent.lost(before, "Expired")
      : DiscoveryEvent.updated(before, peer)
    if (event === undefined) continue
    events.push(event)
    if (event._tag === "PeerLost") known.delete(peer.id)
    else known.set(peer.id, peer)
  }
  return events
}

const histories = function*(count: number) {
  for (let seed = 0; seed < count; seed++) {
    const dice = Given.dice(seed)
    const before = fold(new Map(), history(dice, new Map()))
    yield { seed, before, events: history(dice, new Map(before)) }
  }
}

describe("net of any history", () => {
  it("leads to the same state", () => {
    for (const { before, events, seed } of histories(4_000)) {
      const sorted = (state: State) => Array.from(state).toSorted(([a], [b]) => a < b ? -1 : 1)

      assert.deepStrictEqual(
        sorted(fold(before, DiscoveryEvent.net(events))),
        sorted(fold(before, events)),
        `seed ${seed}`
      )
    }
  })

  it("holds at most one event a peer, and none for a peer that is as before", () => {
    for (const { before, events, seed } of histories(1_000)) {
      const after = fold(before, events)
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
