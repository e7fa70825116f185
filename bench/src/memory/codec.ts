/**
 * Child: decoders against the least that decoding could take.
 *
 * Timed on plain Node; `allocated` wants `--expose-gc` and a young generation that holds all of it.
 */
import type * as Protocol from "@effect-discovery/core/Protocol"
import * as JsonBeacon from "@effect-discovery/core/protocol/JsonBeacon"
import * as Peerage from "@effect-discovery/core/protocol/Peerage"
import * as Syncthing from "@effect-discovery/core/protocol/Syncthing"
import * as SyncthingV0 from "@effect-discovery/core/protocol/SyncthingV0"
import * as DnsPacket from "dns-packet"
import * as Repeats from "../../../packages/core/src/internal/runtime/Repeats.ts"
import * as Message from "../../../packages/core/src/protocol/mdns/Message.ts"
import * as Child from "../harness/Child.ts"
import * as Mdns from "../mdns.ts"
import * as Workload from "../Workload.ts"
import * as CodecPeers from "./codecPeers.ts"
import * as Decoders from "./decoders.ts"
import * as Loops from "./Loops.ts"
import * as World from "./World.ts"

export type Api = {
  /** Nanoseconds for each operation, by name; what is not installed is not there. */
  readonly time: (options: { readonly rounds: number }) => Loops.Timings<string>
  /** Octets allocated by each operation, of every round. */
  readonly allocated: (options: { readonly rounds: number }) => Loops.Timings<string>
  /** Octets of an announcement as we and as dns-packet write it. */
  readonly sizes: () => { readonly ours: number; readonly dnsPacket: number }
}

const peers = 1_000
const jsons = Workload.datagrams("json", peers).map(World.received)
const peerages = Workload.datagrams("peerage", peers).map(World.received)
const syncthings = Workload.datagrams("syncthing0", peers).map(World.received)
const syncthings4 = Workload.datagrams("syncthing4", peers).map(World.received)

const each = (payloads: ReadonlyArray<Buffer>, decode: (payload: Buffer) => unknown): Loops.Loop => (count) => {
  let last: unknown
  for (let i = 0; i < count; i++) last = decode(payloads[i % peers]!)
  return last
}

// a whole step of the protocol's machine: decoding, and the claim that it makes
const stepOf = <State>(protocol: Protocol.Protocol<State>) => {
  const { state } = protocol.init(1, 0)
  return (payload: Uint8Array) => protocol.step(state, { _tag: "Received", payload, source: Decoders.source }, 0)
}

const mdnsLoops = (format: Mdns.Format): Readonly<Record<string, Loops.Loop>> => {
  const scenes = Array.from({ length: peers }, (_, index) => Mdns.sceneOf(format, index))
  const payloads = scenes.map((scene) => World.received(Mdns.write(scene)))
  const packets = payloads.map((payload) => DnsPacket.decode(payload))
  return {
    [`${format} index`]: each(payloads, judged),
    [`${format} decode`]: each(payloads, Message.decode),
    [`${format} decode, all looked at`]: each(payloads, Decoders.lookedAt),
    [`${format} dns-packet decode`]: each(payloads, (payload) => DnsPacket.decode(payload)),
    ...loopsOf(CodecPeers.mdns(), payloads, format),
    [`${format} encode`]: (count: number) => {
      let last: unknown
      for (let i = 0; i < count; i++) last = Mdns.write(scenes[i % peers]!)
      return last
    },
    [`${format} dns-packet encode`]: (count: number) => {
      let last: unknown
      for (let i = 0; i < count; i++) last = DnsPacket.encode(packets[i % peers]!)
      return last
    }
  }
}

// what decoding begins with: everything is validated, and nothing made
const judged = (payload: Uint8Array): string => Message.faultOf(payload) ?? "sound"

const loopsOf = (
  decoders: ReturnType<typeof CodecPeers.mdns>,
  payloads: ReadonlyArray<Buffer>,
  format: string
): Readonly<Record<string, Loops.Loop>> =>
  Object.fromEntries(Array.from(decoders, ([peer, decode]) => [`${format} ${peer} decode`, each(payloads, decode)]))

