/**
 * Where the peers of one measurement send to: a multicast group or the broadcast address of the loopback network, and a port of
 * its own.
 */
import { createSocket } from "node:dgram"
import type { Format } from "../Workload.ts"

/** A destination on the loopback interface. */
export interface Link {
  readonly format: Format
  /** A multicast group, or 127.255.255.255. */
  readonly destination: string
  readonly port: number
}

/** The address of the one interface that anything here is sent or received on. */
export const loopback = "127.0.0.1"

/** A link on a port that nothing else uses. */
export const make = async (format: Format): Promise<Link> => ({
  format,
  destination: destinations[format],
  port: await freePort()
})

/** Whether the link is a multicast group, which a receiver has to join. */
export const isGroup = (self: Link): boolean => self.destination !== broadcast

const broadcast = "127.255.255.255"

// of the site's own scope (RFC 2365); every socket that sends there has its interface set to loopback
const destinations: Readonly<Record<Format, string>> = {
  json: "239.255.97.78",
  peerage: "239.255.97.79",
  syncthing0: broadcast
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = createSocket("udp4")
    socket.once("error", reject)
    socket.bind({ address: loopback, port: 0, exclusive: true }, () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
