/**
 * Sockets of the system, opened as `Network.open` promises.
 */
import type * as Network from "@effect-discovery/core/Network"
import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import * as NodeDatagramSocket from "@effect/platform-node/NodeDatagramSocket"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Intercepted from "./Intercepted.ts"
import * as Zone from "./Zone.ts"

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * What a socket has to do with interfaces: which there are now, which there were at the last look, and what to do when it cannot be opened or
 * written to.
 */
export interface Surroundings {
  readonly isUp: Zone.Knows
  readonly knows: Zone.Knows
  readonly onFailure: Effect.Effect<void>
}

/** A socket of the system. */
export const open = (
  options: Network.OpenOptions,
  surroundings: Surroundings
): Effect.Effect<DatagramSocket.DatagramSocket> => {
  // read anew at each opening
  const native: Mutable<NodeDatagramSocket.Options> = toNode(options, process.platform)
  // a socket that hears one peer only is nothing to be looked at in a hurry
  const make = options.intercept === undefined || options.connect !== undefined
    ? NodeDatagramSocket.make(native)
    : Intercepted.make(native, options.intercept)
  return Effect.map(make, (socket) => {
    const openReader = Effect.catchIf(socket.reader, isBufferRefused, () => {
      native.kernelReceiveBufferSize = undefined
      return socket.reader
    })
    const reader = Effect.suspend(() => {
      const fault = portFault(options.bind.port) ??
        Zone.interfaceFault(options.multicast?.interface, surroundings.isUp)
      return fault === undefined ? openReader : openError(fault)
    })
    return DatagramSocket.make({
      reader: reader.pipe(
        Effect.map((reader) => checkJoins(reader, surroundings)),
        Effect.tapError(() => surroundings.onFailure)
      ),
      writer: Effect.map(
        socket.writer,
        (writer) => reportWrites(options.family === "IPv6" ? checkWrites(writer, surroundings) : writer, surroundings)
      )
    })
  })
}

/** What `node:dgram` is asked for. Windows cannot bind to a group: there a socket hears all that comes to its port. */
export const toNode = (options: Network.OpenOptions, platform: string): NodeDatagramSocket.Options => {
  const { address, port, scopeId = 0 } = options.bind
  const isGroup = address !== undefined && NetAddress.isMulticast(address)
  return {
    family: options.family === "IPv4" ? "ipv4" : "ipv6",
    bind: isGroup && platform === "win32" ? { port } : bindTo(address, port, scopeId),
    reuseAddress: options.reuseAddress,
    reusePort: options.reusePort,
    connect: options.connect,
    onError: options.onError,
    // an IPv6 socket that heard IPv4 as well would take that port from the IPv4 ones (UDP semantics, rule 9)
    ipv6Only: options.family === "IPv6" && options.dualStack !== true,
    ttl: options.ttl,
    broadcast: options.broadcast,
    multicast: options.multicast,
    receiveBuffer: options.receiveBuffer,
    kernelReceiveBufferSize: options.kernelReceiveBuffer
  }
}

// a scope stays with the address only where the system asks for one (UDP semantics, rule 11)
const bindTo = (
  address: NetAddress.IpAddress | undefined,
  port: number,
  scopeId: number
): NodeDatagramSocket.BindOptions =>
  address !== undefined && scopeId !== 0 && NetworkInterface.isLinkScoped(address)
    ? NetAddress.inetAddressFromInputUnsafe({ address, port, scopeId })
    : { address, port }

// by a look at this moment: the group of an interface that has just gone would be joined on the default one
const checkJoins = (reader: DatagramSocket.Reader, { isUp }: Surroundings): DatagramSocket.Reader => ({
  pull: reader.pull,
  get address() {
    return reader.address
  },
  dropped: reader.dropped,
  joinMulticast: (options) =>
    Effect.suspend(() => {
      const fault = Zone.interfaceFault(options.interface, isUp)
      return fault === undefined ? reader.joinMulticast(options) : openError(fault)
    })
})

const reportWrites = (
  { write, writeAll }: DatagramSocket.Writer,
  { onFailure }: Surroundings
): DatagramSocket.Writer => ({
  write: (datagram) => Effect.tapError(write(datagram), () => onFailure),
  writeAll: (datagrams) => Effect.tapError(writeAll(datagrams), () => onFailure)
})

const checkWrites = ({ write, writeAll }: DatagramSocket.Writer, { knows }: Surroundings): DatagramSocket.Writer => {
  const refuse = ({ address }: DatagramSocket.OutgoingDatagram) => {
    const fault = Zone.destinationFault(address, knows)
    return fault && writeError(address as NetAddress.InetAddress, fault)
  }
  return {
    write: (datagram) => Effect.suspend(() => refuse(datagram) ?? write(datagram)),
    // as when the system refuses one of many: all others are sent
    writeAll: (datagrams) =>
      Effect.suspend(() => {
        const refusals = datagrams.map(refuse)
        const refused = refusals.find((refusal) => refusal !== undefined)
        if (refused === undefined) return writeAll(datagrams)
        const [first, ...rest] = datagrams.filter((_, at) => refusals[at] === undefined)
        return first === undefined ? refused : Effect.andThen(writeAll([first, ...rest]), refused)
      })
  }
}

// `node:dgram` binds some other port when asked for one that is none (UDP semantics, rule 16)
const portFault = (port: number): Error | undefined =>
  Number.isInteger(port) && port >= 0 && port <= 65_535
    ? undefined
    : Object.assign(new RangeError(`${port} is not a port`), { code: "ERR_SOCKET_BAD_PORT" })

const openError = (cause: Error) =>
  Effect.fail(
    new DatagramSocket.DatagramSocketError({
      reason: new DatagramSocket.DatagramSocketOpenError({ kind: "Unknown", cause })
    })
  )

const writeError = (address: NetAddress.InetAddress, cause: Error) =>
  Effect.fail(
    new DatagramSocket.DatagramSocketError({
      reason: new DatagramSocket.DatagramSocketWriteError({ kind: "Unknown", address, cause })
    })
  )

// Linux caps a large receive buffer silently, others refuse it; Node.js itself refuses what is no whole number of 32 bits
const isBufferRefused = ({ reason }: DatagramSocket.DatagramSocketError): boolean =>
  "cause" in reason && refusals.has((reason.cause as { readonly code?: unknown } | undefined)?.code)

const refusals: ReadonlySet<unknown> = new Set(["ERR_SOCKET_BUFFER_SIZE", "ERR_SOCKET_BAD_BUFFER_SIZE"])
