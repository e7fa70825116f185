/**
 * A decoder of mDNS messages that remembers nothing and copies everything: slow, and plain enough to be believed.
 *
 * It gives records as their octets, names in full and as they came.
 */

/** A record: its owner's name in hex, its numbers, and its data in hex. */
export type Plain = readonly [name: string, type: number, class_: number, ttl: number, data: string]

export type Decoded =
  | { readonly reason: string }
  | {
    readonly id: number
    readonly flags: number
    readonly questions: ReadonlyArray<readonly [name: string, type: number, class_: number]>
    readonly sections: ReadonlyArray<ReadonlyArray<Plain>>
    readonly skipped: number
  }

class Refused extends Error {
  readonly reason: string
  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

// octets before the names, names, octets after them
const shapes: { readonly [type: number]: readonly [number, number, number] } = {
  2: [0, 1, 0],
  3: [0, 1, 0],
  4: [0, 1, 0],
  5: [0, 1, 0],
  6: [0, 2, 20],
  7: [0, 1, 0],
  8: [0, 1, 0],
  9: [0, 1, 0],
  12: [0, 1, 0],
  14: [0, 2, 0],
  15: [2, 1, 0],
  17: [0, 2, 0],
  18: [2, 1, 0],
  21: [2, 1, 0],
  26: [2, 2, 0],
  33: [6, 1, 0],
  36: [2, 1, 0],
  39: [0, 1, 0]
}

export const decode = (payload: Uint8Array): Decoded => {
  try {
    return read(payload)
  } catch (error) {
    if (error instanceof Refused) return { reason: error.reason }
    throw error
  }
}

const read = (payload: Uint8Array): Decoded => {
  if (payload.length > 8_972) throw new Refused("size")
  if (payload.length < 12) throw new Refused("header")
  const u16 = (offset: number) => payload[offset]! * 256 + payload[offset + 1]!
  if (((payload[2]! >> 3) & 15) !== 0) throw new Refused("opcode")
  if ((payload[3]! & 15) !== 0) throw new Refused("rcode")
  const counts = [6, 8, 10].map(u16)
  if (5 * u16(4) > payload.length - 12) throw new Refused("counts")
  if (11 * (counts[0]! + counts[1]! + counts[2]!) > payload.length - 12) throw new Refused("counts")

  let steps = 0
  let expanded = 0
  const step = () => {
    if (++steps > 4_096) throw new Refused("budget")
  }
  /** The name at an offset, and the offset behind it. */
  const nameAt = (start: number, end: number): readonly [string, number] => {
    let name = ""
    let hops = 0
    let next: number | undefined
    for (let offset = start, run = start, limit = end;;) {
      if (offset >= limit) throw new Refused("name")
      const octet = payload[offset]!
      if (octet === 0) {
        name += "00"
        expanded += name.length / 2
        if (expanded > 65_536) throw new Refused("budget")
        return [name, next ?? offset + 1]
      }
      step()
      if (octet >= 192) {
        if (offset + 2 > limit) throw new Refused("name")
        const target = u16(offset) - 0xc000
        if (target >= run || target < 12 || ++hops > 126) throw new Refused("pointer")
        next ??= offset + 2
        offset = run = target
        limit = payload.length
      } else {
        if (octet >= 64 || offset + 1 + octet > limit) throw new Refused("name")
        name += toHex(payload.subarray(offset, offset + 1 + octet))
        if (name.length / 2 > 255) throw new Refused("name")
        offset += 1 + octet
      }
    }
  }
  const hexAt = (start: number, end: number) => toHex(payload.subarray(start, end))
  /** The data with names in full; `undefined` when it is not what its type says. */
  const dataAt = (type: number, start: number, end: number): string | undefined => {
    if (type === 1 && end - start !== 4) return undefined
    if (type === 28 && end - start !== 16) return undefined
    if (type === 47) {
      const [name, next] = nameAt(start, end)
      return isBitmap(payload.subarray(next, end)) ? name + shortened(payload.subarray(next, end)) : undefined
    }
    const shape = shapes[type]
    if (shape === undefined) return hexAt(start, end)
    if (end - start < shape[0] || (type === 33 && end - start < 7)) return undefined
    let data = hexAt(start, start + shape[0])
    let offset = start + shape[0]
    for (let i = 0; i < shape[1]; i++) {
      const [name, next] = nameAt(offset, end)
      data += name
      offset = next
    }
    return end - offset === shape[2] ? data + hexAt(offset, end) : undefined
  }

  let offset = 12
  const questions: Array<readonly [string, number, number]> = []
  for (let i = 0; i < u16(4); i++) {
    const [name, next] = nameAt(offset, payload.length)
    if (next + 4 > payload.length) throw new Refused("truncated")
    if (i < 64) questions.push([name, u16(next), u16(next + 2)])
    offset = next + 4
  }
  let records = 0
  let skipped = 0
  const sections = counts.map((count) => {
    const section: Array<Plain> = []
    for (let i = 0; i < count && records < 255; i++) {
      records++
      const [name, next] = nameAt(offset, payload.length)
      if (next + 10 > payload.length) throw new Refused("truncated")
      const end = next + 10 + u16(next + 8)
      if (end > payload.length) throw new Refused("truncated")
      let data: string | undefined
      try {
        data = dataAt(u16(next), next + 10, end)
      } catch (error) {
        if (!(error instanceof Refused) || error.reason === "budget") throw error
      }
      if (data === undefined) skipped++
      else section.push([name, u16(next), u16(next + 2), u16(next + 4) * 65_536 + u16(next + 6), data])
      offset = end
    }
    return section
  })
  return { id: u16(0), flags: u16(2), questions, sections, skipped }
}

const isBitmap = (windows: Uint8Array): boolean => {
  let last = -1
  let types = 0
  for (let i = 0; i < windows.length; i += 2 + windows[i + 1]!) {
    const length = windows[i + 1]
    if (windows[i]! <= last || length === undefined || length === 0 || length > 32) return false
    if (i + 2 + length > windows.length) return false
    for (const octet of windows.subarray(i + 2, i + 2 + length)) {
      for (let bit = 0; bit < 8; bit++) types += (octet >> bit) & 1
    }
    last = windows[i]!
  }
  return types <= 256
}

/** Windows without zeros at their ends, and none that are empty. */
const shortened = (windows: Uint8Array): string => {
  let hex = ""
  for (let i = 0; i < windows.length; i += 2 + windows[i + 1]!) {
    const bits = windows.subarray(i + 2, i + 2 + windows[i + 1]!)
    const length = bits.findLastIndex((octet) => octet !== 0) + 1
    if (length > 0) hex += toHex(Uint8Array.of(windows[i]!, length)) + toHex(bits.subarray(0, length))
  }
  return hex
}

const toHex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex")
