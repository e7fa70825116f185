/**
 * Payloads and addresses of the contract as text.
 */
import * as NetAddress from "effect/net/NetAddress"

// longer ones are told by their length and hash
const longestText = 64

/** @internal */
export const encode = (payload: string | { readonly octets: number }): Uint8Array =>
  typeof payload === "string" ? new TextEncoder().encode(payload) : pattern(payload.octets)

/** @internal */
export const decode = (payload: Uint8Array): string | { readonly octets: number; readonly hash: string } =>
  payload.length <= longestText
    ? new TextDecoder().decode(payload)
    : { octets: payload.length, hash: hash(payload) }

/** @internal What `{ octets }` is received as. */
export const received = (octets: number): ReturnType<typeof decode> => decode(pattern(octets))

const pattern = (octets: number): Uint8Array => {
  const made = new Uint8Array(octets)
  for (let at = 0; at < octets; at++) made[at] = (at * 31 + (at >>> 8)) & 0x7f
  return made
}

// FNV-1a
const hash = (payload: Uint8Array): string =>
  payload.reduce((sum, octet) => Math.imul(sum ^ octet, 0x01000193) >>> 0, 0x811c9dc5).toString(16)

/** @internal `10.11.0.1:9`, `[fd11::1]:9` or `[fe80::1%eth0]:9`, the zone a name or an index. */
export const endpoint = (text: string, indexOf: (zone: string) => number): NetAddress.InetAddress => {
  const [, address = "", zone, port] = /^\[?([^%\]]*?)(?:%([^\]]+))?\]?:(-?[\d.]+)$/.exec(text) ?? []
  // port 0 and other impossible ones are for the socket to refuse
  return NetAddress.inetAddressFromNativeUnsafe(
    zone === undefined ? address : `${address}%${indexOf(zone)}`,
    Number(port)
  )
}
