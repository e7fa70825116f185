/**
 * The peers: one socket each, with a source address each, that send in turn, round after round.
 *
 * Everything is bound to addresses of the link's interface and leaves by that only: loopback, or one of a host that the benchmark has made.
 */
import type { Socket } from "node:dgram"
import { setTimeout as sleep } from "node:timers/promises"
import * as Child from "../harness/Child.ts"
import * as Workload from "../Workload.ts"
import type { Link } from "./Link.ts"
import * as PeerSocket from "./peerSocket.ts"
import { now } from "./Receiver.ts"

/**
 * Who sends what. `changedEvery`: one datagram in so many is a changed announcement, and its peer keeps to it; with 1 all of them are,
 * from the first one on.
 */
export interface Options {
  readonly link: Link
  readonly peers: number
  readonly changedEvery?: number | undefined
}

/** So many datagrams a second, sent in bursts. */
export interface Pace {
  readonly rate: number
  readonly burst: number
}

/** The calls that the sending process answers. */
export type Api = {
  readonly open: (options: Options) => Promise<void>
  /** Sends from now on at this pace, or, without one, as fast as the system takes it. */
  readonly send: (pace: Pace | undefined) => void
  /** Resolves when so many more rounds have been sent. */
  readonly rounds: (count: number) => Promise<void>
  /** Datagrams sent between two instants. */
  readonly sentBetween: (span: { readonly from: number; readonly to: number }) => number
  /** Sends one datagram of one peer. */
  readonly sendOne: (index: number) => number
}

// as many as libuv hands a receiver in one turn of its loop
const saturated: Pace = { rate: Infinity, burst: 32 }

// no measurement sends more
const most = 100_000_000

let link: Link
let sockets: ReadonlyArray<Socket> = []
let payloads: Array<Uint8Array> = []
let changedEvery = Infinity
/** Where the round stands in each datagram, when all of them are changed. */
let roundsAt: ReadonlyArray<number> = []
let pace = saturated
let isSending = false
let sent = 0
let dueFrom = 0
let sentAtPace = 0
/** Every few milliseconds: the time, and what had been sent by then. */
const samples: Array<readonly [at: number, sent: number]> = []

const payloadsOf = ({ changedEvery, link: { format }, peers }: Options): Array<Uint8Array> =>
  changedEvery === 1
    ? Array.from({ length: peers }, (_, index) => Workload.datagram(format, index, Workload.firstRound))
    : [...Workload.datagrams(format, peers)]

const sendNext = () => {
  const index = sent % payloads.length
  if (changedEvery === 1) Workload.setRound(payloads[index]!, roundsAt[index]!, Math.floor(sent / payloads.length))
  else if (sent % changedEvery === 0) payloads[index] = Workload.datagram(link.format, index, sent)
  sockets[index]!.send(payloads[index]!)
  sent++
}

const turn = () => {
  const at = now()
  if (samples.length === 0 || at - samples.at(-1)![0] > 5) samples.push([at, sent])
  const due = ((at - dueFrom) * pace.rate) / 1_000 - sentAtPace
  if (due >= pace.burst) {
    for (let n = 0; n < pace.burst; n++) sendNext()
    sentAtPace += pace.burst
  }
  if (sent < most) setImmediate(turn)
}

const sentBy = (at: number): number => {
  const after = samples.findIndex(([time]) => time >= at)
  if (after <= 0) return after === 0 ? samples[0]![1] : sent
  const [fromTime, fromSent] = samples[after - 1]!
  const [toTime, toSent] = samples[after]!
  return fromSent + ((toSent - fromSent) * (at - fromTime)) / (toTime - fromTime)
}

const reach = async (count: number): Promise<void> => {
  if (sent >= count) return
  await sleep(5)
  return reach(count)
}

const api: Api = {
  open: async (options) => {
    link = options.link
    changedEvery = options.changedEvery ?? Infinity
    payloads = payloadsOf(options)
    roundsAt = changedEvery === 1 ? payloads.map(Workload.roundAt) : []
    sockets = await Promise.all(payloads.map((_, index) => PeerSocket.open(link, index)))
  },
  send: (wanted) => {
    pace = wanted ?? saturated
    dueFrom = now()
    sentAtPace = 0
    if (!isSending) turn()
    isSending = true
  },
  rounds: (count) => reach(sent + count * payloads.length),
  sentBetween: ({ from, to }) => sentBy(to) - sentBy(from),
  sendOne: (index) => {
    const at = now()
    sockets[index]!.send(payloads[index]!)
    return at
  }
}

Child.serve(api)
