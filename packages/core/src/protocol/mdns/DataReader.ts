/**
 * The data of records (RFC 1035, section 3.3; RFC 2782; RFC 3596; RFC 4034, section 4.1), names in it uncompressed.
 *
 * It is judged first and read then, when nothing can be wrong with it any more.
 */
import * as Octets from "../internal/octets.ts"
import * as Layout from "./Layout.ts"
import * as LazyData from "./LazyData.ts"
import * as NameReader from "./NameReader.ts"
import { type Data, Type } from "./Record.ts"

/** Types that an NSEC record may list. No name has as many. */
export const maxDenialTypes = 256

// what data is made of, as far as it can be wrong
const anything = 0
const fourOctets = 1
const sixteenOctets = 2
const oneName = 3
const service = 4
const denial = 5
const laidOut = 6

const formOf = (type: number): number => {
  switch (type) {
    case Type.A:
      return fourOctets
    case Type.AAAA:
      return sixteenOctets
    case Type.PTR:
    case Type.CNAME:
    case Type.NS:
    case Type.DNAME:
      return oneName
    case Type.SRV:
      return service
    case Type.NSEC:
      return denial
    default:
      return Layout.of(type) === undefined ? anything : laidOut
  }
}

/** By type; of those beyond nothing is known. A look at this takes less than comparing with one after the other. */
const forms = Uint8Array.from({ length: 256 }, (_, type) => formOf(type))

/** Whether the data between two offsets is what its type says. */
export const isSound = (payload: Uint8Array, type: number, start: number, end: number): boolean => {
  switch (type < forms.length ? forms[type] : anything) {
    case fourOctets:
      return end - start === 4
    case sixteenOctets:
      return end - start === 16
    case oneName:
      return isName(payload, start, end)
    case service:
      return end - start >= 7 && isName(payload, start + 6, end)
    case denial:
      return isDenial(payload, start, end)
    case laidOut:
      return isLaidOut(payload, Layout.of(type)!, start, end)
    default:
      return true
  }
}

const isName = (payload: Uint8Array, start: number, end: number): boolean =>
  NameReader.read(payload, start, end) >> 16 === end

const isDenial = (payload: Uint8Array, start: number, end: number): boolean => {
  const next = NameReader.read(payload, start, end)
  return next >= 0 && areWindows(payload, next >> 16, end)
}

// the general form of RFC 4034, of which RFC 6762, section 6.1 needs one window
const areWindows = (payload: Uint8Array, start: number, end: number): boolean => {
  let types = 0
  let last = -1
  for (let offset = start; offset < end;) {
    const window = payload[offset]!
    const length = offset + 1 < end ? payload[offset + 1]! : 0
    const after = offset + 2 + length
    if (window <= last || length === 0 || length > 32 || after > end) return false
    for (offset += 2; offset < after; offset++) types += bits[payload[offset]!]!
    if (types > maxDenialTypes) return false
    last = window
  }
  return true
}

/** How many bits of an octet are set. */
const bits = Uint8Array.from({ length: 256 }, (_, octet) => octet.toString(2).replaceAll("0", "").length)

const isLaidOut = (payload: Uint8Array, layout: Layout.Layout, start: number, end: number): boolean => {
  let offset = start + layout.before
  for (let i = 0; i < layout.names; i++) {
    const name = NameReader.read(payload, offset, end)
    if (name < 0) return false
    offset = name >> 16
  }
  return end - offset === layout.after
}

/** Reads the data between two offsets, which is sound. */
export const read = (payload: Uint8Array, type: number, start: number, end: number): Data => {
  switch (type) {
    case Type.A:
    case Type.AAAA:
      return LazyData.octets("Address", payload, start, end)
    case Type.PTR:
    case Type.CNAME:
    case Type.NS:
    case Type.DNAME:
      return { _tag: "Pointer", target: NameReader.nameAt(payload, start) }
    case Type.SRV:
      return {
        _tag: "Service",
        priority: uint16(payload, start),
        weight: uint16(payload, start + 2),
        port: uint16(payload, start + 4),
        target: NameReader.nameAt(payload, start + 6)
      }
    case Type.TXT:
      return LazyData.octets("Text", payload, start, end)
    case Type.NSEC:
      return LazyData.denial(NameReader.nameAt(payload, start), payload, NameReader.behind(payload, start), end)
    default:
      return opaque(payload, Layout.of(type), start, end)
  }
}

const opaque = (
  payload: Uint8Array,
  layout: Layout.Layout | undefined,
  start: number,
  end: number
): Data => {
  if (layout === undefined) return LazyData.octets("Opaque", payload, start, end)
  const parts = [payload.subarray(start, start + layout.before)]
  let offset = start + layout.before
  for (let i = 0; i < layout.names; i++) {
    parts.push(NameReader.nameAt(payload, offset).wire)
    offset = NameReader.behind(payload, offset)
  }
  parts.push(payload.subarray(offset, end))
  return { _tag: "Opaque", octets: Octets.concatenate(parts) }
}

const uint16 = (payload: Uint8Array, offset: number): number => payload[offset]! << 8 | payload[offset + 1]!
