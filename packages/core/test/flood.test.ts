/**
 * A million forged peers against the intake of a session and the registry behind it: those who were there stay, and what is kept of the
 * flood is bounded.
 */
import { Endpoint, Limits, Machine, Network, type NetworkInterface, Peer, PeerRegistry } from "@effect-discovery/core"
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

/** A datagram is the number of the node that sends it. */
const datagram = (node: number, address: NetAddress.InetAddress): DatagramSocket.Datagram => {
  const payload = new Uint8Array(4)
  new DataView(payload.buffer).setUint32(0, node)
  return { payload, address }
}

const claim = Given.claim("", { ttl })

const step: Intake.Options["step"] = ({ payload, source }) => {
  const name = `${new DataView(payload.buffer).getUint32(0)}`
  return [{ _tag: "Announced", claim: { ...claim, identity: name, name, addresses: [source] } }]
}

const addresses = (count: number, prefix: string): ReadonlyArray<NetAddress.InetAddress> =>
  Array.from({ length: count }, (_, i) => Given.address(`${prefix}.${i >> 8}.${i & 255}:9`))

const listen = (limits: Partial<Limits.Limits>) => {
  const { state, tell } = Given.registry(limits)
  const intake = Intake.make({
    source: "test",
    protocol: { maxDatagram: 100, isIdempotent: true },
    limits: Limits.make(limits),
    networkInterface: () => eth0,
    interfaces: () => [eth0],
    isOwn: (datagram) => Network.portOf(datagram) === 1,
    step,
    report: () => {}
  }, 0)
  const hear = (datagrams: ReadonlyArray<DatagramSocket.Datagram>, now: number) => {
    const inputs = Intake.take(intake, datagrams, endpoint, now)?.inputs ?? []
    return inputs.flatMap((input) => tell(input, now))
  }
  return { state, tell, hear, intake }
}

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
    lost += tell(Machine.Woke, now).filter(({ _tag, peer }) => _tag === "PeerLost" && Number(peer.name) < honest).length
  }
  for (const now of [0, 2_000, 4_000]) announce(now)
  const before = heapUsed()
  for (let i = 0; i < sybils; i += 10) {
    const now = 4_001 + i * 1_000 / perSecond
    if (now % 2_000 === 1) announce(Math.floor(now))
    const batch = Array.from({ length: 10 }, (_, j) => datagram(honest + i + j, sources[(i + j) % sources.length]!))
    lost += hear(batch, now).filter(({ _tag, peer }) => _tag === "PeerLost" && Number(peer.name) < honest).length
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
