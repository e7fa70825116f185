/**
 * The records of a datagram with their types as numbers, and denials block by block, read octet by octet: `dns-packet` tells neither.
 */

/** A record, its name in lower case. */
export interface Record {
  readonly name: string
  readonly type: number
  readonly blocks: ReadonlyArray<Block>
}

/** A block of the types of an NSEC record (RFC 4034, section 4.1.2). */
export interface Block {
  readonly number: number
  readonly octets: Uint8Array
  readonly types: ReadonlyArray<number>
}

export const type = 47

/** The records of all sections. */
export const records = (payload: Uint8Array): ReadonlyArray<Record> => {
  const count = (at: number) => uint16(payload, at)
  let at = 12
  for (let i = 0; i < count(4); i++) at = nameAt(payload, at).end + 4
  return Array.from({ length: count(6) + count(8) + count(10) }, () => {
    const { end, name } = nameAt(payload, at)
    const data = end + 10
    at = data + uint16(payload, end + 8)
    const number = uint16(payload, end)
    return { name, type: number, blocks: number === type ? blocksOf(payload, nameAt(payload, data).end, at) : [] }
  })
}

/** All types that a denial tells of. */
export const typesOf = ({ blocks }: Record): ReadonlyArray<number> => blocks.flatMap(({ types }) => types)

/** Whether it is one block 0, as long as its last type needs (RFC 6762, section 6.1). */
export const isRestricted = ({ blocks: [block, ...others] }: Record): boolean =>
  block?.number === 0 && others.length === 0 && block.octets.length >= 1 && block.octets.length <= 32 &&
  block.octets.at(-1) !== 0

const blocksOf = (payload: Uint8Array, from: number, end: number): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  for (let at = from; at < end;) {
    const [number, length] = [payload[at]!, payload[at + 1]!]
    const octets = payload.slice(at + 2, at + 2 + length)
    const types = Array.from({ length: 8 * length }, (_, i) => i).filter((i) => octets[i >> 3]! & (0x80 >> (i & 7)))
    blocks.push({ number, octets, types: types.map((type) => number * 256 + type) })
    at += 2 + length
  }
  return blocks
}

const nameAt = (payload: Uint8Array, start: number): { readonly name: string; readonly end: number } => {
  const labels: Array<string> = []
  let end: number | undefined
  let at = start
  while (payload[at] !== 0) {
    if (payload[at]! >= 0xc0) {
      end ??= at + 2
      at = uint16(payload, at) & 0x3fff
    } else {
      labels.push(Buffer.from(payload.slice(at + 1, at + 1 + payload[at]!)).toString("utf8").toLowerCase())
      at += 1 + payload[at]!
    }
  }
  return { name: labels.join("."), end: end ?? at + 1 }
}

const uint16 = (payload: Uint8Array, at: number): number => payload[at]! * 256 + payload[at + 1]!
