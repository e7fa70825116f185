/**
 * A journal as a picture: time runs down, every host has a column, and datagrams are arrows between them.
 */
import type { Journal } from "../journal/Model.ts"
import * as Fold from "./Fold.ts"
import * as Frame from "./Frame.ts"
import * as Markup from "./Markup.ts"
import * as Scale from "./Scale.ts"
import * as Scene from "./Scene.ts"
import * as Style from "./Style.ts"

/**
 * What a diagram shows.
 *
 * **Details**
 *
 * `hosts` are the columns, in that order: by default all, and 60 at most. `from` and `to` are times since the network was made. `filter` leaves
 * out events. `title` stands above it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Scene.Options {
  /** What stands above the picture. */
  readonly title?: string | undefined
}

/** @internal */
export const of = (journal: Journal, options: Options): string => {
  const all = Scene.of(journal, options)
  // the states of hosts have bars of their own
  const scene = { ...all, notes: all.notes.filter(({ column, kind }) => kind !== "mark" || column === undefined) }
  return scene.arrows.length > Fold.most ? folded(scene, options.title) : whole(scene, options.title)
}

const whole = (scene: Scene.Scene, title: string | undefined): string => {
  const scale = Scale.of([
    scene.from,
    ...scene.arrows.flatMap(({ at, sentAt }) => [sentAt, at]),
    ...scene.dots.map(({ at }) => at),
    ...scene.notes.map(({ at }) => at),
    ...[...scene.spans, ...scene.bars].flatMap(({ begin, end }) => [begin, end])
  ])
  const place = Frame.layout(scene, scale.height, scale.y)
  return Frame.document(scene, place, title, [
    ...Frame.legend(scene),
    ...Frame.shades(scene, place),
    ...Frame.times(beginnings(scene), place),
    ...Frame.lifelines(scene, place),
    ...Frame.bars(scene, place),
    ...scene.arrows.map((arrow) => drawArrow(arrow, place)),
    ...scene.dots.map((dot) => drawDot(dot, place, scene.arrows.length < 600)),
    ...Frame.notes(scene.notes, place)
  ])
}

// Where an arrow ends can be read from where it began.
const beginnings = ({ dots, from, notes, spans }: Scene.Scene): ReadonlyArray<number> =>
  Array.from(
    new Set([
      from,
      ...dots.filter(({ event }) => event.kind !== "deliver").map(({ at }) => at),
      ...notes.map(({ at }) => at),
      ...spans.flatMap(({ begin, end }) => [begin, end])
    ])
  ).toSorted((a, b) => a - b)

const drawArrow = (arrow: Scene.Arrow, place: Frame.Layout): string => {
  const [x1, x2] = [place.x(arrow.from), place.x(arrow.to)]
  const way = Math.sign(x2 - x1)
  const [y1, y2] = [place.y(arrow.sentAt), place.y(arrow.at)]
  if (arrow.lost === undefined) {
    const path = Markup.element("path", { d: Markup.arrow(x1 + 4 * way, y1, x2 - 2 * way, y2) })
    return Markup.element("g", { class: `a h${arrow.from % Style.hues}` }, Markup.title(arrow.title), path)
  }
  const isQuiet = Scene.isQuiet(arrow)
  // what was lost on its way ends short of the receiver, and the lower the nearer, for those of one datagram to part
  const low = y1 + 6 + 18 / Math.abs(arrow.to - arrow.from)
  const [x, y] = arrow.lost.isOnTheWay ? [x2 - 0.3 * way * place.spacing, Math.max(y2, low)] : [x2 - 8 * way, y2]
  return Markup.element(
    "g",
    {},
    Markup.title(arrow.title),
    Markup.element("path", {
      class: isQuiet ? "a quiet" : "a lost",
      d: `M${x1 + 4 * way} ${y1.toFixed(1)}L${x} ${y.toFixed(1)}`
    }),
    Markup.cross(isQuiet ? "x xq" : "x", x, y, isQuiet ? 3 : 4.5)
  )
}

const drawDot = (dot: Scene.Dot, place: Frame.Layout, isNamed: boolean): string => {
  const [x, y] = [place.x(dot.column), place.y(dot.at)]
  const kind = `h${dot.column % Style.hues}`
  const title = Markup.title(dot.title)
  switch (dot.event.kind) {
    case "send": {
      const name = isNamed ? Markup.text(x - 6, y - 4, "id", `f${dot.event.datagram}`) : ""
      return Markup.element(
        "g",
        { class: kind },
        title,
        Markup.element("circle", { class: "sent", cx: x, cy: y, r: 3.6 }),
        name
      )
    }
    case "deliver":
      return Markup.element(
        "g",
        { class: kind },
        title,
        Markup.element("circle", { class: "heard", cx: x, cy: y, r: 6 })
      )
    case "drop":
      return Markup.element("g", {}, title, Markup.cross(dot.event.reason === "not-joined" ? "x xq" : "x", x + 8, y, 3))
    default:
      return Markup.element(
        "g",
        {},
        title,
        Markup.element("rect", { class: "small", x: x - 2, y: y - 2, width: 4, height: 4 })
      )
  }
}

const rowHeight = 15

// Each pair of hosts has a row of its own within a slice, for no count to cover another.
const folded = (scene: Scene.Scene, title: string | undefined): string => {
  const folding = Fold.of(scene)
  const tops: Array<number> = []
  let height = 0
  for (const { arrows } of folding.slices) {
    tops.push(height)
    height += Math.max(1, arrows.length) * rowHeight + 8
  }
  const y = (time: number) => {
    const slice = Math.min(tops.length - 1, Math.max(0, Math.floor((time - scene.from) / folding.width)))
    const end = tops[slice + 1] ?? height
    return tops[slice]! + (end - tops[slice]!) * Math.min(1, (time - scene.from) / folding.width - slice)
  }
  const omitted = [
    `${scene.arrows.length} arrows folded: counts of ${Scale.label(folding.width)} s, lost ones in red`,
    ...(folding.omitted === 0 ? [] : [`${folding.omitted} least busy pairs left out`])
  ]
  const place = Frame.layout(scene, height, y)
  return Frame.document({ ...scene, omitted: [...scene.omitted, ...omitted] }, place, title, [
    ...Frame.legend(scene),
    ...Frame.shades(scene, place),
    ...Frame.times(folding.slices.map(({ begin }) => begin), place),
    ...Frame.lifelines(scene, place),
    ...Frame.bars(scene, place),
    ...folding.slices.flatMap(({ arrows }, slice) =>
      arrows.map((arrow, row) => drawFolded(arrow, place.top + tops[slice]! + (row + 0.5) * rowHeight + 4, place))
    ),
    ...Frame.notes(scene.notes, place)
  ])
}

const drawFolded = (arrow: Fold.Folded, y: number, place: Frame.Layout): string => {
  const [x1, x2] = [place.x(arrow.from), place.x(arrow.to)]
  const way = Math.sign(x2 - x1)
  const count = `${arrow.delivered}${arrow.lost === 0 ? "" : ` ✕${arrow.lost}`}`
  return Markup.element(
    "g",
    { class: `a h${arrow.from % Style.hues}${arrow.delivered === 0 ? " lost" : ""}` },
    Markup.title(`${arrow.delivered} delivered, ${arrow.lost} lost`),
    Markup.element("path", { d: Markup.arrow(x1 + 2 * way, y, x2 - 2 * way, y) }),
    Markup.text(x1 + 0.5 * way * place.spacing, y + 3, arrow.lost === 0 ? "count" : "count bad", count)
  )
}
