/**
 * Floods mDNS on the loopback interface for a moment with each line that it reads: forged services, and octets of chance, from a hundred addresses.
 */
import { createSocket, type Socket } from "node:dgram"
import { createInterface } from "node:readline"
import * as Mdns from "../../bench/src/mdns.ts"
import * as Workload from "../../bench/src/Workload.ts"

const group = "224.0.0.251"
const port = 5_353
const sources = 100
// of which a session decodes all: beyond it honest programs on the same address would have to wait as well
const datagrams = 1_500
const perTick = 15

const open = (index: number): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = createSocket({ type: "udp4", reuseAddr: true })
    socket.on("error", () => {})
    socket.bind({ address: `127.1.0.${index + 1}`, port }, () => {
      socket.setMulticastInterface("127.0.0.1")
      resolve(socket)
    })
  })

const sockets = await Promise.all(Array.from({ length: sources }, (_, index) => open(index)))
const hostile = [...Mdns.hostile().values()]
let sent = 0

const payload = (): Uint8Array => {
  if (sent % 3 === 0) return Workload.datagram("mdns6", sent % 100_000)
  if (sent % 50 === 1) return hostile[Math.floor(sent / 50) % hostile.length]!
  return Uint8Array.from({ length: 12 + sent % 200 }, (_, at) => (sent * 31 + at * 7) & 255)
}

const flood = (left: number): void => {
  for (let n = 0; n < perTick; n++) sockets[++sent % sources]!.send(payload(), port, group)
  if (left > perTick) setTimeout(flood, 5, left - perTick)
}

createInterface({ input: process.stdin }).on("line", () => flood(datagrams))
