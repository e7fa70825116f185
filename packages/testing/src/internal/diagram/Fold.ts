/**
 * Many arrows as few: those of one pair of hosts within one slice of time become one with a count.
 */
import { type Arrow, isQuiet, type Scene } from "./Scene.ts"

/** @internal */
export interface Folded {
  readonly from: number
  readonly to: number
  readonly slice: number
  readonly delivered: number
  readonly lost: number
}

/** @internal */
export interface Folding {
  readonly slices: ReadonlyArray<{ readonly begin: number; readonly arrows: ReadonlyArray<Folded> }>
  readonly width: number
  readonly omitted: number
}

/** @internal More arrows than these are folded, and more folded ones are left out. */
export const most = 2000

const mostSlices = 40

/** @internal */
export const of = ({ arrows, from, to }: Scene): Folding => {
  const pairs = new Set(arrows.filter((arrow) => !isQuiet(arrow)).map((arrow) => `${arrow.from} ${arrow.to}`)).size
  const count = Math.max(1, Math.min(mostSlices, Math.floor(most / Math.max(1, pairs))))
  const width = Math.max(1, Math.ceil((to - from + 1) / count))
  const folded = fold(arrows, from, width)
  const kept = folded.toSorted((a, b) => b.delivered + b.lost - a.delivered - a.lost).slice(0, most)
  const slices = Array.from({ length: count }, (_, slice) => ({
    begin: from + slice * width,
    arrows: kept.filter((arrow) => arrow.slice === slice).toSorted((a, b) => a.from - b.from || a.to - b.to)
  }))
  return { slices, width, omitted: folded.length - kept.length }
}

const fold = (arrows: ReadonlyArray<Arrow>, from: number, width: number): ReadonlyArray<Folded> => {
  const found = new Map<string, { -readonly [K in keyof Folded]: Folded[K] }>()
  for (const arrow of arrows) {
    if (isQuiet(arrow)) continue
    const slice = Math.floor((arrow.at - from) / width)
    const key = `${slice} ${arrow.from} ${arrow.to}`
    const known = found.get(key) ?? { from: arrow.from, to: arrow.to, slice, delivered: 0, lost: 0 }
    found.set(key, known)
    if (arrow.lost === undefined) known.delivered++
    else known.lost++
  }
  return Array.from(found.values())
}
