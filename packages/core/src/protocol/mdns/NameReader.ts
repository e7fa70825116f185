/**
 * Names within one datagram, compressed or not (RFC 1035, section 4.1.4), read within the bounds of S-P4.
 *
 * What is read once is remembered by its offset, so that names that point to it cost one step and share one object. The bounds count as
 * if nothing were remembered: what is refused does not depend on how it is read.
 */
import * as Name from "./Name.ts"

/** Why a name was refused: it is cut short, too long or has a label of no known kind; a pointer leads nowhere; the datagram asks for too much. */
export type Fault = "name" | "pointer" | "budget"

/** Labels and pointers that are followed in one datagram. */
export const maxSteps = 4_096
/** Octets of all names of one datagram, uncompressed. */
export const maxExpanded = 65_536
/** Pointers of one name. */
export const maxHops = 126

const headerOctets = 12
// of offsets that a pointer can have, and of names that are remembered
const offsets = 0x4000
const capacity = 1_024

/** A reader of names. One serves any number of datagrams, one after the other: making its tables costs more than reading does. */
export interface NameReader {
  payload: Uint8Array
  steps: number
  expanded: number
  /** The offset behind the name that was read last. */
  next: number
  /** Why the last name was refused. */
  fault: Fault
  /** For each offset the number of the name that was read there, if `starts` has that number begin there. */
  readonly numbers: Uint16Array
  readonly starts: Uint16Array
  count: number
  readonly names: Array<Name.Name | undefined>
  readonly lengths: Uint16Array
  readonly hops: Uint8Array
  readonly stepsOf: Uint16Array
}

const nothing = new Uint8Array(0)

export const make = (): NameReader => ({
  payload: nothing,
  steps: 0,
  expanded: 0,
  next: 0,
  fault: "name",
  numbers: new Uint16Array(offsets),
  starts: new Uint16Array(capacity),
  count: 0,
  names: Array.from({ length: capacity }, () => undefined),
  lengths: new Uint16Array(capacity),
  hops: new Uint8Array(capacity),
  stepsOf: new Uint16Array(capacity)
})

/** Begins with another datagram. */
export const begin = (self: NameReader, payload: Uint8Array): void => {
  self.payload = payload
  self.steps = 0
  self.expanded = 0
  self.fault = "name"
}

/** Forgets the datagram. */
export const end = (self: NameReader): void => {
  self.payload = nothing
  for (let i = 0; i < self.count; i++) self.names[i] = undefined
  self.count = 0
}

/** Reads the name at `start`; what of it lies there must end by `end`. */
export const read = (self: NameReader, start: number, end: number): Name.Name | undefined => {
  const { payload } = self
  let offset = start
  let segment = start
  let limit = end
  let length = 0
  let steps = 0
  let hops = 0
  let next = -1
  for (;;) {
    if (offset >= limit) return refuse(self, "name", steps)
    const octet = payload[offset]!
    if (octet === 0) break
    steps += 1
    if (octet < 0x40) {
      length += octet + 1
      offset += octet + 1
      if (offset > limit || length > Name.maxOctets) return refuse(self, "name", steps)
    } else if (octet >= 0xc0) {
      if (offset + 1 >= limit) return refuse(self, "name", steps)
      const target = (octet & 0x3f) << 8 | payload[offset + 1]!
      hops += 1
      // backwards from where this run of labels begins, not only from the pointer: else a name could hold itself
      if (target >= segment || target < headerOctets || hops > maxHops) return refuse(self, "pointer", steps)
      if (next === -1) next = offset + 2
      const known = self.numbers[target]!
      if (known < self.count && self.starts[known] === target) {
        const whole = length + self.lengths[known]!
        // one that comes out too long is walked, so that it costs what it costs without memory
        if (whole <= Name.maxOctets + 1 && hops + self.hops[known]! <= maxHops) {
          self.next = next
          steps += self.stepsOf[known]!
          if (!isWithinBudget(self, steps, whole)) return undefined
          return length === 0 ? self.names[known] : remember(self, start, whole, steps, hops + self.hops[known]!)
        }
      }
      segment = offset = target
      limit = payload.length
    } else return refuse(self, "name", steps)
  }
  self.next = next === -1 ? offset + 1 : next
  return isWithinBudget(self, steps, length + 1) ? remember(self, start, length + 1, steps, hops) : undefined
}

const isWithinBudget = (self: NameReader, steps: number, length: number): boolean => {
  self.steps += steps
  self.expanded += length
  if (self.steps <= maxSteps && self.expanded <= maxExpanded) return true
  self.fault = "budget"
  return false
}

const remember = (self: NameReader, start: number, length: number, steps: number, hops: number): Name.Name => {
  const name = Name.fromDatagram(self.payload, start, length)
  if (self.count < capacity) {
    const index = self.count++
    self.numbers[start] = index
    self.starts[index] = start
    self.names[index] = name
    self.lengths[index] = length
    self.hops[index] = hops
    self.stepsOf[index] = steps
  }
  return name
}

const refuse = (self: NameReader, fault: Fault, steps: number): undefined => {
  self.steps += steps
  self.fault = self.steps > maxSteps ? "budget" : fault
}
