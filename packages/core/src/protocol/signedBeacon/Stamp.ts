/**
 * The number by which a key's announcements are ordered, and by which an old one is told from a new one.
 */

/** `ms` milliseconds since 1970, unsigned 48 bits; `counter` unsigned 16 bits tells stamps of one millisecond apart. */
export interface Stamp {
  readonly ms: number
  readonly counter: number
}

/** Negative when `self` is older than `that`, zero when they are the same. */
export const compare = (self: Stamp, that: Stamp): number => self.ms - that.ms || self.counter - that.counter
