/**
 * The datagram of Syncthing's local discovery: four octets that say so, and a protobuf message with three fields.
 *
 * The reader knows these three, skips all others by their wire type, and copies no more than it keeps (S-P3, S-P10).
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Latin1 from "../../internal/Latin1.ts"
import * as Text from "../internal/text.ts"
import * as DeviceId from "./DeviceId.ts"

/**
 * Why a datagram is refused.
 *
 * **Details**
 *
 * - `size`: it is longer than 4,096 octets.
 * - `truncated`: it ends before what it promises.
 * - `magic`: it does not start with 2E A7 D9 0B.
 * - `predecessor`: it starts like one of the formats that Syncthing used until 2016. Each source address is told of once.
 * - `varint`: a number has more than 64 bits.
 * - `field`: a field has a number or a type that it cannot have.
 * - `id`: the device id has not 32 octets, or is nothing but zeros.
 *
 * @category models
 * @since 0.1.0
 */
export type Rejection = "size" | "truncated" | "magic" | "predecessor" | "varint" | "field" | "id"

/** What one datagram says. */
export interface Announce {
  /** 32 octets. */
  readonly id: Uint8Array
  /** Texts that may be URLs: printable ASCII. */
  readonly addresses: ReadonlyArray<string>
  /** Random for each start of the program, by which a restart shows; 0 when it is not said. */
  readonly instance: bigint
}

/** Octets of the longest datagram that is looked at. */
export const maxDatagram = 4_096
/** How many addresses are kept, and octets of each. */
export const maxAddresses = 32
export const maxAddress = 256

const MAGIC = 0x2ea7d90b
// of local discovery from 2014-07-13 to 2016-05-04, as far as it used the same port
const predecessors: ReadonlySet<number> = new Set([0x9d79bc39, 0x2ca856f5, 0x9d79bc40, 0x2ca856f6, 0x7d79bc40])
const HEADER = 4
const MAX_VARINT = 10
const MAX_FIELD = 0x1fffffff

const VARINT = 0
const FIXED64 = 1
const DELIMITED = 2
const FIXED32 = 5

const ID = 1
const ADDRESSES = 2
const INSTANCE = 3
const ID_KEY = ID << 3 | DELIMITED
const ADDRESS_KEY = ADDRESSES << 3 | DELIMITED
const INSTANCE_KEY = INSTANCE << 3 | VARINT

interface Reader {
  readonly octets: Uint8Array
  at: number
  fault: Rejection | undefined
}

/** What a datagram says. Of a field that is there twice the last one holds; addresses beyond what is kept are left out. */
export const decode = (payload: Uint8Array): Result.Result<Announce, Rejection> => {
  if (payload.length > maxDatagram) return Result.fail("size")
  if (payload.length < HEADER) return Result.fail("truncated")
  const magic = ((payload[0]! << 24) | (payload[1]! << 16) | (payload[2]! << 8) | payload[3]!) >>> 0
  if (magic !== MAGIC) return Result.fail(predecessors.has(magic) ? "predecessor" : "magic")
  return readMessage({ octets: payload, at: HEADER, fault: undefined })
}

const readMessage = (reader: Reader): Result.Result<Announce, Rejection> => {
  const { octets } = reader
  const addresses: Array<string> = []
  let idAt = 0
  let idLength = 0
  let instance = 0n
  while (reader.at < octets.length) {
    const key = readVarint(reader)
    if (!isKnown(key) && reader.fault === undefined && !isField(key)) reader.fault = "field"
    if (reader.fault !== undefined) return Result.fail(reader.fault)
    const from = reader.at
    const length = readValue(reader, key & 7)
    if (reader.fault !== undefined) return Result.fail(reader.fault)
    const end = reader.at
    if (key === ADDRESS_KEY) {
      const text = addresses.length < maxAddresses ? textOf(octets, end - length, length) : undefined
      if (text !== undefined) addresses.push(text)
    } else if (key === ID_KEY) {
      idAt = end - length
      idLength = length
    } else if (key === INSTANCE_KEY) instance = toInt64(octets, from, end)
  }
  const id = idLength === DeviceId.byteLength ? copyOf(octets, idAt) : undefined
  return id === undefined ? Result.fail("id") : Result.succeed({ id, addresses, instance })
}

