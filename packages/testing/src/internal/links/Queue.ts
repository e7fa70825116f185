/**
 * A queue in front of a line of some bandwidth: first in, first out, and what does not fit is lost at its tail.
 */

interface Waiting {
  readonly until: number
  readonly octets: number
}

/** @internal */
export class Queue {
  private waiting: Array<Waiting> = []
  private first = 0
  private octets = 0
  private busyUntil = 0

  /** When the last bit has left, in microseconds, or undefined if there is no room. An empty queue takes anything. */
  enter(now: number, octets: number, bitsPerSecond: number, limit: number): number | undefined {
    this.serve(now)
    if (this.octets > 0 && this.octets + octets > limit) return undefined
    const until = Math.max(now, this.busyUntil) + (octets * 8_000_000) / bitsPerSecond
    this.busyUntil = until
    this.octets += octets
    this.waiting.push({ until, octets })
    return Math.ceil(until)
  }

  /** Whether something is on its way out. */
  isBusy(now: number): boolean {
    return this.busyUntil > now
  }

  private serve(now: number): void {
    for (
      let next = this.waiting[this.first];
      next !== undefined && next.until <= now;
      next = this.waiting[this.first]
    ) {
      this.octets -= next.octets
      this.first++
    }
    if (this.first < 64 || this.first * 2 < this.waiting.length) return
    this.waiting = this.waiting.slice(this.first)
    this.first = 0
  }
}
