/** Messages without end, from a seed: good ones, and ones that lie about themselves. */
import { Seed } from "@effect-discovery/core"
import type * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import { type Data, type Record, Type } from "../../../src/protocol/mdns/Record.ts"

/** Random numbers, and what is drawn with them. */
export interface Draw {
  /** An integer from 0 to below `limit`. */
  readonly below: (limit: number) => number
  readonly pick: <A>(items: ReadonlyArray<A>) => A
  readonly octets: (length: number) => Uint8Array
}

export const draw = (seed: number): Draw => {
  const below = (limit: number): number => {
    const [value, next] = Seed.next(seed)
    seed = next
    return Math.floor(value * limit)
  }
  return {
    below,
    pick: (items) => items[below(items.length)]!,
    octets: (length) => Uint8Array.from({ length }, () => below(256))
  }
}

const words = ["local", "Local", "_http", "_tcp", "_udp", "a", "A", "b.c", "\\", "\u{feff}", "é", "__proto__", "\0"]
const encoder = new TextEncoder()

const label = ({ below, octets, pick }: Draw): Uint8Array =>
  below(3) === 0 ? octets(1 + below(63)) : encoder.encode(pick(words))

/** A name of any labels, within bounds; often one that shares its end with others. */
export const name = (draw: Draw): Name.Name => {
  const labels: Array<Uint8Array> = []
  let length = 0
  for (let count = draw.below(draw.below(20) === 0 ? 127 : 6); count > 0; count--) {
    const next = label(draw)
    length += next.length + 1
    if (length > Name.maxOctets) break
    labels.unshift(next)
  }
  return Name.fromWire(Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0]))
}

const data = (type: number, draw: Draw): Data => {
  const { below, octets } = draw
  switch (type) {
    case Type.A:
      return { _tag: "Address", octets: octets(4) }
    case Type.AAAA:
      return { _tag: "Address", octets: octets(16) }
    case Type.PTR:
    case Type.CNAME:
    case Type.NS:
    case Type.DNAME:
      return { _tag: "Pointer", target: name(draw) }
    case Type.SRV:
      return {
        _tag: "Service",
        priority: below(65_536),
        weight: below(65_536),
        port: below(65_536),
        target: name(draw)
      }
    case Type.TXT:
      return { _tag: "Text", octets: octets(below(below(10) === 0 ? 300 : 20)) }
    case Type.NSEC:
      return { _tag: "Denial", next: name(draw), types: types(draw) }
    case Type.SOA:
      return opaque([name(draw).wire, name(draw).wire, octets(20)])
    case Type.MX:
    case 18:
    case 21:
    case 36:
      return opaque([octets(2), name(draw).wire])
    case 17:
      return opaque([name(draw).wire, name(draw).wire])
    case 26:
      return opaque([octets(2), name(draw).wire, name(draw).wire])
    default:
      return opaque([octets(below(30))])
  }
}

const opaque = (parts: ReadonlyArray<Uint8Array>): Data => ({
  _tag: "Opaque",
  octets: Uint8Array.from(parts.flatMap((part) => Array.from(part)))
})

const types = ({ below }: Draw): ReadonlyArray<number> => {
  const limit = below(8) === 0 ? 65_536 : 256
  const types = Array.from({ length: below(below(20) === 0 ? 200 : 6) }, () => below(limit))
  return Array.from(new Set(types)).toSorted((a, b) => a - b)
}

const knownTypes = [...Object.values(Type).filter((type) => type !== Type.ANY), 17, 18, 21, 26, 36, 99, 65_280]

/** A record of any type that can be written. */
export const record = (draw: Draw): Record => {
  const type = draw.pick(knownTypes)
  const isOption = type === Type.OPT
  return {
    name: name(draw),
    type,
    class: draw.below(isOption ? 65_536 : 4),
    flush: !isOption && draw.below(2) === 1,
    ttl: draw.pick([0, 10, 120, 4_500, 0x7fff_ffff, 0xffff_ffff]),
    data: data(type, draw)
  }
}

