/**
 * Records what happens on the network, in order, in a ring of a stated size.
 *
 * An event takes a row of columns and a datagram one record and one copy of its payload, however many events tell of it; both go with the last of them.
 */
import * as NetworkEvent from "../../NetworkEvent.ts"
import { Columns } from "./Columns.ts"
import { Payloads } from "./Payloads.ts"
import { Datagram, type Frame, type Place } from "./Sent.ts"
import type { Host, Interface } from "./Topology.ts"

export type { Datagram, Frame, Place } from "./Sent.ts"

/** @internal */
export type DropReason = NetworkEvent.DropReason

/** @internal What a note may tell; a datagram that was sent makes its sending the first cause. */
export interface Details {
  readonly host?: Host | undefined
  readonly interface?: Interface | undefined
  readonly socket?: number | undefined
  readonly frame?: Frame | undefined
  readonly text?: string | undefined
  readonly code?: string | undefined
  readonly rule?: number | undefined
  readonly cause?: number | undefined
}

/** @internal */
export const kinds = Object.keys(NetworkEvent.kinds) as ReadonlyArray<NetworkEvent.Kind>
/** @internal */
export const reasons = Object.keys(NetworkEvent.dropReasons) as ReadonlyArray<DropReason>

const indexOf = <A extends string>(values: ReadonlyArray<A>): { readonly [K in A]: number } =>
  Object.fromEntries(values.map((value, index) => [value, index])) as { readonly [K in A]: number }

const kindIndex = indexOf(kinds)
const reasonIndex = indexOf(reasons)

// What the payloads of all kept events may take together; the oldest events go when it is too much.
const payloadLimit = 256 * 1024 * 1024

// Rows to begin with; they are doubled up to the limit.
const fewest = 256

// How large a buffer of payloads is for every event of a small ring: the oldest one is kept whole for the last event of it.
const octetsPerEvent = 8

/** @internal */
export class Journal {
  readonly hosts: Array<Host> = []
  readonly codes: Array<string> = [""]
  private readonly limit: number
  private rowsNow: Columns
  private readonly payloads: Payloads
  private oldest = 1
  private end = 1
  /** What each host heard last, by its number. */
  private readonly heard: Array<number> = []
  private heardBefore = 0
  private readonly codeIndex = new Map<string, number>([["", 0]])
  isClosed = false
  private listeners: ReadonlyArray<() => void> = []

  constructor(limit: number, octets: number = payloadLimit) {
    this.limit = limit
    this.rowsNow = new Columns(Math.min(limit, fewest))
    this.payloads = new Payloads(octets, limit * octetsPerEvent)
  }

  /** How many events were forgotten to make room. */
  get forgotten(): number {
    return this.oldest - 1
  }

  /** The number of the first event that is kept. */
  get first(): number {
    return this.oldest
  }

  /** The number the next event will have. */
  get next(): number {
    return this.end
  }

  /** The rows as they are now: the next event may overwrite them. */
  get columns(): Columns {
    return this.rowsNow
  }

  /** A copy of the rows of all events that are kept. */
  copy(): Columns {
    return this.rowsNow.copy(this.oldest, this.end, Math.max(1, this.end - this.oldest))
  }

  send(time: number, frame: Frame): number {
    const datagram = new Datagram(frame, this.end, this.payloads)
    frame.datagram = datagram
    const heard = this.heard[frame.from.host.id] ?? 0
    const seq = this.append(time, kindIndex.send, frame.from, datagram, frame.socket, 0, heard, 0)
    if (this.payloads.first > this.oldest) this.forgetUntil(this.payloads.first)
    return seq
  }

  forward(time: number, frame: Frame, at: Interface): number {
    return this.append(time, kindIndex.forward, at, frame.datagram, 0, 0, sending(frame), 0)
  }

  deliver(time: number, frame: Frame, at: Interface, socket: number, rule = 0): number {
    const seq = this.append(time, kindIndex.deliver, at, frame.datagram, socket, rule, sending(frame), 0)
    this.heardBefore = this.heard[at.host.id] ?? 0
    this.heard[at.host.id] = seq
    return seq
  }

