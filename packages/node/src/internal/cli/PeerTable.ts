/**
 * The peers as a table that fits a terminal.
 */
import type * as Peer from "@effect-discovery/core/Peer"
import * as NetAddress from "effect/net/NetAddress"
import * as Display from "../../Display.ts"

/** A peer with how long it has been known and is going to be without another announcement, in milliseconds. */
export interface Row {
  readonly peer: Peer.Peer
  readonly age: number
  readonly left: number
}

/** What is shown: how it is found, who is known, and the latest events, newest last. */
export interface Table {
  readonly title: string
  readonly rows: ReadonlyArray<Row>
  readonly latest: ReadonlyArray<string>
}

/** The room there is. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

type Cells = readonly [name: string, source: string, addresses: string, age: string, left: string]

const heading: Cells = ["NAME", "SOURCE", "ADDRESSES", "AGE", "LEFT"]
const timeWidth = 5
const gap = "  "

/** The lines of a table, none wider and not more of them than there is room for. */
export const lines = (table: Table, size: Size): ReadonlyArray<string> => {
  const room = Math.max(1, size.rows - table.latest.length - 6)
  const shown = table.rows.slice(0, table.rows.length > room ? room - 1 : room)
  const cells = shown.map(cellsOf)
  const widths = widthsOf([heading, ...cells], size.columns)
  const hidden = table.rows.length - shown.length
  return [
    `${count(table.rows.length)} ${table.title}`,
    "",
    ...[heading, ...cells].map((cells) => cells.map((cell, at) => pad(cell, widths[at]!)).join(gap).trimEnd()),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
    "",
    ...table.latest
  ].slice(0, Math.max(1, size.rows - 1)).map((line) => Display.display(line, size.columns))
}

const count = (peers: number): string => peers === 1 ? "1 peer" : `${peers} peers`

const cellsOf = ({ age, left, peer }: Row): Cells => [
  peer.name,
  peer.sources.join(" "),
  peer.addresses.length === 0 ? "-" : peer.addresses.map(NetAddress.formatInet).join(" "),
  duration(age),
  duration(left)
]

// the source takes what it needs, name and addresses share what is left: addresses what they need up to a half
const widthsOf = (rows: ReadonlyArray<Cells>, columns: number): ReadonlyArray<number> => {
  const widest = (at: 0 | 1 | 2) => Math.max(...rows.map((cells) => Display.width(Display.display(cells[at]))))
  const source = Math.min(widest(1), Math.max(8, Math.floor(columns / 5)))
  const room = Math.max(2, columns - source - 2 * timeWidth - 4 * gap.length)
  const addresses = Math.min(widest(2), Math.max(room - widest(0), Math.floor(room / 2)))
  return [Math.min(widest(0), Math.max(1, room - addresses)), source, addresses, timeWidth, timeWidth]
}

const pad = (text: string, columns: number): string => {
  const shown = Display.display(text, columns)
  return shown + " ".repeat(Math.max(0, columns - Display.width(shown)))
}

/** A time in at most five columns, by its largest unit. */
export const duration = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  if (seconds === Infinity) return "-"
  if (seconds < 100) return `${seconds}s`
  if (seconds < 6_000) return `${Math.floor(seconds / 60)}m`
  if (seconds < 360_000) return `${Math.floor(seconds / 3_600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}
