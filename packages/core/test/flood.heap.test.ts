/**
 * A million forged peers against the intake of a session and the registry behind it: those who were there stay, and what is kept of the
 * flood is bounded.
 */
import {
  type DiscoveryEvent,
  Endpoint,
  Limits,
  Machine,
  type NetworkInterface,
  Peer,
  PeerRegistry
} from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface, type NetAddress } from "effect/net"
import type { DatagramSocket } from "effect/socket"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Intake from "../src/internal/runtime/Intake.ts"
import * as Given from "./internal/Given.ts"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

const heapUsed = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}

const eth0: NetworkInterface.NetworkInterface = {
  name: "eth0",
  index: 2,
  isInternal: false,
  addresses: [IpInterface.fromStringUnsafe("10.0.0.1/8"), IpInterface.fromStringUnsafe("192.168.0.1/16")]
}

const endpoint = Endpoint.multicast("230.1.1.1", 4_000)
const ttl = 6_000
const honest = 200
const perSecond = 10_000

/** A datagram is the number of the node that sends it: whatever is kept of it counts, so each is made anew. */
const datagram = (node: number, address: NetAddress.InetAddress): DatagramSocket.Datagram => {
  const payload = new Uint8Array(4)
  payload[0] = node >> 24
  payload[1] = node >> 16
  payload[2] = node >> 8
  payload[3] = node
  return { payload, address }
}

const nodeOf = (payload: Uint8Array): number =>
  (payload[0]! << 24) | (payload[1]! << 16) | (payload[2]! << 8) | payload[3]!

const { attributes, authentication } = Given.claim("")

const step: Intake.Options["step"] = ({ payload, source }) => {
  const name = `${nodeOf(payload)}`
  return [{ _tag: "Announced", claim: { identity: name, name, addresses: [source], attributes, ttl, authentication } }]
}

const addresses = (count: number, prefix: string): ReadonlyArray<NetAddress.InetAddress> =>
  Array.from({ length: count }, (_, i) => Given.address(`${prefix}.${i >> 8}.${i & 255}:9`))

const listen = (limits: Partial<Limits.Limits>) => {
  const { state, tell } = Given.registry(limits)
  const intake = Intake.make({
    seed: 1,
    source: "test",
    protocol: { maxDatagram: 100, isIdempotent: true },
    limits: Limits.make(limits),
    networkInterface: () => eth0,
    interfaces: () => [eth0],
    isOwn: (_host, port) => port === 1,
    step,
    report: () => {}
  }, 0)
  const events: Array<DiscoveryEvent.DiscoveryEvent> = []
  const hear = (datagrams: ReadonlyArray<DatagramSocket.Datagram>, now: number) => {
    events.length = 0
    for (const input of Intake.take(intake, datagrams, endpoint, now)?.inputs ?? []) {
      PeerRegistry.observe(state, input, now, events)
    }
    return events
  }
  return { state, tell, hear, intake }
}

const isLoss = ({ _tag, peer }: DiscoveryEvent.DiscoveryEvent): boolean =>
  _tag === "PeerLost" && Number(peer.name) < honest

const homes = addresses(honest, "192.168")

/**
 * Two hundred peers that announce every two seconds, and from the fifth second on the flood, ten datagrams each millisecond: how many of
 * them are listed, how many were ever lost, and by how many MiB the heap has grown.
 */
const flood = (sources: ReadonlyArray<NetAddress.InetAddress>, limits: Partial<Limits.Limits>, sybils = 1_000_000) => {
  const { hear, intake, state, tell } = listen(limits)
  let lost = 0
  const announce = (now: number) => {
    homes.forEach((address, i) => hear([datagram(i, address)], now))
    if (PeerRegistry.wakeAt(state) > now) return
    lost += tell(Machine.Woke, now).filter(isLoss).length
  }
  for (const now of [0, 2_000, 4_000]) announce(now)
  const before = heapUsed()
  for (let i = 0; i < sybils; i += 10) {
    const now = 4_001 + i * 1_000 / perSecond
    if (now % 2_000 === 1) announce(Math.floor(now))
    const batch: Array<DatagramSocket.Datagram> = []
    for (let j = i; j < i + 10; j++) batch.push(datagram(honest + j, sources[j % sources.length]!))
    for (const event of hear(batch, now)) if (isLoss(event)) lost++
  }
  const grown = (heapUsed() - before) / 1_048_576
  const listed = homes.filter((_, i) => PeerRegistry.get(state, Peer.id("test", `${i}`)) !== undefined)
  return { grown, lost, listed: listed.length, announced: intake.counts.announced }
}

/** Everything is decoded and gets as far as the registry. */
const unlimited = {
  datagramsPerSource: { perSecond: 1e9, burst: 1e9 },
  datagramsPerSession: { perSecond: 1e9, burst: 1e9 }
}

describe("a flood of a million sybils", () => {
  it.each([1, 1_000, 65_536])(
    "S-4.1 from %d forged sources costs none of 200 peers its place, and 16 MiB at most",
    { timeout: 240_000 },
    (sources) => {
      const { announced, grown, listed, lost } = flood(addresses(sources, "10.1"), unlimited)

      assert.deepStrictEqual({ listed, lost, announced }, { listed: honest, lost: 0, announced: 1_000_000 + honest })
      assert.isAtMost(grown, 16)
    }
  )

  it("S-4.1 from the own addresses of all 200, of 200,000, costs none its place", { timeout: 240_000 }, () => {
    const { grown, listed, lost } = flood(homes, Limits.defaults, 200_000)

    assert.deepStrictEqual({ listed, lost }, { listed: honest, lost: 0 })
    assert.isAtMost(grown, 16)
  })
})
