/**
 * Programs from a seed. What is drawn is mostly sensible, so that datagrams arrive, and sometimes not, so that calls fail.
 */
import type * as ContractBed from "../../ContractBed.ts"
import type { Change, HostName, Op, Place, Program } from "../../SocketProgram.ts"
import { Draw } from "../property/Draw.ts"
import * as Confine from "./Confine.ts"
import * as Places from "./Places.ts"

interface Opened {
  readonly name: string
  readonly host: HostName
  readonly port: string
  readonly family: Places.Family
  readonly isDual: boolean
  readonly isConnected: boolean
  /** The address it is bound to, but for the wildcard. */
  readonly address: string | undefined
  readonly multicast: ContractBed.OpenOptions["multicast"]
}

interface Membership {
  readonly name: string
  readonly group: string
  readonly socket: Opened
  readonly interface: string | undefined
}

interface State {
  readonly draw: Draw
  readonly place: Place
  readonly choices: Places.Choices
  /** Whether interfaces change, which makes everything slower and is therefore rare. */
  readonly isShaken: boolean
  /** How often a socket shares its port. */
  readonly sharing: number
  readonly sockets: Array<Opened>
  readonly memberships: Array<Membership>
  count: number
}

const ports = ["p0", "p0", "p0", "p0", "p0", "p0", "p1", "p2"]
const shaken = 0.25

/** @internal */
export const generate = (seed: number, place: Place): Program => {
  const draw = new Draw(seed, `program/${place}`)
  const choices = Places.choices[place]
  const state: State = {
    draw,
    place,
    choices: { ...choices, hosts: choices.someHosts(draw) },
    isShaken: place === "lan" && draw.chance(shaken),
    sharing: draw.one([0.95, 0.95, 0.6]),
    sockets: [],
    memberships: [],
    count: 0
  }
  const length = draw.between(12, 28)
  return { seed, place, ops: Array.from({ length }, () => next(state)) }
}

const next = (state: State): Op => {
  const { draw, isShaken, memberships, sockets } = state
  if (sockets.length < 3) return open(state)
  switch (
    draw.weighted([
      [sockets.length < 7 ? 4 : 1, "open"],
      [memberships.length < 3 ? 6 : 3, "join"],
      [memberships.length > 0 ? 1 : 0, "leave"],
      [18, "send"],
      [1, "close"],
      [isShaken ? 5 : 0, "interface"]
    ])
  ) {
    case "open":
      return open(state)
    case "join":
      return join(state)
    case "leave":
      return { op: "leave", membership: memberships.splice(draw.between(0, memberships.length - 1), 1)[0]!.name }
    case "send":
      return send(state)
    case "close":
      return { op: "close", socket: sockets.splice(draw.between(0, sockets.length - 1), 1)[0]!.name }
    default:
      return change(state)
  }
}

const open = (state: State): Op => {
  const { choices, draw, sockets } = state
  const name = `s${++state.count}`
  const host = draw.one(choices.hosts)
  const family = draw.chance(0.65) ? "IPv4" : "IPv6"
  const isDual = family === "IPv6" && draw.chance(0.4)
  const port = draw.chance(0.8) ? draw.one(ports) : "0"
  const options = {
    family,
    ...bindOf(state, host, family),
    ...flag(draw, "reuseAddress", state.sharing),
    ...flag(draw, "reusePort", 0.12),
    ...(isDual ? { dualStack: true } : {}),
    ...flag(draw, "broadcast", 0.4),
    ...(draw.chance(0.75) ? multicastOf(state, host, isDual && draw.chance(0.6) ? "IPv4" : family) : {})
  } as const
  const made: Opened = {
    name,
    host,
    port,
    family,
    isDual,
    isConnected: draw.chance(0.12),
    address: "address" in options ? options.address : undefined,
    multicast: options.multicast
  }
  const connect = made.isConnected ? target(state, made) : undefined
  sockets.push(made)
  return { op: "open", socket: name, host, port, options: connect === undefined ? options : { ...options, connect } }
}

