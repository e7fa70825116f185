/**
 * The data of records (RFC 1035, section 3.3; RFC 2782; RFC 3596; RFC 4034, section 4.1), names in it uncompressed.
 */
import * as Octets from "../internal/octets.ts"
import * as Layout from "./Layout.ts"
import * as LazyData from "./LazyData.ts"
import * as NameReader from "./NameReader.ts"
import { type Data, Type } from "./Record.ts"

/** Types that an NSEC record may list. No name has as many. */
export const maxDenialTypes = 256

/** Reads the data between two offsets; `undefined` when it is not what its type says. */
export const read = (names: NameReader.NameReader, type: number, start: number, end: number): Data | undefined => {
  switch (type) {
    case Type.A:
      return end - start === 4 ? LazyData.octets("Address", names.payload, start, end) : undefined
    case Type.AAAA:
      return end - start === 16 ? LazyData.octets("Address", names.payload, start, end) : undefined
    case Type.PTR:
    case Type.CNAME:
    case Type.NS:
    case Type.DNAME:
      return pointer(names, start, end)
    case Type.SRV:
      return service(names, start, end)
    case Type.TXT:
      return LazyData.octets("Text", names.payload, start, end)
    case Type.NSEC:
      return denial(names, start, end)
    default:
      return opaque(names, Layout.of(type), start, end)
  }
}

const pointer = (names: NameReader.NameReader, start: number, end: number): Data | undefined => {
  const target = NameReader.read(names, start, end)
  return target === undefined || names.next !== end ? undefined : { _tag: "Pointer", target }
}

const service = (names: NameReader.NameReader, start: number, end: number): Data | undefined => {
  if (end - start < 7) return undefined
  const target = NameReader.read(names, start + 6, end)
  if (target === undefined || names.next !== end) return undefined
  const { payload } = names
  return {
    _tag: "Service",
    priority: uint16(payload, start),
    weight: uint16(payload, start + 2),
    port: uint16(payload, start + 4),
    target
  }
}

// the general form of RFC 4034, of which RFC 6762, section 6.1 needs one window
const denial = (names: NameReader.NameReader, start: number, end: number): Data | undefined => {
  const next = NameReader.read(names, start, end)
  if (next === undefined) return undefined
  const { payload } = names
  let types = 0
  let last = -1
  for (let offset = names.next; offset < end;) {
    const window = payload[offset]!
    const length = offset + 1 < end ? payload[offset + 1]! : 0
    const after = offset + 2 + length
    if (window <= last || length === 0 || length > 32 || after > end) return undefined
    for (offset += 2; offset < after; offset++) types += bits[payload[offset]!]!
    if (types > maxDenialTypes) return undefined
    last = window
  }
  return LazyData.denial(next, payload, names.next, end)
}

/** How many bits of an octet are set. */
const bits = Uint8Array.from({ length: 256 }, (_, octet) => octet.toString(2).replaceAll("0", "").length)

const opaque = (
  names: NameReader.NameReader,
  layout: Layout.Layout | undefined,
  start: number,
  end: number
): Data | undefined => {
  const { payload } = names
  if (layout === undefined) return LazyData.octets("Opaque", payload, start, end)
  if (end - start < layout.before) return undefined
  const parts = [payload.subarray(start, start + layout.before)]
  let offset = start + layout.before
  for (let i = 0; i < layout.names; i++) {
    const name = NameReader.read(names, offset, end)
    if (name === undefined) return undefined
    parts.push(name.wire)
    offset = names.next
  }
  if (end - offset !== layout.after) return undefined
  parts.push(payload.subarray(offset, end))
  return { _tag: "Opaque", octets: Octets.concatenate(parts) }
}

const uint16 = (payload: Uint8Array, offset: number): number => payload[offset]! << 8 | payload[offset + 1]!
