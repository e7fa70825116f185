/**
 * What a simulated network has at one moment: interfaces, sockets, memberships and buffers, as `ip` and `netstat` show them on Linux.
 *
 * @since 0.1.0
 */
/**
 * A network at one moment.
 *
 * @category models
 * @since 0.1.0
 */
export interface NetworkSnapshot {
  /** Microseconds since the network was made. */
  readonly time: number
  /** In the order they were made, routers among them. */
  readonly hosts: ReadonlyArray<HostSnapshot>
}

/**
 * A host at one moment.
 *
 * @category models
 * @since 0.1.0
 */
export interface HostSnapshot {
  /** As the topology calls it. */
  readonly name: string
  /** It does not get to run, and what arrives is kept in its buffers. */
  readonly isPaused: boolean
  /** The loopback interface among them. */
  readonly interfaces: ReadonlyArray<InterfaceSnapshot>
  /** By port, then in the order they were bound. */
  readonly sockets: ReadonlyArray<SocketSnapshot>
}

/**
 * An interface at one moment.
 *
 * @category models
 * @since 0.1.0
 */
export interface InterfaceSnapshot {
  /** Such as `eth0`. */
  readonly name: string
  /** Its number on the host. */
  readonly index: number
  /** Undefined for the loopback interface, and where it hangs on none. */
  readonly segment: string | undefined
  /** Whether it is switched on. */
  readonly isUp: boolean
  /** Whether its cable is plugged in. */
  readonly hasCarrier: boolean
  /** Octets of the largest packet that it takes. */
  readonly mtu: number
  /** With the lengths of their prefixes. */
  readonly addresses: ReadonlyArray<string>
  /** The groups that sockets of the host joined here. */
  readonly groups: ReadonlyArray<string>
}

/**
 * An open socket at one moment.
 *
 * @category models
 * @since 0.1.0
 */
export interface SocketSnapshot {
  /** Its number in the journal. */
  readonly id: number
  /** The family that it was opened for. */
  readonly family: "IPv4" | "IPv6"
  /** Whether it hears IPv4 as well. */
  readonly isDualStack: boolean
  /** The address and port it is bound to. */
  readonly local: string
  /** The address and port it is connected to; `undefined` where it is not. */
  readonly peer: string | undefined
  /** Whether it shares its port with others that also do. */
  readonly reusesAddress: boolean
  /** The same, each unicast datagram going to one of them. */
  readonly reusesPort: boolean
  /** The groups that it has joined. */
  readonly memberships: ReadonlyArray<MembershipSnapshot>
  /** Octets of kernel memory that datagrams take up which the program has not had yet (UDP semantics, rules 42 and 43). */
  readonly queued: number
  /** Octets of kernel memory that there are for it. */
  readonly capacity: number
  /** How many datagrams it lost because a buffer was full, that of the kernel or that of its reader. */
  readonly dropped: number
}

/**
 * A membership of a socket.
 *
 * @category models
 * @since 0.1.0
 */
export interface MembershipSnapshot {
  /** The address of the group. */
  readonly group: string
  /** The interface on which it was joined. */
  readonly interface: string
  /** Whether that interface is gone: then nothing is heard, even if another of the same name has come (UDP semantics, rule 65). */
  readonly isDead: boolean
  /** The only senders that it hears; `undefined` where it hears all. */
  readonly sources: ReadonlyArray<string> | undefined
}

/**
 * A snapshot as text, a line for every interface and socket.
 *
 * **Example** (Who listens)
 *
 * ```ts
 * import { NetworkSnapshot, SimulatedNetwork } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 *
 * const show = (lan: SimulatedNetwork.SimulatedNetwork) =>
 *   Effect.map(lan.inspect, (snapshot) => console.log(NetworkSnapshot.format(snapshot)))
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = ({ hosts }: NetworkSnapshot): string => hosts.flatMap(host).join("\n")

const host = ({ interfaces, isPaused, name, sockets }: HostSnapshot): ReadonlyArray<string> => [
  `${name}${isPaused ? " paused" : ""}`,
  ...interfaces.map((local) => `  ${line(local)}`),
  ...sockets.map((each) => `  ${socket(each)}`)
]

const line = (self: InterfaceSnapshot): string =>
  words([
    `${self.index}: ${self.name}`,
    self.segment === undefined ? "" : `on ${self.segment}`,
    self.isUp ? (self.hasCarrier ? "up" : "no carrier") : "down",
    `mtu ${self.mtu}`,
    ...self.addresses,
    ...self.groups
  ])

const socket = (self: SocketSnapshot): string =>
  words([
    `#${self.id} ${self.local}`,
    self.peer === undefined ? "" : `to ${self.peer}`,
    self.isDualStack ? "dual-stack" : "",
    self.reusesAddress ? "reuse" : "",
    self.reusesPort ? "reuseport" : "",
    self.queued === 0 ? "" : `${self.queued} B of ${self.capacity} queued`,
    self.dropped === 0 ? "" : `${self.dropped} dropped`,
    ...self.memberships.map(membership)
  ])

const membership = ({ group, interface: local, isDead, sources }: MembershipSnapshot): string =>
  words([
    `joined ${group} on ${local}`,
    isDead ? "(gone)" : "",
    sources === undefined ? "" : `from ${sources.join(", ")}`
  ])

const words = (parts: ReadonlyArray<string>): string => parts.filter((part) => part !== "").join(" ")
