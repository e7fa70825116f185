/**
 * bonjour-service, with a browser for the type that the peers are of.
 */
import * as Peers from "../peers.ts"
import { socketOptions } from "./librarySocket.ts"
import * as Receiver from "./Receiver.ts"

Receiver.serve(({ link }) =>
  new Promise((resolve, reject) => {
    const { Bonjour } = Peers.load<Peers.BonjourModule>("bonjour-service")
    const bonjour = new Bonjour(socketOptions(link))
    const { mdns } = bonjour.server
    const finds = new Receiver.Finds()
    let received = 0
    mdns.on("packet", () => {
      received++
    })
    mdns.once("error", reject)
    mdns.once("ready", () =>
      resolve({ known: () => finds.names.size, lastFoundAt: () => finds.lastAt, received: () => received }))
    bonjour.find({ type: "perf" }, ({ name }) =>
      finds.add(name))
  })
)
