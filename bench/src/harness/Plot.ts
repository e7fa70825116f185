/**
 * Horizontal bars as SVG, for people who look before they read. It brings its own colours for light and for dark.
 */
import * as Figure from "./Figure.ts"

/** Whose figure a bar shows: the physical limit's, ours, or that of another library. */
export type Side = "limit" | "ours" | "other"

/** One bar. */
export interface Bar {
  readonly label: string
  readonly value: number
  readonly side: Side
}

/** A plot. On a logarithmic scale every step is ten times the one before. */
export interface Plot {
  readonly title: string
  readonly unit: string
  readonly bars: ReadonlyArray<Bar>
  readonly isLogarithmic?: boolean | undefined
}

const width = 760
const barHeight = 18
const pitch = 26
const top = 44
const charWidth = 7.3

/** The plot as a document of its own. */
export const format = (self: Plot): string => {
  const left = Math.ceil(16 + charWidth * Math.max(...self.bars.map(({ label }) => label.length)))
  const right = 90
  const height = top + pitch * self.bars.length + 10
  const scale = scaleOf(self, width - left - right)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${escape(self.title)}">`,
    `<style>${style}</style>`,
    `<text class="title" x="8" y="20">${escape(self.title)} (${escape(self.unit)}${
      self.isLogarithmic === true ? ", logarithmic" : ""
    })</text>`,
    ...self.bars.flatMap((bar, index) => drawn(bar, top + pitch * index, left, scale)),
    "</svg>",
    ""
  ].join("\n")
}

// a medium grey and two colours that are told apart on white and on black, by those who see fewer colours as well
const style = [
  "text{font:12px ui-monospace,monospace;fill:#1f2328}",
  ".title{font-weight:bold;font-size:13px}",
  ".limit{fill:#8c959f}",
  ".ours{fill:#0969da}",
  ".other{fill:#d9822b}",
  "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#4c9aff}}"
].join("")

const drawn = (
  { label, side, value }: Bar,
  y: number,
  left: number,
  scale: (value: number) => number
): ReadonlyArray<string> => {
  const length = scale(value)
  const baseline = y + barHeight - 5
  return [
    `<text x="${left - 8}" y="${baseline}" text-anchor="end">${escape(label)}</text>`,
    `<rect class="${side}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}"/>`,
    `<text x="${(left + length + 6).toFixed(1)}" y="${baseline}">${Figure.number(value)}</text>`
  ]
}

// a bar that would be nothing is still to be seen
const least = 1

const scaleOf = ({ bars, isLogarithmic }: Plot, room: number) => {
  const values = bars.map(({ value }) => value)
  const largest = Math.max(...values)
  if (isLogarithmic !== true) return (value: number) => Math.max(least, (room * Math.max(0, value)) / largest)
  const from = Math.floor(Math.log10(Math.min(...values.filter((value) => value > 0))))
  const span = Math.max(1, Math.log10(largest) - from)
  return (value: number) => value <= 0 ? least : Math.max(least, (room * (Math.log10(value) - from)) / span)
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;")
