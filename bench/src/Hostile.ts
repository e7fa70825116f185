/**
 * Datagrams that are made to cost: the same octets on every machine, in every run.
 */
import { createHash } from "node:crypto"
import * as Mdns from "./mdns.ts"
import * as Workload from "./Workload.ts"

/** Messages of mDNS by what is wrong with them. */
export const messages = (): ReadonlyMap<string, ReadonlyArray<Uint8Array>> =>
  new Map([
    ["12 octets that claim 65,535 of everything", [Mdns.lie]],
    ["88 records at one name of 120 labels", [pointingAt(88)]],
    ["615 records at one name of 120 labels", [pointingAt(615)]],
    ["810 records of the root", [rootRecords(810)]],
    ["a name that points to itself", [message(1, [[...pointerTo(header), ...fixed(16, 0)]])]],
    ["two names that point to each other", [message(2, mutual)]],
    ["a name that points ahead", [message(2, ahead)]],
    ["labels of 63 octets in a name beyond 255", [message(1, [[...longLabels(5), 0, ...fixed(16, 0)]])]],
    ["labels of 63 octets chained beyond 255", [chained(100)]],
    ["truncations of mdns6", truncations(mdns6(1))],
    ["truncations of mdns21", truncations(Mdns.write(Mdns.sceneOf("mdns21", 1)))],
    ["mutants of mdns6", mutants("mdns6")]
  ])

/** Every datagram that one is the beginning of something with. */
export const truncations = (payload: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from(payload, (_, length) => payload.slice(0, length))

/** Datagrams of peers of which some octets were changed, and some of which were cut short or grew. */
export const mutants = (format: Workload.Format, count = 20_000): ReadonlyArray<Uint8Array> => {
  const originals = Workload.datagrams(format, 1_000)
  const below = chances(1)
  return Array.from({ length: count }, (_, index) => mutant(originals[index % originals.length]!, below))
}

/** SHA-256 of datagrams, each behind its length. */
export const digest = (payloads: Iterable<Uint8Array>): string => {
  const hash = createHash("sha256")
  for (const payload of payloads) hash.update(`${payload.length}\n`).update(payload)
  return hash.digest("hex")
}

const mdns6 = (index: number): Uint8Array => Workload.datagram("mdns6", index)

const header = 12

const message = (answers: number, parts: ReadonlyArray<ReadonlyArray<number>>): Uint8Array =>
  Uint8Array.from([0, 0, 0x84, 0, 0, 0, answers >> 8, answers & 255, 0, 0, 0, 0, ...parts.flat()])

const pointerTo = (offset: number): ReadonlyArray<number> => [0xc0 | offset >> 8, offset & 255]

const PTR = 12
const TXT = 16

// what follows a record's name: type, class IN, a ttl of two minutes, and the length of its data
const fixed = (type: number, length: number): ReadonlyArray<number> => [0, type, 0, 1, 0, 0, 0, 120, 0, length]

const longName: ReadonlyArray<number> = [...Array.from({ length: 120 }, () => [1, 0x61]).flat(), 0]

const pointingAt = (count: number): Uint8Array => {
  const first = [...longName, ...fixed(PTR, 2), ...pointerTo(header)]
  const others = Array.from({ length: count - 1 }, () => [
    ...pointerTo(header),
    ...fixed(PTR, 2),
    ...pointerTo(header)
  ])
  return message(count, [first, ...others])
}

const rootRecords = (count: number): Uint8Array =>
  message(count, Array.from({ length: count }, () => [0, ...fixed(TXT, 0)]))

const recordOctets = 12

const mutual = [
  [...pointerTo(header + recordOctets), ...fixed(TXT, 0)],
  [...pointerTo(header), ...fixed(TXT, 0)]
]

const ahead = [
  [...pointerTo(header + recordOctets), ...fixed(TXT, 0)],
  [1, 0x61, 0, ...fixed(TXT, 0)]
]

const longLabels = (count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, () => [63, ...Array.from({ length: 63 }, () => 0x61)]).flat()

// each name is a label more than the one before
const chained = (count: number): Uint8Array => {
  const label = longLabels(1)
  const first = [...label, 0, ...fixed(TXT, 0)]
  const step = label.length + recordOctets
  const others = Array.from({ length: count - 1 }, (_, index) => [
    ...label,
    ...pointerTo(index === 0 ? header : header + first.length + (index - 1) * step),
    ...fixed(TXT, 0)
  ])
  return message(count, [first, ...others])
}

const mutant = (original: Uint8Array, below: (bound: number) => number): Uint8Array => {
  const octets = original.slice()
  for (let changes = 1 + below(4); changes > 0; changes--) octets[below(octets.length)] = below(256)
  switch (below(8)) {
    case 0:
      return octets.slice(0, below(octets.length))
    case 1:
      return Uint8Array.from([...octets, ...octets.subarray(below(octets.length))])
    default:
      return octets
  }
}

// numbers of chance below a bound, the same ones for a seed
const chances = (seed: number) => {
  let state = seed
  return (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}
