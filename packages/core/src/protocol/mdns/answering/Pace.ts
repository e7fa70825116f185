/**
 * How often we answer by multicast on a link: so often at once, and then each datagram waits for its turn, and takes along what has
 * come up meanwhile (S-A3).
 */
export interface Pace {
  readonly perSecond: number
  /** How many are left; fewer than none after what was sent needed several datagrams. */
  left: number
  at: number
}

export const make = (perSecond: number): Pace => ({ perSecond, left: perSecond, at: 0 })

/** From when the next may go out. */
export const readyAt = ({ at, left, perSecond }: Pace): number =>
  left >= 1 ? -Infinity : at + (1 - left) * 1_000 / perSecond

/** Counts what was sent. */
export const spend = (self: Pace, datagrams: number, now: number): void => {
  const refilled = Math.max(0, now - self.at) * self.perSecond / 1_000
  self.left = Math.min(self.perSecond, self.left + refilled) - datagrams
  self.at = now
}
