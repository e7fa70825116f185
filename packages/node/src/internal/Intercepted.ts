/**
 * Sockets of `node:dgram` whose datagrams are looked at in the callback of the system, before Effect makes anything of them.
 */
import type * as Network from "@effect-discovery/core/Network"
import * as NodeDatagramSocket from "@effect/platform-node/NodeDatagramSocket"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Dgram from "node:dgram"
import * as Os from "node:os"
import * as Turns from "./Turns.ts"

/** A socket as `NodeDatagramSocket.make` opens it, its address being no name and nobody being connected to. */
export const make = (
  options: NodeDatagramSocket.Options,
  intercept: Network.Intercept
): Effect.Effect<DatagramSocket.DatagramSocket> =>
  NodeDatagramSocket.fromSocket(Effect.suspend(() => bind(options, intercept)), options)

const bind = (
  options: NodeDatagramSocket.Options,
  intercept: Network.Intercept
): Effect.Effect<Dgram.Socket, DatagramSocket.DatagramSocketError> =>
  Effect.callback((resume) => {
    let socket: Dgram.Socket | undefined
    const fail = (cause: unknown) => {
      resume(openError(cause))
      socket?.close()
    }
    const configured = (bound: Dgram.Socket) => () => {
      try {
        configure(bound, options)
      } catch (cause) {
        return fail(cause)
      }
      resume(Effect.succeed(intercepted(bound, intercept)))
      bound.off("error", fail)
    }
    try {
      const address = hostOf(options)
      socket = Dgram.createSocket({
        type: options.family === "ipv6" ? "udp6" : "udp4",
        reuseAddr: options.reuseAddress,
        reusePort: options.reusePort,
        ipv6Only: options.ipv6Only,
        lookup: atOnce as Dgram.SocketOptions["lookup"]
      })
      socket.once("error", fail)
      socket.bind({ address, port: options.bind?.port ?? 0 }, configured(socket))
    } catch (cause) {
      fail(cause)
    }
  })

// what is sent is sent before the payload can change (UDP semantics, rule 105); no address is a name
const atOnce = (
  address: string,
  family: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void
): void => done(null, address, family === 6 ? 6 : 4)

// the one who adopts a socket listens to it in this very turn
const intercepted = (socket: Dgram.Socket, intercept: Network.Intercept): Dgram.Socket => {
  const on = socket.on.bind(socket) as (event: string, listener: (...args: Array<any>) => void) => Dgram.Socket
  socket.on = (event: string, listener: (...args: Array<any>) => void) =>
    on(event, event === "message" ? unless(intercept, listener) : listener)
  return socket
}

const unless = (intercept: Network.Intercept, receive: (payload: Buffer, from: Dgram.RemoteInfo) => void) => {
  const turns = Turns.make()
  return (payload: Buffer, from: Dgram.RemoteInfo): void => {
    if (!intercept(payload, from.address, from.port, Turns.isSame(turns))) {
      // whoever is resumed for it may read the clock
      Turns.interrupt(turns)
      receive(payload, from)
    } else if (payload.length >= (Turns.isShared(turns) ? fair : large)) release(payload)
  }
}

// As many octets as this of a datagram that nobody needs any more are given back at once. They lie outside the heap, where they count as a reason
// to collect all of it: in a flood of the largest, several times a second. Where turns bring many, fewer octets do: to collect a heap that knows
// 1,000 services took a quarter of what receiving their announcements did. Of fewer than these it costs more than it spares.
const large = 1_024
const fair = 128

const release = ({ buffer, byteLength }: Buffer): void => {
  // one of several in the same memory is left to the collector
  if (buffer.byteLength === byteLength) (buffer as Transferable).transfer?.(0)
}

// ECMAScript 2024
interface Transferable {
  readonly transfer?: (byteLength: number) => ArrayBuffer
}

const configure = (
  socket: Dgram.Socket,
  { broadcast, kernelReceiveBufferSize, multicast, ttl }: NodeDatagramSocket.Options
): void => {
  if (kernelReceiveBufferSize !== undefined) socket.setRecvBufferSize(kernelReceiveBufferSize)
  if (broadcast !== undefined) socket.setBroadcast(broadcast)
  if (ttl !== undefined) socket.setTTL(ttl)
  if (multicast?.ttl !== undefined) socket.setMulticastTTL(multicast.ttl)
  if (multicast?.loopback !== undefined) socket.setMulticastLoopback(multicast.loopback)
  if (multicast?.interface !== undefined) {
    socket.setMulticastInterface(NetAddress.formatMulticastInterface(multicast.interface, scopeIds()))
  }
}

const hostOf = ({ bind, family }: NodeDatagramSocket.Options): string => {
  const address = bind?.address
  if (address === undefined) return family === "ipv6" ? "::" : "0.0.0.0"
  if (typeof address === "string") return address
  // a whole socket address has its scope with it
  return NetAddress.isInetAddress(bind) ? NetAddress.formatNativeHost(bind, scopeIds()) : NetAddress.formatIp(address)
}

// on Windows a zone is a number already
const scopeIds = (): ReadonlyMap<string, number> =>
  process.platform === "win32" ? new Map() : NetAddress.scopeIdsFromInterfaces(Object.entries(Os.networkInterfaces()))

const openError = (cause: unknown): Effect.Effect<never, DatagramSocket.DatagramSocketError> => {
  const kind = kinds[(cause as NodeJS.ErrnoException).code ?? ""] ?? "Unknown"
  return Effect.fail(
    new DatagramSocket.DatagramSocketError({ reason: new DatagramSocket.DatagramSocketOpenError({ kind, cause }) })
  )
}

const kinds: Readonly<Record<string, DatagramSocket.DatagramSocketOpenError["kind"]>> = {
  EADDRINUSE: "AddressInUse",
  EADDRNOTAVAIL: "AddressNotAvailable",
  EACCES: "PermissionDenied",
  EPERM: "PermissionDenied"
}
