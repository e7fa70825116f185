/**
 * Which sockets get a datagram, against a model that reads like the rules: lists that are searched as a whole for every datagram.
 */
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { NetAddress } from "effect/net"
import { type Endpoint, eth0, failure, ip, join, open } from "../endpoint.ts"
import { type Draws, draws } from "./draws.ts"

interface Planned {
  readonly family: "IPv4" | "IPv6"
  readonly isDualStack: boolean
  readonly sharing: { readonly reuseAddress: boolean; readonly reusePort: boolean }
  readonly address: string | undefined
  readonly peer: number | undefined
  readonly joins: ReadonlyArray<Join>
}

interface Join {
  readonly group: string
  readonly isLoopback: boolean
  readonly source: string | undefined
}

interface Sent {
  readonly to: string
  readonly senderPort: number
}

const port = 9778
const senderPorts = [9001, 9002, 9003]
const groups4 = ["239.1.1.1", "239.1.1.2"]
const groups6 = ["ff05::1", "ff05::2"]
const targets = ["10.11.0.2", "fd11::2", "10.11.0.255", "255.255.255.255", "224.0.0.1", ...groups4, ...groups6]
const source = (to: string) => (to.includes(":") ? "fd11::1" : "10.11.0.1")

const planned = (draw: Draws): Planned => {
  const family = draw.one(["IPv4", "IPv6"] as const)
  const isDualStack = family === "IPv6" && draw.chance(2)
  const own = family === "IPv4" ? ["10.11.0.2", "10.11.0.255", ...groups4] : ["fd11::2", ...groups6]
  const address = draw.chance(2) ? undefined : draw.one(isDualStack ? [...own, "::ffff:10.11.0.2"] : own)
  const hasPeer = draw.chance(4)
  const groups = family === "IPv4" ? groups4 : isDualStack ? [...groups6, ...groups4] : groups6
  const joins = Array.from({ length: draw.below(3) }, () => ({
    group: draw.one(groups),
    isLoopback: draw.chance(4),
    source: undefined
  })).map((join) => (draw.chance(3) ? { ...join, source: draw.one([source(join.group), "10.11.0.77"]) } : join))
  return {
    family,
    isDualStack,
    sharing: draw.chance(5) ? { reuseAddress: true, reusePort: false } : { reuseAddress: true, reusePort: true },
    address,
    peer: hasPeer ? draw.one(senderPorts) : undefined,
    joins: joins.filter(({ group, source }) => source === undefined || group.includes(":") === source.includes(":"))
  }
}

/** A socket that could be opened, with the memberships that it got and the address that it has in the end. */
interface Opened extends Planned {
  readonly endpoint: Endpoint
  readonly bound: string
}

const isWildcard = ({ bound }: Opened): boolean => bound === "0.0.0.0" || bound === "::"
const isIpv6 = (address: string): boolean => address.includes(":")
const isGroup = (address: string): boolean =>
  groups4.includes(address) || groups6.includes(address) || address === "224.0.0.1"

// rules 12, 48, 50, 54 and 85
const hears = (socket: Opened, to: string): boolean => {
  if (!isWildcard(socket)) return socket.bound === to || socket.bound === `::ffff:${to}`
  return isIpv6(to) === (socket.family === "IPv6") || (!isIpv6(to) && socket.isDualStack)
}

// rules 18 and 79
const isPeer = (socket: Opened, { senderPort }: Sent): boolean =>
  socket.peer === undefined || socket.peer === senderPort

const membership = (socket: Opened, group: string): ReadonlyArray<string | undefined> =>
  socket.joins.filter((join) => join.group === group && !join.isLoopback).map((join) => join.source)

const lets = (sources: ReadonlyArray<string | undefined>, to: string): boolean =>
  sources.includes(source(to)) || sources.includes(undefined)

// rules 47, 49, 54 and 63
const wants = (socket: Opened, to: string): boolean => {
  const sources = membership(socket, to)
  return sources.length > 0 ? lets(sources, to) : isIpv6(to) === (socket.family === "IPv6")
}

