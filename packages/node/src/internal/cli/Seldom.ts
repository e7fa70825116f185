/**
 * Kinds of events that are told seldom, each with how many there were: whoever causes many of them cannot fill a log.
 */

/** When each kind was told last, and how many there were. Updated in place; the kinds are a closed set. */
export interface Seldom {
  readonly interval: number
  readonly kinds: Map<string, { total: number; toldAt: number }>
}

/** Nothing was told yet. */
export const make = (interval: number): Seldom => ({ interval, kinds: new Map() })

/** Counts one more. How many there were so far, when it is to be told. */
export const count = (self: Seldom, kind: string, now: number): number | undefined => {
  const known = self.kinds.get(kind)
  if (known === undefined) {
    self.kinds.set(kind, { total: 1, toldAt: now })
    return 1
  }
  known.total++
  if (now - known.toldAt < self.interval) return undefined
  known.toldAt = now
  return known.total
}
