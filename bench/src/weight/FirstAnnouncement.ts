/**
 * How long a program takes from the start of its process to the first datagram that it announces itself with.
 */
import { spawn } from "node:child_process"
import { createSocket } from "node:dgram"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Link from "../udp/Link.ts"

// as a user would write it, by the packages as they are published
const ours = `import * as Announcement from "@effect-discovery/core/Announcement"
import * as Discovery from "@effect-discovery/core/Discovery"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Peerage from "@effect-discovery/core/protocol/Peerage"
import * as NodeNetwork from "@effect-discovery/node/NodeNetwork"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
const [group, port] = process.argv.slice(2)
const layer = Discovery.layer({
  sources: [Peerage.source({ group, port: Number(port) })],
  interfaces: NetworkInterface.isLoopback
}).pipe(Layer.provide(NodeNetwork.layer()))
const program = Discovery.advertise(Announcement.make({ name: "a@b" })).pipe(Effect.andThen(Effect.never), Effect.scoped)
Effect.runFork(Effect.provide(program, layer))
`

const raw = `import { createSocket } from "node:dgram"
const [group, port] = process.argv.slice(2)
const socket = createSocket("udp4")
socket.bind({ address: "127.0.0.1" }, () => {
  socket.setMulticastInterface("127.0.0.1")
  socket.send("Peer:a@b", Number(port), group)
})
`

export const kinds = { raw, ours }

/** Writes the programs. */
export const prepare = (folder: string): void => {
  for (const [kind, text] of Object.entries(kinds)) writeFileSync(join(folder, programOf(kind)), text)
}

const programOf = (kind: string): string => `announce-${kind}.mjs`

/** Milliseconds that one takes. */
export const time = async (folder: string, kind: keyof typeof kinds): Promise<number> => {
  const link = await Link.make("peerage")
  const socket = createSocket({ type: "udp4", reuseAddr: true })
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject)
    socket.bind({ address: link.destination, port: link.port }, () => {
      socket.addMembership(link.destination, Link.loopback)
      resolve()
    })
  })
  const from = performance.now()
  const child = spawn(process.execPath, [programOf(kind), link.destination, String(link.port)], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"]
  })
  try {
    return await new Promise<number>((resolve, reject) => {
      socket.once("message", () => resolve(performance.now() - from))
      child.once("exit", (code) => reject(new Error(`${programOf(kind)} ended with ${code}`)))
    })
  } finally {
    child.kill("SIGKILL")
    socket.close()
  }
}
