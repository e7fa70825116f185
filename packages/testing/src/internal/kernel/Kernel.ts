/**
 * The network itself: hosts, and what their sockets can be asked to do. It knows no clock and no fiber; time is an argument.
 */
import type * as Seed from "@effect-discovery/core/Seed"
import type * as Link from "../links/Data.ts"
import type { Links } from "../links/Links.ts"
import * as Address from "./Address.ts"
import * as Binding from "./Binding.ts"
import * as Change from "./Change.ts"
import * as Connection from "./Connection.ts"
import { type Errno, isErrno } from "./Errno.ts"
import * as Host from "./Host.ts"
import * as Icmp from "./Icmp.ts"
import * as Inbox from "./Inbox.ts"
import { type Details, type Frame, Journal } from "./Journal.ts"
import type { Operation, Refusal } from "./Medium.ts"
import * as Membership from "./Membership.ts"
import * as Packet from "./Packet.ts"
import * as ReceiveBuffer from "./ReceiveBuffer.ts"
import * as Reception from "./Reception.ts"
import * as Reports from "./Reports.ts"
import * as Route from "./Route.ts"
import type { Addressed } from "./Sent.ts"
import * as Socket from "./Socket.ts"
import type * as Topology from "./Topology.ts"
import { Transit } from "./Transit.ts"
import * as Wiring from "./Wiring.ts"

/** @internal */
export interface Options {
  readonly seed: Seed.Seed
  readonly links: Links
  readonly history: number
  /** Whether only sockets that joined a group hear it, unlike Linux (rule 49). */
  readonly isStrict: boolean
}

/** @internal */
export interface OpenOptions extends Topology.SocketOptions {
  readonly bind: Address.Address
  readonly port: number
}

// Rules 35 and 36.
const largestPayload = { IPv4: 65_507, IPv6: 65_527 }

/** @internal */
export class Kernel {
  readonly journal: Journal
  readonly links: Links
  private readonly options: Options
  private readonly transit: Transit
  private readonly inbox: Inbox.Inbox
  private hosts = 0
  private sockets = 0
  private frames = 0
  // the event of the fault that refuses the call under way
  private blamed = 0

  constructor(options: Options) {
    this.options = options
    this.links = options.links
    this.journal = new Journal(options.history)
    this.inbox = new Inbox.Inbox(this.journal)
    const refuse = (frame: Frame, at: Topology.Interface, now: number) => this.refuse(frame, at, now)
    this.transit = new Transit(options.links, this.journal, this.inbox, refuse, options.isStrict)
    this.links.start(this.transit, this.journal)
  }

  get seed(): Seed.Seed {
    return this.options.seed
  }

  /** When the next datagram arrives somewhere. */
  get nextAt(): number | undefined {
    return this.transit.nextAt
  }

  /** Delivers what is due. */
  advance(now: number): void {
    this.transit.advance(now)
  }

  addSegment(name: string, link: Link.Link = {}): Topology.Segment {
    return { name, cable: this.links.changes.cable(name, link), interfaces: [], owners: new Map() }
  }

  addHost(options: Wiring.HostOptions, now: number): Topology.Host {
    const host = Wiring.host(this.hosts++, this.options.seed, options)
    this.journal.hosts.push(host)
    for (const local of host.interfaces) this.transit.resolve(local, now)
    return host
  }

  addInterface(host: Topology.Host, options: Wiring.InterfaceOptions, now: number): Topology.Interface {
    const local = Wiring.addInterface(host, options)
    this.journal.note(now, "interface", { interface: local, text: "added" })
    this.transit.resolve(local, now)
    return local
  }

  change(local: Topology.Interface, change: Change.Change, now: number): void {
    Change.apply(local, change)
    const lost = Change.disconnects(change)
    if (lost !== undefined) this.transit.abandon(local, lost, now)
    if (Change.isReconnect(change)) Reports.renew(local, now)
    this.journal.note(now, "interface", { interface: local, text: Change.describe(change) })
    this.transit.resolve(local, now)
  }

