/**
 * What a simulated network has at one moment: interfaces, sockets, memberships and buffers, as `ip` and `netstat` show them on Linux.
 *
 * @since 0.1.0
 */
/**
 * A network at one moment. `time` is in microseconds since the network was made.
 *
 * @category models
 * @since 0.1.0
 */
export interface NetworkSnapshot {
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
  readonly name: string
  /** It does not get to run, and what arrives is kept in its buffers. */
  readonly isPaused: boolean
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
  readonly name: string
  readonly index: number
  /** Undefined for the loopback interface, and where it hangs on none. */
  readonly segment: string | undefined
  readonly isUp: boolean
  readonly hasCarrier: boolean
  readonly mtu: number
  /** With the lengths of their prefixes. */
  readonly addresses: ReadonlyArray<string>
  /** The groups that sockets of the host joined here. */
  readonly groups: ReadonlyArray<string>
}

/**
 * An open socket at one moment.
 *
 * **Details**
 *
 * `id` is its number in the journal. `local` and `peer` are address and port; `peer` is undefined unless it is connected. `queued` are the octets
 * of kernel memory that datagrams take up which the program has not had yet, out of `capacity` (UDP semantics, rules 42 and 43).
 * `dropped` is how many datagrams it lost because a buffer was full, that of the kernel or that of its reader.
 *
 * @category models
 * @since 0.1.0
 */
export interface SocketSnapshot {
  readonly id: number
  readonly family: "IPv4" | "IPv6"
  readonly isDualStack: boolean
  readonly local: string
  readonly peer: string | undefined
  readonly reusesAddress: boolean
  readonly reusesPort: boolean
  readonly memberships: ReadonlyArray<MembershipSnapshot>
  readonly queued: number
  readonly capacity: number
  readonly dropped: number
}

/**
 * A membership of a socket. `sources` are the only ones that it hears, undefined where it hears all. `isDead` where the interface
 * is gone: then it hears nothing, even if another of the same name has come (UDP semantics, rule 65).
 *
 * @category models
 * @since 0.1.0
 */
export interface MembershipSnapshot {
  readonly group: string
  readonly interface: string
  readonly isDead: boolean
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
