/**
 * Kernel sockets as the backing of Effect's datagram sockets, whose receive buffer is thereby the production one.
 */
import type * as Network from "@effect-discovery/core/Network"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Address from "../kernel/Address.ts"
import { isErrno } from "../kernel/Errno.ts"
import * as Host from "../kernel/Host.ts"
import type { Kernel, OpenOptions } from "../kernel/Kernel.ts"
import type * as Topology from "../kernel/Topology.ts"
import type { Pump } from "./Pump.ts"
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
  // how many datagrams Effect's buffer had no room for, known once there is a reader
  let dropped = () => 0
  const overflow = options.receiveBuffer?.strategy === "sliding" ? "displaced" : "lost"
  return DatagramSocket.makeFromBackingSocket((events) => {
    const receive = (payload: Uint8Array, host: string, port: number) => {
      const before = dropped()
      events.onPacket(payload, host, port)
      return dropped() === before ? "kept" : overflow
    }
    return Effect.suspend(() => bind(place, options, receive))
  }, { receiveBuffer: options.receiveBuffer }).pipe(
    Effect.map((socket) =>
      DatagramSocket.make({
        writer: socket.writer,
        reader: Effect.tap(socket.reader, (reader) =>
          Effect.sync(() => {
            dropped = reader.dropped
          }))
      })
    )
  )
}

const bind = (
  place: Place,
  options: Network.OpenOptions,
  receive: Topology.Socket["receive"]
): Effect.Effect<DatagramSocket.BackingSocket, DatagramSocket.DatagramSocketError> => {
  const { boot, host, kernel, pump } = place
  const wanted = toKernel(host, options, receive)
  if (isErrno(wanted)) return Effect.fail(SocketError.open(wanted, "setsockopt", ""))
  if (!boot.isAlive) return Effect.succeed(dead(wanted))
  const socket = kernel.open(host, wanted, pump.now)
  if (isErrno(socket)) {
    return Effect.fail(SocketError.open(socket, "bind", Address.formatPort(wanted.bind.text, wanted.port)))
  }
  boot.sockets.add(socket)
  return Effect.succeed(backing(place, socket))
}

const toKernel = (
  host: Topology.Host,
  options: Network.OpenOptions,
  receive: Topology.Socket["receive"]
): OpenOptions | "EADDRNOTAVAIL" => {
  const { bind, family, multicast } = options
  const egress = multicast === undefined ? undefined : interfaceOf(host, multicast.interface)
  if (egress === "unknown") return "EADDRNOTAVAIL" // 69
  return {
    family,
    bind: bind.address === undefined ? Address.wildcard(family) : bound(bind.address, bind.scopeId),
    port: bind.port,
    reuse: options.reuseAddress === true,
    broadcast: options.broadcast === true,
    multicastInterface: egress,
    multicastTtl: multicast?.ttl ?? 1, // 74
    multicastLoopback: multicast?.loopback ?? true, // 71
    receive
  }
}

// A scope matters only where an address is one of a link (rule 11).
const bound = (ip: NetAddress.IpAddress, scopeId = 0): Address.Address => {
  const address = Address.ofIp(ip)
  return address.scope === "link" && scopeId !== 0 ? Address.ofIp(ip, String(scopeId)) : address
}

// An IPv4 interface is chosen by its address, an IPv6 one by its index; zero is the system's choice.
const interfaceOf = (
  host: Topology.Host,
  chosen: NetAddress.MulticastInterface
): Topology.Interface | undefined | "unknown" => {
  if (typeof chosen === "number") {
    return chosen === 0 ? undefined : host.interfaces.find((local) => local.index === chosen) ?? "unknown"
  }
  return NetAddress.isUnspecified(chosen) ? undefined : Host.owner(host, Address.ofIp(chosen)) ?? "unknown"
}

const backing = (place: Place, socket: Topology.Socket): DatagramSocket.BackingSocket => {
  const { host, kernel, pump } = place
  const send = (payload: Uint8Array, to: DatagramSocket.BackingAddress | undefined) => {
    // a crashed host goes on as if nothing had happened, and nothing does
    if (!socket.isOpen || to === undefined) return undefined
    const failure = kernel.send(socket, payload, to.host, to.port, pump.now)
    pump.arm()
    return failure && SocketError.send(failure, Address.formatPort(to.host, to.port))
  }
  return {
    address: { host: socket.bound.text, port: socket.port },
    scopeIds: new Map(host.interfaces.map((local) => [local.name, local.index])),
    send: (payload, to, done) => done(send(payload, to)),
    sendMany: (payloads, to, done) => {
      const errors = payloads.map((payload, i) => send(payload, to[i]))
      const first = errors.findIndex((error) => error !== undefined)
      return first === -1 ? done() : done(errors[first], first)
    },
    joinMulticast: ({ group, interface: ingress, source }) =>
      source === undefined ? join(place, socket, group, ingress) : Effect.fail(SocketError.sourceSpecific),
    close: () => {
      kernel.close(socket, pump.now)
      place.boot.sockets.delete(socket)
    }
  }
}

const join = (
  { host, kernel, pump }: Place,
  socket: Topology.Socket,
  group: NetAddress.IpAddress,
  ingress: NetAddress.MulticastInterface | undefined
): Effect.Effect<() => Effect.Effect<void>, DatagramSocket.DatagramSocketError> =>
  Effect.suspend(() => {
    if (!socket.isOpen) return Effect.succeed(() => Effect.void)
    const chosen = ingress === undefined ? undefined : interfaceOf(host, ingress)
    const address = Address.ofIp(group)
    const local = chosen === "unknown" ? undefined : chosen ?? Host.multicastInterface(host, address)
    const failure = kernel.join(socket, address, local, pump.now)
    if (failure !== undefined) return Effect.fail(SocketError.open(failure, "addMembership", address.text))
    return Effect.succeed(() =>
      Effect.sync(() => {
        if (socket.isOpen) kernel.leave(socket, address.text, local!, pump.now)
      })
    )
  })

// The socket of a program that outlived its host: it hears nothing, and what it sends goes nowhere.
const dead = (wanted: OpenOptions): DatagramSocket.BackingSocket => ({
  address: { host: wanted.bind.text, port: wanted.port === 0 ? 65_535 : wanted.port },
  send: (_payload, _to, done) => done(),
  sendMany: (_payloads, _to, done) => done(),
  joinMulticast: () => Effect.succeed(() => Effect.void),
  close: () => {}
})
