/**
 * Kernel sockets as the backing of Effect's datagram sockets, whose receive buffer is thereby the production one.
 */
import type * as Network from "@effect-discovery/core/Network"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Address from "../kernel/Address.ts"
import * as Connection from "../kernel/Connection.ts"
import { type Errno, isErrno } from "../kernel/Errno.ts"
import * as Host from "../kernel/Host.ts"
import type { Kernel, OpenOptions } from "../kernel/Kernel.ts"
import type { Wanted } from "../kernel/Membership.ts"
import type * as Topology from "../kernel/Topology.ts"
import type { Pump } from "./Pump.ts"
import { Reading } from "./Reading.ts"
import * as SocketError from "./SocketError.ts"

/** @internal What runs on a host since it was switched on: a crash ends it, with all its sockets. */
export class Boot {
  isAlive = true
  readonly sockets = new Set<Topology.Socket>()
}

/** @internal */
export interface Place {
  readonly kernel: Kernel
  readonly pump: Pump
  readonly host: Topology.Host
  readonly boot: Boot
}

/** @internal */
export const open = (place: Place, options: Network.OpenOptions): Effect.Effect<DatagramSocket.DatagramSocket> => {
  const reading = new Reading(place.host.name)
  // how many datagrams Effect's buffer had no room for, known once there is a reader
  let dropped = () => 0
  const overflow = options.receiveBuffer?.strategy === "sliding" ? "displaced" : "lost"
  return DatagramSocket.makeFromBackingSocket((events) => {
    const receive = (payload: Uint8Array, host: string, port: number) => {
      if (options.intercept?.(payload, host, port) === true) return "kept"
      const before = dropped()
      reading.note()
      events.onPacket(payload, host, port)
      return dropped() === before ? "kept" : overflow
    }
    const fail = (code: Errno) => events.onError(SocketError.receive(code))
    return Effect.suspend(() => bind(place, options, { receive, fail }))
  }, { receiveBuffer: options.receiveBuffer, onError: options.onError }).pipe(
    Effect.map((socket) =>
      DatagramSocket.make({
        writer: socket.writer,
        reader: Effect.flatMap(socket.reader, (reader) => {
          dropped = reader.dropped
          return place.pump.watch(reading, reader)
        })
      })
    )
  )
}

type Callbacks = Pick<Topology.Socket, "receive" | "fail">

const bind = (
  place: Place,
  options: Network.OpenOptions,
  callbacks: Callbacks
): Effect.Effect<DatagramSocket.BackingSocket, DatagramSocket.DatagramSocketError> => {
  const { boot, host, kernel, pump } = place
  const egress = options.multicast === undefined ? undefined : interfaceOf(host, options.multicast.interface)
  // the layer above the system looks at an index first, the system at an address last (rules 90 and 69)
  if (egress === "unknown" && typeof options.multicast?.interface === "number") {
    return Effect.fail(SocketError.open("ENODEV", "setsockopt", ""))
  }
  const wanted = toKernel(options, egress === "unknown" ? undefined : egress, callbacks)
  if (!boot.isAlive) return Effect.succeed(dead(wanted))
  const socket = kernel.open(host, wanted, pump.now)
  if (isErrno(socket)) {
    return Effect.fail(SocketError.open(socket, "bind", Address.formatPort(wanted.bind.text, wanted.port)))
  }
  const refused = optionError(host, socket, egress)
  const failure = refused !== undefined
    ? SocketError.open(refused, "setsockopt", "")
    : options.connect && connect(place, socket, options.connect)
  if (failure !== undefined) {
    kernel.close(socket, pump.now)
    return Effect.fail(failure)
  }
  boot.sockets.add(socket)
  return Effect.succeed(backing(place, socket))
}

// In the order in which the options are set: rules 74 and 69.
const optionError = (
  host: Topology.Host,
  socket: Topology.Socket,
  egress: Topology.Interface | undefined | "unknown"
): Errno | undefined => {
  if (!(socket.ttl >= 1 && socket.ttl <= 255)) return "EINVAL"
  if (!(socket.multicastTtl >= 0 && socket.multicastTtl <= 255)) return "EINVAL"
  if (egress === "unknown") return "EADDRNOTAVAIL"
  return isElsewhere(host, socket) ? "EINVAL" : undefined
}

// A zone binds to its interface, and no group can be sent to by another.
const isElsewhere = (host: Topology.Host, { bound, multicastInterface }: Topology.Socket) => {
  const device = Host.zone(host, bound)
  return device !== undefined && multicastInterface !== undefined && multicastInterface !== device
}

const connect = (
  { kernel, pump }: Place,
  socket: Topology.Socket,
  peer: NonNullable<Network.OpenOptions["connect"]>
): DatagramSocket.DatagramSocketError | undefined => {
  // a whole socket address has its zone with it
  const host = NetAddress.isInetAddress(peer) ? NetAddress.formatHost(peer) : NetAddress.formatIp(peer.address)
  const failure = kernel.connect(socket, host, peer.port, pump.now)
  return failure && SocketError.open(failure, "connect", Address.formatPort(host, peer.port))
}

