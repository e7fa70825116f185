/**
 * Opens and closes discovery again and again, and prints as JSON what the process holds before and after.
 *
 * usage: node cycles.ts <interface> <count> [mdns|workers]
 */
import { Announcement, Discovery, NetworkInterface, PeerWorkers } from "@effect-discovery/core"
import { JsonBeacon, Mdns, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import { NodeDiscovery, NodeMdns, NodeNetwork } from "@effect-discovery/node"
import { Effect, Layer, Metric, Result, Stream } from "effect"
import { HttpClient } from "effect/http"
import { Dns } from "effect/net"
import { readdirSync, readFileSync } from "node:fs"

const [name = "lo", count = "1", what = "discovery"] = process.argv.slice(2)

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

const mdnsLayer = () =>
  NodeMdns.httpClient.pipe(
    Layer.provideMerge(Mdns.dns),
    Layer.provide(Dns.layerStatic({})),
    Layer.provideMerge(Mdns.layer({ interfaces: NetworkInterface.named(name) })),
    Layer.provide(NodeNetwork.layer())
  )

// closed while its name is probed for, its questions are asked, and a request waits for a host that there is none of
const mdnsCycle = Effect.gen(function*() {
  yield* Effect.forkScoped(Stream.runDrain(Mdns.browse("_cycle._udp")), { startImmediately: true })
  yield* Effect.forkScoped(Stream.runDrain(Mdns.types), { startImmediately: true })
  yield* Effect.forkScoped(Effect.exit(HttpClient.get("http://none.local/")), { startImmediately: true })
  const publication = yield* Mdns.publish({ name: `cycle ${process.pid}`, type: "_cycle._udp", port: 9 })
  yield* Effect.forkScoped(Stream.runDrain(publication.state), { startImmediately: true })
  yield* Effect.timeoutOption(Mdns.lookup("nobody.local"), "5 millis")
  yield* publication.update({ port: 10 })
}).pipe(Effect.scoped, (use) => Effect.suspend(() => Effect.provide(use, mdnsLayer())))

const discoveryCycle = Effect.gen(function*() {
  yield* Effect.forkScoped(Stream.runDrain(Discovery.stream), { startImmediately: true })
  yield* Discovery.advertise(Announcement.make({ name: `cycle-${process.pid}@test`, port: 4242 }))
  yield* Discovery.peers
}).pipe(Effect.scoped, (use) => Effect.suspend(() => Effect.provide(use, layer())))

const turn = Effect.promise(() => new Promise<void>((resolve) => void setImmediate(resolve)))

// closed while handlers of all sorts run
const workersCycle = Effect.gen(function*() {
  yield* Effect.forkScoped(Stream.runDrain(PeerWorkers.workers), { startImmediately: true })
  const workers = yield* Effect.forEach(["done", "die", "hang"] as const, (swarm) =>
    PeerWorkers.start({
      name: swarm,
      swarm,
      bind: { interface: NetworkInterface.named(name) },
      decode: (payload) => Result.succeed(payload),
      handle: (_, { worker }) => {
        if (worker.swarm === "die") return Effect.die("died")
        return worker.swarm === "done" ? Effect.void : Effect.never
      }
    }))
  for (const worker of workers) {
    yield* Effect.forkScoped(Stream.runDrain(worker.diagnostics), { startImmediately: true })
    yield* worker.send("x", worker.address)
  }
  yield* Effect.repeat(turn, { times: 2 })
  yield* PeerWorkers.stop(workers[0]!.port)
}).pipe(
  Effect.scoped,
  (use) => Effect.suspend(() => Effect.provide(use, PeerWorkers.layer().pipe(Layer.provide(NodeNetwork.layer()))))
)

const list = (path: string) => process.platform === "linux" ? readdirSync(path).length : 0

const cycles: Record<string, Effect.Effect<unknown, unknown>> = {
  discovery: discoveryCycle,
  mdns: mdnsCycle,
  workers: workersCycle
}
const cycle = cycles[what]!

/** The groups joined on the interface, by anyone in this network namespace. */
const memberships = () => {
  if (process.platform !== "linux") return []
  const devices = readFileSync("/proc/net/igmp", "utf8").split(/^(?=\d)/m)
  const device = devices.find((device) => device.split(/\s+/)[1] === name) ?? ""
  return [...device.matchAll(/^\t+([0-9A-F]{8})/gm)].map(([, group]) => group)
}

// closed sockets are gone from the list some turns later
const held = Effect.map(Effect.repeat(turn, { times: 4 }), () => {
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
