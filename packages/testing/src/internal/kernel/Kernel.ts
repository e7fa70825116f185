/**
 * The network itself: hosts, sockets and what is under way between them. It knows no clock and no fiber; time is an argument.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type * as IpInterface from "effect/net/IpInterface"
import * as Timeline from "../Timeline.ts"
import * as Address from "./Address.ts"
import * as Binding from "./Binding.ts"
import { type Errno, isErrno } from "./Errno.ts"
import * as Host from "./Host.ts"
import { type DropReason, type Frame, Journal } from "./Journal.ts"
import type { Links } from "./Link.ts"
import * as Membership from "./Membership.ts"
import * as Reception from "./Reception.ts"
import * as Route from "./Route.ts"
import type * as Socket from "./Socket.ts"

/** @internal */
export interface Options {
  readonly seed: Seed.Seed
  readonly links: Links
  readonly history: number
  /** Whether only sockets that joined a group hear it, unlike Linux (rule 49). */
  readonly isStrict: boolean
}

/** @internal */
export interface HostOptions {
  readonly name: string
  readonly addresses: ReadonlyArray<IpInterface.IpInterface>
  readonly loopback: ReadonlyArray<IpInterface.IpInterface>
  readonly hasDefaultRoute: boolean
  readonly isPrivileged: boolean
}

/** @internal */
export interface OpenOptions extends Socket.Options {
  readonly bind: Address.Address
  readonly port: number
}

interface Arrival {
  readonly frame: Frame
  readonly receivers: Array<Host.Interface>
  readonly isLocal: boolean
}

// Rules 35 and 36.
const largestPayload = { IPv4: 65_507, IPv6: 65_527 }

/** @internal */
export class Kernel {
  readonly journal: Journal
  readonly links: Links
  private readonly options: Options
  private readonly segment: Host.Segment = { interfaces: [], owners: new Map() }
  private readonly arrivals = new Timeline.Timeline<Arrival>()
  private hosts = 0
  private sockets = 0
  private frames = 0

  constructor(options: Options) {
    this.options = options
    this.links = options.links
    this.journal = new Journal(options.history)
  }

  /** When the next datagram arrives somewhere. */
  get nextAt(): number | undefined {
    return this.arrivals.first?.at
  }

  addHost(options: HostOptions): Host.Host {
    const { name, hasDefaultRoute, isPrivileged } = options
    const host: Host.Host = {
      id: this.hosts++,
      name,
      interfaces: [],
      hasDefaultRoute,
      isPrivileged,
      ports: new Map(),
      destinations: new Map(),
      portSeed: Seed.derive(this.options.seed, `host/${name}/ports`),
      copySeed: Seed.derive(this.options.seed, `host/${name}/copies`)
    }
    this.addInterface(host, "lo", options.loopback, undefined)
    this.addInterface(host, "eth0", options.addresses, this.segment)
    return host
  }

  private addInterface(
    host: Host.Host,
    name: string,
    addresses: ReadonlyArray<IpInterface.IpInterface>,
    segment: Host.Segment | undefined
  ): void {
    const local: Host.Interface = {
      host,
      name,
      label: `${host.name}/${name}`,
      index: host.interfaces.length + 1,
      isInternal: segment === undefined,
      addresses: addresses.map(Host.localAddress),
      segment,
      groups: new Map(),
      isUp: true
    }
    host.interfaces.push(local)
    segment?.interfaces.push(local)
    for (const { text } of local.addresses) segment?.owners.set(text, [...segment.owners.get(text) ?? [], local])
  }

  setUp(local: Host.Interface, isUp: boolean, now: number): void {
    local.isUp = isUp
    local.host.destinations.clear()
    this.note(now, `${local.label} ${isUp ? "up" : "down"}`)
  }