  drop(
    time: number,
    frame: Frame,
    at: Place | undefined,
    reason: DropReason,
    rule = 0,
    cause = 0,
    text?: string
  ): number {
    const seq = this.append(time, kindIndex.drop, at, frame.datagram, 0, rule, sending(frame), cause)
    const row = this.rowsNow.row(seq)
    this.rowsNow.reason[row] = reasonIndex[reason]
    if (text !== undefined) this.rowsNow.text[row] = text
    return seq
  }

  /** Makes the latest delivery a loss: the socket turned out to have no room. */
  refuse(seq: number, at: Interface): void {
    if (this.heard[at.host.id] === seq) this.heard[at.host.id] = this.heardBefore
    if (seq < this.oldest) return
    const row = this.rowsNow.row(seq)
    this.rowsNow.kind[row] = kindIndex.drop
    this.rowsNow.reason[row] = reasonIndex.buffer
    this.rowsNow.rule[row] = 41
  }

  /** A socket lost the oldest datagram that it held. */
  displace(time: number, at: Interface, socket: number): number {
    const seq = this.append(time, kindIndex.drop, at, undefined, socket, 0, 0, 0)
    this.rowsNow.reason[this.rowsNow.row(seq)] = reasonIndex.buffer
    this.rowsNow.text[this.rowsNow.row(seq)] = "its oldest"
    return seq
  }

  note(time: number, kind: Exclude<NetworkEvent.Kind, "drop">, details: Details = {}): number {
    const { cause = 0, code, frame, host, interface: local, rule = 0, socket = 0, text } = details
    const sent = frame === undefined ? 0 : sending(frame)
    const seq = this.append(time, kindIndex[kind], local ?? host, frame?.datagram, socket, rule, sent, cause)
    const row = this.rowsNow.row(seq)
    if (text !== undefined) this.rowsNow.text[row] = text
    if (code !== undefined) this.rowsNow.code[row] = this.codeOf(code)
    return seq
  }

  /** No more events will come. */
  close(): void {
    this.isClosed = true
    for (const listener of this.listeners) listener()
  }

  /** Calls at every event and at the end, until the returned function is called. The event may not be complete yet. */
  listen(listener: () => void): () => void {
    this.listeners = [...this.listeners, listener]
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener)
    }
  }

  private append(
    time: number,
    kind: number,
    place: Place | undefined,
    datagram: Datagram | undefined,
    socket: number,
    rule: number,
    cause: number,
    secondCause: number
  ): number {
    const seq = this.end
    if (seq - this.oldest === this.limit) this.rowsNow.forget(this.oldest++)
    if (seq - this.oldest === this.rowsNow.capacity) this.grow()
    const columns = this.rowsNow
    const row = columns.row(seq)
    columns.time[row] = time
    columns.kind[row] = kind
    columns.reason[row] = 0
    columns.rule[row] = rule
    columns.code[row] = 0
    columns.socket[row] = socket
    columns.cause[row] = cause === 0 ? 0 : seq - cause
    columns.secondCause[row] = secondCause === 0 ? 0 : seq - secondCause
    columns.place[row] = place
    columns.datagram[row] = datagram
    columns.text[row] = undefined
    this.end = seq + 1
    for (const listener of this.listeners) listener()
    return seq
  }

  private grow(): void {
    this.rowsNow = this.rowsNow.copy(this.oldest, this.end, Math.min(this.limit, this.rowsNow.capacity * 2))
  }

  private forgetUntil(seq: number): void {
    while (this.oldest < seq) this.rowsNow.forget(this.oldest++)
  }

  // Codes are few: those of the system.
  private codeOf(code: string): number {
    const known = this.codeIndex.get(code)
    if (known !== undefined) return known
    if (this.codes.length > 255) return 0
    this.codeIndex.set(code, this.codes.length)
    return this.codes.push(code) - 1
  }
}

const sending = (frame: Frame): number => frame.datagram?.sentBy ?? 0
