/**
 * Child: strangers that mean no good, sending at a fixed rate from a thousand source addresses in 127.0.0.0/8.
 */
import type { Socket } from "node:dgram"
import * as Child from "../harness/Child.ts"
import * as Mdns from "../mdns.ts"
import * as Workload from "../Workload.ts"
import type { Link } from "./Link.ts"
import * as PeerSocket from "./peerSocket.ts"
import { now } from "./Receiver.ts"

/** `forged`: each datagram announces another peer. `garbage`: octets of chance. `hostile`: what is hardest to decode. */
export type Kind = "forged" | "garbage" | "hostile"

export type Api = {
  readonly open: (options: { readonly link: Link; readonly kind: Kind }) => Promise<void>
  /** Sends so many datagrams a second from now on. */
  readonly send: (rate: number) => void
  /** How many have been sent so far. */
  readonly sent: () => number
}

const sources = 1_000
const identities = 1 << 20
const octets = 141

let sockets: ReadonlyArray<Socket> = []
let payloadOf: (index: number) => Uint8Array
let sent = 0

// xorshift: garbage is the same in every run
const garbage = (index: number): Uint8Array => {
  let word = index + 1
  return Uint8Array.from({ length: octets }, () => {
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    return word & 0xff
  })
}

const repeating = (payloads: ReadonlyArray<Uint8Array>) => (index: number) => payloads[index % payloads.length]!

const payloads = ({ format }: Link, kind: Kind): (index: number) => Uint8Array => {
  switch (kind) {
    case "forged":
      return (index) => Workload.datagram(format, index % identities)
    case "garbage":
      return repeating(Array.from({ length: 4_096 }, (_, index) => garbage(index)))
    case "hostile":
      return repeating([...Mdns.hostile().values()])
  }
}

const api: Api = {
  open: async ({ kind, link }) => {
    payloadOf = payloads(link, kind)
    sockets = await Promise.all(Array.from({ length: sources }, (_, index) => PeerSocket.open(link, index)))
  },
  send: (rate) => {
    const start = now()
    const turn = () => {
      const due = Math.floor(((now() - start) * rate) / 1_000)
      while (sent < due) {
        sockets[sent % sources]!.send(payloadOf(sent))
        sent++
      }
      setTimeout(turn, 1)
    }
    turn()
  },
  sent: () => sent
}

Child.serve(api)
