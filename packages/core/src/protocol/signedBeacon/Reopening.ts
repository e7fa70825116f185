/**
 * What is said again by a session that opens its sockets while it is announced already. All hosts behind a switch that was restarted do so at one
 * time, so it waits as a first announcement does.
 */
import * as NetAddress from "effect/net/NetAddress"
import type * as Protocol from "../../Protocol.ts"
import type * as Seed from "../../Seed.ts"
import * as Arrivals from "../internal/crowd/Arrivals.ts"
import * as Pace from "../internal/crowd/Pace.ts"

interface Waiting {
  readonly outputs: ReadonlyArray<Protocol.Output>
  readonly pace: Pace.Pace
}

/** Updated in place. `waiting` is by key, `addresses` are those that were heard since something waits. */
export interface Reopening {
  readonly waiting: Map<number, Waiting>
  readonly addresses: Set<string>
  readonly arrivals: Arrivals.Arrivals
  seed: Seed.Seed
}

export const make = (seed: Seed.Seed): Reopening => ({
  waiting: new Map(),
  addresses: new Set(),
  arrivals: Arrivals.make(),
  seed
})

/** Begins to wait. Whoever was heard before counts again. */
export const begin = (self: Reopening, key: number, outputs: ReadonlyArray<Protocol.Output>, now: number): void => {
  const [pace, seed] = Pace.begin(once, self.arrivals, self.seed, now)
  self.seed = seed
  self.addresses.clear()
  self.waiting.set(key, { outputs, pace })
}

// nothing is said a second time, so there is no interval
const once: Pace.Range = { min: 0, max: 0 }

/** Waits no more with this key: something else is said under it, or nothing. */
export const end = (self: Reopening, key: number): void => {
  self.waiting.delete(key)
  if (self.waiting.size === 0) self.addresses.clear()
}

/** Something came from an address. */
export const hear = (
  { addresses, arrivals, waiting }: Reopening,
  source: NetAddress.InetAddress,
  now: number
): void => {
  if (waiting.size === 0) return
  const address = NetAddress.formatIp(source.address)
  if (addresses.has(address)) return
  if (addresses.size >= Pace.mostCounted) addresses.clear()
  addresses.add(address)
  Arrivals.add(arrivals, now)
}

/** When to look again. */
export const wakeAt = ({ waiting }: Reopening): number => {
  if (waiting.size === 0) return Infinity
  let at = Infinity
  for (const { pace } of waiting.values()) at = Math.min(at, pace.dueAt)
  return at
}

/** What is said now. */
export const wake = (self: Reopening, now: number): ReadonlyArray<Protocol.Output> => {
  const said: Array<Protocol.Output> = []
  for (const [key, { outputs, pace }] of self.waiting) {
    if (pace.dueAt > now) continue
    const [isTime, seed] = Pace.isTime(pace, self.arrivals, 0, self.seed, now)
    self.seed = seed
    if (!isTime) continue
    said.push(...outputs)
    end(self, key)
  }
  return said
}
