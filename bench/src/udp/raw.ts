/**
 * The physical limit: a bare `node:dgram` socket that only counts, bound and joined as ours is.
 */
import * as Limits from "@effect-discovery/core/Limits"
import { createSocket } from "node:dgram"
import { isGroup, loopback } from "./Link.ts"
import * as Receiver from "./Receiver.ts"

Receiver.serve(({ limits, link }) =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: "udp4", reuseAddr: true })
    let received = 0
    socket.once("error", reject)
    socket.on("message", () => {
      received++
    })
    socket.bind({ address: isGroup(link) ? link.destination : "0.0.0.0", port: link.port }, () => {
      socket.setRecvBufferSize(Limits.make(limits).kernelReceiveBuffer)
      if (isGroup(link)) socket.addMembership(link.destination, loopback)
      resolve({ granted: socket.getRecvBufferSize(), known: () => received, received: () => received })
    })
  })
)
