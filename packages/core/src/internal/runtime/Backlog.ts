/**
 * The changes that wait for one subscriber: every one of them up to a bound, beyond it the net difference by peer.
 */
import * as DiscoveryEvent from "../../DiscoveryEvent.ts"

/** What waits. It never holds more than the larger of `capacity` and about twice the peers that differ. */
export interface Backlog {
  readonly capacity: number
  events: Array<DiscoveryEvent.DiscoveryEvent>
  coalesceAt: number
}

/** An empty backlog. */
export const make = (capacity: number): Backlog => ({ capacity, events: [], coalesceAt: capacity })

/** Adds changes; coalesces when there are too many. What is left then may be as many peers, so the bound moves with it. */
export const add = (self: Backlog, events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>): void => {
  for (const event of events) self.events.push(event)
  if (self.events.length <= self.coalesceAt) return
  self.events = DiscoveryEvent.net(self.events)
  self.coalesceAt = Math.max(self.capacity, 2 * self.events.length)
}

/** Takes everything out. */
export const take = (self: Backlog): ReadonlyArray<DiscoveryEvent.DiscoveryEvent> => {
  const { events } = self
  self.events = []
  self.coalesceAt = self.capacity
  return events
}
