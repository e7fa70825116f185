/**
 * The addresses that random programs use, by where they run.
 */
import type { HostName, Place } from "../../SocketProgram.ts"
import type { Draw } from "../property/Draw.ts"

/** @internal */
export type Family = "IPv4" | "IPv6"

type Segment = "a" | "b"

/** @internal */
export interface Choices {
  /** The hosts of a program: few, so that they have to do with each other. */
  readonly someHosts: (draw: Draw) => ReadonlyArray<HostName>
  readonly hosts: ReadonlyArray<HostName>
  /** To bind to, besides the wildcard. */
  readonly bind: (draw: Draw, host: HostName, family: Family) => string
  /** The segments that both hosts are on. */
  readonly shared: (one: HostName, other: HostName) => ReadonlyArray<Segment>
  /** An address of the host on a segment. */
  readonly on: (draw: Draw, segment: Segment, host: HostName, family: Family) => string
  /** An address of the host. */
  readonly own: (draw: Draw, host: HostName, family: Family) => string
  /** To send to one socket. */
  readonly unicast: (draw: Draw, host: HostName, family: Family) => string
  readonly group: (draw: Draw, family: Family) => string
  readonly broadcast: (draw: Draw) => string
  /** The interface that groups are sent by. */
  readonly egress: (draw: Draw, host: HostName, family: Family) => string
  /** The interface that groups are joined on. */
  readonly ingress: (draw: Draw, host: HostName, family: Family) => string | undefined
}

// a is there twice, so that most of h1 has to do with the others that are there
const ownInterfaces: Record<HostName, ReadonlyArray<"a" | "b">> = {
  h1: ["a", "a", "b"],
  h2: ["a"],
  h3: ["a"],
  h4: ["b"]
}
const numbers: Record<HostName, number> = { h1: 1, h2: 2, h3: 3, h4: 4 }
const networks = { a: "10.11.0", b: "10.22.0" } as const
const networks6 = { a: "fd11:", b: "fd22:" } as const

/** @internal */
export const ipv4 = (host: HostName, segment: "a" | "b"): string => `${networks[segment]}.${numbers[host]}`

/** @internal */
export const ipv6 = (host: HostName, segment: "a" | "b"): string => `${networks6[segment]}:${numbers[host]}`

/** @internal An address that a host can be given besides its own, and nobody else is. */
export const spare = (host: HostName, segment: "a" | "b"): string => `${networks[segment]}.1${numbers[host]}`

/** @internal The segment that the interface is on, by its name or by an address of it. */
export const segmentOf = (host: HostName, chosen: string): Segment | "loopback" | undefined =>
  chosen === "lo" || chosen.startsWith("127.")
    ? "loopback"
    : ownInterfaces[host].find((segment) => chosen === ipv4(host, segment) || chosen === interfaceOf(host, segment))

/** @internal How large packets can be on interfaces, the usual size among them. */
export const mtus = [1_280, 1_400, 1_500]

/** @internal */
export const interfaceOf = (host: HostName, segment: "a" | "b"): string =>
  host === "h1" && segment === "b" ? "eth1" : "eth0"

/** @internal */
export const segmentsOf = (host: HostName): ReadonlyArray<"a" | "b"> => ownInterfaces[host]

const loopbacks = ["127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.3"]
const strangers = { IPv4: "198.51.100.1", IPv6: "2001:db8::1" } as const

const loopback: Choices = {
  someHosts: () => ["h1"],
  hosts: ["h1"],
  shared: () => ["a"],
  on: (draw, _segment, _host, family) => family === "IPv4" ? draw.one(loopbacks) : "::1",
  bind: (draw, _host, family) =>
    draw.weighted([
      [8, family === "IPv4" ? draw.one(loopbacks) : "::1"],
      [2, loopback.group(draw, family)],
      [1, family === "IPv4" ? "127.255.255.255" : "::"],
      [1, family === "IPv4" ? "0.0.0.0" : "::"],
      [1, strangers[family]],
      [1, family === "IPv4" ? "::1" : "127.0.0.1"]
    ]),
  own: (draw, _host, family) => family === "IPv4" ? draw.one(loopbacks) : "::1",
  unicast: (draw, _host, family) =>
    draw.weighted([
      [10, family === "IPv4" ? draw.one(loopbacks) : "::1"],
      [1, family === "IPv4" ? "0.0.0.0" : "::"]
    ]),
  group: (draw, family) =>
    family === "IPv4"
      ? draw.weighted([[5, "{g0}"], [3, "{g1}"], [1, "224.0.0.1"]])
      : draw.weighted([[4, "{g2}"], [3, "{g5}"], [1, "ff02::1"], [1, "ff01::77"]]),
  broadcast: () => "127.255.255.255",
  egress: (draw, _host, family) => family === "IPv4" ? draw.weighted([[6, "127.0.0.1"], [1, "127.0.0.2"]]) : "lo",
  ingress: (draw, _host, family) => family === "IPv4" ? draw.weighted([[6, "127.0.0.1"], [1, "127.0.0.2"]]) : "lo"
}

