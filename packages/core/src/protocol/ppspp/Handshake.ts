/**
 * The message that opens and closes channels, with the protocol options in it (RFC 7574, sections 7 and 8.4).
 */
import * as Cursor from "./Cursor.ts"
import * as Octets from "./Octets.ts"
import * as Swarm from "./Swarm.ts"

/**
 * A handshake as it was said: options that are absent stand for their defaults, and numbers that no table has are kept, since only the
 * reader can judge them.
 */
export interface Handshake {
  readonly _tag: "Handshake"
  /** Where the sender wants to be answered; 0 closes the channel. */
  readonly channel: number
  readonly version?: number | undefined
  readonly minimumVersion?: number | undefined
  readonly swarm?: Uint8Array | undefined
  readonly integrity?: number | undefined
  readonly hash?: number | undefined
  readonly liveSignature?: number | undefined
  readonly addressing?: number | undefined
  /** Chunks that are kept of a live stream; all ones stands for all of them. */
  readonly discardWindow?: bigint | undefined
  /** A bit for each type of message that the sender understands, the first for message 0. */
  readonly messages?: Uint8Array | undefined
  readonly chunkSize?: number | undefined
}

/** The version of the protocol that this is. */
export const version = 1

const end = 255

type Options = { -readonly [Option in Exclude<keyof Handshake, "_tag" | "channel">]?: Handshake[Option] }

/** Reads a handshake whose type was read; `undefined` when it is none. That octets are missing is for the cursor to say. */
export const read = (cursor: Cursor.Cursor): Handshake | undefined => {
  const channel = Cursor.uint32(cursor)
  const options: Options = {}
  let last = -1
  while (!cursor.isShort) {
    const code = Cursor.uint8(cursor)
    if (code === end) return cursor.isShort ? undefined : { _tag: "Handshake", channel, ...options }
    // options come in ascending order, each once (RFC 7574, section 7)
    if (code <= last || !readOption(cursor, code, options)) return undefined
    last = code
  }
  return undefined
}

// an option that is not known has no known length, so nothing after it can be read
const readOption = (cursor: Cursor.Cursor, code: number, options: Options): boolean => {
  switch (code) {
    case 0:
      options.version = Cursor.uint8(cursor)
      return true
    case 1:
      options.minimumVersion = Cursor.uint8(cursor)
      return true
    case 2:
      options.swarm = Cursor.bytes(cursor, Cursor.uint16(cursor))
      return true
    case 3:
      options.integrity = Cursor.uint8(cursor)
      return true
    case 4:
      options.hash = Cursor.uint8(cursor)
      return true
    case 5:
      options.liveSignature = Cursor.uint8(cursor)
      return true
    case 6:
      options.addressing = Cursor.uint8(cursor)
      return true
    case 7:
      return readWindow(cursor, options)
    case 8:
      options.messages = Cursor.bytes(cursor, Cursor.uint8(cursor))
      return true
    case 9:
      options.chunkSize = Cursor.uint32(cursor)
      return true
    default:
      return false
  }
}

// as wide as a chunk's address, which was told before, or is the default
const readWindow = (cursor: Cursor.Cursor, options: Options): boolean => {
  const addressing = Swarm.addressings[options.addressing ?? defaultAddressing]
  if (addressing === undefined) return false
  options.discardWindow = Swarm.chunkWidth({ addressing }) === 4 ? BigInt(Cursor.uint32(cursor)) : Cursor.uint64(cursor)
  return true
}

const defaultIntegrity = Swarm.integrities.indexOf("merkle")
const defaultHash = Swarm.hashes.indexOf("sha-256")
const defaultAddressing = Swarm.addressings.indexOf("chunks-32")

