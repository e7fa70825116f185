/**
 * A second reader and writer of signed announcements, from the specification alone: nothing of ours, no cryptography but that of Node.js.
 */
import { isUtf8 } from "node:buffer"
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto"

/** What a datagram says, as the fixtures write it down. */
export interface Message {
  readonly kind: string
  readonly isClocked: boolean
  readonly realmTag: string
  readonly key: string
  readonly stamp: { readonly ms: number; readonly counter: number }
  readonly instance: number
  readonly ttl: number
  readonly body: Content
}

export interface Content {
  readonly name?: string
  readonly services: ReadonlyArray<string>
  readonly endpoints: ReadonlyArray<string>
  readonly attributes: Readonly<Record<string, string>>
  readonly handshakeKey?: string
  readonly successor?: { readonly key: string; readonly signature: string }
  readonly nonce?: string
  readonly target?: string
}

type Draft = { -readonly [Key in keyof Content]: Content[Key] } & {
  readonly services: Array<string>
  readonly endpoints: Array<string>
}

class Refused extends Error {}

const must = (isSo: boolean): void => {
  if (!isSo) throw new Refused()
}

const kinds = ["", "announce", "goodbye", "challenge", "proof", "retire"]
const transports = ["", "tcp", "udp", "quic"]

const spki = Buffer.from("302a300506032b6570032100", "hex")
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex")

/** The key to sign with, of its seed. */
export const privateKey = (seed: string): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8, Buffer.from(seed, "hex")]), format: "der", type: "pkcs8" })

/** The octets of its public half. */
export const publicHalf = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: "der", type: "spki" }).subarray(spki.length)

const signedText = (realm: string, datagram: Buffer): Buffer => {
  const name = Buffer.from(realm, "utf8")
  return Buffer.concat([Buffer.from("LAN-ANNOUNCE-v1\0"), Buffer.from([name.length]), name, datagram])
}

const realmTag = (realm: string): Buffer =>
  createHash("sha256").update("LAN-REALM-v1\0\0\0\0").update(realm, "utf8").digest().subarray(0, 8)

/** What a datagram of a realm says, `undefined` when it is refused, whyever. */
export const read = (octets: Uint8Array, realm: string): Message | undefined => {
  const datagram = Buffer.from(octets)
  return orRefused(() => {
    must(datagram.length >= 128 && datagram.length <= 1_200)
    const unsigned = datagram.subarray(0, -64)
    must(isSigned(unsigned, datagram.subarray(-64), realm))
    must(unsigned.subarray(8, 16).equals(realmTag(realm)))
    return readUnsigned(unsigned)
  })
}

const orRefused = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

const isSigned = (unsigned: Buffer, signature: Buffer, realm: string): boolean => {
  const key = unsigned.subarray(16, 48)
  const S = integer(signature.subarray(32))
  if (S >= L || !isStrong(key) || !isStrong(signature.subarray(0, 32))) return false
  try {
    const imported = createPublicKey({ key: Buffer.concat([spki, key]), format: "der", type: "spki" })
    return verify(null, signedText(realm, unsigned), imported, signature)
  } catch {
    return false
  }
}

const p = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

const integer = (octets: Buffer): bigint => BigInt(`0x${Buffer.from([...octets].toReversed()).toString("hex")}`)

const mod = (n: bigint): bigint => ((n % p) + p) % p

/** Whether a point's y is below p, and eight times the point not the identity, reckoned by y alone. */
export const isStrong = (point: Buffer): boolean => {
  const y = integer(point) & (2n ** 255n - 1n)
  if (y >= p) return false
  let [Y, Z] = [y, 1n]
  for (let doubled = 0; doubled < 3; doubled++) {
    // x² is (y² - 1) / (d y² + 1), and twice the point has y = (y² + x²) / (2 + x² - y²)
    const [A, B] = [mod(Y * Y), mod(Z * Z)]
    const [N, M] = [mod(A - B), mod(d * A + B)]
    Y = mod(A * M + N * B)
    Z = mod(2n * B * M + N * B - A * M)
  }
  return Y !== Z
}

