/**
 * What a simulated network consists of, as plain data: segments, the routers between them, and hosts with interfaces on them.
 *
 * A topology can be stored, generated and shrunk: the schema `Topology` describes it. Whether it is possible is found out when a network
 * is made of it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Check from "./internal/links/Check.ts"
import * as Link from "./Link.ts"

// RFC 791: every link carries 68 octets; nothing is longer than the 16 bits of its length.
const Mtu = Schema.Int.check(Schema.isBetween({ minimum: 68, maximum: 65_535 }))

/**
 * A link that interfaces hang on: what one of them sends to a group reaches all others.
 *
 * **Details**
 *
 * `ipv4` and `ipv6` are its networks, such as `10.11.0.0/24` and `fd11::/64`; with neither, it has an IPv4 network of its own. Interfaces
 * with an IPv6 network have a link-local address as well. `mtu` is the largest packet in octets, 1,500 by default (UDP semantics, rule 37).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Segment = Schema.Struct({
  name: Schema.String,
  ipv4: Schema.optional(Schema.String),
  ipv6: Schema.optional(Schema.String),
  link: Schema.optional(Link.Link),
  mtu: Schema.optional(Mtu)
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Segment extends Schema.Schema.Type<typeof Segment> {}

/**
 * An interface of a host, on the segment of that name.
 *
 * **Details**
 *
 * Without `addresses` it has the next free ones of its segment. They are given as `10.11.0.7`, or with the length of their prefix. With an
 * empty list it has none but a link-local one. `mtu` is that of the segment by default.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Interface = Schema.Struct({
  on: Schema.String,
  addresses: Schema.optional(Schema.Array(Schema.String)),
  mtu: Schema.optional(Mtu)
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Interface extends Schema.Schema.Type<typeof Interface> {}

/**
 * Where a host sends what goes to a network.
 *
 * **Details**
 *
 * Of all routes to an address the one with the longest prefix counts, and of equals the first. `via` is the address of a gateway on one of its segments,
 * `by` the name of an interface; one of them is given, or a `reject`, which makes every send fail: with `EHOSTUNREACH` where
 * the network is unreachable, `EACCES` where it is prohibited and `EINVAL` where it is a black hole (UDP semantics, rule 27). A route to
 * `224.0.0.0/4` tells where groups go that nobody chose an interface for (rules 58 and 67).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Route = Schema.Struct({
  to: Schema.String,
  via: Schema.optional(Schema.String),
  by: Schema.optional(Schema.String),
  reject: Schema.optional(Schema.Literals(["unreachable", "prohibit", "blackhole"]))
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Route extends Schema.Schema.Type<typeof Route> {}

/**
 * A host. Beside its interfaces by name it has a loopback interface, `lo`.
 *
 * **Details**
 *
 * `defaultRoute` is where everything goes that no other route takes: an interface by its name, a gateway by its address, or with `false`
 * nowhere. By default it is the first router on the segment of the host's first interface, and without a router that interface itself, as
 * in a home network. `isPrivileged` hosts may bind ports below 1024 (UDP semantics, rule 6). `fileDescriptors` is how many sockets can be open
 * at a time, 1,024 by default; one more fails with `EMFILE` (rule 17). `receiveBufferMaximum` is the most octets that a socket may ask for as
 * receive buffer, 212,992 by default (rule 43).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Host = Schema.Struct({
  name: Schema.String,
  interfaces: Schema.Record(Schema.String, Interface),
  defaultRoute: Schema.optional(Schema.Union([Schema.String, Schema.Literal(false)])),
  routes: Schema.optional(Schema.Array(Route)),
  isPrivileged: Schema.optional(Schema.Boolean),
  fileDescriptors: Schema.optional(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  receiveBufferMaximum: Schema.optional(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Host extends Schema.Schema.Type<typeof Host> {}

/**
 * A host that passes on what is not for itself.
 *
 * **Details**
 *
 * It has an interface on each of the segments `between` which it stands, `eth0` on the first, with the last addresses of their networks,
 * and knows the way to every other segment. With `multicast` it passes groups on as well, to where the ttl of a datagram is above the
 * `threshold`; without, none (UDP semantics, rule 75). `forwardBroadcast`, off by default, passes directed broadcasts on to the segment
 * they are for (rule 87).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Router = Schema.Struct({
  name: Schema.String,
  between: Schema.Array(Schema.String),
  multicast: Schema.optional(
    Schema.Struct({ threshold: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })) })
  ),
  forwardBroadcast: Schema.optional(Schema.Boolean)
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Router extends Schema.Schema.Type<typeof Router> {}

/**
 * Who hears a group: on `linux` every wildcard socket once any socket of its host has joined, with `strictMembership` only sockets that
 * joined themselves (UDP semantics, rule 49).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Platform = Schema.Literals(["linux", "strictMembership"])

/**
 * @category models
 * @since 0.1.0
 */
export type Platform = typeof Platform.Type

/**
 * A whole network. Segments and hosts have unique names; a router is a host.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Topology = Schema.Struct({
  segments: Schema.Array(Segment),
  routers: Schema.Array(Router),
  hosts: Schema.Array(Host),
  platform: Platform
})

/**
 * @category models
 * @since 0.1.0
 */