  open(host: Host.Host, options: OpenOptions, now: number): Socket.Socket | Errno {
    const id = ++this.sockets
    const claim = { family: options.family, address: options.bind, port: options.port, reuse: options.reuse }
    this.note(now, `${host.name} open #${id} ${options.family}`)
    const port = Binding.port(host, claim)
    const wanted = `${host.name} bind #${id} ${
      Address.formatPort(options.bind.text, isErrno(port) ? options.port : port)
    }`
    this.note(now, `${wanted}${options.reuse ? " reuse" : ""}${isErrno(port) ? ` ${port}` : ""}`)
    if (isErrno(port)) return port
    const { bind, port: _, ...kept } = options
    const socket: Socket.Socket = { ...kept, id, host, bound: bind, port, memberships: [], isOpen: true }
    host.ports.set(port, [...host.ports.get(port) ?? [], socket])
    return socket
  }

  /** Rule 14: the port is free at once. */
  close(socket: Socket.Socket, now: number): void {
    if (!socket.isOpen) return
    socket.isOpen = false
    Membership.leaveAll(socket)
    const others = socket.host.ports.get(socket.port)!.filter((other) => other !== socket)
    if (others.length > 0) socket.host.ports.set(socket.port, others)
    else socket.host.ports.delete(socket.port)
    this.note(now, `${socket.host.name} close #${socket.id}`)
  }

  join(
    socket: Socket.Socket,
    group: Address.Address,
    local: Host.Interface | undefined,
    now: number
  ): Errno | undefined {
    const joined = Membership.join(socket, group, local)
    const failure = isErrno(joined) ? ` ${joined}` : ""
    this.note(now, `${local?.label ?? socket.host.name} join #${socket.id} ${group.text}${failure}`)
    return isErrno(joined) ? joined : undefined
  }

  leave(socket: Socket.Socket, group: string, local: Host.Interface, now: number): Errno | undefined {
    const failure = Membership.leave(socket, group, local)
    this.note(now, `${local.label} leave #${socket.id} ${group}${failure === undefined ? "" : ` ${failure}`}`)
    return failure
  }

  send(socket: Socket.Socket, payload: Uint8Array, to: string, port: number, now: number): Errno | undefined {
    const failure = this.trySend(socket, payload, to, port, now)
    if (failure !== undefined) {
      this.note(now, `${socket.host.name} refuse #${socket.id} ${Address.formatPort(to, port)} ${failure}`)
    }
    return failure
  }

