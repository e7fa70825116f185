/**
 * What happened on the network, in order, in a ring of a stated size.
 */
import * as Micros from "../Micros.ts"
import { formatPort } from "./Address.ts"
import type { Addressed } from "./Reception.ts"
import type { Interface } from "./Topology.ts"

/** @internal */
export type DropReason =
  | "loss"
  | "partition"
  | "no-host"
  | "no-listener"
  | "not-joined"
  | "interface-down"
  | "ttl"
  | "buffer"

/** @internal */
export interface Frame {
  readonly seq: number
  readonly time: number
  readonly from: Interface
  readonly source: string
  readonly isLinkLocal: boolean
  readonly sourcePort: number
  readonly to: Addressed
  readonly payload: Uint8Array
}

/** @internal */
export type Event =
  | { readonly kind: "note"; readonly time: number; readonly text: string }
  | { readonly kind: "send"; readonly time: number; readonly frame: Frame }
  | {
    readonly kind: "deliver"
    readonly time: number
    readonly frame: Frame
    readonly at: Interface
    readonly socket: number
    /** Set after it was handed over, when the socket's buffer proves full. */
    isLost: boolean
  }
  | {
    readonly kind: "drop"
    readonly time: number
    readonly frame: Frame
    readonly at: Interface | undefined
    readonly reason: DropReason
  }

/** @internal */
export class Journal {
  /** How many events were forgotten to make room. */
  forgotten = 0
  private readonly capacity: number
  private readonly ring: Array<Event> = []

  constructor(capacity: number) {
    this.capacity = capacity
  }

  add(event: Event): void {
    if (this.ring.length < this.capacity) this.ring.push(event)
    else this.ring[this.forgotten++ % this.capacity] = event
  }

  note(time: number, text: string): void {
    this.add({ kind: "note", time, text })
  }

  /** Those still kept, oldest first. */
  get events(): ReadonlyArray<Event> {
    const head = this.forgotten % this.capacity
    return [...this.ring.slice(head), ...this.ring.slice(0, head)]
  }

  get text(): string {
    const lines = this.events.map(format)
    return (this.forgotten === 0 ? lines : [`${this.forgotten} earlier events forgotten`, ...lines]).join("\n")
  }
}

const format = (event: Event): string => {
  const time = Micros.format(event.time)
  switch (event.kind) {
    case "note":
      return `${time} ${event.text}`
    case "send":
      return `${time} ${event.frame.from.label} send f${event.frame.seq} ${describe(event.frame)}`
    case "deliver":
      return `${time} ${event.at.label} ${event.isLost ? "drop" : "deliver"} f${event.frame.seq} #${event.socket}${
        event.isLost ? " buffer" : ""
      }`
    case "drop":
      return `${time} ${event.at?.label ?? "-"} drop f${event.frame.seq} ${event.reason}`
  }
}

const describe = (frame: Frame): string =>
  `${formatPort(frame.source, frame.sourcePort)} > ${formatPort(frame.to.address.text, frame.to.port)}` +
  ` ${frame.payload.length} B ${checksum(frame.payload)}`

// FNV-1a: two logs are equal only if the payloads are.
const checksum = (payload: Uint8Array): string => {
  let hash = 0x811c9dc5
  for (const octet of payload) hash = Math.imul(hash ^ octet, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, "0")
}
