/**
 * Datagrams that are held back until others of the same sender to the same receiver have overtaken them.
 */
import type { Frame } from "../kernel/Journal.ts"
import type { Interface } from "../kernel/Topology.ts"
import type { Transit } from "../kernel/Transit.ts"
import type { HeldBack, Wire } from "./Wire.ts"

/** @internal */
export interface Options {
  readonly frame: Frame
  readonly from: Interface
  readonly to: Interface
  /** How many are to overtake it. */
  readonly left: number
  readonly at: number
  /** When it arrives if too few do. */
  readonly latest: number
}

/** @internal */
export const add = (transit: Transit, options: Options, onResume: (now: number) => void): void => {
  const { from, frame, latest, left, to } = options
  const arrival = transit.schedule(frame, from, to, latest)
  const resume = (at: number, now: number) => {
    transit.withdraw(arrival)
    onResume(now)
    transit.schedule(frame, from, to, Math.max(at, options.at), arrival.on)
  }
  const map = to.wire.heldBack ??= new Map<Wire, Array<HeldBack>>()
  const waiting = (map.get(from.wire) ?? []).filter((held) => !held.arrival.isGone)
  waiting.push({ left, resume, arrival })
  map.set(from.wire, waiting)
}

/** @internal One more arrives at `at`: those it is the last to overtake arrive right after it. */
export const pass = (from: Wire, to: Wire, at: number, now: number): void => {
  const waiting = to.heldBack?.get(from)
  if (waiting === undefined) return
  const stay = waiting.filter((held) => {
    if (held.arrival.isGone) return false
    held.left--
    if (held.left > 0) return true
    held.resume(at + 1, now)
    return false
  })
  if (stay.length > 0) to.heldBack!.set(from, stay)
  else to.heldBack!.delete(from)
}
