/**
 * A journal as a diagram for terminals: a line an event, a column a host, in ASCII but for names and labels.
 */
import type { Journal } from "../journal/Model.ts"
import * as Fold from "./Fold.ts"
import * as Scale from "./Scale.ts"
import * as Scene from "./Scene.ts"
import type { Span } from "./Spans.ts"

/** @internal */
export const of = (journal: Journal, options: Scene.Options): string => {
  const scene = Scene.of(journal, options)
  const spacing = Math.min(20, Math.max(12, ...scene.columns.map((name) => Array.from(name).length + 2)))
  const canvas = { columns: scene.columns.length, spacing, spans: scene.spans }
  const isFolded = scene.arrows.length > Fold.most
  return [
    ...heading(scene, spacing),
    ...(isFolded ? folded(scene) : rows(scene, canvas)),
    ...scene.omitted
  ].map((line) => line.trimEnd()).join("\n")
}

interface Canvas {
  readonly columns: number
  readonly spacing: number
  readonly spans: ReadonlyArray<Span>
}

const axis = 12

const heading = ({ columns }: Scene.Scene, spacing: number): ReadonlyArray<string> => [
  " ".repeat(axis) + columns.map((name) => centred(printable(name), spacing)).join("")
]

const centred = (name: string, width: number): string => {
  const shown = Array.from(name).slice(0, width - 1)
  const left = Math.floor((width - shown.length) / 2)
  return " ".repeat(left) + shown.join("") + " ".repeat(width - shown.length - left)
}

const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Surrogate}]/gu, "?")

interface Row {
  readonly seq: number
  readonly at: number
  readonly draw: (cells: Array<string>, x: (column: number) => number) => void
  readonly text: string
}

const rows = (scene: Scene.Scene, canvas: Canvas): ReadonlyArray<string> => {
  const all: ReadonlyArray<Row> = [
    ...scene.dots.map(dotRow),
    ...scene.notes.map(noteRow),
    ...scene.arrows.map(arrowRow)
  ]
  return all.toSorted((a, b) => a.seq - b.seq).map((row) => draw(row, canvas))
}

const draw = (row: Row, { columns, spacing, spans }: Canvas): string => {
  const x = (column: number) => Math.floor(spacing / 2) + column * spacing
  const cells = Array.from({ length: columns * spacing }, () => " ")
  for (let column = 0; column < columns; column++) cells[x(column)] = isOff(spans, column, row.at) ? ":" : "|"
  row.draw(cells, x)
  return `${Scale.label(row.at).padStart(axis - 2)}  ${cells.join("")}  ${printable(row.text)}`
}

const isOff = (spans: ReadonlyArray<Span>, column: number, at: number): boolean =>
  spans.some(({ begin, end, kind, sides }) => kind === "host" && sides[column] === 0 && at >= begin && at < end)

const symbols: { readonly [kind: string]: string } = { send: "o", deliver: "*", drop: "x" }

const dotRow = ({ at, column, event }: Scene.Dot): Row => ({
  seq: event.seq,
  at,
  draw: (cells, x) => {
    cells[x(column)] = symbols[event.kind] ?? "."
  },
  text: [
    event.kind,
    event.datagram === undefined ? "" : `f${event.datagram}`,
    event.kind === "drop" ? event.reason : "",
    event.text
  ].filter((part) => part !== "").join(" ")
})

const noteRow = ({ at, column, kind, seq, text }: Scene.Note): Row => ({
  seq,
  at,
  draw: (cells, x) => {
    if (column === undefined) cells.fill("=")
    else cells[x(column)] = "#"
  },
  text: `${kind} ${text}`
})

const arrowRow = ({ at, datagram, from, lost, seq, to }: Scene.Arrow): Row => ({
  seq,
  at,
  draw: (cells, x) => {
    const way = to > from ? 1 : -1
    const end = lost?.isOnTheWay === true ? x(to) - way * 4 : x(to) - way
    for (let i = x(from) + way; i !== end; i += way) cells[i] = "-"
    cells[end] = lost === undefined ? (way > 0 ? ">" : "<") : "x"
    const name = `f${datagram}`
    const start = way > 0 ? x(from) + 2 : x(from) - 1 - name.length
    Array.from(name).forEach((character, i) => {
      cells[start + i] = character
    })
  },
  text: lost === undefined ? "" : lost.reason
})

const folded = (scene: Scene.Scene): ReadonlyArray<string> => {
  const { omitted, slices, width } = Fold.of(scene)
  return [
    `${scene.arrows.length} arrows folded: counts of ${Scale.label(width)} s`,
    ...slices.filter(({ arrows }) => arrows.length > 0).flatMap(({ arrows, begin }) => [
      `from ${Scale.label(begin)} s`,
      ...arrows.map(({ delivered, from, lost, to }) =>
        `  ${printable(scene.columns[from]!)} > ${printable(scene.columns[to]!)}  ${delivered} delivered${
          lost === 0 ? "" : `, ${lost} lost`
        }`
      )
    ]),
    ...(omitted === 0 ? [] : [`${omitted} least busy pairs left out`])
  ]
}
