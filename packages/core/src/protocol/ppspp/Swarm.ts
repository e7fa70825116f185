/**
 * A swarm and the settings that all its peers share. They are fixed before the first datagram, since every length in a datagram follows
 * from them (RFC 7574, section 7).
 */
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"

/** How chunks are protected (RFC 7574, section 7.5), in the order of their numbers. */
export const integrities = ["none", "merkle", "sign-all", "unified-merkle"] as const

/** How chunks are protected. */
export type Integrity = typeof integrities[number]

/** The hash of Merkle trees (RFC 7574, section 7.6), in the order of their numbers. */
export const hashes = ["sha-1", "sha-224", "sha-256", "sha-384", "sha-512"] as const

/** The hash of Merkle trees. */
export type Hash = typeof hashes[number]

/** How chunks are addressed (RFC 7574, section 7.8), in the order of their numbers. */
export const addressings = ["bins-32", "bytes-64", "chunks-32", "bins-64", "chunks-64"] as const

/** How chunks are addressed. */
export type Addressing = typeof addressings[number]

/**
 * A swarm, and the settings that its peers share.
 *
 * **Details**
 *
 * `id` names it: a root hash, a public key, or any other 1 to 400 octets. `integrity` and `hash` are how chunks are protected,
 * `addressing` how they are numbered, `liveSignature` is the DNSSEC number of the algorithm that signs live content, and `chunkSize` the
 * octets of a chunk. Peers with other settings are met with silence.
 *
 * @category models
 * @since 0.1.0
 */
export interface Swarm {
  /** A root hash, a public key, or any other octets: 1 to 400. */
  readonly id: Uint8Array
  /** How chunks are protected. */
  readonly integrity: Integrity
  /** The hash of Merkle trees. */
  readonly hash: Hash
  /** How chunks are numbered. */
  readonly addressing: Addressing
  /** The DNSSEC number of the algorithm that signs live content. */
  readonly liveSignature: number
  /** Octets of a chunk, or chunks that vary in size. */
  readonly chunkSize: number | "variable"
}

/**
 * What a swarm is made from; all but the id has a default.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** A root hash, a public key, or any other octets, as such or in hex: 1 to 400. */
  readonly id: Uint8Array | string
  /** How chunks are protected (RFC 7574, section 7.5). Default: `merkle`. */
  readonly integrity?: Integrity | undefined
  /** The hash of Merkle trees (RFC 7574, section 7.6). Default: `sha-256`. */
  readonly hash?: Hash | undefined
  /** How chunks are addressed (RFC 7574, section 7.8). Default: `chunks-32`. */
  readonly addressing?: Addressing | undefined
  /** The DNSSEC number of the algorithm that signs live content (RFC 7574, section 7.7). Default: 13, ECDSAP256SHA256. */
  readonly liveSignature?: number | undefined
  /** Octets of a chunk, or chunks that vary in size. Default: 1,024. */
  readonly chunkSize?: number | "variable" | undefined
}

/** The longest id of a swarm: in hex it is part of the identity of its peers, of which `Limits.nameBytes` bounds the length. */
export const maxIdOctets = 400

/** How a chunk size is written that varies. */
export const variableChunkSize = 0xffff_ffff

// ECDSAP256SHA256, which every peer has to know (RFC 7574, section 7.7)
const defaultSignature = 13

/** Makes a swarm. Throws a `RangeError` on an id or a setting that no swarm can have: these are mistakes of the program. */
export const make = (options: Options): Swarm => {
  const { addressing = "chunks-32", chunkSize = 1_024, hash = "sha-256", integrity = "merkle" } = options
  const { liveSignature = defaultSignature } = options
  const id = typeof options.id === "string" ? fromHex(options.id) : options.id
  if (id === undefined || id.length === 0 || id.length > maxIdOctets) {
    throw new RangeError(`A swarm's id is 1 to ${maxIdOctets} octets, as such or in hex`)
  }
  if (chunkSize !== "variable" && !isUint(chunkSize, variableChunkSize - 1)) {
    throw new RangeError(`${chunkSize} is no chunk size`)
  }
  if (!isUint(liveSignature, 255)) throw new RangeError(`${liveSignature} is no number of a DNSSEC algorithm`)
  const swarm: Swarm = { id: new Uint8Array(id), integrity, hash, addressing, liveSignature, chunkSize }
  if (signs(swarm) && signatureOctets(swarm) === undefined) {
    throw new RangeError("The id of a live swarm is the number of its algorithm and its public key")
  }
  return swarm
}

const isUint = (value: number, most: number): boolean => Number.isInteger(value) && value > 0 && value <= most

/** Whether the content of a swarm is signed as it comes. */
export const signs = ({ integrity }: Swarm): boolean => integrity === "sign-all" || integrity === "unified-merkle"

/** Whether the content of a swarm is checked by hashes. */
export const hashesContent = ({ integrity }: Swarm): boolean => integrity === "merkle" || integrity === "unified-merkle"

const hashLengths: Readonly<Record<Hash, number>> = {
  "sha-1": 20,
  "sha-224": 28,
  "sha-256": 32,
  "sha-384": 48,
  "sha-512": 64
}

/** The octets of a hash. */
export const hashOctets = ({ hash }: Swarm): number => hashLengths[hash]

/**
 * The octets of a signature, `undefined` where they cannot be known.
 *
 * The id of a live swarm is one octet for the algorithm and the key as DNSSEC has it (RFC 7574, section 6.2). Curves have signatures of one
 * length; those of RSA are as long as the modulus of the key.
 */
export const signatureOctets = ({ id, liveSignature }: Pick<Swarm, "id" | "liveSignature">): number | undefined => {
  switch (liveSignature) {
    case 5:
    case 7:
    case 8:
    case 10:
      return modulusOctets(id)
    case 13:
    case 15:
      return 64
    case 14:
      return 96
    case 16:
      return 114
    default:
      return undefined
  }
}

// RFC 3110: the length of the exponent in one octet, or in two after a zero, the exponent, the modulus
const modulusOctets = (id: Uint8Array): number | undefined => {
  const isLong = id[1] === 0
  const exponent = isLong ? (id[2] ?? 0) * 256 + (id[3] ?? 0) : id[1] ?? 0
  const modulus = id.length - (isLong ? 4 : 2) - exponent
  return exponent > 0 && modulus >= 64 ? modulus : undefined
}

/** The octets of an address or index of chunks. */
export const chunkWidth = ({ addressing }: Pick<Swarm, "addressing">): 4 | 8 =>
  addressing === "bins-32" || addressing === "chunks-32" ? 4 : 8

/** Octets as lower-case hex, which is how URLs and identities name a swarm. */
export const toHex: (octets: Uint8Array) => string = Hex.encode

/** The octets of hex digits, `undefined` when it is none. */
export const fromHex = (hex: string): Uint8Array | undefined =>
  hex.length > 2 * maxIdOctets ? undefined : Result.getOrUndefined(Hex.decode(hex))
