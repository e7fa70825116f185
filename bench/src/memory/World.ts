/**
 * A discovery layer over the in-memory network, and peers that announce themselves on it.
 */
import * as Discovery from "@effect-discovery/core/Discovery"
import type * as DiscoveryEvent from "@effect-discovery/core/DiscoveryEvent"
import type * as Limits from "@effect-discovery/core/Limits"
import type * as Network from "@effect-discovery/core/Network"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { setImmediate as nextTurn } from "node:timers/promises"
import { inTurn } from "../harness/inTurn.ts"
import * as Link from "../udp/Link.ts"
import { ratesOf, sourceOf } from "../udp/sources.ts"
import * as Workload from "../Workload.ts"
import * as InMemoryNetwork from "./InMemoryNetwork.ts"

/** A running layer. */
export interface Running {
  /** Peers found and not lost again. */
  readonly known: () => number
  readonly end: () => Promise<void>
}

/** A running layer, and the way to send to it. */
export interface World extends Running {
  readonly deliver: InMemoryNetwork.InMemoryNetwork["deliver"]
  readonly format: Workload.Format
}

/** Where the layer listens for Peerage. */
export const port = 45_900

/** Starts a layer that listens on a network, by default for Peerage, with one subscriber. */
export const start = async (
  network: Layer.Layer<Network.Network>,
  limits: Partial<Limits.Limits>,
  format: Workload.Format = "peerage"
): Promise<Running> => {
  const link: Link.Link = { format, destination: "230.1.1.1", port: portOf(format), interface: Link.loopback }
  const DiscoveryLive = Discovery.layer({
    sources: [sourceOf(link, { ttl: hour })],
    limits: { ...ratesOf(link), ...limits },
    interfaces: NetworkInterface.isLoopback
  })
  const runtime = ManagedRuntime.make(Layer.provide(DiscoveryLive, network))
  let known = 0
  const count = (events: ReadonlyArray<DiscoveryEvent.DiscoveryEvent>) =>
    Effect.sync(() => {
      for (const { _tag } of events) known += _tag === "PeerDiscovered" ? 1 : _tag === "PeerLost" ? -1 : 0
    })
  await runtime.runPromise(Discovery.peers)
  runtime.runFork(Stream.runForEachArray(Discovery.stream, count))
  return { known: () => known, end: () => runtime.dispose() }
}

/** Starts a layer on the in-memory network. */
export const make = async (
  limits: Partial<Limits.Limits>,
  format: Workload.Format = "peerage"
): Promise<World> => {
  const network = InMemoryNetwork.make(portOf(format), format === "mdns6" ? Link.portOfMdns : undefined)
  return { ...await start(network.layer, limits, format), deliver: network.deliver, format }
}

const portOf = (format: Workload.Format): number => format === "mdns6" ? Link.portOfMdns : port

const hour = 3_600_000

/** Limits under which `count` peers may announce themselves all at once. */
export const limitsFor = (count: number): Partial<Limits.Limits> => ({
  unverifiedPeers: Math.max(1, count),
  sources: Math.max(1, count),
  datagramsPerSession: { perSecond: 1 + 10 * count, burst: 1 + 10 * count }
})

/**
 * Has peers `from` to `to` announce themselves, 32 in a turn of the event loop, as they would come from a socket. Gives the
 * microseconds of CPU time that taking them in took, without that of making them.
 */
export const announce = async (world: World, from: number, to: number): Promise<number> => {
  let spent = 0
  for (let first = from; first < to; first += 32) {
    const burst = Array.from({ length: Math.min(32, to - first) }, (_, n) => datagramOf(world.format, first + n))
    const before = process.cpuUsage()
    for (const { host, payload } of burst) world.deliver(payload, host)
    // oxlint-disable-next-line eslint/no-await-in-loop -- one burst after the other
    await nextTurn()
    const { system, user } = process.cpuUsage(before)
    spent += system + user
  }
  await settle()
  return spent
}

/** Has the first so many peers announce themselves, no more at a time than a queue holds, until all of them are known. */
export const introduce = async (world: World, peers: number, from = 0): Promise<void> => {
  if (from >= peers) return
  // at first the layer may not have come so far as to listen
  if (from === 0) await settle()
  const to = Math.min(from + atATime, peers)
  await announce(world, from, to)
  await untilKnown(world, to)
  return introduce(world, peers, to)
}

const atATime = 500

const datagramOf = (format: Workload.Format, index: number) => ({
  payload: received(Workload.datagram(format, index)),
  host: Workload.addressOf(index)
})

/** Lets what was delivered be processed. */
export const settle = (): Promise<unknown> => inTurn(10, () => nextTurn())

/** Waits until so many peers are known. Fails when they are not within ten seconds. */
export const untilKnown = async (
  running: Running,
  peers: number,
  deadline = performance.now() + 10_000
): Promise<void> => {
  await settle()
  if (running.known() === peers) return
  if (performance.now() > deadline) throw new Error(`knows ${running.known()} of ${peers} peers`)
  return untilKnown(running, peers, deadline)
}

/** A datagram as `node:dgram` hands it over: a Buffer with memory of its own. */
export const received = (payload: Uint8Array): Buffer => Buffer.from(payload.slice().buffer)