  private trySend(socket: Socket.Socket, payload: Uint8Array, to: string, port: number, now: number) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return "ERR_SOCKET_BAD_PORT" // 112
    const destination = Host.destination(socket.host, to)
    if (destination === undefined) return "EINVAL"
    if (payload.length > largestPayload[socket.family]) return "EMSGSIZE"
    const route = Route.find(socket, destination)
    if (isErrno(route)) return route
    const frame: Frame = {
      seq: ++this.frames,
      time: now,
      from: route.interface,
      source: route.source,
      sourcePort: socket.port,
      to: { kind: kindOf(destination), address: destination.address, port },
      payload: payload.slice()
    }
    this.journal.add({ kind: "send", time: now, frame })
    this.spread(frame, socket, destination, now)
    return undefined
  }

  private spread(frame: Frame, socket: Socket.Socket, destination: Host.Destination, now: number): void {
    switch (destination.kind) {
      case "Local":
        return this.stay(frame, now)
      case "Remote":
        return this.transmit(frame, frame.from.segment?.owners.get(destination.address.text) ?? [], now)
      case "Broadcast": // 86
        this.stay(frame, now)
        return this.transmit(frame, frame.from.segment?.interfaces ?? [], now)
      case "Multicast": // 71, 72
        if (socket.multicastLoopback || frame.from.isInternal) this.stay(frame, now)
        return socket.multicastTtl === 0 ? this.expire(frame, now) : this.flood(frame, now)
    }
  }

  private stay(frame: Frame, now: number): void {
    this.arrivals.add(now, { frame, receivers: [frame.from], isLocal: true })
  }

  private flood(frame: Frame, now: number): void {
    this.transmit(frame, frame.from.segment?.interfaces ?? [], now)
  }

  // Rule 74: a ttl of 0 stays on the host.
  private expire(frame: Frame, now: number): void {
    if (!frame.from.isInternal) this.drop(frame, undefined, "ttl", now)
  }

  private transmit(frame: Frame, receivers: ReadonlyArray<Host.Interface>, now: number): void {
    if (receivers.length === 0 && frame.to.kind === "Unicast") return this.drop(frame, undefined, "no-host", now)
    let last: { readonly at: number; readonly receivers: Array<Host.Interface> } | undefined
    for (const receiver of receivers) {
      if (receiver === frame.from) continue
      for (const delay of this.cross(frame, receiver, now)) {
        const at = now + delay
        // those that get it at the same time share one arrival
        if (last?.at === at) last.receivers.push(receiver)
        else {this.arrivals.add(at, {
            frame,
            receivers: (last = { at, receivers: [receiver] }).receivers,
            isLocal: false
          })}
      }
    }
  }

  private cross(frame: Frame, receiver: Host.Interface, now: number): ReadonlyArray<number> {
    const severed = this.links.isSevered(frame.from.host, receiver.host)
    const delays = severed ? [] : this.links.delays(frame.from.host, receiver.host)
    if (delays.length === 0) this.drop(frame, receiver, severed ? "partition" : "loss", now)
    return delays
  }

  /** Delivers what is due. What that gives rise to at the same instant is left for the next call, so that it always ends. */
  advance(now: number): void {
    const end = this.arrivals.count
    for (let first = this.arrivals.first; first !== undefined; first = this.arrivals.first) {
      if (first.at > now || first.order >= end) return
      this.arrivals.remove(first)
      for (const receiver of first.value.receivers) this.arrive(first.value, receiver, now)
    }
  }

  private arrive({ frame, isLocal }: Arrival, local: Host.Interface, now: number): void {
    // Rule 30: what a host sends to itself needs no interface that is up.
    if (!isLocal && !local.isUp) return this.drop(frame, local, "interface-down", now)
    if (!isLocal && this.links.isSevered(frame.from.host, local.host)) return this.drop(frame, local, "partition", now)
    const sockets = Reception.find(local, frame.to, this.options.isStrict)
    if (typeof sockets === "string") return this.drop(frame, local, sockets, now)
    for (const socket of sockets.length === 1 ? sockets : this.shuffle(local.host, sockets)) {
      if (socket.isOpen) this.deliver(frame, local, socket, now)
    }
  }

  private deliver(frame: Frame, local: Host.Interface, socket: Socket.Socket, now: number): void {
    // before what the receiver does with it, for the log to have them in order
    const event = { kind: "deliver" as const, time: now, frame, at: local, socket: socket.id, isLost: false }
    this.journal.add(event)
    const received = socket.receive(frame.payload, frame.source, frame.sourcePort)
    if (received === "lost") event.isLost = true
    else if (received === "displaced") this.note(now, `${local.host.name} displace #${socket.id}`)
  }

  // Rule 53.
  private shuffle(host: Host.Host, sockets: ReadonlyArray<Socket.Socket>): ReadonlyArray<Socket.Socket> {
    const shuffled = [...sockets]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const [j, seed] = Seed.between(host.copySeed, 0, i)
      host.copySeed = seed
      const moved = shuffled[i]!
      shuffled[i] = shuffled[j]!
      shuffled[j] = moved
    }
    return shuffled
  }

  private drop(frame: Frame, at: Host.Interface | undefined, reason: DropReason, time: number): void {
    this.journal.add({ kind: "drop", time, frame, at, reason })
  }

  note(time: number, text: string): void {
    this.journal.add({ kind: "note", time, text })
  }
}

const kindOf = (destination: Host.Destination): Reception.Addressed["kind"] =>
  destination.kind === "Multicast" || destination.kind === "Broadcast" ? destination.kind : "Unicast"
