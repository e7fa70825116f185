/**
 * The number by which a key's announcements are ordered, and by which an old one is told from a new one.
 */

/**
 * When a key announced: `ms` milliseconds since 1970, unsigned 48 bits; `counter` unsigned 16 bits tells stamps of one millisecond apart.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stamp {
  readonly ms: number
  readonly counter: number
}

/** The last millisecond that fits, in the year 10889. */
export const maxMs = 2 ** 48 - 1
export const maxCounter = 2 ** 16 - 1

/** Whether numbers, from a file for instance, are those of a stamp. */
export const isStamp = ({ counter, ms }: Stamp): boolean => isWithin(ms, maxMs) && isWithin(counter, maxCounter)

const isWithin = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max

/** Negative when `self` is older than `that`, zero when they are the same. */
export const compare = (self: Stamp, that: Stamp): number => self.ms - that.ms || self.counter - that.counter

/**
 * The stamp to use after `last`, at `now` in milliseconds since 1970: always a later one, whatever the clock says. A reading that no stamp
 * can hold counts as no reading.
 *
 * Throws when `last` is no stamp, or the last there is.
 */
export const next = (last: Stamp | undefined, now: number): Stamp => {
  const ms = Math.floor(now)
  const reading = isWithin(ms, maxMs) ? ms : 0
  if (last === undefined) return { ms: reading, counter: 0 }
  if (!isStamp(last)) throw new RangeError(`${last.ms}/${last.counter} is no stamp`)
  return reading > last.ms ? { ms: reading, counter: 0 } : after(last)
}

const after = ({ counter, ms }: Stamp): Stamp => {
  if (counter < maxCounter) return { ms, counter: counter + 1 }
  if (ms === maxMs) throw new RangeError("There is no stamp after the last one")
  return { ms: ms + 1, counter: 0 }
}
