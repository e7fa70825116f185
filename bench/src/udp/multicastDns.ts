/**
 * multicast-dns, with a Map of the instances that its pointers name: the least that a program would do with it.
 */
import * as Peers from "../peers.ts"
import { socketOptions } from "./librarySocket.ts"
import * as Receiver from "./Receiver.ts"

Receiver.serve(({ link }) =>
  new Promise((resolve, reject) => {
    const mdns = Peers.load<Peers.MakeMulticastDns>("multicast-dns")(socketOptions(link))
    const instances = new Map<unknown, unknown>()
    let lastFoundAt = 0
    let received = 0
    mdns.on("packet", () => {
      received++
    })
    mdns.on("response", ({ answers }) => {
      for (const answer of answers) {
        if (answer.type !== "PTR") continue
        const before = instances.size
        instances.set(answer.data, answer)
        if (instances.size > before) lastFoundAt = Receiver.now()
      }
    })
    mdns.once("error", reject)
    mdns.once("ready", () => {
      mdns.query("_perf._tcp.local", "PTR")
      resolve({ known: () => instances.size, lastFoundAt: () => lastFoundAt, received: () => received })
    })
  })
)
