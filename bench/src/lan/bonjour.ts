/**
 * Child: bonjour-service on a host.
 */
import * as Child from "../harness/Child.ts"
import * as Peers from "../peers.ts"
import { portOfMdns } from "../udp/Link.ts"
import { Finds, now } from "../udp/Receiver.ts"
import type * as Contestant from "./Contestant.ts"
import { held } from "./held.ts"

const type = "perf"

const finds = new Finds()
let bonjour: Peers.Bonjour
let published = 0

const api: Contestant.Api = {
  open: ({ address }) =>
    new Promise((resolve, reject) => {
      const { Bonjour } = Peers.load<Peers.BonjourModule>("bonjour-service")
      bonjour = new Bonjour({ port: portOfMdns, interface: address, bind: "0.0.0.0" })
      bonjour.server.mdns.once("error", reject)
      bonjour.server.mdns.once("ready", () => resolve(process.pid))
    }),
  browse: async () => {
    const at = now()
    bonjour.find({ type }, ({ name }) => finds.add(name))
    return at
  },
  known: () => finds.names.size,
  lastFoundAt: () => finds.lastAt,
  held,
  publish: async (count) => {
    const at = now()
    for (let n = 0; n < count; n++) {
      const name = `Bonjour ${published++}`
      bonjour.publish({ name, type, port: 8_000, txt: { id: name } })
    }
    return at
  }
}

Child.serve(api)
