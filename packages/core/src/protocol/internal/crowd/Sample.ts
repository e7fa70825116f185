/**
 * A digest of a set: the smallest hashes of its members. It seldom changes, and two of them tell how much two sets have in common, which a
 * count or a hash of the whole would not: where one datagram in a hundred is lost, no two hosts know exactly the same.
 *
 * @since 0.1.0
 */
import * as Seed from "../../../Seed.ts"

/** Unsigned 32-bit hashes, ascending, each once. */
export type Sample = ReadonlyArray<number>

/** How many hashes are kept. */
export const size = 8

export const empty: Sample = []

/** The hash of a member. */
export const hash = (identity: string): number => Seed.derive(0, identity) >>> 0

/** The sample of a set with one more member. */
export const add = (self: Sample, member: number): Sample => {
  if (self.length === size && member >= self[size - 1]!) return self
  const at = self.findIndex((other) => other >= member)
  if (at === -1) return [...self, member]
  return self[at] === member ? self : [...self.slice(0, at), member, ...self.slice(at)].slice(0, size)
}

/**
 * Whether whoever keeps the sample `self` lacks more than half of what `that` is a sample of. Members beyond the largest of `self` may be known
 * or not; a sample that is not full is of too few to be worth asking for.
 */
export const lacks = (self: Sample, that: Sample): boolean => {
  if (that.length < size) return false
  const reach = self.length < size ? Infinity : self[size - 1]!
  const missing = that.filter((member) => member < reach && !self.includes(member))
  return missing.length > size / 2
}

/** The digits of a hash. */
export const digits = 8

/** As text: eight hexadecimal digits each. */
export const format = (self: Sample): string => self.map((member) => member.toString(16).padStart(digits, "0")).join("")

/** The sample that a text spells, `undefined` when it spells none. */
export const parse = (text: unknown): Sample | undefined => {
  if (typeof text !== "string" || text.length === 0 || text.length > size * digits || text.length % digits !== 0) {
    return undefined
  }
  if (!hexadecimal.test(text)) return undefined
  const members = Array.from(
    { length: text.length / digits },
    (_, index) => Number.parseInt(text.slice(index * digits, (index + 1) * digits), 16)
  )
  return members.every((member, index) => index === 0 || member > members[index - 1]!) ? members : undefined
}

const hexadecimal = /^[0-9a-f]+$/
