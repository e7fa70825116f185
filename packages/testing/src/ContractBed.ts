/**
 * What the network contract is tested on: hosts with sockets, driven the same way whether they are simulated, this machine's loopback
 * interface, or network namespaces.
 *
 * Everything a socket is asked and answers is plain JSON, so that a host may run in a process of its own.
 *
 * @since 0.1.0
 */
import type * as Network from "@effect-discovery/core/Network"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/**
 * A socket refused: the system's code, and the kind it was given (UDP semantics, section 14).
 *
 * @category errors
 * @since 0.1.0
 */
export class SocketFailure extends Schema.TaggedError<SocketFailure>("effect-discovery/ContractBed/SocketFailure")(
  "SocketFailure",
  {
    code: Schema.UndefinedOr(Schema.String),
    kind: Schema.UndefinedOr(Schema.String),
    description: Schema.String
  }
) {
  /**
   * The code and what the system said.
   *
   * @since 0.1.0
   */
  override get message(): string {
    return `${this.code ?? this.kind ?? "failure"}: ${this.description}`
  }
}

/**
 * How a socket is opened: `Network.OpenOptions` in plain JSON.
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenOptions {
  /** The address family. */
  readonly family: "IPv4" | "IPv6"
  /** The local address. Default: all of them. */
  readonly address?: string | undefined
  /** The local port. Default: a free one. */
  readonly port?: number | undefined
  /** The interface of a link-local address. */
  readonly scope?: string | undefined
  /** Shares the port with other sockets that also ask to. */
  readonly reuseAddress?: boolean | undefined
  /** Shares the port with others that ask for the same, each sender's unicast going to one of them. */
  readonly reusePort?: boolean | undefined
  /** Whether an IPv6 socket hears IPv4 as well. */
  readonly dualStack?: boolean | undefined
  /** Allows sending to broadcast addresses. */
  readonly broadcast?: boolean | undefined
  /**
   * How multicast leaves. Its interface is an IPv4 address, or for IPv6 the name of an interface; `"0.0.0.0"` and `""` leave the choice to the
   * system.
   */
  readonly multicast?:
    | { readonly interface: string; readonly ttl: number; readonly loopback?: boolean | undefined }
    | undefined
  /** The only address to hear from and to send to, `10.11.0.1:9` or `[fd11::1]:9`. */
  readonly connect?: string | undefined
  /** Octets to ask of the system as receive buffer. */
  readonly kernelReceiveBuffer?: number | undefined
}

/**
 * What is sent: a text, or so many octets of a fixed pattern.
 *
 * @category models
 * @since 0.1.0
 */
export type Payload = string | {
  /** Octets of the pattern. */
  readonly octets: number
}

/**
 * What was received: a payload of at most 64 octets as text, of a longer one the length and a hash of its content.
 *
 * `from` is `10.11.0.1:9`, `[fd11::1]:9`, or with the index of the receiving interface `[fe80::1%2]:9`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Packet {
  /** A text, or the length and hash of a long one. */
  readonly payload: string | { readonly octets: number; readonly hash: string }
  /** The address and port of the sender. */
  readonly from: string
}

/**
 * A group to join.
 *
 * @category models
 * @since 0.1.0
 */
export interface JoinOptions {
  /** The address of the group. */
  readonly group: string
  /** An address of the interface for an IPv4 group, its name for an IPv6 one. Default: the system chooses. */
  readonly interface?: string | undefined
  /** The only source to hear. Default: all. */
  readonly source?: string | undefined
}

/**
 * An open socket.
 *
 * @category models
 * @since 0.1.0
 */
export interface ContractSocket {
  /** The address and port it is bound to. */
  readonly address: string
  /** The port it is bound to. */
  readonly port: number
  /** Joins a group, until it is left or the socket closes. */
  readonly join: (options: JoinOptions) => Effect.Effect<{ readonly leave: Effect.Effect<void> }, SocketFailure>
  /** To `10.11.0.1:9`, `[fd11::1]:9` or `[fe80::1%eth0]:9`; without an address to the connected peer. */
  readonly send: (payload: Payload, to?: string) => Effect.Effect<void, SocketFailure>
  /** All of them at once, before anything else of the process runs, as a burst. */
  readonly sendAll: (payloads: ReadonlyArray<Payload>, to?: string) => Effect.Effect<void, SocketFailure>
  /** What has arrived since it was last asked, once nothing is under way any more. */
  readonly received: Effect.Effect<ReadonlyArray<Packet>>
  /** What was told to `onError` since it was last asked. */
  readonly errors: Effect.Effect<ReadonlyArray<SocketFailure>>
  /** Closes it before its scope does. */
  readonly close: Effect.Effect<void>
}

/**
 * An interface as a host lists it, its addresses with their prefix length.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListedInterface {
  /** As the host calls it. */
  readonly name: string
  /** Its number on the host. */
  readonly index: number
  /** Whether it is the loopback interface. */
  readonly isInternal: boolean
  /** With their prefix lengths. */
  readonly addresses: ReadonlyArray<string>
}