/** What a datagram of any realm says, whoever signed it; `undefined` when it is refused. */
export const readUnverified = (octets: Uint8Array): Message | undefined =>
  orRefused(() => {
    must(octets.length >= 128 && octets.length <= 1_200)
    return readUnsigned(Buffer.from(octets).subarray(0, -64))
  })

/** What the body of an announcement of some kind says; `undefined` when it is refused. */
export const readBody = (octets: Uint8Array, kind: string): Content | undefined =>
  orRefused(() => readContent(Buffer.from(octets), kinds.indexOf(kind)))

const readUnsigned = (unsigned: Buffer): Message => {
  const [version, kind, suite, flags] = unsigned.subarray(4, 8)
  must(unsigned.toString("hex", 0, 4) === "d153c056" && version === 1 && suite === 1 && (flags! & ~1) === 0)
  must(kind! >= 1 && kind! <= 5)
  const instance = unsigned.readUInt32BE(56)
  const ttl = unsigned.readUInt16BE(60)
  must(instance !== 0 && (kind === 1 ? ttl !== 0 : ttl === 0))
  must(unsigned.readUInt16BE(62) === unsigned.length - 64)
  return {
    kind: kinds[kind!]!,
    isClocked: flags === 1,
    realmTag: unsigned.toString("hex", 8, 16),
    key: unsigned.toString("hex", 16, 48),
    stamp: { ms: unsigned.readUIntBE(48, 6), counter: unsigned.readUInt16BE(54) },
    instance,
    ttl,
    body: readContent(unsigned.subarray(64), kind!)
  }
}

const readContent = (body: Buffer, kind: number): Content => {
  if (kind === 2 || kind === 5) must(body.length === 0)
  const content: Draft = { services: [], endpoints: [], attributes: {} }
  const types: Array<number> = []
  let last = Buffer.alloc(0)
  let rest = body
  while (rest.length > 0) {
    must(rest.length >= 2 && rest.length >= 2 + rest[1]!)
    const [type, length] = rest
    const value = rest.subarray(2, 2 + length!)
    const sortable = Buffer.concat([Buffer.from([type!]), value])
    must(types.length === 0 || Buffer.compare(last, sortable) < 0)
    last = sortable
    types.push(type!)
    readField(content, type!, value)
    rest = rest.subarray(2 + length!)
  }
  const count = (type: number) => types.filter((other) => other === type).length
  must(
    count(1) <= 1 && count(2) <= 4 && count(3) <= 8 && count(4) <= 8 && count(5) <= 16 && count(6) <= 1 && count(7) <= 1
  )
  must(Object.keys(content.attributes).length === count(5))
  if (kind === 3 || kind === 4) must(types.join() === "8,9")
  else must(count(8) === 0 && count(9) === 0)
  return content
}

const readField = (content: Draft, type: number, value: Buffer): void => {
  switch (type) {
    case 1: {
      const name = value.toString("utf8")
      must(value.length >= 1 && value.length <= 63 && isUtf8(value))
      must(name === name.normalize("NFC") && !/\p{Cc}/u.test(name))
      content.name = name
      return
    }
    case 2:
      must(value.length <= 24 && /^_[\w-]+\._(tcp|udp)$/.test(value.toString("latin1")))
      content.services.push(value.toString("latin1"))
      return
    case 3:
    case 4:
      must(value.length === (type === 3 ? 7 : 19) && value[0]! >= 1 && value[0]! <= 3 && value.readUInt16BE(1) > 0)
      content.endpoints.push(`${transports[value[0]!]} ${readAddress(value.subarray(3))}:${value.readUInt16BE(1)}`)
      return
    case 5: {
      const length = value[0] ?? 0
      const key = value.toString("latin1", 1, 1 + length)
      must(length >= 1 && length <= 32 && key.length === length && /^[-_.a-z0-9]*$/.test(key))
      Object.defineProperty(content.attributes, key, {
        value: value.toString("latin1", 1 + length),
        enumerable: true,
        configurable: true,
        writable: true
      })
      return
    }
    case 6:
      must(value.length === 32)
      content.handshakeKey = value.toString("hex")
      return
    case 7:
      must(value.length === 96)
      content.successor = { key: value.toString("hex", 0, 32), signature: value.toString("hex", 32) }
      return
    case 8:
      must(value.length === 16)
      content.nonce = value.toString("hex")
      return
    case 9:
      must(value.length === 32)
      content.target = value.toString("hex")
      return
    default:
      must(type >= 128)
  }
}

