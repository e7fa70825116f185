/**
 * Copies of payloads, many in one buffer: a buffer of its own costs each several times what most datagrams hold.
 */

/** @internal */
export interface Slice {
  readonly buffer: Uint8Array
  readonly offset: number
  readonly length: number
}

const largest = 65_536
const smallest = 1024

/** @internal */
export class Payloads {
  private readonly limit: number
  private readonly page: number
  private buffer = new Uint8Array(0)
  private used = 0
  private octets = 0
  /** The first event to be kept, for the payloads to stay within their limit. */
  first = 0
  /** The buffers in use, each with the first event that may need it. */
  private readonly pages: Array<{ readonly seq: number; readonly octets: number }> = []

  /** A buffer has `page` octets, more or less. */
  constructor(limit: number, page: number) {
    this.limit = limit
    this.page = Math.min(largest, Math.max(smallest, page))
  }

  add(payload: Uint8Array, seq: number): Slice {
    if (this.used + payload.length > this.buffer.length) this.turn(payload.length, seq)
    const offset = this.used
    this.buffer.set(payload, offset)
    this.used += payload.length
    return { buffer: this.buffer, offset, length: payload.length }
  }

  private turn(length: number, seq: number): void {
    this.buffer = new Uint8Array(Math.max(this.page, length))
    this.used = 0
    this.octets += this.buffer.length
    this.pages.push({ seq, octets: this.buffer.length })
    while (this.octets > this.limit && this.pages.length > 1) {
      this.octets -= this.pages.shift()!.octets
      this.first = this.pages[0]!.seq
    }
  }
}
