/**
 * Opens and closes discovery again and again, and prints as JSON what the process holds before and after.
 *
 * usage: node cycles.ts <interface> <count>
 */
import { Announcement, Discovery, NetworkInterface } from "@effect-discovery/core"
import { JsonBeacon, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import { NodeDiscovery } from "@effect-discovery/node"
import { Effect, Metric, Stream } from "effect"
import { readdirSync, readFileSync } from "node:fs"

const [name = "lo", count = "1"] = process.argv.slice(2)

let fibers = 0
const countFibers: Metric.FiberRuntimeMetricsService = {
  recordFiberStart: () => void fibers++,
  recordFiberEnd: () => void fibers--
}

const layer = () =>
  NodeDiscovery.layer({
    sources: [JsonBeacon.source(), Peerage.source(), SyncthingV0.source()],
    interfaces: NetworkInterface.named(name)
  })

const cycle = Effect.gen(function*() {
  yield* Effect.forkScoped(Stream.runDrain(Discovery.stream), { startImmediately: true })
  yield* Discovery.advertise(Announcement.make({ name: `cycle-${process.pid}@test`, port: 4242 }))
  yield* Discovery.peers
}).pipe(Effect.scoped, (use) => Effect.suspend(() => Effect.provide(use, layer())))

const list = (path: string) => process.platform === "linux" ? readdirSync(path).length : 0

/** The groups joined on the interface, by anyone in this network namespace. */
const memberships = () => {
  if (process.platform !== "linux") return []
  const devices = readFileSync("/proc/net/igmp", "utf8").split(/^(?=\d)/m)
  const device = devices.find((device) => device.split(/\s+/)[1] === name) ?? ""
  return [...device.matchAll(/^\t+([0-9A-F]{8})/gm)].map(([, group]) => group)
}

// closed sockets are gone from the list one turn later
const held = Effect.promise(async () => {
  await new Promise((resolve) => setImmediate(resolve))
  return {
    resources: process.getActiveResourcesInfo().toSorted(),
    files: list("/proc/self/fd"),
    fibers,
    memberships: memberships()
  }
})

const program = Effect.gen(function*() {
  // what is loaded and set up only once
  yield* cycle
  const before = yield* held
  const start = performance.now()
  yield* Effect.repeat(cycle, { times: Number(count) - 1 })
  const milliseconds = performance.now() - start
  return { before, after: yield* held, milliseconds }
}).pipe(Effect.provideService(Metric.FiberRuntimeMetrics, countFibers))

Effect.runPromise(program).then((result) => console.log(JSON.stringify(result)))
