/** A reader of capture files that knows nothing of how ours are written: draft-ietf-opsawg-pcapng. */

export interface Packet {
  readonly interface: string
  readonly nanos: bigint
  readonly flags: number
  readonly comments: ReadonlyArray<string>
  readonly source: string
  readonly destination: string
  readonly ttl: number
  readonly payload: Uint8Array
  /** How many octets of it were not captured. */
  readonly missing: number
}

export interface Capture {
  readonly application: string | undefined
  readonly interfaces: ReadonlyArray<{ readonly name: string; readonly linkType: number; readonly resolution: number }>
  readonly names: ReadonlyMap<string, string>
  readonly packets: ReadonlyArray<Packet>
  readonly drops: ReadonlyArray<number>
}

interface Option {
  readonly code: number
  readonly value: Uint8Array
}

const text = new TextDecoder("utf-8", { fatal: true })
const viewOf = (octets: Uint8Array) => new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
const check = (isTrue: boolean, what: string) => {
  if (!isTrue) throw new Error(`malformed capture: ${what}`)
}

export const read = (file: Uint8Array): Capture => {
  const interfaces: Array<Capture["interfaces"][number]> = []
  const names = new Map<string, string>()
  const packets: Array<Packet> = []
  const drops: Array<number> = []
  let application: string | undefined
  for (const { body, type } of blocks(file)) {
    const view = viewOf(body)
    if (type === 0x0a0d0d0a) application = textOf(options(body, 16), 4)[0]
    else if (type === 1) {
      const found = options(body, 8)
      const resolution = found.find(({ code }) => code === 9)!.value[0]!
      interfaces.push({ name: textOf(found, 2)[0]!, linkType: view.getUint16(0, true), resolution })
    } else if (type === 4) { for (const [address, name] of records(body)) names.set(address, name) }
    else if (type === 5) {
      const dropped = options(body, 12).find(({ code }) => code === 5)!.value
      drops[view.getUint32(0, true)] = Number(viewOf(dropped).getBigUint64(0, true))
    } else if (type === 6) packets.push(packet(body, interfaces))
    else check(false, `block type ${type}`)
  }
  return { application, interfaces, names, packets, drops }
}

const blocks = (file: Uint8Array) => {
  const found: Array<{ readonly type: number; readonly body: Uint8Array }> = []
  const view = viewOf(file)
  check(view.getUint32(0, true) === 0x0a0d0d0a && view.getUint32(8, true) === 0x1a2b3c4d, "no section header")
  for (let at = 0; at < file.length;) {
    const length = view.getUint32(at + 4, true)
    check(length % 4 === 0 && length >= 12 && at + length <= file.length, `block length ${length}`)
    check(view.getUint32(at + length - 4, true) === length, "lengths differ")
    found.push({ type: view.getUint32(at, true), body: file.subarray(at + 8, at + length - 4) })
    at += length
  }
  return found
}

const options = (body: Uint8Array, start: number): ReadonlyArray<Option> => {
  const found: Array<Option> = []
  const view = viewOf(body)
  for (let at = start; at < body.length;) {
    const [code, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)]
    if (code === 0) {
      check(length === 0 && at + 4 === body.length, "end of options")
      return found
    }
    found.push({ code, value: body.subarray(at + 4, at + 4 + length) })
    at += 4 + 4 * Math.ceil(length / 4)
  }
  check(found.length === 0, "options without end")
  return found
}

const textOf = (found: ReadonlyArray<Option>, wanted: number) =>
  found.filter(({ code }) => code === wanted).map(({ value }) => text.decode(value))

const records = (body: Uint8Array): ReadonlyArray<readonly [string, string]> =>
  options(body, 0).map(({ code, value }) => {
    const length = code === 1 ? 4 : 16
    check(value.at(-1) === 0, "name without end")
    return [addressOf(value.subarray(0, length)), text.decode(value.subarray(length, -1))]
  })

const packet = (body: Uint8Array, interfaces: Capture["interfaces"]): Packet => {
  const view = viewOf(body)
  const [port, high, low, captured, original] = [0, 4, 8, 12, 16].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
    number,
    number
  ]
  check(captured <= original && port < interfaces.length, "packet")
  const found = options(body, 20 + 4 * Math.ceil(captured / 4))
  return {
    interface: interfaces[port]!.name,
    nanos: (BigInt(high) << 32n) | BigInt(low),
    flags: viewOf(found.find(({ code }) => code === 2)!.value).getUint32(0, true),
    comments: textOf(found, 1),
    ...datagram(body.subarray(20, 20 + captured), original - captured),
    missing: original - captured
  }
}

const datagram = (octets: Uint8Array, missing: number) => {
  const isIpv4 = octets[0] === 0x45
  check(isIpv4 || octets[0] === 0x60, "IP version")
  const view = viewOf(octets)
  const [header, width] = isIpv4 ? [20, 4] : [40, 16]
  const from = octets.subarray(header - 2 * width, header - width)
  const to = octets.subarray(header - width, header)
  const body = octets.subarray(header)
  const protocol = (isIpv4 ? octets[9] : octets[6])!
  const pseudo = protocol === 1 ? [] : [from, to, Uint8Array.of(0, protocol, body.length >> 8, body.length & 255)]
  check(
    isIpv4 ? view.getUint16(2) === octets.length + missing : view.getUint16(4) === body.length + missing,
    "IP length"
  )
  check(!isIpv4 || sum([octets.subarray(0, 20)]) === 0xffff, "IP checksum")
  check(missing > 0 || sum([...pseudo, body]) === 0xffff, "checksum")
  return {
    ttl: (isIpv4 ? octets[8] : octets[7])!,
    ...(protocol === 17 ? udp(from, to, body, missing) : icmp(from, to, body))
  }
}

const udp = (from: Uint8Array, to: Uint8Array, body: Uint8Array, missing: number) => {
  const [source, destination, length, checksum] = [0, 2, 4, 6].map((at) => viewOf(body).getUint16(at))
  check(length === body.length + missing && checksum !== 0, "UDP")
  return {
    source: `${addressOf(from)} ${source}`,
    destination: `${addressOf(to)} ${destination}`,
    payload: body.slice(8)
  }
}

const icmp = (from: Uint8Array, to: Uint8Array, body: Uint8Array) => {
  const isUnreachable = from.length === 4 ? body[0] === 3 && body[1] === 3 : body[0] === 1 && body[1] === 4
  check(isUnreachable, "ICMP")
  return { source: addressOf(from), destination: addressOf(to), payload: body.slice(8) }
}

const sum = (parts: ReadonlyArray<Uint8Array>): number => {
  let total = 0
  for (const part of parts) part.forEach((octet, i) => total += i % 2 === 0 ? octet * 256 : octet)
  while (total > 0xffff) total = Math.trunc(total / 0x10000) + total % 0x10000
  return total
}

const addressOf = (octets: Uint8Array): string =>
  octets.length === 4
    ? octets.join(".")
    : Array.from({ length: 8 }, (_, i) => viewOf(octets).getUint16(2 * i).toString(16)).join(":")
