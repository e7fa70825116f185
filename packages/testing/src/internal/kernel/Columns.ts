/**
 * The columns of the journal: a ring of rows.
 */
import type { Datagram, Place } from "./Sent.ts"

/** @internal */
export class Columns {
  readonly capacity: number
  readonly time: Float64Array
  readonly kind: Uint8Array
  readonly reason: Uint8Array
  readonly rule: Uint8Array
  readonly code: Uint8Array
  readonly socket: Int32Array
  /** How many events before this one its causes are, 0 for none. */
  readonly cause: Uint32Array
  readonly secondCause: Uint32Array
  readonly place: Array<Place | undefined>
  readonly datagram: Array<Datagram | undefined>
  readonly text: Array<string | undefined>

  constructor(capacity: number) {
    this.capacity = capacity
    this.time = new Float64Array(capacity)
    this.kind = new Uint8Array(capacity)
    this.reason = new Uint8Array(capacity)
    this.rule = new Uint8Array(capacity)
    this.code = new Uint8Array(capacity)
    this.socket = new Int32Array(capacity)
    this.cause = new Uint32Array(capacity)
    this.secondCause = new Uint32Array(capacity)
    this.place = blank(capacity)
    this.datagram = blank(capacity)
    this.text = blank(capacity)
  }

  /** Where an event stands, as long as it is kept. */
  row(seq: number): number {
    return seq % this.capacity
  }

  /** The rows of the events from `first` to before `end`, in columns of that capacity. */
  copy(first: number, end: number, capacity: number): Columns {
    const copied = new Columns(capacity)
    for (let seq = first; seq < end; seq++) this.copyRow(this.row(seq), copied, copied.row(seq))
    return copied
  }

  /** Lets go of what a forgotten event refers to. */
  forget(seq: number): void {
    const row = this.row(seq)
    this.place[row] = undefined
    this.datagram[row] = undefined
    this.text[row] = undefined
  }

  private copyRow(from: number, to: Columns, row: number): void {
    to.time[row] = this.time[from]!
    to.kind[row] = this.kind[from]!
    to.reason[row] = this.reason[from]!
    to.rule[row] = this.rule[from]!
    to.code[row] = this.code[from]!
    to.socket[row] = this.socket[from]!
    to.cause[row] = this.cause[from]!
    to.secondCause[row] = this.secondCause[from]!
    to.place[row] = this.place[from]
    to.datagram[row] = this.datagram[from]
    to.text[row] = this.text[from]
  }
}

const blank = <A>(length: number): Array<A | undefined> => Array.from<A | undefined>({ length })
