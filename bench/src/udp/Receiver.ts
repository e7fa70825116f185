/**
 * What the parent asks of a receiving process, the same of every kind.
 */
import type * as Limits from "@effect-discovery/core/Limits"
import * as Child from "../harness/Child.ts"
import type { Link } from "./Link.ts"

/**
 * How to receive. Raw receivers take the receive buffer from the limits, and nothing else. `isRoomy`, which is the default: with room for as
 * many peers as any row has, and for as many datagrams a second. Otherwise limits are what they are to every program, but for `limits`.
 */
export interface Options {
  readonly link: Link
  readonly isRoomy?: boolean | undefined
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

/** What became of datagrams above the system: those that were processed, those that our own buffers dropped, and those that we sent. */
export interface Account {
  readonly processed: number
  readonly dropped: number
  readonly sent: number
}

/** Peers found, and when the last one was. */
export class Finds {
  readonly names = new Set<string>()
  readonly #watched = new Map<string, number>()
  lastAt = 0

  add(id: string, name = id): void {
    if (this.names.has(id)) return
    this.names.add(id)
    this.lastAt = now()
    if (this.#watched.get(name) === Infinity) this.#watched.set(name, this.lastAt)
  }

  /** Notes from now on when these are found, by their names. */
  watch(names: ReadonlyArray<string>): void {
    for (const name of names) this.#watched.set(name, Infinity)
  }

  /** When each of those was found that are watched; absent when it was not. */
  get watched(): Readonly<Record<string, number>> {
    return Object.fromEntries(Array.from(this.#watched).filter(([, at]) => at < Infinity))
  }
}

/** The calls that a receiving process answers. */
export type Api = {
  /** Opens the socket; tells what receive buffer was granted, where that can be seen. */
  readonly open: (options: Options) => Promise<{ readonly granted?: number | undefined }>
  /** How many peers are known; of a receiver that knows none, how many datagrams came. */
  readonly known: () => number
  readonly measure: (options: { readonly milliseconds: number }) => Promise<Window>
  /** When the last peer was found that was not known. */
  readonly lastFoundAt: () => number
  readonly account: () => Promise<Account>
  /** Notes from now on when these peers are found, by name. */
  readonly watch: (names: ReadonlyArray<string>) => void
  /** When each of them was found that was. */
  readonly watched: () => Readonly<Record<string, number>>
}

/** A receiver at work. */
export interface Receiver {
  readonly granted?: number | undefined
  readonly known: () => number
  readonly lastFoundAt?: (() => number) | undefined
  readonly account?: (() => Promise<Account>) | undefined
  readonly finds?: Finds | undefined
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
    lastFoundAt: () => receiver.lastFoundAt!(),
    account: () => receiver.account!(),
    watch: (names) => receiver.finds!.watch(names),
    watched: () => receiver.finds!.watched,
    measure: ({ milliseconds }) =>
      new Promise((resolve) => {
        // counting takes longer the first time, and what arrives meanwhile would come in one go
        receiver.received()
        setTimeout(() => measure(receiver, milliseconds, resolve), 50)
      })
  }
  Child.serve(api)
}
