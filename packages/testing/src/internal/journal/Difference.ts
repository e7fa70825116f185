/**
 * Where two journals part.
 */
import * as Equal from "effect/Equal"
import type * as NetworkEvent from "../../NetworkEvent.ts"
import * as Log from "./Log.ts"
import type { Journal } from "./Model.ts"

/**
 * The first event in which two journals differ.
 *
 * **Details**
 *
 * `first` and `second` are what each has there, undefined where one has ended. `before` are the events just before, which both have.
 * `text` says it all for people.
 *
 * @category models
 * @since 0.1.0
 */
export interface Divergence {
  /** The number of the event. */
  readonly seq: number
  /** What the first journal has there; `undefined` where it has ended. */
  readonly first: NetworkEvent.NetworkEvent | undefined
  /** What the second one has there; `undefined` where it has ended. */
  readonly second: NetworkEvent.NetworkEvent | undefined
  /** The events just before, which both have. */
  readonly before: ReadonlyArray<NetworkEvent.NetworkEvent>
  /** All of this for people. */
  readonly text: string
}

/** @internal */
export const of = (first: Journal, second: Journal, context: number): Divergence | undefined => {
  const start = Math.max(first.forgotten, second.forgotten) + 1
  const end = Math.max(endOf(first), endOf(second))
  for (let seq = start; seq < end; seq++) {
    if (!isSame(first, second, seq)) return divergence(first, second, seq, context)
  }
  return undefined
}

const endOf = (journal: Journal): number => journal.forgotten + journal.events.length + 1

const at = (journal: Journal, seq: number): NetworkEvent.NetworkEvent | undefined =>
  journal.events[seq - journal.forgotten - 1]

const isSame = (first: Journal, second: Journal, seq: number): boolean => {
  const [here, there] = [at(first, seq), at(second, seq)]
  if (here === undefined || there === undefined || !isSameEvent(here, there)) return false
  return here.kind !== "send" || isSameDatagram(first.datagram(here.datagram!), second.datagram(there.datagram!))
}

// Field by field: journals are long, and structural equality is ten times as slow.
const isSameEvent = (here: NetworkEvent.NetworkEvent, there: NetworkEvent.NetworkEvent): boolean =>
  fields.every((field) => here[field] === there[field]) &&
  here.causes.length === there.causes.length && here.causes.every((cause, i) => cause === there.causes[i]) &&
  (here.kind !== "drop" || (there.kind === "drop" && here.reason === there.reason))

const fields = ["kind", "seq", "time", "host", "interface", "socket", "datagram", "rule", "code", "text"] as const

const isSameDatagram = (here: NetworkEvent.Datagram | undefined, there: NetworkEvent.Datagram | undefined): boolean => {
  if (here === undefined || there === undefined) return here === there
  const { payload, ...head } = here
  const { payload: other, ...otherHead } = there
  return payload.length === other.length && payload.every((octet, i) => octet === other[i]) &&
    Equal.equals(head, otherHead)
}

const divergence = (first: Journal, second: Journal, seq: number, context: number): Divergence => {
  const [here, there] = [at(first, seq), at(second, seq)]
  const from = seq - first.forgotten - 1
  const before = first.events.slice(Math.max(0, from - context), from)
  return { seq, first: here, second: there, before, text: describe(first, second, seq, before) }
}

const describe = (
  first: Journal,
  second: Journal,
  seq: number,
  before: ReadonlyArray<NetworkEvent.NetworkEvent>
): string =>
  [
    `the runs part at event ${seq}`,
    ...before.map((event) => `  both:   ${Log.line(first, event)}`),
    `  first:  ${lineAt(first, seq)}`,
    `  second: ${lineAt(second, seq)}`
  ].join("\n")

const lineAt = (journal: Journal, seq: number): string => {
  const event = at(journal, seq)
  if (event === undefined) return "nothing: it ends here"
  const causes = event.causes.length === 0 ? "" : ` (after event ${event.causes.join(" and ")})`
  return Log.line(journal, event) + causes
}