const lan: Choices = {
  someHosts: (draw) => draw.weighted([[6, ["h1", "h2"]], [2, ["h1", "h2", "h3"]], [1, ["h1", "h4"]], [2, lan.hosts]]),
  hosts: ["h1", "h1", "h2", "h2", "h3", "h4"],
  shared: (one, other) => ownInterfaces[one].filter((segment) => ownInterfaces[other].includes(segment)),
  on: (_draw, segment, host, family) => family === "IPv4" ? ipv4(host, segment) : ipv6(host, segment),
  bind: (draw, host, family) => {
    const own = draw.one(ownInterfaces[host])
    return family === "IPv4"
      ? draw.weighted([
        [8, ipv4(host, own)],
        [3, lan.group(draw, family)],
        [1, `${networks[own]}.255`],
        [1, "255.255.255.255"],
        [1, "0.0.0.0"],
        [1, "127.0.0.1"],
        [1, spare(host, own)],
        [1, strangers.IPv4],
        [1, ipv6(host, own)]
      ])
      : draw.weighted([
        [6, ipv6(host, own)],
        [4, `{${host}.${own}}`],
        [3, lan.group(draw, family)],
        [1, "::"],
        [1, "::1"],
        [1, strangers.IPv6],
        [1, ipv4(host, own)]
      ])
  },
  own: (draw, host, family) => {
    const segment = draw.one(ownInterfaces[host])
    return family === "IPv4" ? ipv4(host, segment) : ipv6(host, segment)
  },
  unicast: (draw, host, family) => {
    const there = draw.one(lan.hosts)
    const segment = draw.one(ownInterfaces[there])
    return family === "IPv4"
      ? draw.weighted([
        [12, ipv4(there, segment)],
        [1, spare(there, segment)],
        [1, "127.0.0.1"],
        [1, "0.0.0.0"],
        [1, `${networks[segment]}.99`],
        [1, strangers.IPv4],
        [1, ipv6(there, segment)]
      ])
      : draw.weighted([
        [8, ipv6(there, segment)],
        [5, `{${there}.${segment}}%${interfaceOf(host, draw.one(ownInterfaces[host]))}`],
        [1, `{${there}.${segment}}`],
        [1, "::1"],
        [1, "::"],
        [1, strangers.IPv6],
        [1, ipv4(there, segment)]
      ])
  },
  group: (draw, family) =>
    family === "IPv4"
      ? draw.weighted([[6, "{g0}"], [3, "{g1}"], [1, "224.0.0.1"], [1, "224.0.0.251"]])
      : draw.weighted([[5, "{g2}"], [3, "{g5}"], [1, "ff02::1"], [1, "ff01::77"]]),
  broadcast: (draw) => draw.weighted([[3, "10.11.0.255"], [1, "10.22.0.255"], [3, "255.255.255.255"]]),
  egress: (draw, host, family) => {
    const own = draw.one(ownInterfaces[host])
    return family === "IPv4"
      ? draw.weighted([[12, ipv4(host, own)], [1, "127.0.0.1"], [1, "0.0.0.0"], [1, "10.11.0.99"], [
        1,
        spare(host, own)
      ]])
      : draw.weighted([[10, interfaceOf(host, own)], [1, "lo"], [1, ""]])
  },
  ingress: (draw, host, family) => {
    const own = draw.one(ownInterfaces[host])
    return family === "IPv4"
      ? draw.weighted<string | undefined>([[12, ipv4(host, own)], [1, "127.0.0.1"], [1, undefined], [1, "10.11.0.99"]])
      : draw.weighted<string | undefined>([[10, interfaceOf(host, own)], [1, "lo"], [1, undefined]])
  }
}

/** @internal */
export const choices: Readonly<Record<Place, Choices>> = { loopback, lan }
