/**
 * Random sockets, faults and changes, and what must hold whatever happens: no datagram disappears, nothing is left behind, nothing throws.
 */
import { Seed } from "@effect-discovery/core"
import {
  type Fault,
  Journal,
  type NetworkEvent,
  SimulatedNetwork,
  Simulation,
  Topology
} from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Ref, Scope } from "effect"
import type { NetAddress } from "effect/net"
import * as Inside from "../../src/internal/Inside.ts"
import { type Endpoint, eth0, ip, join, open } from "../endpoint.ts"
import { type Draws, draws } from "./draws.ts"

const a = Topology.segment("a", { ipv4: "10.11.0.0/24", ipv6: "fd11::/64" })
const b = Topology.segment("b", { ipv4: "10.22.0.0/24", ipv6: "fd22::/64", mtu: 600 })
const topology = Topology.make({
  segments: [a, b],
  routers: [{ name: "gw", between: [a, b], multicast: { threshold: 1 }, forwardBroadcast: true }],
  hosts: [
    { name: "ada", interfaces: { eth0: { on: a } } },
    { name: "grace", interfaces: { eth0: { on: a } } },
    { name: "dual", interfaces: { eth0: { on: a }, eth1: { on: b } } },
    { name: "twin", interfaces: { eth0: { on: a }, eth1: { on: a } } },
    { name: "edith", interfaces: { eth0: { on: b } } }
  ]
})
const names = ["ada", "grace", "dual", "twin", "edith", "gw"]
const ports = [9001, 9002]
const groups4 = ["239.1.1.1", "224.0.0.251"]
const groups6 = ["ff02::99", "ff05::99"]
const unicast4 = ["10.11.0.1", "10.11.0.2", "10.11.0.4", "10.22.0.1", "10.22.0.2", "10.11.0.77", "127.0.0.1"]
const targets4 = [...unicast4, ...groups4, "10.11.0.255", "10.22.0.255", "255.255.255.255"]
const targets6 = ["fd11::1", "fd11::2", "fd22::2", "fe80::1%2", "::1", ...groups6]

const randomFault = (draw: Draws): Fault.FaultEvent => {
  const host = draw.one(names)
  const probability = draw.one([0.2, 0.5, 1])
  const match = draw.chance(2) ? {} : { to: draw.one(names) }
  const target = draw.one([{}, { host }, { from: host, to: draw.one(names) }, { segment: "a" }])
  return draw.one<Fault.FaultEvent>([
    { _tag: "Partition", groups: [[host], names.filter((name) => name !== host)] },
    { _tag: "Cut", from: host, to: draw.one(names) },
    { _tag: "Loss", probability, ...target },
    { _tag: "Duplicate", probability, ...target },
    { _tag: "Reorder", probability, ...target },
    { _tag: "Corrupt", probability, mode: draw.one(["drop", "deliver"]), ...target },
    {
      _tag: "Link",
      ...target,
      link: { bandwidth: 20_000, queue: 2_000, jitter: { _tag: "Uniform", min: 0, max: 30 } }
    },
    { _tag: "Hold", match, order: draw.one(["fifo", "reverse", "random"]), limit: draw.one([2, 100]) },
    { _tag: "Replay", match, delay: 50, copies: 2 },
    { _tag: "Snooping", after: draw.one([0, 100]) },
    { _tag: "DuplicateAddress", owner: host, thief: draw.one(names) },
    { _tag: "Firewall", host, in: "drop" },
    { _tag: "Firewall", host, out: draw.one(["drop", "EPERM"]) },
    { _tag: "Errno", host, operation: draw.one(["bind", "connect", "join", "send"]), code: "ENOBUFS" },
    { _tag: "InterfaceDown", host, interface: "eth0" },
    { _tag: "CarrierLoss", host, interface: "eth0" },
    { _tag: "AddressChange", host, interface: "eth0", address: "10.11.0.77" },
    { _tag: "Crash", host },
    { _tag: "Pause", host, duration: draw.one([20, 300]), mode: draw.one(["gc", "sleep"]) }
  ])
}