  open(host: Topology.Host, options: OpenOptions, now: number): Topology.Socket | Errno {
    const id = ++this.sockets
    const { bind, port: wanted, ...kept } = options
    const bound = Host.asBound(host, bind)
    const port = this.injected("bind", host) ?? Binding.port(host, { ...options, bound })
    const capacity = isErrno(port) ? port : ReceiveBuffer.capacity(options.receiveBuffer, host.receiveBufferMaximum)
    const at = Address.formatPort(Address.format(bound.text, options.family), isErrno(port) ? wanted : port)
    const failure = isErrno(capacity) ? capacity : undefined
    this.journal.note(now, "bind", { host, socket: id, text: `${at}${sharing(options)}`, ...this.failed(failure) })
    if (isErrno(port)) return port
    if (isErrno(capacity)) return capacity
    const socket = Socket.make({ ...kept, id, host, bound, port, capacity })
    host.openSockets++
    host.ports.set(port, [...host.ports.get(port) ?? [], socket])
    Reception.forget(host)
    return socket
  }

  /** Gives a socket its only peer: rules 18, 56, 76 to 80 and 82. */
  connect(socket: Topology.Socket, to: string, port: number, now: number): Errno | undefined {
    const { host, id } = socket
    const failure = this.injected("connect", host) ?? Connection.connect(socket, to, port)
    const text = `${Connection.localHost(socket)} connect ${Address.formatPort(to, port)}`
    this.journal.note(now, "bind", { host, socket: id, text, ...this.failed(failure) })
    Reception.forget(host)
    return failure
  }

  /** The host takes and sends nothing more, whatever it had in mind. */
  switchOff(host: Topology.Host, now: number): void {
    host.isOff = true
    host.paths.clear()
    for (const local of host.interfaces) this.transit.abandon(local, "host-down", now)
  }

  /** The host's program does not get to run: what arrives is kept in its sockets' buffers (rules 41 and 119). */
  pause(host: Topology.Host): void {
    host.isPaused = true
  }

  /** The program gets to run again, and has all at once. */
  resume(host: Topology.Host, now: number): void {
    this.inbox.resume(host, now)
  }

  /** Rule 14: the port is free at once. */
  close(socket: Topology.Socket, now: number): void {
    if (!socket.isOpen) return
    socket.isOpen = false
    socket.host.openSockets--
    const memberships = [...socket.memberships]
    Membership.leaveAll(socket)
    for (const { group, interface: local } of memberships) Reports.update(local, group, now)
    Reception.forget(socket.host)
    const others = socket.host.ports.get(socket.port)!.filter((other) => other !== socket)
    if (others.length > 0) socket.host.ports.set(socket.port, others)
    else socket.host.ports.delete(socket.port)
    this.inbox.discard(socket, now)
    this.journal.note(now, "close", { host: socket.host, socket: socket.id })
  }

  join(socket: Topology.Socket, wanted: Membership.Wanted, now: number): Errno | undefined {
    const failure = this.injected("join", socket.host) ?? Membership.join(socket, wanted)
    this.noteMembership("join", socket, wanted, failure, now)
    return failure
  }

  leave(socket: Topology.Socket, wanted: Membership.Wanted, now: number): Errno | undefined {
    const failure = Membership.leave(socket, wanted)
    this.noteMembership("leave", socket, wanted, failure, now)
    return failure
  }

  private noteMembership(
    kind: "join" | "leave",
    socket: Topology.Socket,
    { group, interface: local, source }: Membership.Wanted,
    failure: Errno | undefined,
    now: number
  ): void {
    Reception.forget(socket.host)
    if (local !== undefined) Reports.update(local, group.text, now)
    const text = source === undefined ? group.text : `${group.text} of ${source}`
    this.journal.note(now, kind, {
      host: socket.host,
      interface: local,
      socket: socket.id,
      text,
      ...this.failed(failure)
    })
  }

  send(socket: Topology.Socket, payload: Uint8Array, to: string, port: number, now: number): Errno | undefined {
    const failure = this.trySend(socket, payload, to, port, now)
    if (failure !== undefined) {
      const { host, id } = socket
      this.journal.note(now, "error", {
        host,
        socket: id,
        text: `send ${Address.formatPort(to, port)}`,
        ...this.failed(failure)
      })
    }
    return failure
  }

