/**
 * What became of the last datagram from one host to another.
 */
import * as NetworkEvent from "../../NetworkEvent.ts"
import { formatPort } from "../kernel/Address.ts"
import * as Micros from "../Micros.ts"
import type { Journal } from "./Model.ts"

/**
 * A datagram, and what is known of it at one receiver: `outcomes` in order, none while it is under way, and `text` to read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fate {
  /** What was sent. */
  readonly datagram: NetworkEvent.Datagram
  /** In order; none while it is under way. */
  readonly outcomes: ReadonlyArray<NetworkEvent.NetworkEvent>
  /** All of this for people. */
  readonly text: string
}

/** @internal The last one that something is known of at the receiver, else the last one that was meant for it. */
export const of = (journal: Journal, from: string, to: string): Fate | undefined => {
  const candidates = sent(journal, from, to)
  const outcomes = outcomesOf(journal, new Set(candidates.map(({ id }) => id)), to)
  const datagram = candidates.findLast(({ id }) => outcomes.has(id)) ?? candidates.at(-1)
  if (datagram === undefined) return undefined
  const known = outcomes.get(datagram.id) ?? []
  return { datagram, outcomes: known, text: `${describe(datagram)}: ${verdict(known, to)}` }
}

const sent = (journal: Journal, from: string, to: string): ReadonlyArray<NetworkEvent.Datagram> => {
  const addresses = new Set(
    journal.hosts.filter(({ name }) => name === to).flatMap(({ interfaces }) =>
      interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address))
    )
  )
  return journal.events.filter((event) => event.kind === "send" && event.host === from)
    .map((event) => journal.datagram(event.datagram!)!)
    .filter(({ destination, kind }) =>
      kind === "Multicast" || kind === "Broadcast" || (kind === "Unicast" && addresses.has(destination.address))
    )
}

// What happened to it on its way, before anybody could be named as receiver, counts for all of them.
const outcomesOf = (
  journal: Journal,
  datagrams: ReadonlySet<number>,
  to: string
): ReadonlyMap<number, ReadonlyArray<NetworkEvent.NetworkEvent>> => {
  const found = new Map<number, Array<NetworkEvent.NetworkEvent>>()
  for (const event of journal.events) {
    if (event.datagram === undefined || event.kind === "send" || !datagrams.has(event.datagram)) continue
    if (event.host !== to && event.host !== undefined) continue
    const known = found.get(event.datagram)
    if (known === undefined) found.set(event.datagram, [event])
    else known.push(event)
  }
  return found
}

const describe = ({ destination, host, id, payload, source, time }: NetworkEvent.Datagram): string =>
  `${Micros.format(time)} ${host} sent f${id} ${formatPort(source.address, source.port)} > ` +
  `${formatPort(destination.address, destination.port)} ${payload.length} B`

const verdict = (outcomes: ReadonlyArray<NetworkEvent.NetworkEvent>, to: string): string =>
  outcomes.length === 0
    ? `nothing is known of it at ${to}, it may be under way`
    : outcomes.map((event) => `${outcome(event)} at ${Micros.format(event.time)}`).join(", then ")

const outcome = (event: NetworkEvent.NetworkEvent): string => {
  const where = event.host === undefined ? "on its way" : `at ${event.host}/${event.interface}`
  if (event.kind === "deliver") return `delivered ${where} to socket #${event.socket}`
  if (event.kind !== "drop") return `${event.kind} ${where}${event.text === "" ? "" : ` ${event.text}`}`
  const rule = event.rule === undefined ? "" : `, rule ${event.rule}`
  return `dropped ${where}: ${event.reason}${rule} (${NetworkEvent.dropReasons[event.reason].slice(0, -1)})`
}
