/**
 * What is under way, by the time at which it arrives: first in, first out among what arrives at one time.
 *
 * A heap of times and a list for each, since datagrams are many and the times at which they arrive are few.
 */
import * as Timeline from "../Timeline.ts"
import type { Frame } from "./Journal.ts"
import type { Interface, Segment, Socket } from "./Topology.ts"

/** @internal */
export interface Way {
  readonly frame: Frame
  /** By which interface it came, undefined where it never left its host. */
  readonly from: Interface | undefined
  /** The segment it is on, which its sender may have left meanwhile. */
  readonly on: Segment | undefined
  /** The sockets that it was given to when it was sent, where it never left its host. */
  readonly sockets: ReadonlyArray<Socket>
}

/** @internal A datagram that is about to arrive; it is gone when it has, or was withdrawn. */
export interface Arrival extends Way {
  readonly at: number
  readonly order: number
  readonly to: Interface
  /** Who else gets it at that time. */
  others: Array<Interface> | undefined
  readonly isShared: boolean
  isGone: boolean
}

interface Instant {
  readonly arrivals: Array<Arrival>
  /** The first one that is not gone. */
  next: number
}

// So many that are gone are kept in a list, for it not to be copied for each.
const spent = 1024

/** @internal */
export class Arrivals {
  private readonly instants = new Timeline.Timeline<Instant>()
  private readonly byTime = new Map<number, Timeline.Entry<Instant>>()
  // where the last one was put, since others follow at the same time
  private latest: Timeline.Entry<Instant> | undefined
  private added = 0

  get first(): Arrival | undefined {
    const instant = this.instants.first?.value
    return instant?.arrivals[instant.next]
  }

  /** How many were ever added: the order of the next one. */
  get count(): number {
    return this.added
  }

  add(at: number, { frame, from, on, sockets }: Way, to: Interface, isShared = false): Arrival {
    const order = this.added++
    const arrival = { frame, from, on, sockets, at, order, to, others: undefined, isShared, isGone: false }
    this.instant(at).arrivals.push(arrival)
    return arrival
  }

  /** For one of several receivers: together with the others who get it at that time, so that it cannot be withdrawn. */
  share(at: number, way: Way, to: Interface): void {
    const last = this.instant(at).arrivals.at(-1)
    if (last === undefined || !last.isShared || last.frame !== way.frame) this.add(at, way, to, true)
    else if (last.others === undefined) last.others = [to]
    else last.others.push(to)
  }

  remove(arrival: Arrival): void {
    if (arrival.isGone) return
    arrival.isGone = true
    const entry = this.byTime.get(arrival.at)!
    const { arrivals, next } = entry.value
    if (arrivals[next] === arrival) this.skip(entry)
  }

  private instant(at: number): Instant {
    if (this.latest?.at === at && this.latest.slot !== -1) return this.latest.value
    const known = this.byTime.get(at)
    this.latest = known ?? this.instants.add(at, { arrivals: [], next: 0 })
    if (known === undefined) this.byTime.set(at, this.latest)
    return this.latest.value
  }

  // on to the next one that is not gone
  private skip(entry: Timeline.Entry<Instant>): void {
    const instant = entry.value
    const { arrivals } = instant
    while (arrivals[instant.next]?.isGone === true) instant.next++
    if (instant.next === arrivals.length) {
      this.instants.remove(entry)
      this.byTime.delete(entry.at)
    } else if (instant.next > spent && instant.next * 2 > arrivals.length) {
      arrivals.splice(0, instant.next)
      instant.next = 0
    }
  }
}
