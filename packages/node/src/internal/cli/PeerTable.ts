/**
 * The peers as a table that fits a terminal.
 */
import type * as Peer from "@effect-discovery/core/Peer"
import * as NetAddress from "effect/net/NetAddress"
import * as Display from "../../Display.ts"
import type * as Standing from "./Standing.ts"

/** A peer with what is thought of it, and how long it has been known and is going to be without another announcement, in milliseconds. */
export interface Row {
  readonly peer: Peer.Peer
  readonly standing: Standing.Standing
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

interface Column {
  readonly title: string
  readonly cell: (row: Row) => string
}

// what is thought of a peer stands before what it says of itself, so that no name can pass for it
const judged: ReadonlyArray<Column> = [
  { title: "TRUST", cell: ({ standing }) => trustOf(standing) },
  { title: "PROOF", cell: ({ peer }) => peer.authentication },
  { title: "KEY", cell: ({ peer }) => peer.key === undefined ? "-" : Display.fingerprint(peer.key) }
]
const name: Column = { title: "NAME", cell: ({ peer }) => peer.name }
const source: Column = { title: "SOURCE", cell: ({ peer }) => peer.sources.join(" ") }
const addresses: Column = {
  title: "ADDRESSES",
  cell: ({ peer }) => peer.addresses.length === 0 ? "-" : peer.addresses.map(NetAddress.formatInet).join(" ")
}
const age: Column = { title: "AGE", cell: ({ age }) => duration(age) }
const left: Column = { title: "LEFT", cell: ({ left }) => duration(left) }

// whoever trusts a key knows whose it is; one that came to be pinned may be anybody's
const trustOf = ({ isLookalike, state }: Standing.Standing): string =>
  isLookalike && state !== "trusted" && state !== "denied" ? "lookalike" : state ?? "-"

const timeWidth = 5
const gap = "  "
// where keys leave less room than this, sources and ages are left out
const roomy = 110

/** The lines of a table, none wider and not more of them than there is room for. */
export const lines = (table: Table, size: Size): ReadonlyArray<string> => {
  const room = Math.max(1, size.rows - table.latest.length - 6)
  const shown = table.rows.slice(0, table.rows.length > room ? room - 1 : room)
  const columns = columnsOf(table.rows, size.columns)
  const cells = [columns.map(({ title }) => title), ...shown.map((row) => columns.map(({ cell }) => cell(row)))]
  const widths = widthsOf(columns, cells, size.columns)
  const hidden = table.rows.length - shown.length
  return [
    `${count(table.rows.length)} ${table.title}`,
    "",
    ...cells.map((cells) => cells.map((cell, at) => pad(cell, widths[at]!)).join(gap).trimEnd()),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
    "",
    ...table.latest
  ].slice(0, Math.max(1, size.rows - 1)).map((line) => Display.display(line, size.columns))
}

const count = (peers: number): string => peers === 1 ? "1 peer" : `${peers} peers`

const columnsOf = (rows: ReadonlyArray<Row>, columns: number): ReadonlyArray<Column> => {
  if (!rows.some(({ peer, standing }) => peer.key !== undefined || standing.isLookalike)) {
    return [name, source, addresses, age, left]
  }
  return columns < roomy
    ? [...judged, name, addresses, left]
    : [...judged, name, source, addresses, age, left]
}

// name and addresses share what the others leave: addresses what they need up to a half
const widthsOf = (
  columns: ReadonlyArray<Column>,
  cells: ReadonlyArray<ReadonlyArray<string>>,
  total: number
): ReadonlyArray<number> => {
  const widest = columns.map((_, at) => Math.max(...cells.map((cells) => Display.width(Display.display(cells[at]!)))))
  const fixed = columns.map((column, at) => {
    if (column === name || column === addresses) return 0
    if (column === age || column === left) return timeWidth
    return column === source ? Math.min(widest[at]!, Math.max(8, Math.floor(total / 5))) : widest[at]!
  })
  const taken = fixed.reduce((sum, width) => sum + width, (columns.length - 1) * gap.length)
  const room = Math.max(2, total - taken)
  const [ofName, ofAddresses] = [widest[columns.indexOf(name)]!, widest[columns.indexOf(addresses)]!]
  const forAddresses = Math.min(ofAddresses, Math.max(room - ofName, Math.floor(room / 2)))
  const forName = Math.min(ofName, Math.max(1, room - forAddresses))
  return columns.map((column, at) => column === name ? forName : column === addresses ? forAddresses : fixed[at]!)
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
