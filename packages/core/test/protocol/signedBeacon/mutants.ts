/** Signed announcements that are wrong in one thing or another, or in none, and for the most part signed all the same. */
import type { KeyObject } from "node:crypto"
import type * as Arbitrary from "../mdns/arbitrary.ts"
import * as Reference from "./reference.ts"

type Field = readonly [type: number, value: Buffer]

/** A datagram that resembles `good`, whose key is `key`. */
export const make = (draw: Arbitrary.Draw, good: Buffer, key: KeyObject, realm: string): Buffer => {
  const { below } = draw
  const header = Buffer.from(good.subarray(0, 64))
  const body = below(5) > 0 ? mutateBody(draw, good.subarray(64, -64)) : good.subarray(64, -64)
  header.writeUInt16BE(body.length, 62)
  if (below(5) === 0) mutateHeader(draw, header)
  const datagram = Reference.signAs(Buffer.concat([header, body]), realm, key)
  return below(10) === 0 ? mutateSigned(draw, datagram) : datagram
}

/** A body that resembles a good one. */
export const mutateBody = (draw: Arbitrary.Draw, good: Buffer): Buffer => join(mutateFields(draw, split(good)))

const split = (body: Buffer): Array<Field> => {
  const fields: Array<Field> = []
  for (let at = 0; at < body.length; at += 2 + body[at + 1]!) {
    fields.push([body[at]!, body.subarray(at + 2, at + 2 + body[at + 1]!)])
  }
  return fields
}

const join = (fields: ReadonlyArray<Field>): Buffer =>
  Buffer.concat(fields.flatMap(([type, value]) => [Buffer.from([type, value.length & 0xff]), value]))

const types = [1, 2, 3, 4, 5, 6, 7, 8, 9]
const interesting: ReadonlyArray<Field> = ([
  [0, ""],
  [1, ""],
  [1, "1b"],
  [1, "61c285"],
  [1, "7f"],
  [1, "65cc81"],
  [1, "c3a9"],
  [1, "efbbbf61"],
  [1, "eda080"],
  [1, "c080"],
  [1, "ff"],
  [1, "61".repeat(63)],
  [1, "61".repeat(64)],
  [2, "5f2e5f746370"],
  [2, "5f612e5f746370"],
  [2, "5f612e5f544350"],
  [2, "5f612e622e5f746370"],
  [2, "5f612e5f7463700a"],
  [3, "01000001020304"],
  [3, "04000101020304"],
  [3, "00000101020304"],
  [3, "02000100000000"],
  [3, "0200010102030400"],
  [4, `030001${"00".repeat(16)}`],
  [4, `030001${"ff".repeat(16)}`],
  [5, ""],
  [5, "00"],
  [5, "0161"],
  [5, "0261"],
  [5, "016162"],
  [5, "0141"],
  [5, `20${"61".repeat(32)}`],
  [5, `21${"61".repeat(33)}`],
  [5, "095f5f70726f746f5f5f31"],
  [6, "00".repeat(32)],
  [6, "00".repeat(31)],
  [7, "00".repeat(96)],
  [7, "00".repeat(97)],
  [8, "00".repeat(16)],
  [9, "00".repeat(32)],
  [10, ""],
  [127, "61"],
  [128, ""],
  [128, "6162"],
  [255, "61".repeat(255)]
] as const).map(([type, value]) => [type, Buffer.from(value, "hex")])

const mutateFields = (draw: Arbitrary.Draw, fields: ReadonlyArray<Field>): Array<Field> => {
  const { below, octets, pick } = draw
  const mutated = [...fields]
  const at = below(fields.length + 1)
  const field = mutated[at] ?? pick(interesting)
  const value = Buffer.from(field[1])
  switch (below(9)) {
    case 0:
      mutated.splice(at, 1, mutated[at + 1] ?? field, field)
      return mutated.filter((_, index) => index !== at + 2)
    case 1:
      mutated.splice(at, 0, field)
      return mutated
    case 2:
      mutated.splice(at, 1)
      return mutated
    case 3:
      mutated.splice(at, 1, [pick(types), value])
      return sorted(mutated)
    case 4:
      if (value.length > 0) value[below(value.length)] = below(256)
      mutated.splice(at, 1, [field[0], value])
      return sorted(mutated)
    case 5:
      mutated.splice(at, 1, [
        field[0],
        below(2) === 0 ? value.subarray(below(value.length + 1)) : Buffer.concat([value, octets(1)])
      ])
      return below(3) === 0 ? mutated : sorted(mutated)
    case 6:
      return sorted([...mutated, pick(interesting)])
    case 7:
      return sorted([...mutated, pick(interesting), pick(interesting), [field[0], Buffer.from(octets(below(20)))]])
    default:
      // as many as there may be, or one more
      return sorted([...mutated, ...many(draw, pick([2, 3, 4, 5, 128]))])
  }
}

const many = ({ below }: Arbitrary.Draw, type: number): Array<Field> => {
  const values: Record<number, (index: number) => string> = {
    2: (index) => `5f${(97 + index).toString(16)}2e5f746370`,
    3: (index) => `0100${(16 + index).toString(16)}01020304`,
    4: (index) => `0100${(16 + index).toString(16)}${"01".repeat(16)}`,
    5: (index) => `01${(97 + index).toString(16)}31`,
    128: (index) => (16 + index).toString(16)
  }
  const limit = { 2: 4, 3: 8, 4: 8, 5: 16, 128: 100 }[type]!
  return Array.from({ length: limit + below(2) }, (_, index) => [type, Buffer.from(values[type]!(index), "hex")])
}

const sorted = (fields: ReadonlyArray<Field>): Array<Field> =>
  fields.toSorted(([type, value], [otherType, other]) => type - otherType || Buffer.compare(value, other))

const mutateHeader = ({ below, pick }: Arbitrary.Draw, header: Buffer): void => {
  const [at, values] = pick<readonly [number, ReadonlyArray<number>]>([
    [below(4), [below(256)]],
    [4, [0, 2]],
    [5, [0, 1, 2, 3, 4, 5, 6, 255]],
    [6, [0, 2]],
    [7, [0, 1, 2, 3, 255]],
    [8 + below(8), [below(256)]],
    [48 + below(8), [0, 255, below(256)]],
    [59, [0, 1]],
    [61, [0, 1]],
    [62, [0, 1, 5]],
    [63, [0, 1, header[63]! ^ 1, (header[63]! + 1) & 0xff]]
  ])
  header[at] = pick(values)
  if (below(8) === 0) header.fill(0, 56, 60)
  if (below(8) === 0) header.fill(0, 60, 62)
}

const points = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  `01${"00".repeat(30)}80`,
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}ff`,
  `ef${"ff".repeat(30)}7f`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "ff".repeat(32)
].map((hex) => Buffer.from(hex, "hex"))

const mutateSigned = ({ below, octets, pick }: Arbitrary.Draw, datagram: Buffer): Buffer => {
  switch (below(6)) {
    case 0:
      pick(points).copy(datagram, datagram.length - 64)
      return datagram
    case 1:
      pick(points).copy(datagram, 16)
      return datagram
    case 2:
      datagram.set(octets(1), datagram.length - 1 - below(64))
      return datagram
    case 3:
      return datagram.subarray(0, below(datagram.length))
    case 4:
      return Buffer.concat([datagram, octets(1 + below(3))])
    default:
      // S is 0, R and key of small order: what a permissive verifier takes for a signature of anything
      pick(points).copy(datagram, 16)
      pick(points).copy(datagram, datagram.length - 64)
      return datagram.fill(0, datagram.length - 32)
  }
}
