/**
 * What the parent asks of a receiving process, the same of every kind.
 */
import type * as Limits from "@effect-discovery/core/Limits"
import * as Child from "../harness/Child.ts"
import type { Link } from "./Link.ts"

/** How to receive. Raw receivers take the receive buffer from the limits, and nothing else. */
export interface Options {
  readonly link: Link
  readonly limits: Partial<Limits.Limits>
  readonly subscribers: number
}

/** A stretch of receiving: datagrams taken in, and microseconds of this process's CPU time, user and system. */
export interface Window {
  readonly received: number
  readonly cpu: number
  readonly from: number
  readonly to: number
}

/** The calls that a receiving process answers. */
export type Api = {
  /** Opens the socket; tells what receive buffer was granted, where that can be seen. */
  readonly open: (options: Options) => Promise<{ readonly granted?: number | undefined }>
  /** How many peers are known; of a receiver that knows none, how many datagrams came. */
  readonly known: () => number
  readonly measure: (options: { readonly milliseconds: number }) => Promise<Window>
}

/** A receiver at work. */
export interface Receiver {
  readonly granted?: number | undefined
  readonly known: () => number
  /** Datagrams received so far. */
  readonly received: () => number
}

/** Milliseconds of the clock that all processes of a machine share. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6

const measure = (receiver: Receiver, milliseconds: number, resolve: (window: Window) => void): void => {
  const before = receiver.received()
  const from = now()
  const cpu = process.cpuUsage()
  setTimeout(() => {
    const { system, user } = process.cpuUsage(cpu)
    resolve({ cpu: user + system, from, to: now(), received: receiver.received() - before })
  }, milliseconds)
}

/** Serves a kind of receiver to the parent. */
export const serve = (open: (options: Options) => Promise<Receiver>): void => {
  let receiver: Receiver
  const api: Api = {
    open: async (options) => {
      receiver = await open(options)
      return { granted: receiver.granted }
    },
    known: () => receiver.known(),
    measure: ({ milliseconds }) =>
      new Promise((resolve) => {
        // counting takes longer the first time, and what arrives meanwhile would come in one go
        receiver.received()
        setTimeout(() => measure(receiver, milliseconds, resolve), 50)
      })
  }
  Child.serve(api)
}
