/**
 * What a diagram of a journal shows, whether it is drawn or written: a column for each host, and what went between them.
 */
import type * as Duration from "effect/Duration"
import * as NetworkEvent from "../../NetworkEvent.ts"
import * as Log from "../journal/Log.ts"
import type { Journal } from "../journal/Model.ts"
import * as Micros from "../Micros.ts"
import * as Bars from "./Bars.ts"
import * as Spans from "./Spans.ts"

/** @internal */
export interface Options {
  readonly hosts?: ReadonlyArray<string> | undefined
  readonly from?: Duration.Input | undefined
  readonly to?: Duration.Input | undefined
  readonly filter?: ((event: NetworkEvent.NetworkEvent) => boolean) | undefined
}

/** @internal A datagram on its way from one column to another, of which it may not reach the end. */
export interface Arrow {
  readonly seq: number
  readonly from: number
  readonly to: number
  readonly sentAt: number
  readonly at: number
  readonly datagram: number
  /** Why it was lost, and whether on the way or at the receiver. */
  readonly lost: { readonly reason: NetworkEvent.DropReason; readonly isOnTheWay: boolean } | undefined
  readonly title: string
}

/** @internal Whether it is no loss to speak of: the host never asked for what is sent to the group. */
export const isQuiet = ({ lost }: Arrow): boolean => lost?.reason === "not-joined"

/** @internal What happened at one host. */
export interface Dot {
  readonly column: number
  readonly at: number
  readonly event: NetworkEvent.NetworkEvent
  readonly title: string
}

/** @internal What is worth a line beside the columns. */
export interface Note {
  readonly seq: number
  readonly column: number | undefined
  readonly at: number
  readonly kind: NetworkEvent.Kind
  readonly text: string
}

/** @internal */
export interface Scene {
  readonly seed: number
  readonly columns: ReadonlyArray<string>
  readonly from: number
  readonly to: number
  readonly events: number
  readonly arrows: ReadonlyArray<Arrow>
  readonly dots: ReadonlyArray<Dot>
  readonly notes: ReadonlyArray<Note>
  readonly spans: ReadonlyArray<Spans.Span>
  readonly bars: ReadonlyArray<Bars.Bar>
  /** What it leaves out, in words. */
  readonly omitted: ReadonlyArray<string>
}

// More columns than these are no picture.
const mostColumns = 60

/** @internal */
export const of = (journal: Journal, options: Options): Scene => {
  const wanted = options.hosts ?? journal.hosts.map(({ name }) => name)
  const columns = wanted.slice(0, mostColumns)
  const numbers = new Map(columns.map((name, number) => [name, number]))
  const range = rangeOf(journal, options)
  const events = journal.events.filter((event) =>
    event.time >= range.from && event.time <= range.to && (options.filter?.(event) ?? true)
  )
  return {
    seed: journal.seed,
    columns,
    ...range,
    events: events.length,
    arrows: events.flatMap((event) => arrow(journal, numbers, event)),
    dots: events.flatMap((event) => dot(journal, numbers, event)),
    notes: events.filter(isNote).filter(({ host }) => host === undefined || numbers.has(host)).map((event) =>
      note(event, numbers)
    ),
    spans: within(range, Spans.of(journal.events, columns)),
    bars: within(range, Bars.of(journal.events, columns)),
    omitted: omissions(journal, wanted.length - columns.length)
  }
}

interface Range {
  readonly from: number
  readonly to: number
}

const within = <A extends { readonly begin: number; readonly end: number }>(
  { from, to }: Range,
  lasting: ReadonlyArray<A>
): ReadonlyArray<A> =>
  lasting.filter(({ begin, end }) => begin <= to && end >= from).map((one) => ({
    ...one,
    begin: Math.max(one.begin, from),
    end: Math.min(one.end, to)
  }))

const rangeOf = (journal: Journal, { from, to }: Options) => ({
  from: from === undefined ? journal.events[0]?.time ?? 0 : Micros.fromInput(from),
  to: to === undefined ? journal.events.at(-1)?.time ?? 0 : Micros.fromInput(to)
})

const omissions = ({ forgotten }: Journal, hosts: number): ReadonlyArray<string> => [
  ...(forgotten === 0 ? [] : [`${forgotten} earlier events are forgotten`]),
  ...(hosts <= 0 ? [] : [`${hosts} more hosts are left out: choose with the option hosts`])
]

const arrow = (
  journal: Journal,
  numbers: ReadonlyMap<string, number>,
  event: NetworkEvent.NetworkEvent
): ReadonlyArray<Arrow> => {
  if (event.datagram === undefined || (event.kind !== "deliver" && event.kind !== "drop")) return []
  const datagram = journal.datagram(event.datagram)
  const from = numbers.get(datagram?.host ?? "")
  const to = numbers.get(event.host ?? "")
  if (datagram === undefined || from === undefined || to === undefined || from === to) return []
  const lost = event.kind === "drop"
    ? { reason: event.reason, isOnTheWay: !atReceiver.has(event.reason) }
    : undefined
  const title = `${describe(journal, event)}\nsent ${Micros.format(datagram.time)} by ${datagram.host}`
  return [{ seq: event.seq, from, to, sentAt: datagram.time, at: event.time, datagram: event.datagram, lost, title }]
}

// Reasons to lose what came all the way.
const atReceiver: ReadonlySet<NetworkEvent.DropReason> = new Set([
  "no-listener",
  "not-joined",
  "not-peer",
  "buffer",
  "firewall",
  "host-down",
  "interface-down"
])

const dot = (
  journal: Journal,
  numbers: ReadonlyMap<string, number>,
  event: NetworkEvent.NetworkEvent
): ReadonlyArray<Dot> => {
  const column = numbers.get(event.host ?? "")
  if (column === undefined || isNote(event)) return []
  if (event.kind === "deliver" || event.kind === "drop") {
    const datagram = event.datagram === undefined ? undefined : journal.datagram(event.datagram)
    if (datagram !== undefined && datagram.host !== event.host) return []
  }
  return [{ column, at: event.time, event, title: describe(journal, event) }]
}

const describe = (journal: Journal, event: NetworkEvent.NetworkEvent): string => {
  const why = event.kind === "drop" ? `\n${NetworkEvent.dropReasons[event.reason]}` : ""
  const rule = event.rule === undefined ? "" : `\nrule ${event.rule}`
  return `event ${event.seq}: ${Log.line(journal, event)}${why}${rule}`
}

const isNote = ({ kind }: NetworkEvent.NetworkEvent): boolean =>
  kind === "mark" || kind === "fault" || kind === "host" || kind === "interface" || kind === "error"

const note = (event: NetworkEvent.NetworkEvent, numbers: ReadonlyMap<string, number>): Note => ({
  seq: event.seq,
  column: numbers.get(event.host ?? ""),
  at: event.time,
  kind: event.kind,
  text: [event.host, event.interface, event.text, event.code].filter((part) => part !== undefined && part !== "")
    .join(" ")
})
