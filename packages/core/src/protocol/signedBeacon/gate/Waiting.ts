/**
 * What waits to be verified: for each claimed key one, chosen at random of all that came for it.
 *
 * The newest stamp would be the forger's, and the first or the last whichever the forger likes. Chosen at random, the genuine one is
 * only delayed, however many are forged: with odds p the wait is the sender's interval divided by p.
 */

/** One that waits, and how many have come for its key. */
interface Slot<A> {
  candidate: A
  heard: number
  place: number
}

export interface Waiting<A> {
  readonly slots: Map<string, Slot<A>>
  readonly keys: Array<string>
  readonly capacity: number
}

/** Draws a number of [0, 1). */
export type Draw = () => number

export const make = <A>(capacity: number): Waiting<A> => ({ slots: new Map(), keys: [], capacity })

/** Lets one wait. Returns the one that has to go for it, which may be itself. */
export const offer = <A>(self: Waiting<A>, key: string, candidate: A, draw: Draw): A | undefined => {
  const slot = self.slots.get(key)
  if (slot !== undefined) return compete(slot, candidate, draw)
  const loser = self.keys.length >= self.capacity ? Math.floor(draw() * (self.keys.length + 1)) : -1
  if (loser === self.keys.length) return candidate
  const lost = loser === -1 ? undefined : remove(self, self.keys[loser]!)
  self.slots.set(key, { candidate, heard: 1, place: self.keys.push(key) - 1 })
  return lost
}

// each of n that came is kept with odds 1 / n
const compete = <A>(slot: Slot<A>, candidate: A, draw: Draw): A => {
  slot.heard++
  if (draw() * slot.heard >= 1) return candidate
  const lost = slot.candidate
  slot.candidate = candidate
  return lost
}

/** Takes out the one of a key that is chosen at random. */
export const pick = <A>(self: Waiting<A>, draw: Draw): A | undefined =>
  self.keys.length === 0 ? undefined : remove(self, self.keys[Math.floor(draw() * self.keys.length)]!)

/** Takes out the one of a key. */
export const remove = <A>(self: Waiting<A>, key: string): A | undefined => {
  const slot = self.slots.get(key)
  if (slot === undefined) return undefined
  self.slots.delete(key)
  const last = self.keys.pop()!
  if (last !== key) {
    self.keys[slot.place] = last
    self.slots.get(last)!.place = slot.place
  }
  return slot.candidate
}