const readAddress = (octets: Buffer): string =>
  octets.length === 4
    ? octets.join(".")
    : `[${Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(2 * index).toString(16)).join(":")}]`

/** The datagram that says a message. */
export const write = (message: Message, realm: string, key: KeyObject): Buffer => {
  const body = writeContent(message.body)
  const header = Buffer.alloc(64)
  header.write("d153c056", "hex")
  header.set([1, kinds.indexOf(message.kind), 1, Number(message.isClocked)], 4)
  realmTag(realm).copy(header, 8)
  header.write(message.key, 16, "hex")
  header.writeUIntBE(message.stamp.ms, 48, 6)
  header.writeUInt16BE(message.stamp.counter, 54)
  header.writeUInt32BE(message.instance, 56)
  header.writeUInt16BE(message.ttl, 60)
  header.writeUInt16BE(body.length, 62)
  return signAs(Buffer.concat([header, body]), realm, key)
}

/** What is to be signed, with the signature after it. */
export const signAs = (unsigned: Uint8Array, realm: string, key: KeyObject): Buffer =>
  Buffer.concat([unsigned, sign(null, signedText(realm, Buffer.from(unsigned)), key)])

const writeContent = (content: Content): Buffer => {
  const fields: Array<Buffer> = []
  const field = (type: number, ...parts: ReadonlyArray<Uint8Array>) =>
    fields.push(Buffer.concat([Buffer.from([type]), ...parts]))
  const hex = (type: number, text: string | undefined) => text === undefined || field(type, Buffer.from(text, "hex"))
  if (content.name !== undefined) field(1, Buffer.from(content.name, "utf8"))
  for (const service of content.services) field(2, Buffer.from(service))
  for (const endpoint of content.endpoints) writeEndpoint(endpoint, field)
  for (const [key, value] of Object.entries(content.attributes)) {
    field(5, Buffer.from([key.length]), Buffer.from(key), Buffer.from(value, "latin1"))
  }
  hex(6, content.handshakeKey)
  hex(7, content.successor && content.successor.key + content.successor.signature)
  hex(8, content.nonce)
  hex(9, content.target)
  // the length comes between type and value only when they are in order
  const sorted = fields.toSorted(Buffer.compare)
  return Buffer.concat(
    sorted.flatMap((each) => [each.subarray(0, 1), Buffer.from([each.length - 1]), each.subarray(1)])
  )
}

const writeEndpoint = (endpoint: string, field: (type: number, ...parts: ReadonlyArray<Uint8Array>) => void): void => {
  const [, transport, v4, v6, port] = /^(\w+) (?:([\d.]+)|\[(.+)\]):(\d+)$/.exec(endpoint)!
  const start = Buffer.from([transports.indexOf(transport!), Number(port) >> 8, Number(port) & 255])
  if (v4 === undefined) {
    field(
      4,
      start,
      Buffer.from(v6!.split(":").map((part) => part.padStart(4, "0")).join(""), "hex")
    )
  } else field(3, start, Buffer.from(v4.split(".").map(Number)))
}
