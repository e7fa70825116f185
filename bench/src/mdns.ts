/**
 * Messages of mDNS: what the benchmark's peers send, and what nobody should.
 */
import * as Result from "effect/Result"
import * as Name from "../../packages/core/src/protocol/mdns/Name.ts"
import { type Data, hostTtl, otherTtl, type Record, Type } from "../../packages/core/src/protocol/mdns/Record.ts"
import * as Writer from "../../packages/core/src/protocol/mdns/Writer.ts"

/** `mdns4` lacks AAAA and NSEC, `mdns21` has six services of one host. */
export type Format = "mdns4" | "mdns6" | "mdns21"

/** What a message is written from. */
export interface Scene {
  readonly answers: ReadonlyArray<Record>
  readonly additionals: ReadonlyArray<Record>
}

/** The announcement of peer `index`; a `round` changes its text. */
export const sceneOf = (format: Format, index: number, round?: number): Scene => {
  const host = nameOf([`host-${hex(index, 5)}`, "local"])
  const instances = Array.from(
    { length: format === "mdns21" ? 6 : 1 },
    (_, service) => instanceOf(format, index, service)
  )
  return {
    answers: instances.map((target) => recordOf(browsed, Type.PTR, false, { _tag: "Pointer", target })),
    additionals: [
      ...instances.map((name) => recordOf(name, Type.SRV, true, serviceOf(index, host))),
      ...instances.map((name) => recordOf(name, Type.TXT, true, { _tag: "Text", octets: textOf(index, round) })),
      ...addressesOf(format, index, host)
    ]
  }
}

/** A message with names compressed. */
export const write = ({ additionals, answers }: Scene): Uint8Array => {
  const writer = Writer.make({ limit: 1_440, kind: "response" })
  for (const record of answers) Writer.record(writer, "answers", record)
  for (const record of additionals) Writer.record(writer, "additionals", record)
  return Writer.finish(writer)
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0")

const nameOf = (labels: ReadonlyArray<string>): Name.Name => Result.getOrThrow(Name.fromLabels(labels))

const browsed = nameOf(["_perf", "_tcp", "local"])

const instanceOf = (format: Format, index: number, service: number): Name.Name =>
  nameOf([`Device ${hex(index, 5)}${format === "mdns21" ? ` ${service}` : ""}`, "_perf", "_tcp", "local"])

const recordOf = (name: Name.Name, type: number, flush: boolean, data: Data): Record => ({
  name,
  type,
  class: 1,
  flush,
  ttl: type === Type.PTR || type === Type.TXT ? otherTtl : hostTtl,
  data
})

const serviceOf = (index: number, target: Name.Name): Data => ({
  _tag: "Service",
  priority: 0,
  weight: 0,
  port: 8_000 + (index % 1_000),
  target
})

const textOf = (index: number, round: number | undefined): Uint8Array => {
  const strings = [
    `id=${hex(0xbe0000000000 + index, 12)}`,
    "txtvers=1",
    "path=/api/v1",
    `model=M${index % 17}`,
    ...(round === undefined ? [] : [`round=${round}`])
  ]
  return Uint8Array.from(strings.flatMap((text) => [text.length, ...new TextEncoder().encode(text)]))
}

const addressesOf = (format: Format, index: number, host: Name.Name): ReadonlyArray<Record> => {
  const ipv4 = recordOf(host, Type.A, true, {
    _tag: "Address",
    octets: Uint8Array.of(10, index >> 16, (index >> 8) & 255, index & 255)
  })
  if (format === "mdns4") return [ipv4]
  const ipv6 = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, index >> 16, (index >> 8) & 255, index & 255)
  return [
    ipv4,
    recordOf(host, Type.AAAA, true, { _tag: "Address", octets: ipv6 }),
    recordOf(host, Type.NSEC, true, { _tag: "Denial", next: host, types: [Type.A, Type.AAAA] })
  ]
}

/** Twelve octets that claim 65,535 entries in each section. */
export const lie: Uint8Array = Uint8Array.of(0, 0, 0x84, 0, 255, 255, 255, 255, 255, 255, 255, 255)

/** The longest datagrams that take long to read, by what they are full of. */
export const hostile = (): ReadonlyMap<string, Uint8Array> =>
  new Map([
    ["names of 36 labels", full(110, entryOf([...labelsOf(36), 0], 16, []))],
    ["names that point to one of 120 labels", full(255, entryOf([0xc0, 12], 16, []), [...labelsOf(120), 0])],
    ["pointers, each to the one before", chain()],
    ["SOA records", full(200, entryOf([0], 6, [...labelsOf(2), 0, ...labelsOf(2), 0, ...zeros(20)]))],
    ["NSEC records of 256 types", full(189, entryOf([0], 47, [0, 0, 32, ...zeros(32).fill(255)]))],
    ["questions", full(1_792, [0, 0, 1, 0, 1], undefined, 4)],
    ["records of the root", full(814, entryOf([0], 16, []))]
  ])

const maxOctets = 8_972

const zeros = (count: number): Array<number> => Array.from({ length: count }, () => 0)

const labelsOf = (count: number): ReadonlyArray<number> => Array.from({ length: count }, () => [1, 0x61]).flat()

const entryOf = (name: ReadonlyArray<number>, type: number, data: ReadonlyArray<number>): ReadonlyArray<number> => [
  ...name,
  0,
  type,
  0,
  1,
  0,
  0,
  0,
  120,
  data.length >> 8,
  data.length & 255,
  ...data
]

const full = (
  most: number,
  entry: ReadonlyArray<number>,
  first?: ReadonlyArray<number>,
  countAt = 6
): Uint8Array => {
  const octets = [0, 0, 0x84, 0, ...zeros(8)]
  let count = 0
  if (first !== undefined) count = octets.push(...entryOf(first, 16, [])) && 1
  for (; count < most && octets.length + entry.length <= maxOctets; count++) octets.push(...entry)
  octets[countAt] = count >> 8
  octets[countAt + 1] = count & 255
  // the rest is left alone, but has to come along
  return Uint8Array.from([...octets, ...zeros(maxOctets - octets.length)])
}

const chain = (): Uint8Array => {
  const octets = [0, 0, 0x84, 0, ...zeros(8), ...entryOf([1, 0x61, 0], 16, [])]
  let target = 12
  let count = 1
  for (let at = octets.length; at + 12 <= maxOctets; at = octets.length) {
    octets.push(...entryOf([0xc0 | target >> 8, target & 255], 16, []))
    target = at
    count++
  }
  octets[6] = count >> 8
  octets[7] = count & 255
  return Uint8Array.from(octets)
}