export const question = (draw: Draw): Message.Question => ({
  name: name(draw),
  type: draw.pick([...knownTypes, Type.ANY]),
  class: draw.pick([1, 255]),
  unicast: draw.below(2) === 1
})

/** A message of some questions and records. */
export const message = (draw: Draw): Message.Message => ({
  id: draw.below(65_536),
  isResponse: draw.below(2) === 1,
  isTruncated: draw.below(4) === 0,
  questions: Array.from({ length: draw.below(4) }, () => question(draw)),
  answers: Array.from({ length: draw.below(6) }, () => record(draw)),
  authorities: Array.from({ length: draw.below(3) }, () => record(draw)),
  additionals: Array.from({ length: draw.below(6) }, () => record(draw)),
  skipped: 0
})

/** The octets of a message put together by someone who lies about counts and lengths, and points where nothing is. */
export const hostile = (draw: Draw): Uint8Array => {
  const { below, octets, pick } = draw
  const out: Array<number> = [0, 0, pick([0, 0x84, 0x84, 0x02]), 0, 0, 0, 0, 0, 0, 0, 0, 0]
  const starts: Array<number> = []
  // all names of a greedy message are one long one
  const isGreedy = below(60) === 0
  const putName = () => {
    starts.push(out.length)
    if (isGreedy && starts.length > 1) return void point(pick(starts.slice(0, -1)))
    for (let count = isGreedy ? 120 : below(below(12) === 0 ? 128 : 4); count > 0; count--) {
      const text = isGreedy ? octets(1) : below(6) === 0 ? octets(1 + below(63)) : encoder.encode(pick(words))
      out.push(text.length, ...text)
    }
    const kind = below(40)
    if (kind < 14 || starts.length === 1) out.push(0)
    else if (kind < 34) point(pick(starts))
    else if (kind < 36) point(below(0x4000))
    else if (kind < 37) point(starts.at(-1)!)
    else if (kind < 38) point(out.length + below(40))
    else if (kind < 39) out.push(pick([0x40, 0x80, 0x3f, 0xc0]))
    else point(starts.at(-2)!)
  }
  const point = (target: number) => out.push(0xc0 | target >> 8 & 0x3f, target & 0xff)
  const put16 = (value: number) => out.push(value >> 8 & 0xff, value & 0xff)
  const putRecord = () => {
    putName()
    const type = pick([...knownTypes, 3, 14])
    put16(type)
    put16(pick([1, 0x8001, 0x0578]))
    put16(0)
    put16(120)
    const at = out.length
    put16(0)
    putData(type)
    const length = out.length - at - 2 + (below(12) === 0 ? below(9) - 4 : 0)
    out[at] = length >> 8 & 0xff
    out[at + 1] = length & 0xff
  }
  const putData = (type: number) => {
    if (type === Type.A || type === Type.AAAA) return void out.push(...octets(type === Type.A ? 4 : 16))
    if (type === Type.SOA) return void (putName(), putName(), out.push(...octets(20)))
    if (type === Type.NSEC) return void (putName(), out.push(below(3), 1 + below(4), ...octets(below(5))))
    if (type === Type.TXT || type === Type.OPT || below(10) === 0) return void out.push(...octets(below(60)))
    if (type === Type.SRV) out.push(...octets(6))
    if ([Type.MX, 18, 21, 26, 36].includes(type)) out.push(...octets(2))
    putName()
    if (type === 17 || type === 26 || type === 14) putName()
  }
  const counts = Array.from({ length: 4 }, () => below(isGreedy || below(60) === 0 ? 300 : 5))
  for (let i = counts[0]!; i > 0 && out.length < 9_100; i--) {
    putName()
    put16(pick(knownTypes))
    put16(1)
  }
  for (let i = counts[1]! + counts[2]! + counts[3]!; i > 0 && out.length < 9_100; i--) putRecord()
  counts.forEach((count, i) => {
    const told = below(25) === 0 ? pick([0, count + 1, 255, 65_535]) : count
    out[4 + 2 * i] = told >> 8
    out[5 + 2 * i] = told & 0xff
  })
  return Uint8Array.from(below(10) === 0 ? out.slice(0, below(out.length + 1)) : out)
}
