/**
 * Elements of an SVG as text. Whatever comes from outside goes through `escape`.
 */

/** @internal What XML 1.0 cannot have is shown as the replacement character. */
export const escape = (text: string): string =>
  text.replaceAll(illegal, "\ufffd").replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

// control characters but for tab and line ends, and halves of a surrogate pair
const illegal = /[^\P{Cc}\t\n\r]|[\p{Surrogate}\ufffe\uffff]/gu

type Attributes = { readonly [name: string]: string | number }

/** @internal */
export const element = (name: string, attributes: Attributes, ...children: ReadonlyArray<string>): string => {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${attribute(value)}"`).join("")
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`
}

const attribute = (value: string | number): string =>
  typeof value === "number" ? String(Math.round(value * 10) / 10) : escape(value)

/** @internal */
export const text = (x: number, y: number, kind: string, content: string): string =>
  element("text", { x, y, class: kind }, escape(content))

/** @internal */
export const title = (content: string): string => element("title", {}, escape(content))

/** @internal */
export const line = (kind: string, x1: number, y1: number, x2: number, y2: number): string =>
  element("line", { class: kind, x1, y1, x2, y2 })

/** @internal */
export const cross = (kind: string, x: number, y: number, size = 4.5): string => {
  const [left, right, top, bottom] = [x - size, x + size, y - size, y + size].map((value) => value.toFixed(1))
  return element("path", { class: kind, d: `M${left} ${top}L${right} ${bottom}M${left} ${bottom}L${right} ${top}` })
}

/** @internal A line with a head of two strokes, which every viewer draws. */
export const arrow = (x1: number, y1: number, x2: number, y2: number): string => {
  const angle = Math.atan2(y2 - y1, x2 - x1)
  const head = [angle + 2.7, angle - 2.7].map((side) => [x2 + 7.5 * Math.cos(side), y2 + 7.5 * Math.sin(side)])
  const [left, right] = head.map((point) => point.map((value) => value.toFixed(1)).join(" "))
  return `M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}M${left}L${x2.toFixed(1)} ${
    y2.toFixed(1)
  }L${right}`
}