  private trySend(socket: Topology.Socket, payload: Uint8Array, to: string, port: number, now: number) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return "ERR_SOCKET_BAD_PORT" // 112
    const injected = this.injected("send", socket.host)
    if (injected !== undefined) return injected
    const destination = Host.destination(socket.host, Route.target(socket, to))
    // the zone of a peer was looked at when it became one
    if (destination === "ENODEV" && to === socket.peer?.host) return "ENETUNREACH"
    if (isErrno(destination)) return destination
    const route = Route.find(socket, destination)
    if (isErrno(route)) return route
    if (payload.length > largestPayload[destination.address.family]) return "EMSGSIZE"
    const reported = Connection.takeError(socket)
    if (reported !== undefined) return reported
    const { family } = destination.address
    const mtu = Host.pathMtu(socket.host, destination.address.text, route.interface, now)
    const frame: Frame = {
      seq: ++this.frames,
      time: now,
      from: route.interface,
      socket: socket.id,
      source: route.source.text,
      isLinkLocal: route.source.scope === "link",
      sourcePort: socket.port,
      to: { kind: kindOf(destination), address: destination.address, port },
      ttl: Socket.ttl(socket, destination.address.family, destination.kind === "Multicast"),
      // a slice of a Buffer of Node would be no copy (rule 105)
      payload: new Uint8Array(payload),
      fragments: Packet.count(family, payload.length, mtu),
      packet: Packet.largest(family, payload.length, mtu),
      datagram: undefined
    }
    const refused = destination.kind === "Local" ? undefined : this.blame(this.links.permit(frame))
    if (refused !== undefined) return refused
    this.journal.send(now, frame)
    this.spread(frame, destination, socket.multicastLoopback)
    return undefined
  }

  // Rules 24 and 77: the host says that nobody holds the port.
  private refuse(refused: Frame, at: Topology.Interface, now: number): void {
    const destination = Host.destination(at.host, Inbox.sourceAt(refused, at))
    if (isErrno(destination)) return
    const frame = Icmp.portUnreachable(refused, destination, this.frames + 1, now)
    if (frame === undefined || (destination.kind === "Remote" && this.links.permit(frame) !== undefined)) return
    this.frames++
    this.journal.send(now, frame)
    this.spread(frame, destination, false)
  }

  private injected(operation: Operation, host: Topology.Host): Errno | undefined {
    return this.blame(this.links.inject(operation, host))
  }

  private blame(refusal: Refusal | undefined): Errno | undefined {
    this.blamed = refusal?.cause ?? 0
    return refusal?.code
  }

  private failed(code: Errno | undefined): Details {
    if (code === undefined) return {}
    const cause = this.blamed
    this.blamed = 0
    return { code, cause }
  }

  private spread(frame: Frame, destination: Topology.Destination, isLooped: boolean): void {
    switch (destination.kind) {
      case "Local":
        return this.transit.stay(frame)
      case "Remote":
        return this.transit.transmit(frame, isErrno(destination.hop) ? undefined : destination.hop.gateway)
      case "Broadcast": // 86
        if (frame.from.isUp) this.transit.stay(frame)
        return this.transit.flood(frame)
      case "Multicast": // 71, 72
        if (frame.from.isUp && (isLooped || frame.from.isInternal) && !isCutShort(frame)) this.transit.stay(frame)
        return frame.to.address.scope === "host" || (frame.ttl === 0 && isLookedAt(frame, isLooped))
          ? this.transit.expire(frame) // 74, 94
          : this.transit.flood(frame)
    }
  }
}

// Rules 74 and 94: Linux looks at the ttl only where it makes a copy for the host itself. IPv4 does as soon as the host is in the group.
const isLookedAt = ({ from, source, to: { address } }: Frame, isLooped: boolean): boolean =>
  (isLooped || address.family === "IPv4") && Membership.isAccepted(from, address.text, source)

// Rule 71: with IPv6 the host itself gets a copy of each fragment as it is sent, and an unplugged interface refuses the first.
const isCutShort = ({ fragments, from, to: { address } }: Frame): boolean =>
  address.family === "IPv6" && fragments > 1 && !from.hasCarrier

const sharing = ({ reuse, reusePort }: OpenOptions): string =>
  `${reuse ? " reuse" : ""}${reusePort ? " reuseport" : ""}`

const kindOf = (destination: Topology.Destination): Addressed["kind"] =>
  destination.kind === "Multicast" || destination.kind === "Broadcast" ? destination.kind : "Unicast"
