/**
 * Child: honest peers that come while others flood, each announcing itself a few times, an interval apart.
 */
import { setTimeout as sleep } from "node:timers/promises"
import * as Child from "../harness/Child.ts"
import * as Workload from "../Workload.ts"
import type { Link } from "./Link.ts"
import * as PeerSocket from "./peerSocket.ts"
import { now } from "./Receiver.ts"

/** Who comes, and how often each announces itself at which interval in milliseconds. */
export interface Options {
  readonly link: Link
  readonly first: number
  readonly count: number
  readonly times: number
  readonly interval: number
}

export type Api = {
  /** Has all of them come within one interval; tells when each announced itself for the first time. */
  readonly come: (options: Options) => Promise<ReadonlyArray<number>>
}

const come = async ({ count, first, interval, link, times }: Options, index: number): Promise<number> => {
  const socket = await PeerSocket.open(link, first + index)
  const payload = Workload.datagram(link.format, first + index)
  await sleep((index * interval) / count)
  const from = now()
  for (let sent = 0; sent < times; sent++) {
    socket.send(payload)
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
    await sleep(interval)
  }
  return from
}

Child.serve(
  {
    come: (options) => Promise.all(Array.from({ length: options.count }, (_, index) => come(options, index)))
  } satisfies Api
)