/**
 * An interface of a host to change. Addresses carry their prefix length, such as `10.11.0.9/24`.
 *
 * @category models
 * @since 0.1.0
 */
export interface InterfaceControl {
  /** Switches it off. */
  readonly down: Effect.Effect<void>
  /** Switches it on. */
  readonly up: Effect.Effect<void>
  /** Plugs its cable in, or pulls it. */
  readonly carrier: (isThere: boolean) => Effect.Effect<void>
  /** Gives it one more address. */
  readonly addAddress: (address: string) => Effect.Effect<void>
  /** Takes an address from it. */
  readonly removeAddress: (address: string) => Effect.Effect<void>
  /** Deletes it. */
  readonly remove: Effect.Effect<void>
  /** Makes one of the same name and addresses, on the same segment. */
  readonly recreate: Effect.Effect<void>
  /** Limits the octets of a packet. */
  readonly mtu: (octets: number) => Effect.Effect<void>
}

/**
 * Where a host hangs on a segment: the interface, and its addresses without prefix length or zone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attachment {
  /** The name of the interface. */
  readonly interface: string
  /** Its IPv4 address. */
  readonly ipv4: string
  /** Its global IPv6 address. */
  readonly ipv6: string
  /** Its link-local IPv6 address. */
  readonly linkLocal: string
}

/**
 * A host of a bed.
 *
 * @category models
 * @since 0.1.0
 */
export interface ContractHost {
  /** Such as `h1`. */
  readonly name: string
  /** Its interface on segment A, `10.11.0.0/24` and `fd11::/64`. */
  readonly a?: Attachment | undefined
  /** Its interface on segment B, `10.22.0.0/24` and `fd22::/64`. */
  readonly b?: Attachment | undefined
  /** Opens a socket, until the scope closes. */
  readonly open: (options: OpenOptions) => Effect.Effect<ContractSocket, SocketFailure, Scope.Scope>
  /** Those that are up now. */
  readonly interfaces: Effect.Effect<ReadonlyArray<ListedInterface>>
  /** The index of an interface, 0 when there is none of that name. */
  readonly indexOf: (name: string) => Effect.Effect<number>
  /** Capability "interfaces". */
  readonly interface: (name: string) => InterfaceControl
  /** The interface that takes what no route takes, `undefined` for none. Capability "routes". */
  readonly defaultRoute: (name: string | undefined) => Effect.Effect<void>
  /** Stops the host's program from reading until the effect has ended. Capability "pause". */
  readonly whilePaused: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** The service itself, where the host runs in this process. Capability "network". */
  readonly network?: Network.Network["Service"] | undefined
}

/**
 * What a bed can do beyond sockets on the loopback interface of `h1`.
 *
 * **Details**
 *
 * - `segments`: h1 on A and B, h2 and h3 on A, h4 on B, no default route and no multicast route
 * - `ipv6`: the same with IPv6
 * - `interfaces`, `routes`, `pause`: the controls of a host of these names
 * - `router`: `r` with interfaces on both segments, by which h2 and h4 reach the other segment with unicast
 * - `multicastRouter`: `r` forwards multicast, onto A by a threshold of 1 and onto B of 3
 * - `plainRouter`: `r` does not forward multicast
 * - `rejections`: h1 has an unreachable route to `198.18.1.0/24`, a prohibited one to `198.18.2.0/24`, a black hole for `198.18.3.0/24`
 * - `descriptors`: h1 can have 1,024 sockets open
 * - `unprivileged`, `privileged`: whether h1 may bind ports below 1024
 * - `network`: hosts give their `Network` service
 * - `exhaustion`: whole port ranges can be bound
 *
 * @category models
 * @since 0.1.0
 */
export type Capability =
  | "segments"
  | "ipv6"
  | "interfaces"
  | "routes"
  | "pause"
  | "router"
  | "multicastRouter"
  | "plainRouter"
  | "rejections"
  | "descriptors"
  | "unprivileged"
  | "privileged"
  | "network"
  | "exhaustion"

/**
 * Hosts to test on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bed {
  /** What results are reported by. */
  readonly name: string
  /** In memory, or real: `t1` on the loopback interface, `t2` in network namespaces. */
  readonly tier: "simulated" | "t1" | "t2"
  /** What its tests may ask of it. */
  readonly capabilities: ReadonlySet<Capability>
  /** `h1` on every bed; `h2`, `h3`, `h4` and `r` by its capabilities. Dies for a host that is not there. */
  readonly host: (name: "h1" | "h2" | "h3" | "h4" | "r") => ContractHost
  /** Until all that is under way has arrived. */
  readonly settle: Effect.Effect<void>
  /** A port that no socket of the bed holds. */
  readonly port: Effect.Effect<number>
  /** Puts interfaces, addresses, sizes and routes back as they were at first; after every test. */
  readonly reset: Effect.Effect<void>
}
