/**
 * What stands beside the columns: the groups a host is in, and the states that it was marked with.
 */
import type * as NetworkEvent from "../../NetworkEvent.ts"

/** @internal */
export interface Bar {
  readonly kind: "membership" | "state"
  readonly column: number
  /** Which of the bars of its kind beside the column it is part of, the nearest first. */
  readonly lane: number
  readonly begin: number
  readonly end: number
  readonly name: string
}

interface Open {
  readonly bar: Omit<Bar, "end">
  /** The sockets that are in a group; nobody for a state. */
  readonly sockets: Set<number>
}

/** @internal Those that have not ended last to the end. */
export const of = (
  events: ReadonlyArray<NetworkEvent.NetworkEvent>,
  columns: ReadonlyArray<string>
): ReadonlyArray<Bar> => {
  const beside = new Map(columns.map((name, column) => [name, new Beside(column)]))
  for (const event of events) beside.get(event.host ?? "")?.note(event)
  const end = events.at(-1)?.time ?? 0
  return Array.from(beside.values()).flatMap((column) => column.finish(end))
}

/** The bars beside one column. */
class Beside {
  private readonly column: number
  private readonly done: Array<Bar> = []
  private readonly open = new Map<string, Open>()
  private readonly lanes = { membership: new Map<string, number>(), state: new Map<string, number>() }

  constructor(column: number) {
    this.column = column
  }

  note(event: NetworkEvent.NetworkEvent): void {
    if (event.code !== undefined) return
    if (event.kind === "join") this.join(event)
    else if (event.kind === "leave" || event.kind === "close") this.leave(event)
    else if (event.kind === "interface" && event.text === "removed") this.endWhere(event, isOn(event.interface))
    else if (event.kind === "mark") this.mark(event)
  }

  finish(end: number): ReadonlyArray<Bar> {
    for (const key of Array.from(this.open.keys())) this.end(key, end)
    return this.done
  }

  private join(event: NetworkEvent.NetworkEvent): void {
    const name = `${event.text} on ${event.interface}`
    const known = this.open.get(name) ?? this.begin("membership", name, name, event.time)
    known.sockets.add(event.socket ?? 0)
  }

  // without an interface it is by any of them, and a socket that is closed leaves all its groups
  private leave({ interface: local, kind, socket, text, time }: NetworkEvent.NetworkEvent): void {
    for (const [name, { sockets }] of Array.from(this.open)) {
      const isMeant = kind === "close" || name === `${text} on ${local}` ||
        (local === undefined && name.startsWith(`${text} on `))
      if (isMeant && sockets.delete(socket ?? 0) && sockets.size === 0) this.end(name, time)
    }
  }

  // `subject: state` has a bar for each subject; without a state, what was before is over
  private mark({ text, time }: NetworkEvent.NetworkEvent): void {
    const colon = text.indexOf(": ")
    const subject = colon === -1 ? "" : text.slice(0, colon)
    const key = `\0${subject}`
    this.end(key, time)
    if (text !== "" && colon + 2 < text.length) this.begin("state", key, text, time)
  }

  private begin(kind: Bar["kind"], key: string, name: string, begin: number): Open {
    const lanes = this.lanes[kind]
    const lane = lanes.get(key) ?? lanes.size
    lanes.set(key, lane)
    const open = { bar: { kind, column: this.column, lane, begin, name }, sockets: new Set<number>() }
    this.open.set(key, open)
    return open
  }

  private end(key: string, end: number): void {
    const open = this.open.get(key)
    if (open === undefined) return
    this.open.delete(key)
    this.done.push({ ...open.bar, end })
  }

  private endWhere({ time }: NetworkEvent.NetworkEvent, isMeant: (name: string) => boolean): void {
    for (const name of Array.from(this.open.keys()).filter(isMeant)) this.end(name, time)
  }
}

const isOn = (local: string | undefined) => (name: string): boolean => name.endsWith(` on ${local}`)
