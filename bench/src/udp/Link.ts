/**
 * Where the peers of one measurement send to: a multicast group or the broadcast address of the loopback network, and a port of
 * its own.
 */
import { createSocket } from "node:dgram"
import * as Workload from "../Workload.ts"

/** A destination, on the loopback interface unless it is one between hosts. */
export interface Link {
  readonly format: Workload.Format
  /** A multicast group, or 127.255.255.255. */
  readonly destination: string
  readonly port: number
  /** An address of the interface that the peers send on; theirs are of its network, of which only the first octet is fixed. */
  readonly interface: string
}

/** The address of the one interface that anything is sent or received on, but between hosts. */
export const loopback = "127.0.0.1"

/** The address that peer `index` sends from. */
export const addressOf = ({ interface: own }: Link, index: number): string =>
  [own.split(".")[0], ...Workload.addressOf(index).split(".").slice(1)].join(".")

/** A link on a port that nothing else uses. */
export const make = async (format: Workload.Format): Promise<Link> => ({
  format,
  destination: destinations[format],
  port: await freePort(),
  interface: loopback
})

/** Whether the link is a multicast group, which a receiver has to join. */
export const isGroup = (self: Link): boolean => self.destination !== broadcast

/** The port that peers send from; 0 is one of chance. Who answers by mDNS has no choice (RFC 6762, section 6). */
export const sourcePort = ({ format }: Link): number => format === "mdns6" ? portOfMdns : 0

/** The port of mDNS. */
export const portOfMdns = 5_353

const broadcast = "127.255.255.255"

// of the site's own scope (RFC 2365); every socket that sends there has its interface set to loopback
const destinations: Readonly<Record<Workload.Format, string>> = {
  mdns6: "239.255.97.80",
  syncthing4: broadcast,
  json: "239.255.97.78",
  peerage: "239.255.97.79",
  syncthing0: broadcast
}

// Below what systems give to sockets that ask for any port: one of a thousand senders would else take it sooner or later.
const ports = { first: 20_000, count: 10_000 }

let tried = process.pid

const freePort = async (): Promise<number> => {
  const port = ports.first + (tried++ % ports.count)
  return await isFree(port) ? port : freePort()
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createSocket("udp4")
    socket.once("error", () => socket.close(() => resolve(false)))
    socket.bind({ port, exclusive: true }, () => socket.close(() => resolve(true)))
  })
