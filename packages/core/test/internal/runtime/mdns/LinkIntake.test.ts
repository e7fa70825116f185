import { Limits, type NetworkInterface } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface } from "effect/net"
import * as LinkIntake from "../../../../src/internal/runtime/mdns/LinkIntake.ts"
import * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import * as Given from "../../Given.ts"

const on = (name: string, index: number, address: string): NetworkInterface.NetworkInterface => ({
  name,
  index,
  isInternal: false,
  addresses: [IpInterface.fromStringUnsafe(address)]
})

const eth0 = on("eth0", 2, "10.0.0.1/8")
const wlan0 = on("wlan0", 3, "192.168.0.1/16")

const limits = Limits.make({
  datagramsPerSource: { perSecond: 10, burst: 20 },
  datagramsPerSession: { perSecond: 100, burst: 40 }
})

const listen = () => {
  const decoded: Array<string> = []
  const refused: Array<string> = []
  const intake = LinkIntake.make({
    seed: 1,
    source: "mdns",
    link: "eth0/IPv4",
    from: "10.0.0.1",
    limits,
    most: Engine.limits,
    networkInterface: () => eth0,
    interfaces: () => [eth0, wlan0],
    report: (report) => refused.push("reason" in report ? report.reason : ""),
    step: (input) => {
      if (input._tag === "Received") decoded.push(`${input.source}`)
      return { transmits: [], reasons: [] }
    }
  }, 0)
  /** As a socket of the group does. */
  const hear = (host: string, now: number): boolean => {
    const payload = Uint8Array.of(1, 2, 3)
    if (LinkIntake.takeAtOnce(intake, payload, host, 5_353, now)) return true
    LinkIntake.take(intake, [{ payload, address: Given.address(`${host}:5353`) }], true, now)
    return false
  }
  return { decoded, hear, intake, refused }
}

describe("takeAtOnce", () => {
  it("hears every newcomer of its link while another one is flooded", () => {
    const { decoded, hear, refused } = listen()
    let others = 0
    let atOnce = 0
    for (let now = 0; now < 15_000; now++) {
      for (let i = 0; i < 5; i++) if (hear(`192.168.${now % 250}.${others++ % 250}`, now)) atOnce++
      if (now % 100 === 50) hear(`10.0.0.${now / 100 | 0}`, now)
    }

    assert.deepStrictEqual([decoded.length, refused], [150, []])
    assert.strictEqual(atOnce, others)
  })

  it("refuses a flood of its own link", () => {
    const { decoded, hear, refused } = listen()
    let atOnce = 0
    for (let now = 0; now < 10_000; now++) if (hear(`10.0.0.${now % 8}`, now)) atOnce++

    assert.isAtMost(decoded.length, 8 * (20 + 10) + 20)
    assert.isAbove(atOnce, 9_000)
    assert.isTrue(refused.every((reason) => reason === "rate"))
  })
})

describe("expect", () => {
  it("lets as many more come from our own address as were sent, from no other and for no more than two seconds", () => {
    const decodedOf = (host: string, now: number) => {
      const { decoded, hear, intake } = listen()
      LinkIntake.expect(intake, 10, 0)
      LinkIntake.expect(intake, 5, 1_000)
      for (let i = 0; i < 50; i++) hear(host, now)
      return decoded.length
    }

    assert.strictEqual(decodedOf("10.0.0.1", 2_000), 15 + 20)
    assert.strictEqual(decodedOf("10.0.0.1", 2_001), 20)
    assert.strictEqual(decodedOf("10.0.0.11", 2_000), 20)
  })

  it("counts anew after a second", () => {
    const { decoded, hear, intake } = listen()
    for (let now = 0; now < 10_000; now += 100) LinkIntake.expect(intake, 1, now)
    for (let i = 0; i < 50; i++) hear("10.0.0.1", 10_000)

    assert.isAtMost(decoded.length, 11 + 20)
  })
})
