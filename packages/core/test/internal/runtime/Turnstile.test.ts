import { type Diagnostic, Limits, type NetworkInterface } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface } from "effect/net"
import * as Intake from "../../../src/internal/runtime/Intake.ts"
import * as Given from "../Given.ts"

const eth0: NetworkInterface.NetworkInterface = {
  name: "eth0",
  index: 2,
  isInternal: false,
  addresses: [IpInterface.fromStringUnsafe("10.0.0.1/8")]
}

const wlan0: NetworkInterface.NetworkInterface = {
  name: "wlan0",
  index: 3,
  isInternal: false,
  addresses: [IpInterface.fromStringUnsafe("192.168.0.1/16")]
}

const limits = Limits.make({
  datagramsPerSource: { perSecond: 10, burst: 20 },
  datagramsPerSession: { perSecond: 100, burst: 40 }
})

const listen = () => {
  const decoded: Array<string> = []
  const reports: Array<readonly [report: Diagnostic.Report, count: number]> = []
  const intake = Intake.make({
    seed: 1,
    source: "test",
    protocol: { maxDatagram: 100, isIdempotent: true, isPrivileged: ([first]) => first === 0 },
    limits,
    networkInterface: () => eth0,
    interfaces: () => [eth0, wlan0],
    isOwn: (_host, port) => port === 1,
    step: ({ source }) => {
      decoded.push(`${source}`)
      return []
    },
    report: (report, count = 1) => reports.push([report, count])
  }, 0)
  /** As a socket does: at once if that can be, else as a batch of one. */
  const hear = (host: string, now: number, first = 1, port = 9): boolean => {
    const payload = Uint8Array.of(first, 2, 3)
    if (Intake.takeAtOnce(intake, payload, host, port, now)) return true
    Intake.take(intake, [{ payload, address: Given.address(`${host}:${port}`) }], { _tag: "Multicast" }, now)
    return false
  }
  return { decoded, hear, intake, reports }
}

const isOfRate = ([report]: readonly [report: Diagnostic.Report, count: number]): boolean =>
  report._tag === "DatagramRejected" && report.reason === "rate"

/** Two hundred datagrams a second from each of two sources, for ten seconds. */
const flood = (hear: (host: string, now: number) => boolean): number => {
  let atOnce = 0
  for (let now = 0; now < 10_000; now += 5) {
    if (hear("10.0.0.7", now)) atOnce++
    if (hear("10.0.0.8", now)) atOnce++
  }
  return atOnce
}

describe("takeAtOnce", () => {
  it("refuses at the socket nearly all that a flood brings, and counts it", () => {
    const { decoded, hear, intake: { counts } } = listen()
    const atOnce = flood(hear)

    assert.isAbove(atOnce, 3_800)
    assert.isAtMost(decoded.length, 2 * (20 + 10) + 20)
    assert.deepInclude(counts, { received: 4_000, rejected: 4_000 - decoded.length, ignored: decoded.length })
  })

  it("refuses there what many sources have left no room to decode, and counts it", () => {
    const { decoded, hear, intake: { counts } } = listen()
    let atOnce = 0
    for (let i = 0; i < 200; i++) if (hear(`10.0.1.${i}`, i)) atOnce++
    hear("10.0.1.0", 200, 0)

    assert.isAtMost(decoded.length, 40 + 20 + 1)
    assert.strictEqual(atOnce, 201 - decoded.length)
    assert.deepInclude(counts, { received: 201, rejected: atOnce, ignored: decoded.length })
  })

  it("tells of each at once, and describes one ten times a second at most", () => {
    const { hear, intake: { counts }, reports } = listen()
    flood(hear)
    const told = reports.filter(isOfRate)

    assert.strictEqual(told.reduce((sum, [, count]) => sum + count, 0), counts.rejected)
    assert.isAtMost(new Set(told.map(([report]) => report)).size, 100 + 40)
  })

  it("takes a flood of another link for none, and refuses nothing of it", () => {
    const { decoded, hear, intake: { counts } } = listen()
    for (let now = 0; now < 10_000; now += 5) assert.isTrue(hear("192.168.0.7", now))
    for (let i = 0; i < 30; i++) hear(`10.0.1.${i}`, 10_000)

    assert.deepInclude(counts, { received: 2_030, rejected: 0 })
    assert.strictEqual(decoded.length, 30)
  })

  it("hears a newcomer in a flood, and whom a flood must not silence", () => {
    const { decoded, hear } = listen()
    flood(hear)
    const before = decoded.length
    hear("10.0.0.9", 10_000)
    hear("10.0.0.7", 10_000, 0)

    assert.strictEqual(decoded.length - before, 2)
  })

  it("leaves alone a source that is loud for a moment", () => {
    const { decoded, hear } = listen()
    for (let i = 0; i < 15; i++) hear("10.0.0.7", i)

    assert.strictEqual(decoded.length, 15)
  })

  it("hears every newcomer of its link while another one is flooded", () => {
    const { decoded, hear, intake: { counts } } = listen()
    let others = 0
    for (let now = 0; now < 15_000; now++) {
      for (let i = 0; i < 5; i++) hear(`192.168.${now % 250}.${others++ % 250}`, now)
      if (now % 100 === 50) hear(`10.0.0.${now / 100 | 0}`, now)
    }

    assert.strictEqual(decoded.length, 150)
    assert.deepInclude(counts, { received: others + 150, rejected: 0 })
  })

  it("takes what we send ourselves, for which there is always room", () => {
    const { decoded, hear, intake: { counts } } = listen()
    let atOnce = 0
    for (let i = 0; i < 1_000; i++) if (hear("10.0.0.1", i, 1, 1)) atOnce++
    hear("10.0.0.1", 1_000)

    assert.deepStrictEqual([atOnce, decoded.length], [1_000, 1])
    assert.deepInclude(counts, { received: 1_001, ignored: 1_001, rejected: 0 })
  })
})
