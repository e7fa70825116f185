/**
 * Child: a thousand peers that one process announces, again and again; ours, and a bare socket that sends the same buffers at the same
 * times. Each hears its own, as whoever sends to a group does that it is a member of.
 */
import * as Announcement from "@effect-discovery/core/Announcement"
import * as Discovery from "@effect-discovery/core/Discovery"
import * as Endpoint from "@effect-discovery/core/Endpoint"
import * as Limits from "@effect-discovery/core/Limits"
import * as Network from "@effect-discovery/core/Network"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Beacon from "@effect-discovery/core/protocol/Beacon"
import * as Source from "@effect-discovery/core/Source"
import * as NodeNetwork from "@effect-discovery/node/NodeNetwork"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import { createSocket } from "node:dgram"
import * as Child from "../harness/Child.ts"
import * as Workload from "../Workload.ts"
import { type Link, loopback } from "./Link.ts"

export type Kind = "raw" | "ours"

/** Who announces what, every so many milliseconds. */
export interface Options {
  readonly kind: Kind
  readonly link: Link
  readonly peers: number
  readonly interval: number
}

/** Datagrams that were sent in a stretch of time, and microseconds of CPU time that it took. */
export interface Window {
  readonly sent: number
  readonly cpu: number
}

export type Api = {
  readonly open: (options: Options) => Promise<void>
  readonly measure: (options: { readonly milliseconds: number }) => Promise<Window>
}

let sent = 0

const raw = async ({ interval, link, peers }: Options): Promise<void> => {
  const payloads = Workload.datagrams(link.format, peers)
  const receiver = createSocket({ type: "udp4", reuseAddr: true })
  let heard = 0
  await new Promise<void>((resolve, reject) => {
    receiver.once("error", reject)
    receiver.on("message", () => void heard++)
    receiver.bind({ address: link.destination, port: link.port }, () => {
      receiver.setRecvBufferSize(Limits.defaults.kernelReceiveBuffer)
      receiver.addMembership(link.destination, loopback)
      resolve()
    })
  })
  // not connected, as a socket that is to hear answers cannot be
  const sender = createSocket({ type: "udp4" })
  await new Promise<void>((resolve) => sender.bind({ address: loopback }, resolve))
  sender.setMulticastInterface(loopback)
  setInterval(() => {
    for (const payload of payloads) sender.send(payload, link.port, link.destination)
    sent += payloads.length
  }, interval)
}

// what is announced is the index of a peer
const protocolOf = ({ interval, link: { destination, format, port }, peers }: Options) => {
  const payloads = Workload.datagrams(format, peers)
  return Beacon.make({
    name: "send",
    endpoint: Endpoint.multicast(destination, port),
    interval,
    encode: ({ name }) => Result.succeed(payloads[Number(name)]!),
    decode: () => Result.fail("own")
  })
}

const counted = Layer.effect(
  Network.Network,
  Effect.map(NodeNetwork.make(), (network) =>
    Network.Network.of({
      interfaces: network.interfaces,
      open: (options) => Effect.map(network.open(options), count)
    }))
)

const count = (socket: DatagramSocket.DatagramSocket): DatagramSocket.DatagramSocket =>
  DatagramSocket.make({
    reader: socket.reader,
    writer: Effect.map(socket.writer, (writer): DatagramSocket.Writer => ({
      write: (datagram) => {
        sent++
        return writer.write(datagram)
      },
      writeAll: (datagrams) => {
        sent += datagrams.length
        return writer.writeAll(datagrams)
      }
    }))
  })

const ours = async (options: Options): Promise<void> => {
  const layer = Discovery.layer({
    sources: [Source.fromProtocol(protocolOf(options))],
    interfaces: NetworkInterface.isLoopback
  })
  const runtime = ManagedRuntime.make(Layer.provide(layer, counted))
  const announcements = Array.from({ length: options.peers }, (_, index) => Announcement.make({ name: `${index}` }))
  await runtime.runPromise(
    Effect.forEach(announcements, Discovery.advertise, { concurrency: "unbounded", discard: true }).pipe(
      Scope.provide(Scope.makeUnsafe())
    )
  )
}

const api: Api = {
  open: (options) => options.kind === "raw" ? raw(options) : ours(options),
  measure: ({ milliseconds }) =>
    new Promise((resolve) => {
      const before = sent
      const cpu = process.cpuUsage()
      setTimeout(() => {
        const { system, user } = process.cpuUsage(cpu)
        resolve({ sent: sent - before, cpu: user + system })
      }, milliseconds)
    })
}

Child.serve(api)