const toKernel = (
  options: Network.OpenOptions,
  egress: Topology.Interface | undefined,
  callbacks: Callbacks
): OpenOptions => {
  const { bind, family, multicast } = options
  return {
    family,
    bind: bind.address === undefined ? Address.wildcard(family) : bound(bind.address, bind.scopeId),
    port: bind.port,
    isDualStack: options.dualStack === true && Address.isOfBoth(family, bind.address),
    reuse: options.reuseAddress === true,
    reusePort: options.reusePort === true,
    broadcast: options.broadcast === true,
    multicastInterface: egress,
    multicastSource: egress !== undefined && typeof multicast?.interface === "object"
      ? Address.ofIp(multicast.interface)
      : undefined,
    multicastFamily: typeof multicast?.interface === "object" ? "IPv4" : family, // 54
    ttl: options.ttl ?? 64,
    multicastTtl: multicast?.ttl ?? 1, // 74
    multicastLoopback: multicast?.loopback ?? true, // 71
    receiveBuffer: options.kernelReceiveBuffer,
    ...callbacks
  }
}

// A scope matters only where an address is one of a link (rule 11).
const bound = (ip: NetAddress.IpAddress, scopeId = 0): Address.Address => {
  const address = Address.ofIp(ip)
  return Address.isLinkScoped(address) && scopeId !== 0 ? Address.ofIp(ip, String(scopeId)) : address
}

// An IPv4 interface is chosen by its address, an IPv6 one by its index; zero is the system's choice.
const interfaceOf = (
  host: Topology.Host,
  chosen: NetAddress.MulticastInterface,
  isKnown: (local: Topology.Interface) => boolean = Host.isNamed // 90
): Topology.Interface | undefined | "unknown" => {
  if (typeof chosen === "number") {
    if (chosen === 0) return undefined
    return host.interfaces.find((local) => local.index === chosen && isKnown(local)) ?? "unknown"
  }
  return NetAddress.isUnspecified(chosen) ? undefined : Host.owner(host, Address.ofIp(chosen)) ?? "unknown"
}

const backing = (place: Place, socket: Topology.Socket): DatagramSocket.BackingSocket => {
  const { host, kernel, pump } = place
  const send = (payload: Uint8Array, to: DatagramSocket.BackingAddress | undefined) => {
    // a crashed host goes on as if nothing had happened, and nothing does
    const target = to ?? socket.peer
    if (!socket.isOpen || target === undefined) return undefined
    const failure = kernel.send(socket, payload, target.host, target.port, pump.now)
    pump.arm()
    return failure && SocketError.send(failure, Address.formatPort(target.host, target.port))
  }
  return {
    address: { host: Connection.localHost(socket), port: socket.port },
    peer: socket.peer,
    connected: socket.peer !== undefined,
    scopeIds: new Map(host.interfaces.map((local) => [local.name, local.index])),
    send: (payload, to, done) => done(send(payload, to)),
    sendMany: (payloads, to, done) => {
      const errors = payloads.map((payload, i) => send(payload, to[i]))
      const first = errors.findIndex((error) => error !== undefined)
      return first === -1 ? done() : done(errors[first], first)
    },
    joinMulticast: (options) => join(place, socket, options),
    close: () => {
      kernel.close(socket, pump.now)
      place.boot.sockets.delete(socket)
    }
  }
}

interface JoinOptions {
  readonly group: NetAddress.IpAddress
  readonly interface?: NetAddress.MulticastInterface | undefined
  readonly source?: NetAddress.IpAddress | undefined
}

const join = (
  { host, kernel, pump }: Place,
  socket: Topology.Socket,
  options: JoinOptions
): Effect.Effect<() => Effect.Effect<void>, DatagramSocket.DatagramSocketError> =>
  Effect.suspend(() => {
    if (!socket.isOpen) return Effect.succeed(() => Effect.void)
    const wanted = wantedOf(host, options)
    const failure = kernel.join(socket, routed(host, wanted), pump.now)
    if (failure !== undefined) return Effect.fail(SocketError.open(failure, "addMembership", wanted.group.text))
    return Effect.succeed(() =>
      Effect.sync(() => {
        // by what names the interface then, or leads to it, or of any that IPv6 joined (rules 65, 66 and 96)
        const unwanted = wantedOf(host, options, () => true)
        const { family } = unwanted.group
        if (socket.isOpen) kernel.leave(socket, family === "IPv4" ? routed(host, unwanted) : unwanted, pump.now)
      })
    )
  })

// Rule 58.
const routed = (host: Topology.Host, wanted: Wanted): Wanted =>
  wanted.by === undefined ? { ...wanted, interface: Host.membershipInterface(host, wanted.group) } : wanted

const wantedOf = (
  host: Topology.Host,
  { group, interface: ingress = 0, source }: JoinOptions,
  isKnown?: (local: Topology.Interface) => boolean
): Wanted => {
  const local = interfaceOf(host, ingress, isKnown)
  return {
    group: Address.ofIp(group),
    interface: local === "unknown" ? undefined : local,
    by: local === undefined ? undefined : String(typeof ingress === "number" ? ingress : NetAddress.formatIp(ingress)),
    source: source && NetAddress.formatIp(source)
  }
}

// The socket of a program that outlived its host: it hears nothing, and what it sends goes nowhere.
const dead = (wanted: OpenOptions): DatagramSocket.BackingSocket => ({
  address: { host: wanted.bind.text, port: wanted.port === 0 ? 65_535 : wanted.port },
  send: (_payload, _to, done) => done(),
  sendMany: (_payloads, _to, done) => done(),
  joinMulticast: () => Effect.succeed(() => Effect.void),
  close: () => {}
})