export interface Topology extends Schema.Schema.Type<typeof Topology> {}

/**
 * How a segment is described.
 *
 * @category models
 * @since 0.1.0
 */
export interface SegmentOptions {
  /** Its IPv4 network, such as `10.11.0.0/24`. Default: one of its own, unless there is an IPv6 one. */
  readonly ipv4?: string | undefined
  /** Its IPv6 network, such as `fd11::/64`. */
  readonly ipv6?: string | undefined
  /** What it changes of the network's profile. Default: nothing. */
  readonly link?: Link.Input | undefined
  /** The largest packet in octets. Default: 1,500. */
  readonly mtu?: number | undefined
}

/**
 * An interface, on a segment or the name of one.
 *
 * @category models
 * @since 0.1.0
 */
export interface InterfaceInput extends Omit<Interface, "on"> {
  /** The segment, or its name. */
  readonly on: Segment | string
}

/**
 * A host whose interfaces may name segments by their value.
 *
 * @category models
 * @since 0.1.0
 */
export interface HostInput extends Omit<Host, "interfaces"> {
  /** Its interfaces by name. */
  readonly interfaces: Readonly<Record<string, InterfaceInput>>
}

/**
 * A router that may name segments by their value.
 *
 * @category models
 * @since 0.1.0
 */
export interface RouterInput extends Omit<Router, "between"> {
  /** The segments that it stands between, or their names. */
  readonly between: ReadonlyArray<Segment | string>
}

/**
 * What a topology is made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Input {
  /** The segments. */
  readonly segments: ReadonlyArray<Segment>
  /** The routers between them. Default: none. */
  readonly routers?: ReadonlyArray<RouterInput> | undefined
  /** The hosts on them. Default: none. */
  readonly hosts?: ReadonlyArray<HostInput> | undefined
  /** Who hears a group. Default: `linux`. */
  readonly platform?: Platform | undefined
}

/**
 * Describes a segment.
 *
 * @category constructors
 * @since 0.1.0
 */
export const segment = (name: string, options: SegmentOptions = {}): Segment => {
  const { link, ...rest } = options
  return given({ name, ...rest, link: link && Check.normalize(link) })
}

// Data with nothing undefined in it, so that what was stored and read again is the same.
const given = <A extends object>(fields: A): A =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as A

/**
 * Describes a network.
 *
 * **Example** (A laptop on two segments, and a router between them)
 *
 * ```ts
 * import { SimulatedNetwork, Topology } from "@effect-discovery/testing"
 *
 * const lan = Topology.segment("lan", { ipv4: "10.11.0.0/24", ipv6: "fd11::/64", link: { latency: "2 millis" } })
 * const iot = Topology.segment("iot", { ipv4: "10.22.0.0/24" })
 *
 * const topology = Topology.make({
 *   segments: [lan, iot],
 *   routers: [{ name: "gw", between: [lan, iot], multicast: { threshold: 1 } }],
 *   hosts: [
 *     { name: "alice", interfaces: { eth0: { on: lan } } },
 *     { name: "dual", interfaces: { eth0: { on: lan }, wlan0: { on: iot } }, defaultRoute: "eth0" },
 *     ...Topology.hosts("node", 100, { eth0: { on: "lan" } })
 *   ]
 * })
 *
 * const network = SimulatedNetwork.make({ topology, seed: 42 })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (input: Input): Topology => ({
  segments: input.segments,
  routers: (input.routers ?? []).map((router) => given({ ...router, between: router.between.map(nameOf) })),
  hosts: (input.hosts ?? []).map((host) => given({ ...host, interfaces: interfacesOf(host.interfaces) })),
  platform: input.platform ?? "linux"
})

const interfacesOf = (interfaces: HostInput["interfaces"]): Host["interfaces"] =>
  Object.fromEntries(
    Object.entries(interfaces).map(([name, local]) => [name, given({ ...local, on: nameOf(local.on) })])
  )

const nameOf = (segment: Segment | string): string => typeof segment === "string" ? segment : segment.name

/**
 * Describes hosts that are alike: `hosts("node", 3, ...)` are `node1`, `node2` and `node3`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const hosts = (
  prefix: string,
  count: number,
  interfaces: HostInput["interfaces"],
  options: Omit<HostInput, "name" | "interfaces"> = {}
): ReadonlyArray<HostInput> =>
  Array.from({ length: count }, (_, i) => ({ ...options, name: `${prefix}${i + 1}`, interfaces }))

/**
 * Describes hosts on one segment, `lan`: `lan(5)` are `host1` to `host5`, each with an `eth0`.
 *
 * **Details**
 *
 * The segment's IPv4 network is `10.11.0.0/24` by default, and `10.11.0.0/16` for more than 250 hosts. With `ipv6` it has both.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lan = (
  count: number,
  options: SegmentOptions & { readonly prefix?: string | undefined; readonly platform?: Platform | undefined } = {}
): Topology => {
  const { platform, prefix = "host", ...rest } = options
  const ipv4 = rest.ipv4 ?? `10.11.0.0/${count > 250 ? 16 : 24}`
  const on = segment("lan", { ...rest, ipv4 })
  return make({ segments: [on], hosts: hosts(prefix, count, { eth0: { on } }), platform })
}
