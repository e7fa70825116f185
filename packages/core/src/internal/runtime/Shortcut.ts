/**
 * The way of datagrams that need no reader: what a socket's callback deals with at once, as long as nothing before it waits to be read.
 *
 * To resume a parked fiber with a batch costs several times what a known datagram does, in time and in garbage.
 */
import type * as Network from "../../Network.ts"

/** A shortcut past one reader. */
export interface Shortcut {
  readonly intercept: Network.Intercept
  /** Datagrams that were left to the reader. */
  queued: number
  /** Those of them that were dealt with or dropped. */
  settled: number
}

/** Deals with a datagram that came now, or leaves it. */
export type Take = (payload: Uint8Array, host: string, port: number, now: number) => boolean

/**
 * A shortcut for what `take` takes. It is not asked while an earlier datagram waits: all are dealt with in the order they came. The clock, which
 * costs as much as finding a datagram again, is read once a turn where the network tells of turns.
 */
export const make = (take: Take, now: () => number): Shortcut => {
  // whole milliseconds are numbers that need no object of their own
  const wholeNow = () => Math.floor(now())
  let at = 0
  const self: Shortcut = {
    queued: 0,
    settled: 0,
    intercept: (payload, host, port, isSameTurn = false) => {
      if (self.queued === self.settled) {
        if (!isSameTurn) at = wholeNow()
        if (take(payload, host, port, at)) return true
      }
      self.queued++
      return false
    }
  }
  return self
}

/** What the reader was left with has been dealt with so far: `read` datagrams in all, while `dropped` never got to it. */
export const settle = (self: Shortcut, read: number, dropped: number): void => {
  self.settled = read + dropped
}