const openRandom = (network: SimulatedNetwork.SimulatedNetwork, draw: Draws) =>
  Effect.gen(function*() {
    const host = network.host(draw.one(names))
    const family = draw.one(["IPv4", "IPv6"] as const)
    const isDualStack = family === "IPv6" && draw.chance(2)
    const groups = family === "IPv4" || isDualStack ? groups4 : groups6
    const ttl = draw.one([0, 1, 5])
    const peer = draw.one(family === "IPv4" ? unicast4 : ["fd11::1", "fd22::2"])
    const endpoint = yield* open(host, {
      family,
      dualStack: isDualStack,
      port: draw.one(ports),
      reuseAddress: true,
      reusePort: draw.chance(2),
      broadcast: true,
      receiveBuffer: { capacity: 8, strategy: draw.one(["dropping", "sliding"]) },
      kernelReceiveBuffer: draw.one([0, 2000]),
      ...(draw.chance(3)
        ? { multicast: { interface: family === "IPv4" ? host.address : eth0, ttl, loopback: draw.chance(2) } }
        : {}),
      ...(draw.chance(5)
        ? { connect: family === "IPv4" ? `${peer}:${draw.one(ports)}` : `[${peer}]:${draw.one(ports)}` }
        : {})
    })
    for (const group of groups) {
      const local: NetAddress.MulticastInterface = group.includes(":") ? eth0 : draw.one([ip("0.0.0.0"), host.address])
      if (draw.chance(2)) yield* Effect.ignore(join(endpoint.reader, group, local))
    }
    return { endpoint, family, isDualStack }
  })

const destination = (draw: Draws, family: "IPv4" | "IPv6", isDualStack: boolean): string => {
  if (family === "IPv4") return `${draw.one(targets4)}:${draw.one(ports)}`
  return isDualStack && draw.chance(2)
    ? `[::ffff:${draw.one(targets4)}]:${draw.one(ports)}`
    : `[${draw.one(targets6)}]:${draw.one(ports)}`
}

const change = (network: SimulatedNetwork.SimulatedNetwork, draw: Draws): Effect.Effect<void> => {
  const host = network.host(draw.one(names))
  const local = host.interface(draw.one(["eth0", "eth0", "eth1", "lo"]))
  return Effect.ignore(draw.one<Effect.Effect<void, unknown>>([
    local.down,
    local.up,
    local.up,
    local.carrier(false),
    local.carrier(true),
    local.addAddress(draw.one(unicast4)),
    local.removeAddress(draw.one(unicast4)),
    local.remove,
    local.recreate,
    local.recreate,
    local.mtu(draw.one([68, 600, 1500])),
    local.move(draw.one(["a", "b"])),
    host.crash,
    host.pause(draw.one([10, 200])),
    network.faults.healAll
  ]))
}

/** Plays a random story, has everything end, and looks at what is left. */
const story = (seed: number) =>
  Effect.gen(function*() {
    const draw = draws(Seed.derive(seed, "story"))
    const network = yield* SimulatedNetwork.make({ topology, seed, history: 1_000_000 })
    const scope = yield* Scope.make()
    const sockets: Array<
      { endpoint: Endpoint; family: "IPv4" | "IPv6"; isDualStack: boolean; scope: Scope.Closeable }
    > = []
    const interfaces = new Map<number, ReadonlyArray<string>>()
    for (let step = 0; step < 150; step++) {
      const kind = draw.below(10)
      if (kind === 0) {
        yield* Effect.ignore(
          Scope.provide(network.faults.apply({ ...randomFault(draw), for: 1 + draw.below(400) }), scope)
        )
      } else if (kind === 1) yield* change(network, draw)
      else if (kind <= 3) {
        const own = yield* Scope.fork(scope)
        const opened = yield* Effect.option(Scope.provide(openRandom(network, draw), own))
        if (opened._tag === "Some") sockets.push({ ...opened.value, scope: own })
        else yield* Scope.close(own, Exit.void)
      } else if (kind === 4 && sockets.length > 4) {
        yield* Scope.close(sockets.splice(draw.below(sockets.length), 1)[0]!.scope, Exit.void)
      } else if (sockets.length > 0) {
        const { endpoint, family, isDualStack } = draw.one(sockets)
        const before = yield* reachable(network)
        const sent = Inside.kernel(network).journal.next
        const payload = new Uint8Array(draw.one([0, 10, 1000, 3000]))
        yield* Effect.ignore(endpoint.sendBytes(payload, destination(draw, family, isDualStack)))
        interfaces.set(sent, before)
      }
      if (draw.chance(3)) yield* Effect.ignore(sockets.length === 0 ? Effect.void : draw.one(sockets).endpoint.received)
      yield* Effect.sleep(draw.one([0, 0, 1, 3, 30]))
    }
    yield* network.faults.healAll
    yield* Effect.sleep("10 minutes")
    assert.isUndefined(Inside.kernel(network).nextAt, "something is still under way")
    yield* Scope.close(scope, Exit.void)
    yield* Effect.sleep("10 seconds")
    return { network, interfaces, journal: yield* network.journal, snapshot: yield* network.inspect }
  })

