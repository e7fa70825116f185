/**
 * Everything of a diagram but what goes between the hosts: heading, legend, columns, shaded spans, time axis and notes.
 */
import * as Markup from "./Markup.ts"
import * as Scale from "./Scale.ts"
import { isQuiet, type Note, type Scene } from "./Scene.ts"
import type { Span } from "./Spans.ts"
import * as Style from "./Style.ts"

/** @internal Where things stand. */
export interface Layout {
  readonly width: number
  readonly top: number
  readonly bottom: number
  readonly spacing: number
  readonly x: (column: number) => number
  readonly y: (time: number) => number
  readonly right: number
}

const axis = 92
const notesWidth = 300
const top = 128
const legendLeft = 20
// what was lost last ends below where it began
const lostRoom = 24

/** @internal */
export const layout = (scene: Scene, height: number, y: (time: number) => number): Layout => {
  const { columns } = scene
  const spacing = columns.length <= 6 ? 160 : columns.length <= 14 ? 120 : 90
  const right = axis + spacing * Math.max(2, columns.length)
  const x = (column: number) => axis + spacing * (column + 0.5)
  const width = Math.max(right + notesWidth, legendLeft + sum(samplesOf(scene).map(widthOf)))
  return { width, top, bottom: top + height + lostRoom, spacing, x, y: (time) => top + y(time), right }
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((all, number) => all + number, 0)

/** @internal */
export const document = (
  scene: Scene,
  place: Layout,
  title: string | undefined,
  body: ReadonlyArray<string>
): string => {
  const height = place.bottom + 76
  const heading = title ?? `Simulated network, seed ${scene.seed}`
  return Markup.element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "lan",
      width: place.width,
      height,
      viewBox: `0 0 ${Math.round(place.width)} ${Math.round(height)}`,
      role: "img"
    },
    Markup.title(heading),
    `<style>${Style.sheet.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</style>`,
    Markup.element("rect", { class: "paper", width: place.width, height }),
    Markup.text(20, 32, "heading", heading),
    Markup.text(20, 52, "dim", summary(scene)),
    ...body,
    ...hosts(scene, place, place.top - 24),
    ...hosts(scene, place, place.bottom + 26)
  )
}

const summary = ({ arrows, columns, events, from, omitted, to }: Scene): string =>
  [
    `${columns.length} hosts`,
    `${Scale.label(from)} to ${Scale.label(to)} s, gaps shortened`,
    `${events} events`,
    `${arrows.filter(({ lost }) => lost === undefined).length} deliveries from host to host`,
    `${arrows.filter((arrow) => arrow.lost !== undefined && !isQuiet(arrow)).length} losses`,
    ...omitted
  ].join(" · ")

const hosts = ({ columns }: Scene, { spacing, x }: Layout, y: number): ReadonlyArray<string> =>
  columns.map((name, column) => {
    const width = Math.min(spacing - 14, 132)
    const shown = Array.from(name)
    const room = Math.floor(width / 9)
    const short = shown.length > room ? `${shown.slice(0, room - 1).join("")}…` : name
    return Markup.element(
      "g",
      { class: `h${column % Style.hues}` },
      Markup.title(name),
      Markup.element("rect", { class: "head", x: x(column) - width / 2, y: y - 17, width, height: 26, rx: 13 }),
      Markup.text(x(column), y + 1, "host", short)
    )
  })

/** @internal Samples of what can be seen, each with its name. */
export const legend = (scene: Scene): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let x = legendLeft
  for (const sample of samplesOf(scene)) {
    parts.push(sample.draw(x, 72), Markup.text(x + 34, 76, "dim", sample.name))
    x += widthOf(sample)
  }
  return parts
}

interface Sample {
  readonly name: string
  readonly draw: (x: number, y: number) => string
}

const widthOf = ({ name }: Sample): number => 58 + 6.2 * name.length

const samplesOf = ({ bars, spans }: Pick<Scene, "bars" | "spans">): ReadonlyArray<Sample> => {
  const samples: Array<Sample> = [
    { name: "delivered, in the sender's colour", draw: (x, y) => arrowSample(x, y, "a h0") },
    { name: "lost on the way or at the socket", draw: (x, y) => arrowSample(x, y, "a lost", "x") },
    { name: "group not joined", draw: (x, y) => arrowSample(x, y, "a quiet", "x xq") }
  ]
  if (spans.some(isPartition)) {
    samples.push({
      name: "sides of a partition",
      draw: (x, y) => box(x, y, "side0", 13) + box(x + 13, y, "side1", 13)
    })
  }
  if (spans.some((span) => span.kind === "fault" && !isPartition(span))) {
    samples.push({ name: "other fault", draw: (x, y) => box(x, y, "fault", 26) })
  }
  if (spans.some(({ kind }) => kind === "host")) {
    samples.push({ name: "host off or paused", draw: (x, y) => box(x, y, "off", 26) })
  }
  if (bars.some(({ kind }) => kind === "membership")) {
    samples.push({ name: "in a group", draw: (x, y) => strip(x + 11, y, "membership", 3) })
  }
  if (bars.some(({ kind }) => kind === "state")) {
    samples.push({ name: "state", draw: (x, y) => strip(x + 9, y, "state", 6) })
  }
  return samples
}

const arrowSample = (x: number, y: number, kind: string, end?: string): string =>
  Markup.element("path", {
    class: kind,
    d: end === undefined ? Markup.arrow(x, y, x + 26, y) : `M${x} ${y}L${x + 20} ${y}`
  }) +
  (end === undefined ? "" : Markup.cross(end, x + 24, y))

