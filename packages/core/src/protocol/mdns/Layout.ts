/**
 * Where domain names lie in the data of records that are otherwise kept as octets.
 */
import { Type } from "./Record.ts"

/** Octets before the names, how many names, octets after them, and whether we may compress the names (RFC 6762, section 18.14). */
export interface Layout {
  readonly before: number
  readonly names: number
  readonly after: number
  readonly isCompressible: boolean
}

const layout = (before: number, names: number, after: number, isCompressible: boolean): Layout => ({
  before,
  names,
  after,
  isCompressible
})

// MD, MF, MB, MG, MR and MINFO may be compressed by RFC 1035; RFC 6762 does not name them, so we only read them so
const layouts: ReadonlyMap<number, Layout> = new Map([
  [3, layout(0, 1, 0, false)],
  [4, layout(0, 1, 0, false)],
  [Type.SOA, layout(0, 2, 20, true)],
  [7, layout(0, 1, 0, false)],
  [8, layout(0, 1, 0, false)],
  [9, layout(0, 1, 0, false)],
  [14, layout(0, 2, 0, false)],
  [Type.MX, layout(2, 1, 0, true)],
  // RP, AFSDB, RT
  [17, layout(0, 2, 0, true)],
  [18, layout(2, 1, 0, true)],
  [21, layout(2, 1, 0, true)],
  // PX, KX
  [26, layout(2, 2, 0, true)],
  [36, layout(2, 1, 0, true)]
])

/** The layout of a type's data; `undefined` where it has no names that may be compressed, or is understood as a whole. */
export const of = (type: number): Layout | undefined => layouts.get(type)
