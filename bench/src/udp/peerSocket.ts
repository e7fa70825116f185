/**
 * The sockets of the peers: each with a source address of its own, all on the interface of the link.
 */
import { createSocket, type Socket } from "node:dgram"
import { addressOf, isGroup, type Link, sourcePort } from "./Link.ts"

/** Opens the socket that peer `index` sends to the link from. */
export const open = (link: Link, index: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: "udp4", reuseAddr: sourcePort(link) !== 0 })
    socket.once("error", reject)
    socket.bind({ address: addressOf(link, index), port: sourcePort(link), exclusive: true }, () => {
      if (isGroup(link)) {
        socket.setMulticastInterface(link.interface)
        socket.setMulticastTTL(1)
      } else socket.setBroadcast(true)
      socket.connect(link.port, link.destination, () => {
        // a buffer that is full for a moment is loss, which is counted on the other side
        socket.removeListener("error", reject).on("error", () => {})
        resolve(socket)
      })
    })
  })
