/** A second reader of the same datagrams, as plain as can be and slow: big integers, generators, nothing shared with the library. */

export interface Announce {
  readonly id: string
  readonly addresses: ReadonlyArray<string>
  readonly instance: string
}

interface Field {
  readonly number: bigint
  readonly wire: bigint
  readonly value: bigint | ReadonlyArray<number>
}

class Malformed extends Error {}

const varint = (octets: Array<number>): bigint => {
  const digits: Array<bigint> = []
  for (;;) {
    const octet = octets.shift()
    if (octet === undefined) throw new Malformed("ends within a number")
    digits.push(BigInt(octet % 128))
    if (octet < 128) break
    if (digits.length === 10) throw new Malformed("a number without end")
  }
  const value = digits.reduceRight((sum, digit) => sum * 128n + digit, 0n)
  if (value >= 2n ** 64n) throw new Malformed("more than 64 bits")
  return value
}

const take = (octets: Array<number>, length: bigint): ReadonlyArray<number> => {
  if (length > BigInt(octets.length)) throw new Malformed("ends within a value")
  return octets.splice(0, Number(length))
}

const fields = function*(octets: Array<number>): Generator<Field> {
  while (octets.length > 0) {
    const key = varint(octets)
    const [number, wire] = [key / 8n, key % 8n]
    if (number === 0n || number >= 2n ** 29n) throw new Malformed("field number")
    if (wire === 0n) yield { number, wire, value: varint(octets) }
    else if (wire === 1n) yield { number, wire, value: take(octets, 8n) }
    else if (wire === 2n) yield { number, wire, value: take(octets, varint(octets)) }
    else if (wire === 5n) yield { number, wire, value: take(octets, 4n) }
    else throw new Malformed("wire type")
  }
}

const ascii = (value: ReadonlyArray<number>): ReadonlyArray<string> => {
  const text = Buffer.from(value).toString("latin1")
  return /^[!-~]{0,256}$/.test(text) ? [text] : []
}

/** What a datagram says; `undefined` when it is to be refused. */
export const decode = (payload: Uint8Array): Announce | undefined => {
  const octets = Array.from(payload)
  if (octets.length > 4_096 || octets.splice(0, 4).join() !== "46,167,217,11") return undefined
  try {
    return read(Array.from(fields(octets)))
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
  const id = Buffer.from((values(1n).at(-1) ?? []) as ReadonlyArray<number>)
  if (id.length !== 32 || id.equals(Buffer.alloc(32))) throw new Malformed("id")
  const addresses = values(2n).flatMap((value) => ascii(value as ReadonlyArray<number>)).slice(0, 32)
  const instance = (values(3n).at(-1) ?? 0n) as bigint
  return {
    id: id.toString("hex"),
    addresses,
    instance: String(instance >= 2n ** 63n ? instance - 2n ** 64n : instance)
  }
}
