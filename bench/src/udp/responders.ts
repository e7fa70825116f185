/**
 * Child: responders of mDNS that announce themselves all at once, and answer those who ask.
 */
import * as DnsPacket from "dns-packet"
import { createSocket, type Socket } from "node:dgram"
import * as Child from "../harness/Child.ts"
import * as Workload from "../Workload.ts"
import { type Link, loopback } from "./Link.ts"
import * as PeerSocket from "./peerSocket.ts"
import { now } from "./Receiver.ts"

export type Api = {
  readonly open: (options: { readonly link: Link; readonly peers: number; readonly answers: boolean }) => Promise<void>
  /** Sends one datagram of each, back to back: since when, and how many milliseconds that took. */
  readonly burst: () => { readonly from: number; readonly took: number }
}

let payloads: ReadonlyArray<Uint8Array> = []
let sockets: ReadonlyArray<Socket> = []

const listen = (link: Link): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: "udp4", reuseAddr: true })
    socket.once("error", reject)
    socket.on("message", hear)
    socket.bind({ address: link.destination, port: link.port }, () => {
      socket.addMembership(link.destination, loopback)
      resolve()
    })
  })

/** Instances that an asker knows, from the first of its datagrams to the last. */
let known = new Set<unknown>()
let answering: NodeJS.Timeout | undefined

// what an asker knows may take several datagrams, of which all but the last say that there is more (RFC 6762, section 7.2)
const patience = 400

const hear = (message: Buffer): void => {
  const { answers = [], flag_tc: hasMore, questions = [], type } = DnsPacket.decode(message)
  const isAsked = questions.some(({ name, type }) => name === "_perf._tcp.local" && type === "PTR")
  if (type !== "query" || !isAsked && answering === undefined) return
  for (const answer of answers) if ("data" in answer) known.add(answer.data)
  clearTimeout(answering)
  answering = setTimeout(answer, hasMore === true ? patience : 0)
}

// each waits for 20 to 120 milliseconds (RFC 6762, section 6)
const answer = (): void => {
  for (const [index, payload] of payloads.entries()) {
    if (!known.has(instances[index])) setTimeout(() => sockets[index]!.send(payload), 20 + chance() * 100)
  }
  known = new Set()
  answering = undefined
}

let instances: ReadonlyArray<unknown> = []

const instanceOf = (payload: Uint8Array): unknown => {
  const [pointer] = DnsPacket.decode(Buffer.from(payload)).answers ?? []
  return pointer !== undefined && "data" in pointer ? pointer.data : undefined
}

let state = 1

const chance = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}

const api: Api = {
  open: async ({ answers, link, peers }) => {
    payloads = Workload.datagrams(link.format, peers)
    sockets = await Promise.all(payloads.map((_, index) => PeerSocket.open(link, index)))
    if (!answers) return
    instances = payloads.map(instanceOf)
    await listen(link)
  },
  burst: () => {
    const from = now()
    for (const [index, payload] of payloads.entries()) sockets[index]!.send(payload)
    return { from, took: now() - from }
  }
}

Child.serve(api)
