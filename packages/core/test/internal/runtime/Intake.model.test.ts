import {
  Attributes,
  type DiscoveryEvent,
  Limits,
  Network,
  type NetworkInterface,
  PeerRegistry,
  type Protocol
} from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { IpInterface } from "effect/net"
import type { DatagramSocket } from "effect/socket"
import * as Intake from "../../../src/internal/runtime/Intake.ts"
import * as Given from "../Given.ts"

const on = (name: string, index: number, ...addresses: ReadonlyArray<string>): NetworkInterface.NetworkInterface => ({
  name,
  index,
  isInternal: false,
  addresses: addresses.map((address) => IpInterface.fromStringUnsafe(address))
})

/** The same host as interfaces come, change and go. */
const surroundings = [
  [on("eth0", 2, "10.0.0.1/24", "fe80::1/64")],
  [on("eth0", 2, "10.0.0.1/24", "172.16.0.1/16", "fe80::1/64")],
  [on("eth0", 2, "10.0.0.1/24", "fe80::1/64"), on("wlan0", 3, "172.16.0.2/16", "fe80::2/64")]
]

const enough = {
  datagramsPerSource: { perSecond: 1e6, burst: 1e6 },
  datagramsPerSession: { perSecond: 1e6, burst: 1e6 },
  repeatsPerSource: 3
}
const few = {
  ...enough,
  unverifiedPeers: 6,
  verifiedPeers: 3,
  trustEntries: 2,
  peersPerSource: 4,
  evidencePerPeer: 2,
  evidencePerKey: 2
}

const sources = [
  "10.0.0.7:9",
  "10.0.0.7:10",
  "10.0.0.8:9",
  "172.16.0.9:9",
  "[fe80::7%2]:9",
  "[fe80::7%3]:9",
  "10.0.0.9:9"
]
const ttls = [0, 1, 300, 1_000, 5_000, Infinity]
const utf8 = new TextEncoder()

/** `+ada 1 2 3`: ada says 1 for the second ttl with the third key; `-ada`: ada said goodbye. */
const decode = (payload: Uint8Array): ReadonlyArray<Protocol.Output> => {
  const [name = "", role = "", ttl = "", key = ""] = new TextDecoder().decode(payload).split(" ")
  const identity = name.slice(1)
  if (name[0] === "-") return [{ _tag: "Withdrawn", identity }]
  const claim = Given.claim(identity, {
    attributes: Attributes.make({ role }),
    addresses: [Given.address("172.16.0.5:80"), Given.address("10.0.0.5:80")],
    ttl: ttls[Number(ttl)]!,
    ...(key === "0" ? {} : { authentication: "signed", key: Given.key(Number(key)) })
  })
  return [{ _tag: "Announced", claim }]
}

/** A session, and its registry, which hears of datagrams when it catches up, and of all else at once. */
const listen = (isIdempotent: boolean, limits: Partial<Limits.Limits>, reread = false) => {
  const { state, tell } = Given.registry(limits)
  const events: Array<DiscoveryEvent.DiscoveryEvent> = []
  const queue: Array<PeerRegistry.Input> = []
  let interfaces = surroundings[0]!
  const intake = Intake.make({
    seed: 1,
    source: "test",
    protocol: { maxDatagram: 100, isIdempotent, rereadAfter: reread ? (ttl) => ttl / 9 : undefined },
    limits: Limits.make(limits),
    networkInterface: () => interfaces[0]!,
    interfaces: () => interfaces,
    isOwn: () => false,
    step: ({ payload }) => decode(payload),
    report: () => {}
  }, 0)
  const catchUp = (now: number) => {
    for (const input of queue.splice(0)) events.push(...tell(input, now))
  }
  const tellNext = (input: Parameters<typeof tell>[0], now: number) => {
    catchUp(now)
    events.push(...tell(input, now))
  }
  return {
    intake,
    events,
    catchUp,
    tell: tellNext,
    hear: (datagram: DatagramSocket.Datagram, isAtOnce: boolean, now: number) => {
      const { payload } = datagram
      const host = Network.hostOf(datagram)
      if (isIdempotent && isAtOnce && Intake.takeAtOnce(intake, payload, host, Network.portOf(datagram), now)) return
      queue.push(...Intake.take(intake, [datagram], { _tag: "Multicast" }, now)?.inputs ?? [])
    },
    move: (to: typeof interfaces, now: number) => {
      interfaces = to
      tellNext({ _tag: "Linked", interfaces }, now)
      Intake.forgetRepeats(intake)
    },
    known: (now: number) => PeerRegistry.peers(state).map(({ id }) => PeerRegistry.explain(state, id, now))
  }
}

type Listening = ReturnType<typeof listen>

/** What may happen to a session: mostly one of few datagrams again, from wherever they may come. */
const chances = ({ between, pick }: Given.Dice) => {
  const from = () => Given.address(pick(sources))
  const announcement = () => {
    const name = pick(["ada", "grace", "eve", "bob"])
    const key = pick([0, ["ada", "eve"].indexOf(name) + 1])
    return { payload: utf8.encode(`+${name} ${between(0, 1)} ${between(1, 5)} ${key}`), address: from() }
  }
  const vocabulary = Array.from({ length: 12 }, announcement)
  return (now: number): (each: Listening) => void => {
    const odds = between(0, 99)
    const datagram = odds < 3 ? { payload: utf8.encode(pick(["-ada", "-bob"])), address: from() } : pick(vocabulary)
    const isAtOnce = pick([true, false])
    if (odds < 80) return (each) => each.hear(datagram, isAtOnce, now)
    const key = Given.key(between(1, 3))
    const state = pick(["trusted", "denied", "unknown"] as const)
    if (odds < 83) return (each) => each.tell({ _tag: "Trusted", key, state }, now)
    const interfaces = pick(surroundings)
    if (odds < 86) return (each) => each.move(interfaces, now)
    if (odds < 87) {
      return (each) => each.tell({ _tag: "Closed", source: "test", interface: "eth0", reason: "InterfaceLost" }, now)
    }
    return (each) => each.tell({ _tag: "Woke" }, now)
  }
}

describe("a session that recognises repeats", () => {
  const run = (seed: number, limits: Partial<Limits.Limits>, lag: number) => {
    const dice = Given.dice(seed)
    const chance = chances(dice)
    const [quick, slow] = [listen(true, limits, dice.oneIn(2)), listen(false, limits)]
    let now = 0
    for (let step = 0; step < 300; step++) {
      now += dice.pick([0, 0, 1, 1, 50, 50, 200, 2_000])
      const happen = chance(now)
      const isBehind = dice.between(0, lag) > 0
      for (const each of [quick, slow]) {
        happen(each)
        if (!isBehind) each.catchUp(now)
      }
      if (isBehind) continue
      assert.deepStrictEqual(quick.known(now), slow.known(now), `seed ${seed}, step ${step}`)
      assert.deepStrictEqual(quick.events.splice(0), slow.events.splice(0), `seed ${seed}, step ${step}`)
    }
    return quick.intake.counts.repeated
  }

  it("knows what one knows that decodes everything, with room for few", () => {
    for (let seed = 0; seed < 20; seed++) assert.isAbove(run(seed, few, 0), 0)
  })

  it("knows what one knows that decodes everything, before a registry that is behind", () => {
    for (let seed = 0; seed < 20; seed++) assert.isAbove(run(seed, enough, 5), 0)
  })
})
