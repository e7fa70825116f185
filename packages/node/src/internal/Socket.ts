/**
 * Sockets of the system, opened as `Network.open` promises.
 */
import type * as Network from "@effect-discovery/core/Network"
import * as NodeDatagramSocket from "@effect/platform-node/NodeDatagramSocket"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What `node:dgram` is asked for. Windows cannot bind to a group: there a socket hears all that comes to its port. */
export const toNode = (options: Network.OpenOptions, platform: string): NodeDatagramSocket.Options => {
  const { address, port } = options.bind
  const isGroup = address !== undefined && NetAddress.isMulticast(address)
  return {
    family: options.family === "IPv4" ? "ipv4" : "ipv6",
    bind: { address: isGroup && platform === "win32" ? undefined : address, port },
    reuseAddress: options.reuseAddress,
    // an IPv6 socket that heard IPv4 as well would take that port from the IPv4 ones (UDP semantics, rule 9)
    ipv6Only: options.family === "IPv6",
    broadcast: options.broadcast,
    multicast: options.multicast,
    receiveBuffer: options.receiveBuffer,
    kernelReceiveBufferSize: options.kernelReceiveBuffer
  }
}

/** A socket of the system. `onFailure` runs whenever it cannot be opened or written to. */
export const open = (
  options: Network.OpenOptions,
  onFailure: Effect.Effect<void>
): Effect.Effect<DatagramSocket.DatagramSocket> => {
  if (!isPort(options.bind.port)) return Effect.succeed(unopenable(options.bind.port))
  // read anew at each opening
  const native: Mutable<NodeDatagramSocket.Options> = toNode(options, process.platform)
  return Effect.map(NodeDatagramSocket.make(native), (socket) =>
    DatagramSocket.make({
      reader: socket.reader.pipe(
        Effect.catchIf(isBufferRefused, () => {
          native.kernelReceiveBufferSize = undefined
          return socket.reader
        }),
        Effect.tapError(() => onFailure)
      ),
      writer: Effect.map(socket.writer, ({ write, writeAll }) => ({
        write: (datagram) => Effect.tapError(write(datagram), () => onFailure),
        writeAll: (datagrams) => Effect.tapError(writeAll(datagrams), () => onFailure)
      }))
    }))
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port <= 65_535

// `node:dgram` binds some other port when asked for one that is none (UDP semantics, rule 16)
const unopenable = (port: number): DatagramSocket.DatagramSocket => {
  const cause = Object.assign(new RangeError(`${port} is not a port`), { code: "ERR_SOCKET_BAD_PORT" })
  const reason = new DatagramSocket.DatagramSocketOpenError({ kind: "Unknown", cause })
  return DatagramSocket.make({
    reader: Effect.fail(new DatagramSocket.DatagramSocketError({ reason })),
    writer: Effect.succeed({ write: () => Effect.never, writeAll: () => Effect.never })
  })
}

// Linux caps a large receive buffer silently, others refuse it
const isBufferRefused = ({ reason }: DatagramSocket.DatagramSocketError): boolean =>
  "cause" in reason && (reason.cause as { readonly code?: unknown } | undefined)?.code === "ERR_SOCKET_BUFFER_SIZE"
