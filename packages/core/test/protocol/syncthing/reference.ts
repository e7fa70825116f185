/** A second reader of the same datagrams, as plain as can be and slow: big integers, generators, nothing shared with the library. */

export interface Announce {
  readonly id: string
  readonly addresses: ReadonlyArray<string>
  readonly instance: string
}

interface Field {
  readonly number: bigint
  readonly wire: bigint
  readonly value: bigint | Uint8Array
}

class Malformed extends Error {}

interface Cursor {
  readonly octets: Uint8Array
  at: number
}

const varint = (cursor: Cursor): bigint => {
  const digits: Array<bigint> = []
  for (;;) {
    const octet = cursor.octets[cursor.at++]
    if (octet === undefined) throw new Malformed("ends within a number")
    digits.push(BigInt(octet % 128))
    if (octet < 128) break
    if (digits.length === 10) throw new Malformed("a number without end")
  }
  const value = digits.reduceRight((sum, digit) => sum * 128n + digit, 0n)
  if (value >= 2n ** 64n) throw new Malformed("more than 64 bits")
  return value
}

const take = (cursor: Cursor, length: bigint): Uint8Array => {
  const from = cursor.at
  if (length > BigInt(cursor.octets.length - from)) throw new Malformed("ends within a value")
  cursor.at += Number(length)
  return cursor.octets.subarray(from, cursor.at)
}

const fields = function*(cursor: Cursor): Generator<Field> {
  while (cursor.at < cursor.octets.length) {
    const key = varint(cursor)
    const [number, wire] = [key / 8n, key % 8n]
    if (number === 0n || number >= 2n ** 29n) throw new Malformed("field number")
    if (wire === 0n) yield { number, wire, value: varint(cursor) }
    else if (wire === 1n) yield { number, wire, value: take(cursor, 8n) }
    else if (wire === 2n) yield { number, wire, value: take(cursor, varint(cursor)) }
    else if (wire === 5n) yield { number, wire, value: take(cursor, 4n) }
    else throw new Malformed("wire type")
  }
}

const ascii = (value: Uint8Array): ReadonlyArray<string> => {
  const text = Buffer.from(value).toString("latin1")
  return /^[!-~]{0,256}$/.test(text) ? [text] : []
}

/** What a datagram says; `undefined` when it is to be refused. */
export const decode = (payload: Uint8Array): Announce | undefined => {
  if (payload.length > 4_096 || payload.subarray(0, 4).join() !== "46,167,217,11") return undefined
  try {
    return read(Array.from(fields({ octets: payload, at: 4 })))
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

const read = (all: ReadonlyArray<Field>): Announce => {
  const types: Record<string, bigint> = { 1: 2n, 2: 2n, 3: 0n }
  for (const { number, wire } of all) {
    if ((types[String(number)] ?? wire) !== wire) throw new Malformed("type of a field")
  }
  const values = (wanted: bigint) => all.filter(({ number }) => number === wanted).map(({ value }) => value)
  const id = Buffer.from((values(1n).at(-1) ?? new Uint8Array()) as Uint8Array)
  if (id.length !== 32 || id.equals(Buffer.alloc(32))) throw new Malformed("id")
  const addresses = values(2n).flatMap((value) => ascii(value as Uint8Array)).slice(0, 32)
  const instance = (values(3n).at(-1) ?? 0n) as bigint
  return {
    id: id.toString("hex"),
    addresses,
    instance: String(instance >= 2n ** 63n ? instance - 2n ** 64n : instance)
  }
}
