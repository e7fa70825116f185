/**
 * Which chunks a message is about, in the addressing of its swarm (RFC 7574, section 4).
 */
import * as Cursor from "./Cursor.ts"
import * as Octets from "./Octets.ts"
import * as Swarm from "./Swarm.ts"

/** Chunks, or octets, from `start` to `end`, both included. */
export interface Range {
  readonly _tag: "Range"
  /** The first of them. */
  readonly start: bigint
  /** The last of them. */
  readonly end: bigint
}

/** A node of the binary tree over all chunks: those below it. */
export interface Bin {
  readonly _tag: "Bin"
  /** The number of the node (RFC 7574, section 4.2). */
  readonly bin: bigint
}

/**
 * Chunks as a message names them: a range of chunks or octets, or a bin, as the swarm's addressing has it.
 *
 * @category models
 * @since 0.1.0
 */
export type Chunks = Range | Bin

/** The chunks, or octets, from `start` to `end`, both included. */
export const range = (start: number | bigint, end: number | bigint): Range => ({
  _tag: "Range",
  start: BigInt(start),
  end: BigInt(end)
})

/** The chunks below a bin. */
export const bin = (bin: number | bigint): Bin => ({ _tag: "Bin", bin: BigInt(bin) })

/** Reads chunks; `undefined` for a range that ends before it starts. That octets are missing is for the cursor to say. */
export const read = (cursor: Cursor.Cursor, addressing: Swarm.Addressing): Chunks | undefined => {
  switch (addressing) {
    case "bins-32":
      return bin(Cursor.uint32(cursor))
    case "bins-64":
      return bin(Cursor.uint64(cursor))
    case "chunks-32":
      return inOrder(range(Cursor.uint32(cursor), Cursor.uint32(cursor)))
    case "bytes-64":
    case "chunks-64":
      return inOrder(range(Cursor.uint64(cursor), Cursor.uint64(cursor)))
  }
}

const inOrder = (range: Range): Range | undefined => range.start <= range.end ? range : undefined

/** Writes chunks. Throws a `RangeError` on what the addressing has no words for. */
export const write = (octets: Octets.Octets, chunks: Chunks, addressing: Swarm.Addressing): void => {
  const isBin = addressing === "bins-32" || addressing === "bins-64"
  if (isBin !== (chunks._tag === "Bin")) {
    throw new RangeError(`A ${chunks._tag} is nothing in a swarm with ${addressing}`)
  }
  const numbers = chunks._tag === "Bin" ? [chunks.bin] : [chunks.start, chunks.end]
  const width = Swarm.chunkWidth({ addressing })
  if (numbers.some((number) => number < 0n || number >= 1n << BigInt(8 * width))) {
    throw new RangeError(`${numbers.join("-")} does not fit into ${width} octets`)
  }
  if (numbers.length === 2 && numbers[0]! > numbers[1]!) {
    throw new RangeError(`${numbers.join("-")} ends before it starts`)
  }
  for (const number of numbers) {
    if (width === 4) Octets.uint32(octets, Number(number))
    else Octets.uint64(octets, number)
  }
}

/** Whether `length` octets can be the content of these chunks. The last chunk of all may be shorter than the others. */
export const canHold = (self: Chunks, length: number, swarm: Swarm.Swarm): boolean => {
  if (length === 0) return false
  if (swarm.addressing === "bytes-64" && self._tag === "Range") return self.end - self.start === BigInt(length - 1)
  if (swarm.chunkSize === "variable") return true
  return BigInt(length) <= count(self) * BigInt(swarm.chunkSize)
}

/** How many chunks these are at most. */
export const count = (self: Chunks): bigint => {
  if (self._tag === "Range") return self.end - self.start + 1n
  // the layer of a bin is the number of ones at the end of its number (RFC 7574, section 4.2)
  let layer = 0n
  while (layer < 63n && ((self.bin >> layer) & 1n) === 1n) layer++
  return 1n << layer
}
