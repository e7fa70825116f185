/**
 * What there is on the network: hosts, their interfaces on segments, their sockets and memberships.
 */
import type * as Seed from "@effect-discovery/core/Seed"
import type * as IpInterface from "effect/net/IpInterface"
import type * as IpNetwork from "effect/net/IpNetwork"
import type * as NetAddress from "effect/net/NetAddress"
import type { Cable } from "../links/Cable.ts"
import type { Wire } from "../links/Wire.ts"
import type * as Address from "./Address.ts"
import type { Errno } from "./Errno.ts"

/** @internal */
export interface LocalAddress extends Address.Address {
  readonly assigned: IpInterface.IpInterface
  readonly network: IpNetwork.IpNetwork
  /** The directed broadcast address of its network, where there is one. */
  readonly broadcast: string | undefined
}

/** @internal The wire that interfaces hang on. */
export interface Segment {
  readonly name: string
  /** What its links do. */
  readonly cable: Cable
  readonly interfaces: Array<Interface>
  readonly owners: Map<string, Array<Interface>>
}

/** @internal */
export interface Interface {
  readonly host: Host
  readonly name: string
  /** `host/name`, as captures and logs show it. */
  readonly label: string
  readonly index: number
  readonly isInternal: boolean
  addresses: ReadonlyArray<LocalAddress>
  segment: Segment | undefined
  /** The groups that sockets of the host joined here. */
  readonly groups: Map<string, Interest>
  /** Which sockets hear what comes here, by port and address: forgotten whenever that may change. */
  readonly listeners: Map<number, Map<string, Listeners>>
  /** What the links keep for it. */
  readonly wire: Wire
  /** The longest packet, in octets. */
  mtu: number
  isUp: boolean
  hasCarrier: boolean
  /** False once it was removed: one of the same name is another interface (rule 65). */
  isPresent: boolean
}

/** @internal What the sockets of a host want to hear of a group: how many all of it, how many each source. */
export interface Interest {
  all: number
  readonly sources: Map<string, number>
}

/** @internal The sockets that hear datagrams of one address and port. */
export interface Listeners {
  readonly sockets: ReadonlyArray<Socket>
  /** Whether it takes the sender to choose among them. */
  readonly isChoosy: boolean
}

/** @internal */
export interface Host {
  readonly id: number
  readonly name: string
  readonly interfaces: Array<Interface>
  /** Those that are configured; the ones to its own networks it has by its addresses. */
  routes: ReadonlyArray<Route>
  /** How many interfaces it ever had: they are numbered, and no number comes again. */
  numbered: number
  readonly isPrivileged: boolean
  /** What it passes on, if it is a router. */
  readonly forwards: Forwards | undefined
  /** The interfaces by their addresses, made when needed. */
  owned: ReadonlyMap<string, Interface> | undefined
  /** The longest packets that reach an address, where a router told, and until when that is believed. */
  readonly paths: Map<string, { readonly mtu: number; readonly until: number }>
  /** In the order they were bound. */
  readonly ports: Map<number, Array<Socket>>
  /** How many sockets can be open at a time (rule 17), and how many are. */
  readonly fileDescriptors: number
  openSockets: number
  /** The most that a socket's receive buffer can be asked to hold: `net.core.rmem_max` (rule 43). */
  readonly receiveBufferMaximum: number
  /** It crashed, and nothing was started on it since. */
  isOff: boolean
  /** Its program does not get to run: what arrives waits in the sockets' buffers. */
  isPaused: boolean
  /** Lets the host's program have what arrived, later; at once where there is none. */
  handOver: HandOver | undefined
  readonly destinations: Map<string, Destination>
  readonly linkSeed: Seed.Seed
  portSeed: Seed.Seed
  readonly flowSeed: Seed.Seed
  copySeed: Seed.Seed
}

/** @internal A route that is configured: by a gateway, by an interface, or refused. */
export interface Route {
  readonly network: IpNetwork.IpNetwork
  readonly via: Address.Address | undefined
  readonly by: string | undefined
  readonly reject: Errno | undefined
  /** Whether it was found by where its host is, and changes with that. */
  readonly isAutomatic: boolean
}

/** @internal What a router passes on beside unicast: groups above a threshold, if any, and directed broadcasts. */
export interface Forwards {
  readonly threshold: number | undefined
  readonly broadcast: boolean
}

/** @internal The next interface on the way to a network, and the gateway on its segment, if any. */
export interface Hop {
  readonly interface: Interface
  readonly gateway: string | undefined
}

/** @internal Where a datagram would go, seen from one host. */
export type Destination =
  | {
    readonly kind: "Multicast" | "Broadcast"
    readonly address: Address.Address
    /** The one interface it is for, if it says so: by a zone, or as the broadcast address of a network. */
    readonly interface: Interface | undefined
    /** Where it goes that nobody chose an interface for. */
    readonly routed: Interface | Errno
  }
  | { readonly kind: "Local"; readonly address: Address.Address; readonly interface: Interface }
  | { readonly kind: "Remote"; readonly address: Address.Address; readonly hop: Hop | Errno }

/** @internal Runs `run` when the host's program gets to run, with the time that it then is. */
export type HandOver = (run: (now: number) => void) => void

/** @internal */
export interface Membership {
  readonly group: string
  readonly family: NetAddress.IpFamily
  readonly interface: Interface
  /** The address that named the interface, where one did. */
  readonly by: string | undefined
  /** The only sources to hear, all if undefined. */
  readonly sources: Set<string> | undefined
}

/** @internal What became of a datagram at a socket: a full buffer loses it, or the oldest that it holds. */
export type Received = "kept" | "lost" | "displaced"

/** @internal */
export interface SocketOptions {
  readonly family: NetAddress.IpFamily
  /** Whether an IPv6 socket has IPv4 as well. */
  readonly isDualStack: boolean
  readonly reuse: boolean
  readonly reusePort: boolean
  readonly broadcast: boolean
  readonly multicastInterface: Interface | undefined
  /** The address that chose it, for IPv4: what is sent by it comes from there (rule 68). */
  readonly multicastSource: Address.Address | undefined
  /** What `multicastInterface` is chosen for. */
  readonly multicastFamily: NetAddress.IpFamily
  readonly ttl: number
  readonly multicastTtl: number
  readonly multicastLoopback: boolean
  /** Octets asked for as receive buffer. */
  readonly receiveBuffer: number | undefined
  readonly receive: (payload: Uint8Array, host: string, port: number) => Received
  /** Told of an error that belongs to no send. */
  readonly fail: (code: Errno) => void
}

/** @internal */
export interface Socket extends SocketOptions {
  readonly id: number
  readonly host: Host
  /** Connecting gives a wildcard socket the address that it has towards its peer (rule 80). */
  bound: Address.Address
  readonly port: number
  /** The only one to hear from and to send to. */
  peer: Peer | undefined
  /** What ICMP said of a datagram sent, until the program is told (rule 78). */
  error: Errno | undefined
  readonly memberships: Array<Membership>
  /** The kernel memory that its datagrams take up which the program has not had yet, and the most that they may (rules 41 to 43). */
  charged: number
  readonly capacity: number
  dropped: number
  isHandingOver: boolean
  isOpen: boolean
}

/** @internal */
export interface Peer {
  /** As the program wrote it. */
  readonly host: string
  readonly address: Address.Address
  readonly port: number
}
