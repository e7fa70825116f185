/**
 * What was sent on a simulated network, and what became of it at each receiver.
 *
 * @since 0.1.0
 */
import { formatPort } from "./internal/kernel/Address.ts"
import type * as Journal from "./internal/kernel/Journal.ts"

/**
 * Why a datagram did not reach a socket.
 *
 * **Details**
 *
 * `loss` and `partition` are faults of the link. `no-host`: nobody has the address. `no-listener`: no socket of the host holds the
 * port for it. `not-joined`: no socket of the host joined the group there. `interface-down`: the receiving interface is down. `ttl`: it was
 * not to leave its host. `buffer`: the socket's receive buffer was full. A buffer that slides takes the datagram and loses its oldest, which only the log tells.
 *
 * @category models
 * @since 0.1.0
 */
export type DropReason = Journal.DropReason

/**
 * What became of a datagram at one receiver.
 *
 * **Details**
 *
 * `at` is the receiving interface as `host/name`, undefined where no receiver can be named. `time` is when it was decided.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome =
  | { readonly _tag: "Delivered"; readonly at: string; readonly time: number }
  | {
    readonly _tag: "Dropped"
    readonly at: string | undefined
    readonly time: number
    readonly reason: DropReason
  }

/**
 * A datagram that left a socket.
 *
 * **Details**
 *
 * `time` is in microseconds since the network was made. `from` is the interface it left by, as `host/name`. `source` and `destination` are
 * address and port. `outcomes` come in the order in which they were decided; what is still under way has none.
 *
 * @category models
 * @since 0.1.0
 */
export interface Frame {
  readonly seq: number
  readonly time: number
  readonly from: string
  readonly source: string
  readonly destination: string
  readonly payload: Uint8Array
  readonly outcomes: ReadonlyArray<Outcome>
}

/** @internal Frames out of events; those whose sending is forgotten are left out. */
export const fromEvents = (events: ReadonlyArray<Journal.Event>): ReadonlyArray<Frame> => {
  const frames = new Map<number, Frame & { readonly outcomes: Array<Outcome> }>()
  for (const event of events) {
    if (event.kind === "send") frames.set(event.frame.seq, fromKernel(event.frame))
    else if (event.kind !== "note") frames.get(event.frame.seq)?.outcomes.push(outcome(event))
  }
  return Array.from(frames.values())
}

const fromKernel = (frame: Journal.Frame) => ({
  seq: frame.seq,
  time: frame.time,
  from: frame.from.label,
  source: formatPort(frame.source, frame.sourcePort),
  destination: formatPort(frame.to.address.text, frame.to.port),
  payload: frame.payload,
  outcomes: []
})

const outcome = (event: Extract<Journal.Event, { readonly kind: "deliver" | "drop" }>): Outcome =>
  event.kind === "deliver" && !event.isLost
    ? { _tag: "Delivered", at: event.at.label, time: event.time }
    : {
      _tag: "Dropped",
      at: event.at?.label,
      time: event.time,
      reason: event.kind === "drop" ? event.reason : "buffer"
    }
