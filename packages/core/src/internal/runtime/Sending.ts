/**
 * A round of datagrams on its way to the system.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as NetAddress from "effect/net/NetAddress"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Buggify from "../../Buggify.ts"
import * as NetworkInterface from "../../NetworkInterface.ts"
import type * as Protocol from "../../Protocol.ts"
import type * as Outbox from "./Outbox.ts"
import * as Sockets from "./Sockets.ts"

/** What rounds are written with. */
export interface Sending {
  readonly writer: DatagramSocket.Writer
  /** The interface as it is now. */
  readonly networkInterface: () => NetworkInterface.NetworkInterface
  /** Milliseconds in which the system has to take a datagram. */
  readonly limit: number
  readonly clock: () => number
  /** Fails when a write does. */
  readonly broken: Deferred.Deferred<never, DatagramSocket.DatagramSocketError>
  /** Told when the system has taken something. */
  readonly onSent: () => void
}

/** Writes a round. A failure breaks the session, not whoever waits. */
export const sendAll = (self: Sending, round: Outbox.Round): Effect.Effect<void> => {
  const datagrams = round.length === 1 ? undefined : datagramsOf(self.networkInterface(), round)
  if (datagrams === undefined) return Effect.forEach(round, (transmit) => send(self, transmit), { discard: true })
  const writes = Sockets.inBatches(datagrams).map((batch) => sendBatch(self, batch))
  const written = Sockets.eachInTime(writes, self.limit, self.clock)
  // whatever outlives them, such as a fiber that waited for them, keeps no datagrams alive
  return breaking(self.broken, Effect.map(written, () => void (writes.length = 0)))
}

/** What is to be written; `undefined` when some of it goes to several addresses, of which one is enough. */
const datagramsOf = (
  networkInterface: NetworkInterface.NetworkInterface,
  transmits: ReadonlyArray<Protocol.Transmit>
): ReadonlyArray<DatagramSocket.OutgoingDatagram> | undefined => {
  const addresses = new Map<Protocol.Transmit["to"], NetAddress.InetAddress>()
  const datagrams: Array<DatagramSocket.OutgoingDatagram> = []
  for (const { payload, to } of transmits) {
    let address = addresses.get(to)
    if (address === undefined) {
      const [first, ...more] = destinations(networkInterface, to)
      if (first === undefined || more.length > 0) return undefined
      addresses.set(to, address = first)
    }
    datagrams.push(new Outgoing(payload, address))
  }
  return datagrams
}

// Many live at once, and V8 would soon make object literals of which that is true where only a collection of the whole heap ends them.
class Outgoing implements DatagramSocket.OutgoingDatagram {
  readonly payload: Uint8Array
  readonly address: NetAddress.InetAddress

  constructor(payload: Uint8Array, address: NetAddress.InetAddress) {
    this.payload = payload
    this.address = address
  }
}

const sendBatch = ({ broken, onSent, writer }: Sending, batch: Sockets.Batch): Effect.Effect<void> =>
  breaking(broken, Effect.andThen(obstacles, Effect.map(writer.writeAll(batch), onSent)))

const send = (self: Sending, { payload, to }: Protocol.Transmit): Effect.Effect<void> => {
  const { broken, limit, networkInterface, onSent, writer } = self
  const writes = destinations(networkInterface(), to).map((address) =>
    Effect.exit(Sockets.inTime(Effect.andThen(obstacles, writer.write({ payload, address })), limit))
  )
  return Effect.flatMap(Effect.all(writes), (exits) => {
    const failed = exits.find(Exit.isFailure)
    // one of several broadcast addresses is enough
    if (failed === undefined || exits.some(Exit.isSuccess)) {
      onSent()
      return Effect.void
    }
    return Effect.asVoid(Deferred.failCause(broken, failed.cause))
  })
}

const obstacles = Effect.andThen(
  Buggify.inject("send.slow", Effect.sleep("300 millis")),
  Buggify.inject("send.fails", Effect.suspend(() => Effect.fail(Sockets.refused("simulated misfortune"))))
)

const destinations = (
  networkInterface: NetworkInterface.NetworkInterface,
  to: Protocol.Transmit["to"]
): ReadonlyArray<NetAddress.InetAddress> => {
  switch (to._tag) {
    case "Broadcast":
      return NetworkInterface.broadcastAddresses(networkInterface, to).map((address) =>
        NetAddress.inetAddressUnsafe(address, to.port)
      )
    case "Multicast":
      return [
        NetAddress.isIpv6Address(to.group)
          ? NetAddress.inetAddressFromInputUnsafe({ address: to.group, port: to.port, scopeId: networkInterface.index })
          : NetAddress.inetAddressUnsafe(to.group, to.port)
      ]
    default:
      return [to]
  }
}

/** Runs something that breaks the session when it fails. */
export const breaking = <E>(broken: Deferred.Deferred<never, E>, effect: Effect.Effect<void, E>): Effect.Effect<void> =>
  Effect.catchCause(effect, (cause) => Effect.asVoid(Deferred.failCause(broken, cause)))
