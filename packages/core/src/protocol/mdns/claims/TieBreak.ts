/**
 * Who gives way when two hosts probe for one name at the same time (RFC 6762, sections 8.2 and 8.2.1).
 */
import * as Record from "../Record.ts"

interface Comparable {
  readonly class: number
  readonly type: number
  readonly octets: Uint8Array
}

/**
 * Compares the records that two hosts propose for a name: the side that is greater has it, and equal ones are in no conflict.
 *
 * In their order records are compared one by one; when one side has no more, the other is the greater.
 */
export const compare = (self: ReadonlyArray<Record.Record>, that: ReadonlyArray<Record.Record>): number => {
  const ours = inOrder(self)
  const theirs = inOrder(that)
  for (let i = 0; i < ours.length && i < theirs.length; i++) {
    const order = compareRecords(ours[i]!, theirs[i]!)
    if (order !== 0) return order
  }
  return Math.sign(ours.length - theirs.length)
}

const inOrder = (records: ReadonlyArray<Record.Record>): ReadonlyArray<Comparable> =>
  records.map(({ class: class_, data, type }) => ({ class: class_, type, octets: Record.octetsOf(data) }))
    .toSorted(compareRecords)

const compareRecords = (self: Comparable, that: Comparable): number =>
  Math.sign(self.class - that.class) || Math.sign(self.type - that.type) || compareOctets(self.octets, that.octets)

const compareOctets = (self: Uint8Array, that: Uint8Array): number => {
  for (let i = 0; i < self.length && i < that.length; i++) {
    if (self[i] !== that[i]) return self[i]! < that[i]! ? -1 : 1
  }
  return Math.sign(self.length - that.length)
}
