/**
 * Names within one datagram, compressed or not (RFC 1035, section 4.1.4), read within the bounds of S-P4.
 *
 * Reading makes nothing of a name: it gives the offset that the name is known by. What is read once is remembered by that, so that names that
 * point to it cost one step. The bounds count as if nothing were remembered: what is refused does not depend on how it is read.
 *
 * There is one reader for all datagrams, one after the other. Its tables are fixed, which makes looking into them several times as fast as into
 * those of an object.
 */
import * as Name from "./Name.ts"

/** Why a name was refused: it is cut short, too long or has a label of no known kind; a pointer leads nowhere; the datagram asks for too much. */
export type Fault = "name" | "pointer" | "budget"

/** Labels and pointers that are followed in one datagram. */
const maxSteps = 4_096
/** Octets of all names of one datagram, uncompressed. */
const maxExpanded = 65_536
/** Pointers of one name. */
const maxHops = 126
/** Octets of one name, its final zero not counted. */
const maxOctets = Name.maxOctets

const headerOctets = 12
// offsets that a pointer can have
const offsets = 0x4000
// at most what the longest datagram has: a question takes 5 octets, and each of 255 records has up to three names
const capacity = 2_560

/** In place of what was read: that it is no name. */
const refused = -1

const spent = { steps: 0, expanded: 0, names: 0, fault: "name" as Fault }
/** For each offset at which a name was read its octets in 9 bits, its pointers in 7, and its steps; 0 where none was. */
const facts = new Int32Array(offsets)
/** How many were read before it. */
const numbers = new Uint16Array(offsets)
const starts = new Uint16Array(capacity)
/** Those that somebody has asked for. */
const names: Array<Name.Name | undefined> = []

/** Begins with another datagram. */
export const begin = (): void => {
  for (let i = 0; i < spent.names; i++) facts[starts[i]!] = 0
  spent.steps = 0
  spent.expanded = 0
  spent.names = 0
  spent.fault = "name"
}

/** Why the last name was refused that was. */
export const fault = (): Fault => spent.fault

/**
 * Reads the name at `start`, of which what lies there must end by `end`. Gives the offset that it is known by, and in the higher half the one
 * behind it; less than zero when it is none.
 */
export const read = (payload: Uint8Array, start: number, end: number): number => {
  // most names are nothing but a pointer to one that was read
  if (start + 1 < end && payload[start]! >= 0xc0) {
    const target = (payload[start]! & 0x3f) << 8 | payload[start + 1]!
    const fact = facts[target]!
    if (fact !== 0 && (fact >> 9 & 0x7f) < maxHops) {
      return isWithinBudget(1 + (fact >> 16), fact & 0x1ff) ? target | start + 2 << 16 : refused
    }
  }
  return walk(payload, start, end)
}

const walk = (payload: Uint8Array, start: number, end: number): number => {
  // `| 0` has the compiler see that these are whole numbers, which it cannot tell of an argument
  let offset = start | 0
  let segment = offset
  let limit = end | 0
  let length = 0
  let steps = 0
  let hops = 0
  let next = -1
  for (;;) {
    if (offset >= limit) return refuse("name", steps)
    const octet = payload[offset]!
    if (octet === 0) break
    steps += 1
    if (octet < 0x40) {
      length += octet + 1
      offset += octet + 1
      if (offset > limit || length > maxOctets) return refuse("name", steps)
    } else if (octet >= 0xc0) {
      if (offset + 1 >= limit) return refuse("name", steps)
      const target = (octet & 0x3f) << 8 | payload[offset + 1]!
      hops += 1
      // backwards from where this run of labels begins, not only from the pointer: else a name could hold itself
      if (target >= segment || target < headerOctets || hops > maxHops) return refuse("pointer", steps)
      if (next === -1) next = offset + 2
      const fact = facts[target]!
      if (fact !== 0) {
        const whole = length + (fact & 0x1ff)
        const pointers = hops + (fact >> 9 & 0x7f)
        // one that comes out too long is walked, so that it costs what it costs without memory
        if (whole <= maxOctets + 1 && pointers <= maxHops) {
          steps += fact >> 16
          if (!isWithinBudget(steps, whole)) return refused
          return (length === 0 ? target : remember(start, whole, pointers, steps)) | next << 16
        }
      }
      segment = offset = target
      limit = payload.length | 0
    } else return refuse("name", steps)
  }
  if (!isWithinBudget(steps, length + 1)) return refused
  return remember(start, length + 1, hops, steps) | (next === -1 ? offset + 1 : next) << 16
}

const isWithinBudget = (steps: number, length: number): boolean => {
  spent.steps += steps
  spent.expanded += length
  if (spent.steps <= maxSteps && spent.expanded <= maxExpanded) return true
  spent.fault = "budget"
  return false
}

const remember = (start: number, length: number, hops: number, steps: number): number => {
  const number = spent.names++
  facts[start] = length | hops << 9 | steps << 16
  numbers[start] = number
  starts[number] = start
  return start
}

const refuse = (fault: Fault, steps: number): typeof refused => {
  spent.steps += steps
  spent.fault = spent.steps > maxSteps ? "budget" : fault
  return refused
}

/** The name that is known by an offset: one object for all that are. */
export const nameOf = (payload: Uint8Array, start: number): Name.Name => {
  const number = numbers[start]!
  while (names.length <= number) names.push(undefined)
  return names[number] ??= Name.fromDatagram(payload, start, facts[start]! & 0x1ff)
}

/** The name that was read at an offset: it is known by that, or by where pointers lead from there, before which there is nothing else. */
export const nameAt = (payload: Uint8Array, start: number): Name.Name => {
  let offset = start
  while (facts[offset] === 0) offset = (payload[offset]! & 0x3f) << 8 | payload[offset + 1]!
  return nameOf(payload, offset)
}

/** The offset behind the name that was read at one. */
export const behind = (payload: Uint8Array, start: number): number => {
  let offset = start
  while (payload[offset]! !== 0 && payload[offset]! < 0xc0) offset += payload[offset]! + 1
  return payload[offset] === 0 ? offset + 1 : offset + 2
}

/** Forgets the names that were asked for, which hold on to the datagram. */
export const forgetNames = (): void => {
  const made = Math.min(spent.names, names.length)
  for (let i = 0; i < made; i++) names[i] = undefined
}
