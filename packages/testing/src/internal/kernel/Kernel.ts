/**
 * The network itself: hosts, and what their sockets can be asked to do. It knows no clock and no fiber; time is an argument.
 */
import type * as Seed from "@effect-discovery/core/Seed"
import * as Address from "./Address.ts"
import * as Binding from "./Binding.ts"
import { type Errno, isErrno } from "./Errno.ts"
import * as Host from "./Host.ts"
import { type Details, type Frame, Journal } from "./Journal.ts"
import type { Links } from "./Link.ts"
import * as Membership from "./Membership.ts"
import type { Profile } from "./Profile.ts"
import type * as Reception from "./Reception.ts"
import * as Route from "./Route.ts"
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
  private hosts = 0
  private sockets = 0
  private frames = 0

  constructor(options: Options) {
    this.options = options
    this.links = options.links
    this.journal = new Journal(options.history)
    this.transit = new Transit(options.links, this.journal, options.isStrict)
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

  addSegment(name: string, link: Partial<Profile> | undefined): Topology.Segment {
    return { name, link, interfaces: [], owners: new Map() }
  }

  addHost(options: Wiring.HostOptions): Topology.Host {
    const host = Wiring.host(this.hosts++, this.options.seed, options)
    this.journal.hosts.push(host)
    return host
  }

  setUp(local: Topology.Interface, isUp: boolean, now: number): void {
    Wiring.setUp(local, isUp)
    this.journal.note(now, "interface", { interface: local, text: isUp ? "up" : "down" })
  }

  open(host: Topology.Host, options: OpenOptions, now: number): Topology.Socket | Errno {
    const id = ++this.sockets
    const claim = { family: options.family, address: options.bind, port: options.port, reuse: options.reuse }
    const port = this.links.inject("bind", host, undefined, now) ?? Binding.port(host, claim)
    this.journal.note(now, "bind", {
      host,
      socket: id,
      text: `${Address.formatPort(options.bind.text, isErrno(port) ? options.port : port)}${
        options.reuse ? " reuse" : ""
      }`,
      ...failed(isErrno(port) ? port : undefined)
    })
    if (isErrno(port)) return port
    const { bind, port: _, ...kept } = options
    const socket: Topology.Socket = { ...kept, id, host, bound: bind, port, memberships: [], isOpen: true }
    host.ports.set(port, [...host.ports.get(port) ?? [], socket])
    return socket
  }

  /** Rule 14: the port is free at once. */
  close(socket: Topology.Socket, now: number): void {
    if (!socket.isOpen) return
    socket.isOpen = false
    Membership.leaveAll(socket)
    const others = socket.host.ports.get(socket.port)!.filter((other) => other !== socket)
    if (others.length > 0) socket.host.ports.set(socket.port, others)
    else socket.host.ports.delete(socket.port)
    this.journal.note(now, "close", { host: socket.host, socket: socket.id })
  }

  join(
    socket: Topology.Socket,
    group: Address.Address,
    local: Topology.Interface | undefined,
    now: number
  ): Errno | undefined {
    const joined = this.links.inject("join", socket.host, socket, now) ?? Membership.join(socket, group, local)
    const failure = isErrno(joined) ? joined : undefined
    const place = { host: socket.host, interface: local, socket: socket.id }
    this.journal.note(now, "join", { ...place, text: group.text, ...failed(failure) })
    return failure
  }

  leave(socket: Topology.Socket, group: string, local: Topology.Interface, now: number): Errno | undefined {
    const failure = Membership.leave(socket, group, local)
    this.journal.note(now, "leave", { interface: local, socket: socket.id, text: group, ...failed(failure) })
    return failure
  }

  send(socket: Topology.Socket, payload: Uint8Array, to: string, port: number, now: number): Errno | undefined {
    const failure = this.trySend(socket, payload, to, port, now)
    if (failure !== undefined) {
      const { host, id } = socket
      this.journal.note(now, "error", { host, socket: id, text: `send ${Address.formatPort(to, port)}`, code: failure })
    }
    return failure
  }

  private trySend(socket: Topology.Socket, payload: Uint8Array, to: string, port: number, now: number) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return "ERR_SOCKET_BAD_PORT" // 112
    const injected = this.links.inject("send", socket.host, socket, now)
    if (injected !== undefined) return injected
    const destination = Host.destination(socket.host, to)
    if (destination === undefined) return "EINVAL"
    if (payload.length > largestPayload[socket.family]) return "EMSGSIZE"
    const route = Route.find(socket, destination)
    if (isErrno(route)) return route
    const frame: Frame = {
      seq: ++this.frames,
      time: now,
      from: route.interface,
      socket: socket.id,
      source: route.source.text,
      isLinkLocal: route.source.scope === "link",
      sourcePort: socket.port,
      to: { kind: kindOf(destination), address: destination.address, port },
      ttl: destination.kind === "Multicast" ? socket.multicastTtl : 64,
      payload: payload.slice(),
      datagram: undefined
    }
    const refused = destination.kind === "Local" ? undefined : this.links.permit(frame)
    if (refused !== undefined) return refused
    this.journal.send(now, frame)
    this.spread(frame, socket, destination)
    return undefined
  }

  private spread(frame: Frame, socket: Topology.Socket, destination: Topology.Destination): void {
    switch (destination.kind) {
      case "Local":
        return this.transit.stay(frame)
      case "Remote":
        return this.transit.transmit(frame, isErrno(destination.hop) ? undefined : destination.hop.gateway)
      case "Broadcast": // 86
        this.transit.stay(frame)
        return this.transit.flood(frame)
      case "Multicast": // 71, 72
        if (socket.multicastLoopback || frame.from.isInternal) this.transit.stay(frame)
        return socket.multicastTtl === 0 || frame.to.address.scope === "host"
          ? this.transit.expire(frame) // 74, 94
          : this.transit.flood(frame)
    }
  }
}

const failed = (code: Errno | undefined): Details => (code === undefined ? {} : { code })

const kindOf = (destination: Topology.Destination): Reception.Addressed["kind"] =>
  destination.kind === "Multicast" || destination.kind === "Broadcast" ? destination.kind : "Unicast"