const box = (x: number, y: number, kind: string, width: number): string =>
  Markup.element("rect", { class: kind, x, y: y - 7, width, height: 14 })

const strip = (x: number, y: number, kind: string, width: number): string =>
  Markup.element("g", { class: "h0" }, Markup.element("rect", { class: kind, x, y: y - 7, width, height: 14, rx: 1.5 }))

const isPartition = ({ sides }: Span): boolean => new Set(sides.filter((side) => side !== undefined)).size > 1

/** @internal */
export const shades = (scene: Scene, place: Layout): ReadonlyArray<string> =>
  scene.spans.flatMap((span) => {
    const y = place.y(span.begin)
    const height = Math.max(4, place.y(span.end) - y)
    return span.sides.flatMap((side, column) => {
      if (side === undefined) return []
      const kind = span.kind === "host" ? "off" : isPartition(span) ? `side${side % 4}` : "fault"
      const width = span.kind === "host" ? Math.min(44, place.spacing * 0.4) : place.spacing
      const rect = { class: kind, x: place.x(column) - width / 2, y, width, height }
      return [
        Markup.element(
          "rect",
          rect,
          Markup.title(`${span.text}\n${Scale.label(span.begin)} to ${Scale.label(span.end)} s`)
        )
      ]
    })
  })

// More beside one column would be in the way of the next.
const mostLanes = 5

/** @internal The groups that hosts are in on the left of their columns, their states on the right, each with its name where there is room. */
export const bars = ({ bars, columns }: Scene, place: Layout): ReadonlyArray<string> => {
  const states = Array.from(new Set(bars.filter(({ kind }) => kind === "state").map(({ name }) => stateOf(name))))
  return bars.filter(({ column, lane }) => column < columns.length && lane < mostLanes).map((bar) => {
    const y = place.y(bar.begin)
    const height = Math.max(3, place.y(bar.end) - y)
    const isState = bar.kind === "state"
    const x = place.x(bar.column) + (isState ? 13 + 9 * bar.lane : -16 - 5 * bar.lane)
    const hue = isState ? states.indexOf(stateOf(bar.name)) : bar.column
    const title = `${isState ? "" : "in "}${bar.name}\n${Scale.label(bar.begin)} to ${Scale.label(bar.end)} s`
    const rect = { class: bar.kind, x, y, width: isState ? 6 : 3, height, rx: 1.5 }
    return Markup.element(
      "g",
      { class: `h${hue % Style.hues}` },
      Markup.title(title),
      Markup.element("rect", rect),
      ...(isState && bar.lane === 0 && height >= 9 ? [Markup.text(x + 10, y + 9, "of", shorten(bar.name, 12))] : [])
    )
  })
}

const stateOf = (name: string): string => name.slice(name.indexOf(": ") + 1).trim()

const shorten = (text: string, most: number): string =>
  Array.from(text).length > most ? `${Array.from(text).slice(0, most - 1).join("")}…` : text

/** @internal */
export const lifelines = ({ columns }: Scene, { bottom, top, x }: Layout): ReadonlyArray<string> =>
  columns.map((_, column) => Markup.line("life", x(column), top - 8, x(column), bottom + 8))

/** @internal As many times as there is room for. */
export const times = (known: ReadonlyArray<number>, place: Layout): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let last = -Infinity
  for (const time of known) {
    const y = place.y(time)
    if (y - last < 15) continue
    last = y
    parts.push(
      Markup.line("grid", axis - 8, y, place.right, y),
      Markup.text(axis - 14, y + 4, "time", Scale.label(time))
    )
  }
  return parts
}

// Notes beyond these are no help.
const mostNotes = 400

/** @internal What began or ended or went wrong: a line at its time, its words beside the columns. */
export const notes = (all: ReadonlyArray<Note>, place: Layout): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let next = -Infinity
  for (const note of all.slice(0, mostNotes)) {
    const y = place.y(note.at)
    const at = Math.max(y, next)
    next = at + 16
    parts.push(...pointer(note, y, place), Markup.line("edge", place.right, y, place.right + 10, at))
    const shown = shorten(note.text, 44)
    const kind = note.kind === "error" ? "note bad" : "note"
    const label = { x: place.right + 14, y: at + 4, class: kind }
    parts.push(
      Markup.element(
        "text",
        label,
        Markup.title(`${Scale.label(note.at)} ${note.kind} ${note.text}`),
        Markup.escape(
          note.kind === "mark" ? `◆ ${shown}` : shown
        )
      )
    )
  }
  return all.length > mostNotes
    ? [...parts, Markup.text(place.right + 14, next + 4, "dim", `${all.length - mostNotes} more notes are left out`)]
    : parts
}

const pointer = ({ column, kind }: Note, y: number, place: Layout): ReadonlyArray<string> => {
  if (kind === "mark") return [Markup.line("mark", axis - 8, y, place.right, y)]
  if (column === undefined) return [Markup.line("edge", axis - 8, y, place.right, y)]
  return [
    Markup.line("edge", place.x(column), y, place.right, y),
    kind === "error"
      ? Markup.cross("x", place.x(column), y, 3.5)
      : Markup.element("rect", { class: "small", x: place.x(column) - 3.5, y: y - 3.5, width: 7, height: 7 })
  ]
}
