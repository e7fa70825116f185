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

/** A name that was read at an offset, and what that took. */
interface Known {
  readonly name: Name.Name
  readonly steps: number
  readonly hops: number
}

/** A reader of one datagram's names. */
export interface NameReader {
  readonly payload: Uint8Array
  readonly known: Map<number, Known>
  steps: number
  expanded: number
  /** The offset behind the name that was read last. */
  next: number
  /** Why the last name was refused. */
  fault: Fault
}

export const make = (payload: Uint8Array): NameReader => ({
  payload,
  known: new Map(),
  steps: 0,
  expanded: 0,
  next: 0,
  fault: "name"
})

// the name that is being put together
const scratch = new Uint8Array(Name.maxOctets + 1)

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
      const after = offset + octet + 1
      if (after > limit || length + octet + 1 > Name.maxOctets) return refuse(self, "name", steps)
      while (offset < after) scratch[length++] = payload[offset++]!
    } else if (octet >= 0xc0) {
      if (offset + 1 >= limit) return refuse(self, "name", steps)
      const target = (octet & 0x3f) << 8 | payload[offset + 1]!
      hops += 1
      // backwards from where this run of labels begins, not only from the pointer: else a name could hold itself
      if (target >= segment || target < headerOctets || hops > maxHops) return refuse(self, "pointer", steps)
      if (next === -1) next = offset + 2
      const known = self.known.get(target)
      // one that comes out too long is walked, so that it costs what it costs without memory
      if (
        known !== undefined && length + known.name.wire.length - 1 <= Name.maxOctets && hops + known.hops <= maxHops
      ) {
        steps += known.steps
        hops += known.hops
        const { wire } = known.name
        if (length === 0) return accept(self, start, known.name, next, steps, hops)
        for (let i = 0; i < wire.length - 1; i++) scratch[length++] = wire[i]!
        return accept(self, start, finish(length), next, steps, hops)
      }
      segment = offset = target
      limit = payload.length
    } else return refuse(self, "name", steps)
  }
  return accept(self, start, finish(length), next === -1 ? offset + 1 : next, steps, hops)
}

const finish = (length: number): Name.Name => {
  scratch[length] = 0
  return Name.fromWire(scratch.slice(0, length + 1))
}

const accept = (
  self: NameReader,
  start: number,
  name: Name.Name,
  next: number,
  steps: number,
  hops: number
): Name.Name | undefined => {
  self.expanded += name.wire.length
  if (self.expanded > maxExpanded) return refuse(self, "budget", steps)
  self.steps += steps
  if (self.steps > maxSteps) return refuse(self, "budget", 0)
  self.next = next
  self.known.set(start, { name, steps, hops })
  return name
}

const refuse = (self: NameReader, fault: Fault, steps: number): undefined => {
  self.steps += steps
  self.fault = self.steps > maxSteps ? "budget" : fault
}
