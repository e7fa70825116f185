/**
 * Random histories of a few peers, and what they come to.
 */
import { Attributes, DiscoveryEvent, type Peer } from "@effect-discovery/core"
import { assert } from "@effect/vitest"
import * as Given from "./Given.ts"

export type State = ReadonlyMap<Peer.PeerId, Peer.Peer>

/** The state after the events; fails where one of them does not fit the state that it comes to. */
export const fold = (state: State, events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>): State => {
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

/** The content of a state, whatever the order in which it came about. */
export const content = (state: State): ReadonlyArray<Peer.Peer> =>
  Array.from(state.values()).toSorted((a, b) => a.id < b.id ? -1 : 1)

/** The peers that histories are about. */
export const names = ["ada", "grace", "edsger", "barbara", "tony", "donald"]

const drawPeer = (dice: Given.Dice): Peer.Peer =>
  Given.peer(dice.pick(names), {
    addresses: dice.pick([[], [Given.address("10.0.0.1:80")]]),
    attributes: Attributes.make({ load: `${dice.between(0, 2)}` })
  })

const drawEvent = (dice: Given.Dice, state: State): DiscoveryEvent.DiscoveryEvent | undefined => {
  const peer = drawPeer(dice)
  const before = state.get(peer.id)
  if (before === undefined) return DiscoveryEvent.discovered(peer)
  return dice.oneIn(2) ? DiscoveryEvent.lost(before, "Expired") : DiscoveryEvent.updated(before, peer)
}

/** Up to `length` events that may follow on `before`. */
export const draw = (dice: Given.Dice, before: State, length: number): ReadonlyArray<DiscoveryEvent.DiscoveryEvent> => {
  const events: Array<DiscoveryEvent.DiscoveryEvent> = []
  let state = before
  for (let left = dice.between(0, length); left > 0; left--) {
    const event = drawEvent(dice, state)
    if (event === undefined) continue
    events.push(event)
    state = fold(state, [event])
  }
  return events
}
