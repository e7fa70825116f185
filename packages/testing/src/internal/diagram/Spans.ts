/**
 * What lasts: partitions and other faults, and hosts that are off or paused.
 */
import type * as NetworkEvent from "../../NetworkEvent.ts"

/** @internal */
export interface Span {
  readonly kind: "fault" | "host"
  readonly begin: number
  readonly end: number
  readonly text: string
  /** The side each column is on, undefined where it is on none; all are on side 0 of what concerns everybody. */
  readonly sides: ReadonlyArray<number | undefined>
}

interface Open {
  readonly event: NetworkEvent.NetworkEvent
  readonly sides: Span["sides"]
}

/** @internal Those that have not ended last to the end. */
export const of = (
  events: ReadonlyArray<NetworkEvent.NetworkEvent>,
  columns: ReadonlyArray<string>
): ReadonlyArray<Span> => {
  const spans: Array<Span> = []
  const ended = new Set(events.flatMap(({ causes, kind, text }) => (kind === "fault" && isEnding(text) ? causes : [])))
  let open: ReadonlyArray<Open> = []
  const close = (closed: ReadonlyArray<Open>, end: number) => {
    spans.push(...closed.map((begun) => span(begun, end)))
    open = open.filter((begun) => !closed.includes(begun))
  }
  for (const event of events) {
    if (event.kind !== "fault" && event.kind !== "host") continue
    close(open.filter((begun) => isEnd(begun.event, event)), event.time)
    if (isBegin(event) || ended.has(event.seq)) open = [...open, { event, sides: sidesOf(event, columns) }]
  }
  close(open, events.at(-1)?.time ?? 0)
  return spans.filter(({ sides }) => sides.some((side) => side !== undefined)).toSorted((a, b) => a.begin - b.begin)
}

const span = ({ event, sides }: Open, end: number): Span => ({
  kind: event.kind === "host" ? "host" : "fault",
  begin: event.time,
  end,
  text: event.text,
  sides
})

const firstWord = (text: string): string => text.split(" ", 1)[0]!

const booted = new Set(["start", "boot", "restart"])
// what begins, and what ends it
const hostStates: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["crash", booted],
  ["stop", booted],
  ["pause", new Set(["resume"])]
])
// those that are seen to last even where their end is not told
const lasting = new Set(["partition", "cut", "rule", "hold", "replay", "snooping", "firewall"])
const healed = new Set(["partition", "cut"])

const isBegin = (event: NetworkEvent.NetworkEvent): boolean =>
  event.kind === "host"
    ? hostStates.has(firstWord(event.text))
    : lasting.has(firstWord(event.text)) && !isEnding(event.text)

const isEnding = (text: string): boolean => text.endsWith(" ends")

// A fault's end has its beginning as cause, else the word that its beginning had. `heal` alone ends what parts hosts, and with more words everything.
const isEnd = (begun: NetworkEvent.NetworkEvent, event: NetworkEvent.NetworkEvent): boolean => {
  if (event.kind !== begun.kind) return false
  if (event.kind === "host") {
    return event.host === begun.host && hostStates.get(firstWord(begun.text))!.has(firstWord(event.text))
  }
  if (event.text === "heal") return healed.has(firstWord(begun.text))
  if (firstWord(event.text) === "heal") return true
  if (!isEnding(event.text)) return false
  return event.causes.length > 0
    ? event.causes.includes(begun.seq)
    : firstWord(event.text) === firstWord(begun.text)
}

const sidesOf = (event: NetworkEvent.NetworkEvent, columns: ReadonlyArray<string>): Span["sides"] => {
  if (event.host !== undefined) return columns.map((name) => (name === event.host ? 0 : undefined))
  const groups = event.text.split(" ").slice(1).join(" ").split(" | ").map((names) => names.split(" "))
  const isPartition = groups.length > 1 && groups.flat().some((name) => columns.includes(name))
  if (!isPartition) return columns.map(() => 0)
  return columns.map((name) => {
    const side = groups.findIndex((names) => names.includes(name))
    return side === -1 ? undefined : side
  })
}