/** Each set of sockets that may get it: several where the sockets take turns. */
const receivers = (
  all: ReadonlyArray<Opened>,
  host: ReadonlyArray<Opened>,
  sent: Sent
): ReadonlyArray<ReadonlyArray<Opened>> => {
  const { to } = sent
  const hearing = all.filter((socket) => hears(socket, to) && isPeer(socket, sent))
  if (isGroup(to)) {
    const isAccepted = to === "224.0.0.1" || host.some((socket) => lets(membership(socket, to), to))
    return [isAccepted ? hearing.filter((socket) => wants(socket, to)) : []]
  }
  if (to.endsWith("255")) return [hearing]
  // rules 19 to 21
  const rank = (socket: Opened) =>
    4 * Number(socket.peer !== undefined) + 2 * Number(!isWildcard(socket)) +
    Number(isIpv6(to) === (socket.family === "IPv6"))
  // the last bound first, but IPv6 sockets that share by `reusePort` last of all, the first bound first
  const isLate = ({ family, peer, sharing }: Opened) => family === "IPv6" && sharing.reusePort && peer === undefined
  const place = (socket: Opened) => (isLate(socket) ? 1 : -1) * (1 + hearing.indexOf(socket))
  const best = hearing.toSorted((a, b) => rank(b) - rank(a) || place(a) - place(b))[0]
  if (best === undefined) return [[]]
  if (!best.sharing.reusePort || best.peer !== undefined) return [[best]]
  return hearing.filter((socket) => rank(socket) === rank(best) && socket.sharing.reusePort).map((socket) => [socket])
}

const opening = Effect.fnUntraced(function*(lan: SimulatedNetwork.SimulatedNetwork, plan: Planned) {
  const { address, family, isDualStack, joins, peer, sharing } = plan
  const to = address?.startsWith("::ffff") === true || family === "IPv4" ? "10.11.0.1" : "fd11::1"
  const host = to.includes(".") && family === "IPv6" ? `::ffff:${to}` : to
  const endpoint = yield* open(lan.host("grace"), {
    family,
    dualStack: isDualStack,
    port,
    ...sharing,
    ...(address === undefined ? {} : { address }),
    ...(peer === undefined ? {} : { connect: host.includes(":") ? `[${host}]:${peer}` : `${host}:${peer}` })
  })
  const joined: Array<Join> = []
  for (const { group, isLoopback, source } of joins) {
    const local = isIpv6(group) ? (isLoopback ? 1 : eth0) : ip(isLoopback ? "127.0.0.1" : "10.11.0.2")
    const [code] = yield* failure(join(endpoint.reader, group, local, source))
    if (code !== undefined) continue
    // a source takes the place of a plain membership
    if (source !== undefined) {
      joined.splice(
        0,
        joined.length,
        ...joined.filter((other) =>
          other.group !== group || other.isLoopback !== isLoopback || other.source !== undefined
        )
      )
    }
    joined.push({ group, isLoopback, source })
  }
  return { ...plan, joins: joined, endpoint, bound: NetAddress.formatIp(endpoint.reader.address.address) }
})

const scenario = (seed: number) =>
  Effect.gen(function*() {
    const draw = draws(seed)
    const lan = yield* SimulatedNetwork.make({ ipv6: "fd11::/64" })
    const [four, six] = yield* Effect.all(["IPv4", "IPv6"].map((family) =>
      Effect.forEach(senderPorts, (port) =>
        open(lan.host("ada"), { family: family as "IPv4" | "IPv6", port, broadcast: true }))
    ))
    const sockets: Array<Opened> = []
    for (
      const plan of Array.from({ length: 1 + draw.below(7) }, () =>
        planned(draw))
    ) {
      // one that is not to be had is none
      yield* Effect.catch(Effect.map(opening(lan, plan), (socket) => void sockets.push(socket)), () => Effect.void)
    }
    for (const to of targets) {
      const senderPort = draw.one(senderPorts)
      const sender = (isIpv6(to) ? six! : four!)[senderPorts.indexOf(senderPort)]!
      yield* sender.send(to, isIpv6(to) ? `[${to}]:${port}` : `${to}:${port}`)
      yield* Effect.sleep("10 millis")
      const got: Array<number> = []
      for (const [i, { endpoint }] of sockets.entries()) if ((yield* endpoint.received).length > 0) got.push(i)
      const allowed = receivers(sockets, sockets, { to, senderPort }).map((set) =>
        set.map((socket) => sockets.indexOf(socket))
      )

      assert.isTrue(
        allowed.some((set) => set.toSorted().join() === got.join()),
        `seed ${seed}: ${to} of ${senderPort} went to ${JSON.stringify(got)}, not ${JSON.stringify(allowed)}, of ${
          JSON.stringify(sockets.map((socket) => ({ ...socket, endpoint: undefined })), undefined, 1)
        }`
      )
    }
  })

it.effect("random sockets get what the rules give them", () =>
  Effect.gen(function*() {
    for (let seed = 0; seed < 300; seed++) yield* Simulation.run(Effect.scoped(scenario(seed)), { seed })
  }), 60_000)
