/**
 * Datagrams for an address of a segment that nobody has: rule 31.
 */
import * as Timeline from "../Timeline.ts"
import type { Frame } from "./Journal.ts"
import type { Interface } from "./Topology.ts"

interface Waiting {
  readonly frame: Frame
  readonly address: string
}

// Linux asks three times, a second apart, and keeps the latest datagrams meanwhile: by octets, of which three beacons are a fair measure.
const patience = 3_000_000
const kept = 3
// gc_thresh3 of Linux: one who asks for more addresses at once finds the table full.
const neighbours = 1024

/** @internal */
export class Neighbours {
  private readonly waiting = new Timeline.Timeline<Waiting>()
  private readonly queues = new Map<Interface, Map<string, Array<Timeline.Entry<Waiting>>>>()
  private readonly lose: (frame: Frame, time: number) => void

  constructor(lose: (frame: Frame, time: number) => void) {
    this.lose = lose
  }

  /** When the next of them is given up. */
  get nextAt(): number | undefined {
    return this.waiting.first?.at
  }

  /** Keeps a datagram until somebody has the address, but not for long, and of many only the last. */
  wait(frame: Frame, address: string): void {
    const addresses = this.queues.get(frame.from) ?? new Map<string, Array<Timeline.Entry<Waiting>>>()
    const queue = addresses.get(address) ?? []
    if (queue.length === 0 && addresses.size >= neighbours) return this.lose(frame, frame.time)
    // all give up together when the asking ends
    queue.push(this.waiting.add(queue[0]?.at ?? frame.time + patience, { frame, address }))
    this.queues.set(frame.from, addresses.set(address, queue))
    if (queue.length > kept) this.giveUp(queue[0]!, frame.time)
  }

  /** Gives up those whose address nobody has had in time. */
  expire(now: number): void {
    for (let first = this.waiting.first; first !== undefined && first.at <= now; first = this.waiting.first) {
      this.giveUp(first, first.at)
    }
  }

  /** Takes those of others that wait for an address which an interface has now. */
  take(owner: Interface, address: string): ReadonlyArray<Frame> {
    if (this.waiting.size === 0) return []
    const found = (owner.segment?.interfaces ?? []).flatMap((local) =>
      local === owner ? [] : this.queues.get(local)?.get(address) ?? []
    )
    for (const entry of found) this.forget(entry)
    return found.map(({ value }) => value.frame)
  }

  /** Takes all that an interface waits to send. */
  takeAll(local: Interface): ReadonlyArray<Frame> {
    const found = Array.from(this.queues.get(local)?.values() ?? []).flat()
    for (const entry of found) this.forget(entry)
    return found.map(({ value }) => value.frame)
  }

  private giveUp(entry: Timeline.Entry<Waiting>, time: number): void {
    this.forget(entry)
    this.lose(entry.value.frame, time)
  }

  private forget(entry: Timeline.Entry<Waiting>): void {
    this.waiting.remove(entry)
    const { address, frame } = entry.value
    const addresses = this.queues.get(frame.from)!
    const queue = addresses.get(address)!
    queue.splice(queue.indexOf(entry), 1)
    if (queue.length === 0) addresses.delete(address)
    if (addresses.size === 0) this.queues.delete(frame.from)
  }
}
