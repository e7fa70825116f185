/**
 * Child: what it costs to know peers of whom nothing is heard.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as Limits from "@effect-discovery/core/Limits"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import * as Child from "../harness/Child.ts"
import type { Link } from "./Link.ts"
import { networkOf, ratesOf, sourceOf } from "./sources.ts"

/** What a minute of it takes: milliseconds of CPU time, and times that the event loop's thread woke up, where that is told. */
export interface Minute {
  readonly cpu: number
  readonly wakeUps: number | undefined
}

export type Api = {
  readonly open: (options: { readonly link: Link; readonly limits: Partial<Limits.Limits> }) => Promise<void>
  readonly known: () => Promise<number>
  readonly measure: (options: { readonly milliseconds: number }) => Promise<Minute>
}

const hour = 3_600_000

const start = (link: Link, limits: Partial<Limits.Limits>) =>
  ManagedRuntime.make(
    Discovery.layer({
      sources: [sourceOf(link, { ttl: hour })],
      limits: { ...ratesOf(link), ...limits },
      interfaces: NetworkInterface.isLoopback
    }).pipe(Layer.provide(networkOf(link)))
  )

let running: ReturnType<typeof start>

const api: Api = {
  open: async ({ limits, link }) => {
    running = start(link, limits)
    await running.runPromise(Discovery.peers)
    running.runFork(Stream.runDrain(Discovery.stream))
  },
  known: async () => (await running.runPromise(Discovery.peers)).length,
  measure: ({ milliseconds }) =>
    new Promise((resolve) => {
      const before = wakeUps()
      const cpu = process.cpuUsage()
      setTimeout(() => {
        const { system, user } = process.cpuUsage(cpu)
        const after = wakeUps()
        const perMinute = 60_000 / milliseconds
        resolve({
          cpu: ((system + user) / 1_000) * perMinute,
          // the last one is this measurement's own
          wakeUps: before === undefined || after === undefined ? undefined : (after - before - 1) * perMinute
        })
      }, milliseconds)
    })
}

// a thread that waits gives up the processor of its own will; /proc tells of the thread that runs the event loop
const wakeUps = (): number | undefined => {
  try {
    const [, switches] = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? []
    return switches === undefined ? undefined : Number(switches)
  } catch {
    return undefined
  }
}

Child.serve(api)
