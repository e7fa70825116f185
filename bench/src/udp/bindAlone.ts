import { createSocket } from "node:dgram"
import type { Link } from "./Link.ts"

/** Binds the port for itself, which no socket that is still there would allow. */
export const bindAlone = (link: Link): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createSocket("udp4")
    socket.once("error", reject)
    socket.bind({ address: link.destination, port: link.port, exclusive: true }, () => socket.close(() => resolve()))
  })