// what a session remembers of a thousand sources, and what they say again
const unchanged = (): Loops.Loop => {
  const payloads = Workload.datagrams("mdns6", peers).map(World.received)
  const hosts = payloads.map((_, index) => Workload.addressOf(index))
  const repeats = Repeats.make(1, 1)
  for (const [index, payload] of payloads.entries()) {
    const lease = Repeats.remember(repeats, hosts[index]!, 5_353, payload.subarray(), `peer${index}`, 120_000, 0)
    lease.isPending = false
    lease.isHeld = true
  }
  return (count) => {
    for (let i = 0; i < count; i++) {
      const at = i % peers
      if (!Repeats.renew(repeats, hosts[at]!, 5_353, payloads[at]!, i)) throw new Error("a repeat was not known")
    }
    return repeats.size
  }
}

const again = (payload: Uint8Array, decode: (payload: Buffer) => unknown): Loops.Loop => {
  const received = World.received(payload)
  return (count) => {
    let last: unknown
    for (let i = 0; i < count; i++) last = decode(received)
    return last
  }
}

const orThrown = (payload: Buffer): unknown => {
  try {
    return DnsPacket.decode(payload)
  } catch (error) {
    return error
  }
}

/** Of the hostile datagrams the one that a decoder needs longest for. */
const worst = (decode: (payload: Buffer) => unknown): Loops.Loop => {
  const loops = Array.from(Mdns.hostile().values(), (payload) => again(payload, decode))
  const took = loops.map((loop) => {
    loop(50)
    const from = performance.now()
    loop(50)
    return performance.now() - from
  })
  return loops[took.indexOf(Math.max(...took))]!
}

const loops: Readonly<Record<string, Loops.Loop>> = {
  "json decode": each(jsons, Decoders.json),
  "JSON.parse(buffer.toString())": each(jsons, (payload) => JSON.parse(payload.toString())),
  "json step": each(jsons, stepOf(JsonBeacon.protocol())),
  "peerage decode": each(peerages, (payload) => Peerage.decode(payload)),
  "peerage buffer.toString()": each(peerages, (payload) => payload.toString()),
  "peerage step": each(peerages, stepOf(Peerage.protocol())),
  "syncthing0 decode": each(syncthings, (payload) => SyncthingV0.decode(payload)),
  "syncthing0 buffer.toString()": each(syncthings, (payload) => payload.toString()),
  "syncthing0 step": each(syncthings, stepOf(SyncthingV0.protocol())),
  "syncthing4 decode": each(syncthings4, (payload) => Syncthing.decode(payload)),
  "syncthing4 step": each(syncthings4, stepOf(Syncthing.protocol())),
  ...loopsOf(CodecPeers.syncthing(), syncthings4, "syncthing4"),
  "mdns6 unchanged check": unchanged(),
  ...mdnsLoops("mdns4"),
  ...mdnsLoops("mdns6"),
  ...mdnsLoops("mdns21"),
  "mdns of 12 octets": again(Mdns.lie, Message.decode),
  "mdns of 12 octets, dns-packet": again(Mdns.lie, orThrown),
  "mdns hostile": worst(Message.decode),
  "mdns hostile, dns-packet": worst(orThrown)
}

const operations = 2_000

const allocatedBy = (loop: Loops.Loop): number => {
  globalThis.gc!()
  const before = process.memoryUsage().heapUsed
  loop(operations)
  return (process.memoryUsage().heapUsed - before) / operations
}

const api: Api = {
  time: ({ rounds }) => Loops.time(loops, rounds),
  allocated: ({ rounds }) => {
    // what nobody asks of others would take longest
    const names = Object.keys(loops).filter((name) => !/dns-packet|ciao|protobufjs/.test(name))
    for (const name of names) loops[name]!(operations)
    return Object.fromEntries(
      names.map((name) => [name, Array.from({ length: rounds }, () => allocatedBy(loops[name]!))])
    )
  },
  sizes: () => {
    const payload = Buffer.from(Workload.datagram("mdns6", 0))
    return { ours: payload.length, dnsPacket: DnsPacket.encode(DnsPacket.decode(payload)).length }
  }
}

Child.serve(api)
