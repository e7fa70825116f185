/**
 * What the benchmark's peers send: the same octets on every machine, in every run.
 *
 * `test/workload.test.ts` pins the SHA-256 of all of it, so that figures of two versions are figures of the same work.
 */
import * as Syncthing from "@effect-discovery/core/protocol/Syncthing"
import { createHash } from "node:crypto"
import * as Mdns from "./mdns.ts"

/** A wire format. */
export type Format = "mdns6" | "syncthing4" | "json" | "peerage" | "syncthing0"

export const formats: ReadonlyArray<Format> = ["mdns6", "syncthing4", "json", "peerage", "syncthing0"]

/**
 * The datagram of peer `index`. A `round` makes it a changed announcement of the same peer; only mDNS and JSON can express that, since
 * the other formats carry nothing that may change without being another start or another peer.
 */
export const datagram = (format: Format, index: number, round?: number): Uint8Array => {
  switch (format) {
    case "mdns6":
      return Mdns.write(Mdns.sceneOf("mdns6", index, round))
    case "syncthing4":
      return syncthing4(index)
    case "json":
      return utf8.encode(JSON.stringify(jsonOf(index, round)))
    case "peerage":
      return utf8.encode(`Peer:${peerageName(index)}`)
    case "syncthing0":
      return syncthing0(index)
  }
}

/** The datagrams of the first `count` peers. */
export const datagrams = (format: Format, count: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: count }, (_, index) => datagram(format, index))

/** The first of the rounds that are all written with as many digits: a datagram of one can be made one of another in place. */
export const firstRound = 10_000

/** Where the digits of a changed announcement's round begin. */
export const roundAt = (payload: Uint8Array): number =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.length).lastIndexOf(String(firstRound))

/** Writes the digits of another round, of which there are 90,000, at that place. */
export const setRound = (payload: Uint8Array, at: number, round: number): void => {
  let rest = firstRound + (round % (9 * firstRound))
  for (let digit = 4; digit >= 0; digit--) {
    payload[at + digit] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

/** Where peer `index` sends from: 127.1.⌊i/256⌋.(i mod 256), and on from 127.2.0.0 beyond 65,536 peers. */
export const addressOf = (index: number): string => `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`

/** The name that peer `index` has in JSON, and the instance name of its service in mDNS. */
export const deviceName = (index: number): string => `Device ${hex(index, 5)}`

/** The name that peer `index` has in Peerage. */
export const peerageName = (index: number): string => `node${hex(index, 5)}@${homeOf(index)}`

/** SHA-256 of the first `count` datagrams of a format, each behind its length and source address. */
export const digest = (format: Format, count: number, round?: number): string => {
  const hash = createHash("sha256")
  for (let index = 0; index < count; index++) {
    const payload = datagram(format, index, round)
    hash.update(`${addressOf(index)} ${payload.length}\n`).update(payload)
  }
  return hash.digest("hex")
}

const utf8 = new TextEncoder()

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0")

const homeOf = (index: number): string => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`

// 141 octets for every peer; a changed one has some more
const jsonOf = (index: number, round: number | undefined) => ({
  username: deviceName(index),
  id: hex(0xbe0000000000 + index, 12),
  port: 8_000 + (index % 1_000),
  attributes: {
    service: "_perf._tcp",
    path: "/api/v1/ws",
    model: `M${String(index % 17).padStart(2, "0")}`,
    ...(round === undefined ? undefined : { round: String(round) })
  },
  ttl: 120
})

// the number that a program drew when it started: as long for every peer
const instanceOf = (index: number): bigint => (1n << 62n) + BigInt(index)

const syncthing4 = (index: number): Uint8Array => {
  const id = new Uint8Array(createHash("sha256").update(`device ${index}`).digest())
  const address = `10.0.${(index >> 8) & 255}.${index & 255}:22000`
  return Syncthing.encode({ id, addresses: [`tcp://${address}`, `quic://${address}`], instance: instanceOf(index) })
}

const MAGIC = 0x00121025
const HEADER = 8
// the original reserves four octets too many, and sends them
const SURPLUS = 4

const syncthing0 = (index: number): Uint8Array => {
  const id = utf8.encode(`NODE${hex(index, 5)}`)
  const payload = new Uint8Array(HEADER + id.length + SURPLUS)
  const view = new DataView(payload.buffer)
  view.setUint32(0, MAGIC)
  view.setUint16(4, 22_000 + (index % 1_000))
  view.setUint16(6, id.length)
  payload.set(id, HEADER)
  return payload
}