/** Writes a handshake with its type. Throws a `RangeError` on an option that cannot be said. */
export const write = (octets: Octets.Octets, self: Handshake): void => {
  octets.push(0)
  Octets.uint32(octets, self.channel)
  writeOctet(octets, 0, self.version)
  writeOctet(octets, 1, self.minimumVersion)
  if (self.swarm !== undefined) {
    if (self.swarm.length > 65_535) throw new RangeError("The id of a swarm is too long")
    octets.push(2)
    Octets.uint16(octets, self.swarm.length)
    Octets.bytes(octets, self.swarm)
  }
  writeOctet(octets, 3, self.integrity)
  writeOctet(octets, 4, self.hash)
  writeOctet(octets, 5, self.liveSignature)
  writeOctet(octets, 6, self.addressing)
  if (self.discardWindow !== undefined) writeWindow(octets, self.discardWindow, self.addressing)
  if (self.messages !== undefined) {
    if (self.messages.length > 255) throw new RangeError("There are 256 types of messages")
    octets.push(8, self.messages.length)
    Octets.bytes(octets, self.messages)
  }
  if (self.chunkSize !== undefined) {
    octets.push(9)
    Octets.uint32(octets, self.chunkSize)
  }
  octets.push(end)
}

const writeOctet = (octets: Octets.Octets, code: number, value: number | undefined): void => {
  if (value === undefined) return
  if (!Number.isInteger(value) || value < 0 || value > 255) {
    throw new RangeError(`${value} is no value of option ${code}`)
  }
  octets.push(code, value)
}

const writeWindow = (octets: Octets.Octets, window: bigint, code = defaultAddressing): void => {
  const addressing = Swarm.addressings[code]
  if (addressing === undefined) throw new RangeError(`${code} is no way to address chunks`)
  octets.push(7)
  if (Swarm.chunkWidth({ addressing }) === 8) return Octets.uint64(octets, window)
  if (window < 0n || window > 0xffff_ffffn) throw new RangeError(`${window} does not fit into 4 octets`)
  Octets.uint32(octets, Number(window))
}

/** What the initiator says to join a swarm. */
export const request = (channel: number, swarm: Swarm.Swarm): Handshake => ({
  ...answer(channel, swarm),
  minimumVersion: version,
  swarm: swarm.id
})

/** What the responder says. It does not repeat the swarm, which the initiator knows. */
export const answer = (channel: number, swarm: Swarm.Swarm): Handshake => ({
  _tag: "Handshake",
  channel,
  version,
  integrity: Swarm.integrities.indexOf(swarm.integrity),
  ...(Swarm.hashesContent(swarm) ? { hash: Swarm.hashes.indexOf(swarm.hash) } : undefined),
  ...(Swarm.signs(swarm) ? { liveSignature: swarm.liveSignature } : undefined),
  addressing: Swarm.addressings.indexOf(swarm.addressing),
  chunkSize: chunkSizeOf(swarm)
})

/**
 * The shortest answer to a request: no option that the request left out, or that is a default. So it is never longer than what it answers.
 */
export const tersely = (answer: Handshake, request: Handshake): Handshake => ({
  _tag: "Handshake",
  channel: answer.channel,
  version,
  ...(answer.integrity === defaultIntegrity ? undefined : { integrity: answer.integrity }),
  ...(answer.hash === defaultHash ? undefined : { hash: answer.hash }),
  ...(request.liveSignature === undefined ? undefined : { liveSignature: answer.liveSignature }),
  ...(answer.addressing === defaultAddressing ? undefined : { addressing: answer.addressing }),
  ...(request.chunkSize === undefined ? undefined : { chunkSize: answer.chunkSize })
})

/** What closes a channel. */
export const close: Handshake = { _tag: "Handshake", channel: 0 }

const chunkSizeOf = ({ chunkSize }: Swarm.Swarm): number =>
  chunkSize === "variable" ? Swarm.variableChunkSize : chunkSize

/** What of a handshake is not as the swarm has it, `undefined` when it fits. */
export const mismatch = (
  self: Handshake,
  swarm: Swarm.Swarm
): "version" | "integrity" | "hash" | "signature" | "addressing" | "chunkSize" | undefined => {
  if (self.version === undefined || self.version < version) return "version"
  if ((self.minimumVersion ?? self.version) > version) return "version"
  const ours = answer(0, swarm)
  if ((self.integrity ?? defaultIntegrity) !== ours.integrity) return "integrity"
  if (ours.hash !== undefined && (self.hash ?? defaultHash) !== ours.hash) return "hash"
  if (ours.liveSignature !== undefined && (self.liveSignature ?? 13) !== ours.liveSignature) return "signature"
  if ((self.addressing ?? defaultAddressing) !== ours.addressing) return "addressing"
  if (self.chunkSize !== undefined && self.chunkSize !== ours.chunkSize) return "chunkSize"
  return undefined
}
