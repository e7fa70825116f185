/**
 * The socket of a worker: on one address of one interface, or on all, and shared with nobody.
 */
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Stream from "effect/Stream"
import * as DiscoveryError from "../../../DiscoveryError.ts"
import type * as Limits from "../../../Limits.ts"
import * as Network from "../../../Network.ts"
import * as NetworkInterface from "../../../NetworkInterface.ts"
import * as PeerWorkerError from "../../../PeerWorkerError.ts"
import * as Sockets from "../Sockets.ts"

/**
 * Where a worker is: port, address, interface, family.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bind {
  /** The port; 0, the default, is a free one. */
  readonly port?: number | undefined
  /** The address. Default: that of `interface`, or all. */
  readonly address?: NetAddress.IpAddress | undefined
  /** The index of the interface that a link-local IPv6 address belongs to. */
  readonly scopeId?: number | undefined
  /** The interface, by whose first address of the family the worker is reached. Default: all. */
  readonly interface?: NetworkInterface.Predicate | undefined
  /** Default: that of `address`, or `IPv4`. */
  readonly family?: NetAddress.IpFamily | undefined
}

/** What a socket is opened with. */
export interface Options {
  readonly name: string
  readonly bind: Bind
  readonly limits: Limits.Limits
  readonly overflow: "sliding" | "dropping"
}

/** An open socket. */
export interface Bound {
  readonly reader: DatagramSocket.Reader
  readonly writer: DatagramSocket.Writer
}

/** Opens the socket, until the scope closes. */
export const open = Effect.fnUntraced(function*(options: Options) {
  const network = yield* Network.Network
  const port = yield* portOf(options.bind)
  const { address, family, scopeId } = yield* place(options, network)
  const socket = yield* network.open({
    family,
    bind: { address, port, scopeId },
    kernelReceiveBuffer: options.limits.kernelReceiveBuffer,
    receiveBuffer: { capacity: options.limits.receiveQueue, strategy: options.overflow }
  })
  const reader = yield* Effect.mapError(socket.reader, (error) => failure(options, address, port, error))
  const bound: Bound = { reader, writer: yield* socket.writer }
  return bound
})

const portOf = ({ port = 0 }: Bind): Effect.Effect<number, DiscoveryError.DiscoveryError> =>
  Number.isInteger(port) && port >= 0 && port <= 65_535
    ? Effect.succeed(port)
    : DiscoveryError.make(
      new DiscoveryError.Unsupported({
        operation: `A worker at port ${port}`,
        advice: "Give a port from 0 to 65535; 0 is a free one."
      })
    )

interface Place {
  readonly family: NetAddress.IpFamily
  readonly address: NetAddress.IpAddress | undefined
  readonly scopeId: number | undefined
}

const place = (
  { bind, name }: Options,
  network: Network.Network["Service"]
): Effect.Effect<Place, DiscoveryError.DiscoveryError> => {
  const { address, scopeId } = bind
  const family = bind.family ?? (address === undefined ? "IPv4" : NetAddress.familyOf(address))
  if (address !== undefined || bind.interface === undefined) return Effect.succeed({ family, address, scopeId })
  const chosen = bind.interface
  return Effect.flatMap(Stream.runHead(network.interfaces), (head) => {
    const interfaces = Option.getOrElse(head, () => [])
    for (const candidate of interfaces.filter(chosen)) {
      const address = NetworkInterface.addressOf(candidate, family)?.address
      if (address !== undefined) return Effect.succeed({ family, address, scopeId: scopeId ?? candidate.index })
    }
    return DiscoveryError.make(
      new DiscoveryError.NoUsableInterface({ source: name, available: interfaces.map(({ name }) => name) })
    )
  })
}

const failure = (
  { name }: Options,
  address: NetAddress.IpAddress | undefined,
  port: number,
  error: DatagramSocket.DatagramSocketError
): DiscoveryError.DiscoveryError | PeerWorkerError.PeerWorkerError => {
  const { reason } = error
  if (reason._tag === "DatagramSocketOpenError" && reason.kind === "AddressInUse") {
    return PeerWorkerError.make(
      new PeerWorkerError.PortInUse({ worker: name, port, isOwn: false, cause: reason.cause })
    )
  }
  const where = address === undefined ? "all interfaces" : NetAddress.formatIp(address)
  const networkInterface = { name: where, index: 0, isInternal: false, addresses: [] }
  return Sockets.failure({ source: name, networkInterface: () => networkInterface }, `UDP port ${port}`, error)
}
