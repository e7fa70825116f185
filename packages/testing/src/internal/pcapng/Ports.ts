/**
 * The interfaces of a capture: those of the hosts, then one for what was lost on the way.
 */
import type * as Model from "../journal/Model.ts"
import * as Block from "./Block.ts"
import * as Packet from "./Packet.ts"

/** @internal */
export interface Port {
  readonly host: string | undefined
  readonly interface: string
  readonly addresses: ReadonlyArray<Model.Address>
  readonly received: number
  readonly dropped: number
}

/** @internal */
export interface Ports {
  readonly all: ReadonlyArray<Port>
  readonly numbers: ReadonlyMap<string, number>
}

/** @internal The interfaces of all hosts or of one; also those that are gone by now. */
export const of = (journal: Model.Journal, only: string | undefined): Ports => {
  const known = new Map<string, Omit<Port, "received" | "dropped">>()
  const add = (host: string, local: string, addresses: Port["addresses"]) => {
    const label = labelOf(host, local)
    if (!known.has(label) && (only ?? host) === host) known.set(label, { host, interface: local, addresses })
  }
  for (const { interfaces, name } of journal.hosts) {
    for (const local of interfaces) add(name, local.name, local.addresses)
  }
  for (const event of journal.events) {
    if (event.host !== undefined && event.interface !== undefined) add(event.host, event.interface, [])
  }
  known.set(fault, { host: undefined, interface: fault, addresses: [] })
  const received = count(journal, "deliver")
  const dropped = count(journal, "drop")
  return {
    all: Array.from(known, ([label, port]) => ({
      ...port,
      received: received.get(label) ?? 0,
      dropped: dropped.get(label) ?? 0
    })),
    numbers: new Map(Array.from(known.keys(), (label, number) => [label, number]))
  }
}

// What cannot be said to have happened at an interface is shown on this one.
const fault = "fault"

const count = (journal: Model.Journal, kind: "deliver" | "drop"): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const event of journal.events) {
    if (event.kind !== kind) continue
    const label = event.interface === undefined ? fault : labelOf(event.host, event.interface)
    counts.set(label, (counts.get(label) ?? 0) + 1)
  }
  return counts
}

const labelOf = (host: string | undefined, local: string): string => (host === undefined ? local : `${host}/${local}`)

/** @internal */
export const find = ({ numbers }: Ports, host: string | undefined, local: string | undefined): number =>
  (local === undefined ? undefined : numbers.get(labelOf(host, local))) ?? numbers.get(fault)!

const rawIp = 101
const nanoseconds = 9

/** @internal */
export const description = (port: Port): ReadonlyArray<Uint8Array> =>
  Block.block(
    1,
    Block.halfWords(rawIp, 0),
    Block.words(0),
    ...Block.options([
      Block.text(2, labelOf(port.host, port.interface)),
      Block.text(3, port.host === undefined ? "what faults and links took away" : `${port.interface} of ${port.host}`),
      ...port.addresses.map(addressOption),
      Block.octets(9, nanoseconds)
    ])
  )

const addressOption = ({ address, prefixLength }: Model.Address): Block.Option => {
  const octets = Packet.octetsOf(address)
  if (octets.length === 16) return Block.octets(5, ...octets, prefixLength)
  const mask = prefixLength === 0 ? 0 : -1 << (32 - prefixLength)
  return Block.octets(4, ...octets, ...[24, 16, 8, 0].map((shift) => (mask >>> shift) & 255))
}

/** @internal */
export const statistics = (
  { dropped, received }: Port,
  index: number,
  end: readonly [number, number]
): ReadonlyArray<Uint8Array> =>
  Block.block(5, Block.words(index, ...end), ...Block.options([Block.uint64(4, received), Block.uint64(5, dropped)]))
