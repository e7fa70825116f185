/**
 * How a fault of each kind is drawn: what goes wrong and to whom. When and for how long is drawn elsewhere.
 */
import type * as Fault from "../../Fault.ts"
import * as Link from "../../Link.ts"
import type { Topology } from "../../Topology.ts"
import type { Draw } from "./Draw.ts"

/** @internal What faults can happen to. */
export interface Ground {
  readonly topology: Topology
  /** How long faults may go on, in milliseconds. */
  readonly millis: number
}

/** @internal A fault of a kind, or undefined where this network cannot have one. */
export type Kind = (draw: Draw, ground: Ground) => Fault.FaultEvent | undefined

/** @internal */
export const kinds: { readonly [K in Fault.Kind]: Kind } = {
  Partition: (draw, ground) => {
    const hosts = draw.shuffle(names(ground))
    if (hosts.length < 2) return undefined
    const cut = draw.between(1, hosts.length - 1)
    return { _tag: "Partition", groups: [hosts.slice(0, cut), hosts.slice(cut)] }
  },
  Cut: (draw, ground) => {
    const [from, to] = draw.shuffle(names(ground))
    return from === undefined || to === undefined ? undefined : { _tag: "Cut", from, to }
  },
  Link: (draw, ground) => ({ _tag: "Link", ...target(draw, ground), link: link(draw) }),
  Loss: (draw, ground) => ({ _tag: "Loss", ...target(draw, ground), probability: draw.one([0.1, 0.3, 0.6, 0.9, 1]) }),
  Duplicate: (draw, ground) => ({ _tag: "Duplicate", ...target(draw, ground), probability: draw.one([0.1, 0.5, 1]) }),
  Reorder: (draw, ground) => ({
    _tag: "Reorder",
    ...target(draw, ground),
    probability: draw.one([0.1, 0.5]),
    gap: draw.between(1, 5),
    within: draw.between(50, 3000)
  }),
  // delivered corruption has to be asked for: nobody can know a forger from a friend (UDP semantics, rule 46)
  Corrupt: (draw, ground) => ({ _tag: "Corrupt", ...target(draw, ground), probability: draw.one([0.1, 0.5, 1]) }),
  Hold: (draw, ground) => ({
    _tag: "Hold",
    match: match(draw, ground),
    order: draw.one(["fifo", "reverse", "random"]),
    limit: draw.between(1, 64)
  }),
  Replay: (draw, ground) => ({
    _tag: "Replay",
    match: match(draw, ground),
    delay: draw.between(10, 5000),
    copies: draw.between(1, 3)
  }),
  Snooping: (draw, ground) => ({
    _tag: "Snooping",
    segment: draw.one(ground.topology.segments).name,
    after: draw.between(0, 5000)
  }),
  DuplicateAddress: (draw, ground) => {
    const [owner, ...others] = draw.shuffle(ground.topology.hosts)
    const segments = owner === undefined ? [] : segmentsOf(owner, ground)
    const thief = others.find((other) => segmentsOf(other, ground).some((name) => segments.includes(name)))
    return owner && thief && { _tag: "DuplicateAddress", owner: owner.name, thief: thief.name }
  },
  Firewall: (draw, ground) => ({
    _tag: "Firewall",
    host: host(draw, ground),
    ...draw.one([{ in: "drop" }, { out: "drop" }, { out: "EPERM" }, { in: "drop", out: "drop" }] as const)
  }),
  Errno: (draw, ground) => ({
    _tag: "Errno",
    host: host(draw, ground),
    ...draw.one(refusals),
    times: draw.between(1, 5)
  }),
  InterfaceDown: (draw, ground) => onInterface(draw, ground, "InterfaceDown"),
  CarrierLoss: (draw, ground) => onInterface(draw, ground, "CarrierLoss"),
  AddressChange: (draw, ground) => {
    const where = someInterface(draw, ground)
    if (where === undefined) return undefined
    const network = ground.topology.segments.find(({ name }) => name === where.on)?.ipv4
    const prefix = network === undefined ? undefined : /^(\d+\.\d+\.\d+)\.0\/(?:8|16|24)$/.exec(network)?.[1]
    if (prefix === undefined) return undefined
    const { host, name } = where
    return { _tag: "AddressChange", host, interface: name, address: `${prefix}.${draw.between(201, 250)}` }
  },
  Crash: (draw, ground) => ({ _tag: "Crash", host: host(draw, ground) }),
  Restart: (draw, ground) => ({ _tag: "Restart", host: host(draw, ground) }),
  Pause: (draw, ground) => ({
    _tag: "Pause",
    host: host(draw, ground),
    mode: draw.one(["gc", "sleep"]),
    duration: draw.between(10, ground.millis / 2)
  }),
  ClockSkew: (draw, ground) => ({ _tag: "ClockSkew", host: host(draw, ground), offset: signed(draw, 3_600_000) }),
  ClockDrift: (draw, ground) => ({ _tag: "ClockDrift", host: host(draw, ground), ppm: signed(draw, 1000) }),
  ClockJump: (draw, ground) => ({ _tag: "ClockJump", host: host(draw, ground), by: signed(draw, 60_000) })
}

const names = ({ topology }: Ground): ReadonlyArray<string> => topology.hosts.map(({ name }) => name)

// those where it has an IPv4 address
const segmentsOf = ({ interfaces }: Topology["hosts"][number], { topology }: Ground): ReadonlyArray<string> =>
  Object.values(interfaces).map(({ on }) => on).filter((on) =>
    topology.segments.some(({ ipv4, ipv6, name }) => name === on && (ipv4 !== undefined || ipv6 === undefined))
  )

const host = (draw: Draw, ground: Ground): string => draw.one(names(ground))

const signed = (draw: Draw, most: number): number => draw.between(-most, most)

// everything, what one host sends or gets, or one direction between two
const target = (draw: Draw, ground: Ground): Fault.Target => {
  const [one, other] = draw.shuffle(names(ground))
  if (one === undefined || other === undefined) return {}
  return draw.one([{}, { host: one }, { from: one, to: other }])
}

const match = (draw: Draw, ground: Ground): Fault.Match => {
  const one = host(draw, ground)
  return draw.one([{}, { from: one }, { to: one }])
}

const link = (draw: Draw): Link.Link =>
  draw.one([Link.wifi, Link.wifiLossy, Link.wifiCongested, Link.powersaveWifi, { bandwidth: 20_000, queue: 1500 }])

// what a system can answer to each call for no fault of the program
const refusals = [
  { operation: "bind", code: "EMFILE" },
  { operation: "bind", code: "EADDRNOTAVAIL" },
  { operation: "join", code: "ENODEV" },
  { operation: "join", code: "ENOBUFS" },
  { operation: "send", code: "ENOBUFS" },
  { operation: "send", code: "ENETUNREACH" },
  { operation: "send", code: "EPERM" },
  { operation: "send", code: "ENETDOWN" }
] as const

const someInterface = (draw: Draw, { topology }: Ground) => {
  const connected = topology.hosts.filter(({ interfaces }) => Object.keys(interfaces).length > 0)
  if (connected.length === 0) return undefined
  const { interfaces, name: host } = draw.one(connected)
  const [name, { on }] = draw.one(Object.entries(interfaces))
  return { host, name, on }
}

const onInterface = (draw: Draw, ground: Ground, _tag: "InterfaceDown" | "CarrierLoss"): ReturnType<Kind> => {
  const where = someInterface(draw, ground)
  return where && { _tag, host: where.host, interface: where.name }
}
