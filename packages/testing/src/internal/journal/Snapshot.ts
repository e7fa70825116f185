/**
 * A journal as it stands: rows are copied at once, and made into events when somebody looks.
 */
import type * as NetworkEvent from "../../NetworkEvent.ts"
import type { Columns } from "../kernel/Columns.ts"
import * as Recorder from "../kernel/Journal.ts"
import type * as Topology from "../kernel/Topology.ts"
import type { Host, Journal } from "./Model.ts"

/** @internal */
export const of = (recorder: Recorder.Journal, seed: number): Journal => new Snapshot(recorder, seed)

class Snapshot implements Journal {
  readonly seed: number
  readonly forgotten: number
  readonly hosts: ReadonlyArray<Host>
  private readonly rows: Columns
  private readonly codes: ReadonlyArray<string>
  private readonly end: number
  private made: ReadonlyArray<NetworkEvent.NetworkEvent> | undefined
  private datagrams: ReadonlyMap<number, NetworkEvent.Datagram> | undefined

  constructor(recorder: Recorder.Journal, seed: number) {
    this.seed = seed
    this.forgotten = recorder.forgotten
    this.hosts = recorder.hosts.map(hostOf)
    this.rows = recorder.copy()
    this.codes = recorder.codes
    this.end = recorder.next
  }

  get events(): ReadonlyArray<NetworkEvent.NetworkEvent> {
    return this.made ??= range(this.forgotten + 1, this.end).map((seq) => event(this.rows, this.codes, seq))
  }

  readonly datagram = (id: number): NetworkEvent.Datagram | undefined => {
    this.datagrams ??= datagrams(this.rows)
    return this.datagrams.get(id)
  }
}

const range = (from: number, end: number): ReadonlyArray<number> =>
  Array.from({ length: end - from }, (_, i) => from + i)

const hostOf = ({ interfaces, name }: Topology.Host): Host => ({
  name,
  interfaces: interfaces.map(({ addresses, name }) => ({
    name,
    addresses: addresses.map(({ assigned, text }) => ({ address: text, prefixLength: assigned.prefixLength }))
  }))
})

/** @internal The event of that number out of its row. */
export const event = (rows: Columns, codes: ReadonlyArray<string>, seq: number): NetworkEvent.NetworkEvent => {
  const row = rows.row(seq)
  const kind = Recorder.kinds[rows.kind[row]!]!
  const common = {
    seq,
    time: rows.time[row]!,
    ...placeOf(rows.place[row]),
    socket: rows.socket[row]! || undefined,
    datagram: rows.datagram[row]?.id,
    causes: causesOf(rows, row, seq),
    rule: rows.rule[row]! || undefined,
    code: codes[rows.code[row]!] || undefined,
    text: rows.text[row] ?? ""
  }
  return kind === "drop" ? { kind, ...common, reason: Recorder.reasons[rows.reason[row]!]! } : { kind, ...common }
}

const placeOf = (place: Recorder.Place | undefined) => {
  if (place === undefined) return { host: undefined, interface: undefined }
  return "host" in place
    ? { host: place.host.name, interface: place.name }
    : { host: place.name, interface: undefined }
}

const causesOf = (rows: Columns, row: number, seq: number): ReadonlyArray<number> =>
  [rows.cause[row]!, rows.secondCause[row]!].filter((before) => before !== 0).map((before) => seq - before)

const datagrams = (rows: Columns): ReadonlyMap<number, NetworkEvent.Datagram> => {
  const found = new Map<number, NetworkEvent.Datagram>()
  for (const datagram of rows.datagram) {
    if (datagram !== undefined && !found.has(datagram.id)) found.set(datagram.id, datagramOf(datagram))
  }
  return found
}

const datagramOf = (datagram: Recorder.Datagram): NetworkEvent.Datagram => ({
  id: datagram.id,
  sentBy: datagram.sentBy,
  time: datagram.time,
  host: datagram.from.host.name,
  interface: datagram.from.name,
  socket: datagram.socket || undefined,
  source: { address: datagram.source, port: datagram.sourcePort },
  destination: { address: datagram.destination, port: datagram.port },
  kind: datagram.kind,
  ttl: datagram.ttl,
  payload: datagram.buffer.slice(datagram.offset, datagram.offset + datagram.length)
})
