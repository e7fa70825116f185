/**
 * Child: decoders against the least that decoding could take.
 *
 * Timed on plain Node; `allocated` wants `--expose-gc` and a young generation that holds all of it.
 */
import * as JsonBeacon from "@effect-discovery/core/protocol/JsonBeacon"
import * as Peerage from "@effect-discovery/core/protocol/Peerage"
import * as SyncthingV0 from "@effect-discovery/core/protocol/SyncthingV0"
import * as DnsPacket from "dns-packet"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
// what JsonBeacon does before it reads the object has no name of its own in public
import * as Json from "../../../packages/core/src/protocol/internal/json.ts"
import * as Message from "../../../packages/core/src/protocol/mdns/Message.ts"
import * as Record from "../../../packages/core/src/protocol/mdns/Record.ts"
import * as Child from "../harness/Child.ts"
import * as Mdns from "../mdns.ts"
import * as Workload from "../Workload.ts"
import * as Loops from "./Loops.ts"
import * as World from "./World.ts"

export type Name =
  | "json decode"
  | "JSON.parse(buffer.toString())"
  | "json step"
  | "peerage decode"
  | "peerage buffer.toString()"
  | "peerage step"
  | "syncthing0 decode"
  | "syncthing0 buffer.toString()"
  | "syncthing0 step"
  | `${Mdns.Format} decode`
  | `${Mdns.Format} decode, all looked at`
  | `${Mdns.Format} dns-packet decode`
  | `${Mdns.Format} encode`
  | `${Mdns.Format} dns-packet encode`
  | "mdns of 12 octets"
  | "mdns of 12 octets, dns-packet"
  | "mdns hostile"
  | "mdns hostile, dns-packet"

export type Api = {
  readonly time: (options: { readonly rounds: number }) => Loops.Timings<Name>
  /** Octets allocated by each operation, of every round. */
  readonly allocated: (options: { readonly rounds: number }) => { readonly [K in Name]: ReadonlyArray<number> }
}

const peers = 1_000
const jsons = Workload.datagrams("json", peers).map(World.received)
const peerages = Workload.datagrams("peerage", peers).map(World.received)
const syncthings = Workload.datagrams("syncthing0", peers).map(World.received)
const source = NetAddress.inetAddressFromNativeUnsafe("127.1.0.1", 40_000)

const each = (payloads: ReadonlyArray<Buffer>, decode: (payload: Buffer) => unknown): Loops.Loop => (count) => {
  let last: unknown
  for (let i = 0; i < count; i++) last = decode(payloads[i % peers]!)
  return last
}

const decodeJson = (payload: Uint8Array) => {
  const parsed = Json.parse(payload)
  return Result.isFailure(parsed) ? parsed : JsonBeacon.peer.decode(parsed.success, source)
}

// a whole step of the protocol's machine: decoding, and the claim that it makes
const stepOf = (protocol: ReturnType<typeof Peerage.protocol>) => {
  const { state } = protocol.init(1, 0)
  return (payload: Uint8Array) => protocol.step(state, { _tag: "Received", payload, source }, 0)
}

// decoding leaves names and data in the datagram until they are looked at
const lookedAt = (payload: Uint8Array) => {
  const decoded = Message.decode(payload)
  if (Result.isFailure(decoded)) return decoded
  const { additionals, answers } = decoded.success
  let last: unknown
  for (const record of answers) last = [record.name.key, Record.dataKey(record.data)]
  for (const record of additionals) last = [record.name.key, Record.dataKey(record.data)]
  return last
}

const mdnsLoops = <F extends Mdns.Format>(format: F) => {
  const scenes = Array.from({ length: peers }, (_, index) => Mdns.sceneOf(format, index))
  const payloads = scenes.map((scene) => World.received(Mdns.write(scene)))
  const packets = payloads.map((payload) => DnsPacket.decode(payload))
  return {
    [`${format} decode`]: each(payloads, Message.decode),
    [`${format} decode, all looked at`]: each(payloads, lookedAt),
    [`${format} dns-packet decode`]: each(payloads, (payload) => DnsPacket.decode(payload)),
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
  } as { readonly [K in Extract<Name, `${F} ${string}`>]: Loops.Loop }
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

const loops: { readonly [K in Name]: Loops.Loop } = {
  "json decode": each(jsons, decodeJson),
  "JSON.parse(buffer.toString())": each(jsons, (payload) => JSON.parse(payload.toString())),
  "json step": each(jsons, stepOf(JsonBeacon.protocol())),
  "peerage decode": each(peerages, (payload) => Peerage.decode(payload)),
  "peerage buffer.toString()": each(peerages, (payload) => payload.toString()),
  "peerage step": each(peerages, stepOf(Peerage.protocol())),
  "syncthing0 decode": each(syncthings, (payload) => SyncthingV0.decode(payload)),
  "syncthing0 buffer.toString()": each(syncthings, (payload) => payload.toString()),
  "syncthing0 step": each(syncthings, stepOf(SyncthingV0.protocol())),
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
    // what nobody asks of dns-packet would take longest
    const names = (Object.keys(loops) as Array<Name>).filter((name) => !name.includes("dns-packet"))
    for (const name of names) loops[name](operations)
    return Object.fromEntries(
      names.map((name) => [name, Array.from({ length: rounds }, () => allocatedBy(loops[name]))])
    ) as { [K in Name]: Array<number> }
  }
}

Child.serve(api)