const flag = <K extends string>(draw: Draw, name: K, probability: number): { readonly [P in K]?: true } =>
  (draw.chance(probability) ? { [name]: true } : {}) as { readonly [P in K]?: true }

const bindOf = ({ choices, draw }: State, host: HostName, family: Places.Family) => {
  if (draw.chance(0.65)) return {}
  const address = choices.bind(draw, host, family)
  const isLinkScoped = /^(\{h|\{g2|ff02)/.test(address)
  return isLinkScoped && draw.chance(0.85)
    ? { address, scope: choices.ingress(draw, host, "IPv6") ?? "lo" }
    : { address }
}

const multicastOf = (
  { choices, draw, place }: State,
  host: HostName,
  family: Places.Family
): Pick<ContractBed.OpenOptions, "multicast"> =>
  place === "loopback" && family === "IPv6" ? {} : {
    multicast: {
      interface: choices.egress(draw, host, family),
      ttl: draw.weighted([[8, 1], [1, 0], [2, 4]]),
      ...(draw.chance(0.3) ? { loopback: draw.chance(0.3) } : {})
    }
  }

// How often another destination is drawn where one could leave the machine, before one that never does is taken.
const attempts = 10

/** Where a datagram goes: mostly to where a socket of the program hears it, else to an address and port that somebody may have. */
const target = (state: State, from: Opened): string => {
  const { draw, place } = state
  for (let i = 0; i < attempts; i++) {
    const to = draw.chance(0.8) ? aimed(state, from) : anywhere(state, from)
    if (place === "lan" || Confine.isKept(to, from)) return to
  }
  return from.family === "IPv4" ? "127.0.0.1:p0" : "[::1]:p0"
}

const aimed = (state: State, from: Opened): string => {
  const { draw, memberships, sockets } = state
  if (sockets.length === 0) return anywhere(state, from)
  const within = memberships.filter((membership) => isWithin(from, membership))
  if (within.length > 0 && draw.chance(0.6)) return toMember(from, draw.one(within))
  const others = sockets.filter((to) => isReachable(state, from, to))
  return others.length === 0 ? anywhere(state, from) : aimedAt(state, from, draw.one(others))
}

const toMember = (from: Opened, { group, socket }: Membership): string =>
  endpoint(isIpv4(group) && from.family === "IPv6" ? `::ffff:${group}` : group, portOf(socket))

const isIpv4 = (address: string): boolean => /^[{]g[01]|^\d+\./.test(address)

/** Whether what the socket sends to the group can come to the member. */
const isWithin = (from: Opened, { group, interface: chosen, socket }: Membership): boolean => {
  if (
    from.multicast === undefined || (isIpv4(group) ? from.family === "IPv6" && !from.isDual : from.family === "IPv4")
  ) {
    return false
  }
  const egress = Places.segmentOf(from.host, from.multicast.interface)
  return egress !== undefined && chosen !== undefined && egress === Places.segmentOf(socket.host, chosen)
}

const isReachable = ({ choices }: State, from: Opened, to: Opened): boolean =>
  (from.family === to.family || (from.family === "IPv4" ? to.isDual : from.isDual)) &&
  choices.shared(from.host, to.host).length > 0

const aimedAt = ({ choices, draw }: State, from: Opened, to: Opened): string => {
  const family = to.family === "IPv4" || from.family === "IPv4" ? "IPv4" : "IPv6"
  if (family === "IPv4" && to.address === undefined && draw.chance(0.12)) {
    return endpoint(from.family === "IPv6" ? `::ffff:${choices.broadcast(draw)}` : choices.broadcast(draw), portOf(to))
  }
  const isHeard = to.address !== undefined && isIpv4(to.address) === (family === "IPv4") && !to.address.startsWith("{")
  const address = isHeard ? to.address : choices.on(draw, draw.one(choices.shared(from.host, to.host)), to.host, family)
  return endpoint(family === "IPv4" && from.family === "IPv6" ? `::ffff:${address}` : address, portOf(to))
}

const portOf = ({ name, port }: Opened): string => port === "0" ? name : port

const anywhere = ({ choices, draw, sockets }: State, from: Opened): string => {
  const isMapped = from.isDual && draw.chance(0.6)
  const family = isMapped ? "IPv4" : from.family
  const address = draw.weighted([
    [5, () => choices.unicast(draw, from.host, family)],
    [5, () => choices.group(draw, family)],
    [family === "IPv4" ? 1 : 0, () => choices.broadcast(draw)]
  ])()
  const port = draw.chance(0.85) || sockets.length === 0 ? draw.one(ports) : draw.one(sockets).name
  return endpoint(isMapped ? `::ffff:${address}` : address, port)
}

const endpoint = (address: string, port: string): string =>
  /:|\{h|\{g[25]/.test(address) ? `[${address}]:${port}` : `${address}:${port}`

const join = (state: State): Op => {
  const { choices, draw, memberships, place, sockets } = state
  const socket = draw.one(sockets)
  const family = socket.isDual && (place === "loopback" || draw.chance(0.6)) ? "IPv4" : socket.family
  if (place === "loopback" && family === "IPv6") return open(state)
  const name = `m${++state.count}`
  const ingress = choices.ingress(draw, socket.host, family)
  const group = draw.chance(0.03) ? choices.own(draw, socket.host, family) : choices.group(draw, family)
  const source = family === "IPv4" && draw.chance(0.15) ? choices.own(draw, draw.one(choices.hosts), family) : undefined
  memberships.push({ name, group, socket, interface: ingress })
  return {
    op: "join",
    membership: name,
    socket: socket.name,
    options: {
      group,
      ...(ingress === undefined ? {} : { interface: ingress }),
      ...(source === undefined ? {} : { source })
    }
  }
}

const send = (state: State): Op => {
  const { draw, memberships, sockets } = state
  const pairs = memberships.flatMap((membership) =>
    sockets.filter((from) => !from.isConnected && isWithin(from, membership)).map((from) => ({ from, membership }))
  )
  if (pairs.length > 0 && draw.chance(0.4)) {
    const { from, membership } = draw.one(pairs)
    return { op: "send", socket: from.name, to: toMember(from, membership), payloads: payloadsOf(state) }
  }
  const from = draw.one(sockets)
  const to = from.isConnected && draw.chance(0.9) ? undefined : target(state, from)
  return { op: "send", socket: from.name, to, payloads: payloadsOf(state) }
}

// at the edge of what fits a packet of the interfaces that programs have, by IPv4 and by IPv6
const sizes = [...Places.mtus.flatMap((mtu) => [mtu - 48, mtu - 47, mtu - 28, mtu - 27]), 4_000, 20_000]

const payloadsOf = ({ draw, isShaken, place }: State): ReadonlyArray<ContractBed.Payload> =>
  draw.weighted<() => ReadonlyArray<ContractBed.Payload>>([
    [12, () => ["x"]],
    [1, () => [""]],
    [2, () => Array.from({ length: draw.between(2, 5) }, (_, at) => `x${at}`)],
    [isShaken ? 3 : 1, () => [{ octets: draw.one(place === "lan" ? sizes : [4_000, 20_000]) }]],
    [1, () => [{ octets: draw.one([65_507, 65_508, 65_527, 65_528]) }]]
  ])()

const change = ({ choices, draw }: State): Op => {
  const host = draw.one(choices.hosts)
  const segment = draw.one(Places.segmentsOf(host))
  const spare = `${Places.spare(host, segment)}/24`
  const own = `${Places.ipv4(host, segment)}/24`
  const change = draw.weighted<Change>([
    [3, "down"],
    [3, "up"],
    [1, "unplug"],
    [1, "plug"],
    [2, { add: spare }],
    [1, { remove: spare }],
    [1, { remove: own }],
    [1, { add: own }],
    [2, "delete"],
    [3, "recreate"],
    [3, { mtu: draw.one(Places.mtus) }]
  ])
  return { op: "interface", host, name: Places.interfaceOf(host, segment), change }
}