// the `slice` of a Node.js buffer would be no copy; nothing but zeros is no id
const copyOf = (octets: Uint8Array, start: number): Uint8Array | undefined => {
  const id = new Uint8Array(DeviceId.byteLength)
  let bits = 0
  for (let at = 0; at < id.length; at++) bits |= id[at] = octets[start + at]!
  return bits === 0 ? undefined : id
}

const isKnown = (key: number): boolean => key === ADDRESS_KEY || key === ID_KEY || key === INSTANCE_KEY

// one of those three of another type is none; groups (3 and 4) went out of use before this format began
const isField = (key: number): boolean => {
  const field = Math.floor(key / 8)
  const wire = key % 8
  return field > INSTANCE && field <= MAX_FIELD && (wire <= DELIMITED || wire === FIXED32)
}

/** Reads past a value; gives the octets that it ends with, without their count. */
const readValue = (reader: Reader, wire: number): number => {
  switch (wire) {
    case VARINT:
      readVarint(reader)
      return 0
    case DELIMITED:
      return skip(reader, readVarint(reader))
    default:
      return skip(reader, wire === FIXED64 ? 8 : 4)
  }
}

const skip = (reader: Reader, length: number): number => {
  if (length > reader.octets.length - reader.at) reader.fault ??= "truncated"
  else reader.at += length
  return length
}

/** A varint of at most 64 bits. Numbers beyond 2^53 come out near what they are: as a length they are too long in any case. */
const readVarint = (reader: Reader): number => {
  const { octets } = reader
  // nearly all numbers have one octet
  const first = octets[reader.at]
  if (first !== undefined && first < 0x80) {
    reader.at++
    return first
  }
  let value = 0
  let scale = 1
  for (let count = 1; count <= MAX_VARINT; count++) {
    const octet = octets[reader.at++]
    if (octet === undefined) {
      reader.fault ??= "truncated"
      return 0
    }
    // of the tenth octet one bit is left
    if (count === MAX_VARINT && octet > 1) break
    value += (octet & 0x7f) * scale
    if (octet < 0x80) return value
    scale *= 0x80
  }
  reader.fault ??= "varint"
  return 0
}

const int64 = new DataView(new ArrayBuffer(8))

// from two halves, since each step with big integers makes another one
const toInt64 = (octets: Uint8Array, start: number, end: number): bigint => {
  let low = 0
  let high = 0
  for (let at = start, shift = 0; at < end; at++, shift += 7) {
    const group = octets[at]! & 0x7f
    if (shift < 32) low |= group << shift
    if (shift > 25) high |= shift < 32 ? group >> (32 - shift) : group << (shift - 32)
  }
  int64.setInt32(0, high)
  int64.setInt32(4, low)
  return int64.getBigInt64(0)
}

// a URL is printable ASCII (RFC 3986, section 2)
const textOf = (octets: Uint8Array, start: number, length: number): string | undefined => {
  if (length > maxAddress) return undefined
  const characters = Latin1.room(length)
  for (let i = 0; i < length; i++) {
    const octet = octets[start + i]!
    if (octet <= 0x20 || octet >= 0x7f) return undefined
    characters[i] = octet
  }
  return Latin1.text(characters)
}

/** The datagram that says this, as Syncthing writes it. */
export const encode = ({ addresses, id, instance }: Announce): Uint8Array => {
  const octets: Array<number> = [0x2e, 0xa7, 0xd9, 0x0b]
  writeOctets(octets, ID, id)
  // proto3 asks for UTF-8: a receiver may refuse the whole message for one text that is none
  for (const address of addresses) writeOctets(octets, ADDRESSES, Text.toUtf8(address))
  if (instance !== 0n) {
    writeVarint(octets, BigInt(INSTANCE << 3 | VARINT))
    writeVarint(octets, BigInt.asUintN(64, instance))
  }
  return Uint8Array.from(octets)
}

const writeOctets = (octets: Array<number>, field: number, value: ArrayLike<number> & Iterable<number>): void => {
  writeVarint(octets, BigInt(field << 3 | DELIMITED))
  writeVarint(octets, BigInt(value.length))
  for (const octet of value) octets.push(octet)
}

const writeVarint = (octets: Array<number>, value: bigint): void => {
  let left = value
  for (; left >= 0x80n; left >>= 7n) octets.push(Number(left & 0x7fn) | 0x80)
  octets.push(Number(left))
}
