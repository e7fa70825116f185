/**
 * A datagram on its way, and what the journal keeps of it.
 */
import type * as Address from "./Address.ts"
import type { Payloads } from "./Payloads.ts"
import type { Host, Interface } from "./Topology.ts"

/** @internal What a datagram is sent to; `Icmp` is what a host answers to a datagram for nobody. */
export interface Addressed {
  readonly kind: "Multicast" | "Broadcast" | "Unicast" | "Icmp"
  readonly address: Address.Address
  readonly port: number
}

/** @internal */
export interface Frame {
  readonly seq: number
  readonly time: number
  readonly from: Interface
  readonly socket: number
  readonly source: string
  readonly isLinkLocal: boolean
  readonly sourcePort: number
  readonly to: Addressed
  readonly ttl: number
  readonly payload: Uint8Array
  /** How many packets it is on the link it is on, and how many octets the largest of them has. */
  readonly fragments: number
  readonly packet: number
  /** What the journal keeps of it, set when it is sent and passed on to copies of it. */
  datagram?: Datagram | undefined
}

/** @internal A datagram as it was sent. */
export class Datagram {
  readonly id: number
  readonly sentBy: number
  readonly time: number
  readonly from: Interface
  readonly socket: number
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly port: number
  readonly kind: Addressed["kind"]
  readonly ttl: number
  readonly buffer: Uint8Array
  readonly offset: number
  readonly length: number

  constructor(frame: Frame, sentBy: number, payloads: Payloads) {
    const { buffer, length, offset } = payloads.add(frame.payload, sentBy)
    this.id = frame.seq
    this.sentBy = sentBy
    this.time = frame.time
    this.from = frame.from
    this.socket = frame.socket
    this.source = frame.source
    this.sourcePort = frame.sourcePort
    this.destination = frame.to.address.text
    this.port = frame.to.port
    this.kind = frame.to.kind
    this.ttl = frame.ttl
    this.buffer = buffer
    this.offset = offset
    this.length = length
  }
}

/** @internal Where an event happens. */
export type Place = Interface | Host