/** The interfaces by segment. */
const reachable = (network: SimulatedNetwork.SimulatedNetwork) =>
  Effect.map(
    network.inspect,
    ({ hosts }) =>
      hosts.flatMap(({ interfaces, name }) =>
        interfaces.filter(({ segment }) => segment !== undefined).map((local) =>
          `${local.segment} ${name}/${local.name}`
        )
      )
  )

const isEnd = ({ kind }: NetworkEvent.NetworkEvent) => kind === "deliver" || kind === "drop"

const check = ({ interfaces, journal, snapshot }: Effect.Success<ReturnType<typeof story>>): void => {
  const byDatagram = new Map<number, Array<NetworkEvent.NetworkEvent>>()
  let last = 0
  for (const event of journal.events) {
    assert.isAtLeast(event.time, last, `time goes back at ${event.seq}`)
    assert.isTrue(Number.isSafeInteger(event.time), `${event.time} at ${event.seq}`)
    last = event.time
    for (const cause of event.causes) assert.isBelow(cause, event.seq)
    if (event.datagram === undefined) continue
    byDatagram.set(event.datagram, [...byDatagram.get(event.datagram) ?? [], event])
  }
  for (const [id, events] of byDatagram) {
    const datagram = journal.datagram(id)!
    const ends = events.filter(isEnd)
    const copies = events.filter(({ kind }) => kind === "duplicate").length
    const told = () => events.map((event) => Journal.toLine(journal, event)).join("\n")
    assert.strictEqual(events.filter(({ kind }) => kind === "send").length, 1)
    assert.strictEqual(
      events.filter(({ kind }) => kind === "hold").length,
      events.filter(({ kind }) => kind === "release").length + events.filter(isLateHold).length,
      `held for ever:\n${told()}`
    )
    if (datagram.kind === "Unicast") {
      // to its sender a router's other network has no broadcast address
      const isBroadcast = ends.length > 1 + copies && datagram.destination.address.endsWith(".255")
      assert.isTrue(isBroadcast || ends.length === 1 + copies, `${ends.length} ends of ${1 + copies}:\n${told()}`)
    } else if (datagram.kind !== "Icmp") {
      const from = `${datagram.host}/${datagram.interface}`
      const around = interfaces.get(datagram.sentBy) ?? []
      const on = around.find((each) => each.endsWith(` ${from}`))?.split(" ")[0]
      const ended = new Set(ends.map(({ host, interface: local }) => `${host}/${local}`))
      const isLostAtOnce = events.slice(0, 3).some((event) =>
        event.kind === "drop" && (event.host === undefined || `${event.host}/${event.interface}` === from)
      )
      for (const each of around.filter((each) => each.startsWith(`${on} `))) {
        const at = each.split(" ")[1]!
        assert.isTrue(at === from || ended.has(at) || isLostAtOnce, `${at} never heard what became of\n${told()}`)
      }
    }
  }
  const open = new Set<number>()
  for (const { code, kind, socket } of journal.events) {
    if (socket === undefined || code !== undefined) continue
    if (kind === "bind") open.add(socket)
    if (kind === "close") open.delete(socket)
  }
  assert.deepStrictEqual(Array.from(open), [], "sockets that the journal has open")
  assert.deepStrictEqual(snapshot.hosts.flatMap(({ sockets }) => sockets), [])
}

// the overtaken one arrives when it has waited long enough, without another word
const isLateHold = (event: NetworkEvent.NetworkEvent, _: number, all: ReadonlyArray<NetworkEvent.NetworkEvent>) =>
  event.kind === "hold" && event.rule === 117 &&
  !all.some(({ causes, kind }) => kind === "release" && causes.includes(event.seq))

// more in one run: CHAOS_RUNS=1000 CHAOS_FIRST=30
const runs = Number(process.env["CHAOS_RUNS"] ?? 30)
const first = Number(process.env["CHAOS_FIRST"] ?? 0)

describe("chaos", () => {
  it.live("no datagram disappears and nothing is left behind, the same every time", () =>
    Effect.gen(function*() {
      for (let seed = first; seed < first + runs; seed++) {
        const order = (["fifo", "random", "pct"] as const)[seed % 3]!
        const hash = yield* Ref.make("")
        const play = Simulation.run(
          Effect.flatMap(story(seed), (told) =>
            Effect.andThen(Effect.sync(() => check(told)), Ref.set(hash, Journal.hash(told.journal)))),
          { seed, order }
        )
        yield* Effect.catchCause(play, (cause) =>
          Effect.die(new Error(`seed ${seed} (${order})`, { cause })))
        if (seed % 5 > 0) {
          continue
        }
        const before = yield* Ref.get(hash)
        yield* Effect.orDie(play)
        assert.strictEqual(yield* Ref.get(hash), before, `seed ${seed} goes otherwise again`)
      }
    }), 120_000)
})
