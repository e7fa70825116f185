/**
 * What was sent on a simulated network, and what became of it at each receiver.
 *
 * @since 0.1.0
 */
import type { Journal } from "./internal/journal/Model.ts"
import { formatPort } from "./internal/kernel/Address.ts"
import type * as NetworkEvent from "./NetworkEvent.ts"

/**
 * Why a datagram did not reach a socket: `NetworkEvent.dropReasons` has a sentence for each.
 *
 * **Gotchas**
 *
 * A buffer that slides takes the datagram and loses its oldest, which only the journal tells.
 *
 * @category models
 * @since 0.1.0
 */
export type DropReason = NetworkEvent.DropReason

/**
 * What became of a datagram at one receiver.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome =
  | {
    readonly _tag: "Delivered"
    /** The receiving interface, as `host/name`. */
    readonly at: string
    /** When it was decided, in microseconds since the network was made. */
    readonly time: number
  }
  | {
    readonly _tag: "Dropped"
    /** The receiving interface as `host/name`; `undefined` where no receiver can be named. */
    readonly at: string | undefined
    /** When it was decided, in microseconds since the network was made. */
    readonly time: number
    /** Why it did not arrive. */
    readonly reason: DropReason
  }

/**
 * A datagram that left a socket.
 *
 * @category models
 * @since 0.1.0
 */
export interface Frame {
  /** The number of the datagram in the journal. */
  readonly seq: number
  /** When it was sent, in microseconds since the network was made. */
  readonly time: number
  /** The interface it left by, as `host/name`. */
  readonly from: string
  /** The address and port it was sent from. */
  readonly source: string
  /** The address and port it was sent to. */
  readonly destination: string
  /** Its octets as they were sent. */
  readonly payload: Uint8Array
  /** In the order in which they were decided; what is still under way has none. */
  readonly outcomes: ReadonlyArray<Outcome>
}

/** @internal Frames out of a journal; those whose sending is forgotten are left out. */
export const fromJournal = (journal: Journal): ReadonlyArray<Frame> => {
  const frames = new Map<number, Frame & { readonly outcomes: Array<Outcome> }>()
  for (const event of journal.events) {
    if (event.datagram === undefined) continue
    if (event.kind === "send") add(frames, journal.datagram(event.datagram)!)
    const outcome = outcomeOf(event)
    if (outcome !== undefined) frames.get(event.datagram)?.outcomes.push(outcome)
  }
  return Array.from(frames.values())
}

// what ICMP reports left no socket
const add = (frames: Map<number, Frame & { readonly outcomes: Array<Outcome> }>, datagram: NetworkEvent.Datagram) => {
  if (datagram.kind !== "Icmp") frames.set(datagram.id, fromDatagram(datagram))
}

const fromDatagram = (datagram: NetworkEvent.Datagram) => ({
  seq: datagram.id,
  time: datagram.time,
  from: `${datagram.host}/${datagram.interface}`,
  source: formatPort(datagram.source.address, datagram.source.port),
  destination: formatPort(datagram.destination.address, datagram.destination.port),
  payload: datagram.payload,
  outcomes: []
})

const outcomeOf = (event: NetworkEvent.NetworkEvent): Outcome | undefined => {
  const { host, interface: local, time } = event
  if (event.kind === "deliver") return { _tag: "Delivered", at: `${host}/${local}`, time }
  if (event.kind !== "drop") return undefined
  const at = host === undefined ? undefined : local === undefined ? host : `${host}/${local}`
  return { _tag: "Dropped", at, time, reason: event.reason }
}
