/**
 * A round of datagrams on its way to the system.
 */
import * as Arr from "effect/Array"
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
  readonly patience: Sockets.Patience
  /** Whether it is to be sent still, asked when it is about to be handed to the system. */
  readonly isWanted: (transmit: Protocol.Transmit) => boolean
  /** Told when the system has taken something. */
  readonly onSent: () => void
}

type Write = Effect.Effect<void, DatagramSocket.DatagramSocketError>

/** Writes a round. */
export const sendAll = (self: Sending, round: Outbox.Round): Write => {
  if (round.length === 1) return send(self, round[0]!)
  const addresses = addressesOf(self.networkInterface(), round)
  if (addresses === undefined) return sendEach(self, round)
  const writes = batchesOf(round).map((batch) => sendBatch(self, batch, addresses))
  const written = Sockets.eachInTime(writes, self.patience)
  // whatever outlives them, such as a fiber that waited for them, keeps no datagrams alive
  return Effect.map(written, () => void (writes.length = 0))
}

// Answers apart, for a batch tells of the first failure only: one to an address that is not there would hide that others cannot be sent either.
const batchesOf = (round: Outbox.Round): ReadonlyArray<Arr.NonEmptyArray<Protocol.Transmit>> =>
  Arr.isReadonlyArrayNonEmpty(round)
    ? Arr.groupWith(round, (one, other) => isAddress(one.to) === isAddress(other.to)).flatMap(Sockets.inBatches)
    : []

type Addresses = ReadonlyMap<Protocol.Transmit["to"], NetAddress.InetAddress>

/** Where all of it goes; `undefined` when some of it goes to several addresses, of which one is enough. */
const addressesOf = (
  networkInterface: NetworkInterface.NetworkInterface,
  round: Outbox.Round
): Addresses | undefined => {
  const addresses = new Map<Protocol.Transmit["to"], NetAddress.InetAddress>()
  for (const { to } of round) {
    if (addresses.has(to)) continue
    const [first, ...more] = destinations(networkInterface, to)
    if (first === undefined || more.length > 0) return undefined
    addresses.set(to, first)
  }
  return addresses
}

const sendBatch = (
  self: Sending,
  batch: Arr.NonEmptyReadonlyArray<Protocol.Transmit>,
  addresses: Addresses
): Write => {
  const write = Effect.suspend(() => {
    const datagrams: Array<DatagramSocket.OutgoingDatagram> = []
    for (const transmit of batch) {
      if (self.isWanted(transmit)) datagrams.push(new Outgoing(transmit.payload, addresses.get(transmit.to)!))
    }
    return Arr.isArrayNonEmpty(datagrams) ? Effect.map(self.writer.writeAll(datagrams), self.onSent) : Effect.void
  })
  return Effect.andThen(obstacles, forgiving(batch[0], write))
}

/** Whether something goes to one address, as answers do, and not to an endpoint. */
export const isAddress = (to: Protocol.Transmit["to"]): to is NetAddress.InetAddress => "address" in to

// What one address cannot be told says nothing of the socket: anybody can make us answer one that is not there.
const forgiving = (transmit: Protocol.Transmit, write: Write): Write =>
  isAddress(transmit.to)
    ? Effect.catchIf(write, ({ reason }) => reason._tag === "DatagramSocketWriteError", () => Effect.void)
    : write

// Many live at once, and V8 would soon make object literals of which that is true where only a collection of the whole heap ends them.
class Outgoing implements DatagramSocket.OutgoingDatagram {
  readonly payload: Uint8Array
  readonly address: NetAddress.InetAddress

  constructor(payload: Uint8Array, address: NetAddress.InetAddress) {
    this.payload = payload
    this.address = address
  }
}

// at once, as far as a slow link keeps up with it: those beside one that hangs do not wait for it
const sendEach = (self: Sending, round: Outbox.Round): Write =>
  Effect.flatMap(
    together(round.map((transmit) => send(self, transmit))),
    (exits) => exits.find(Exit.isFailure) ?? Effect.void
  )

const send = (self: Sending, transmit: Protocol.Transmit): Write => {
  const [first, ...more] = destinations(self.networkInterface(), transmit.to).map((address) =>
    sendTo(self, transmit, address)
  )
  if (first === undefined) return Effect.void
  // one of several broadcast addresses is enough
  return more.length === 0 ? first : Effect.flatMap(
    together([first, ...more]),
    (exits) => exits.find(Exit.isSuccess) ?? exits[0]!
  )
}

const sendTo = (self: Sending, transmit: Protocol.Transmit, address: NetAddress.InetAddress): Write => {
  const { isWanted, onSent, patience, writer } = self
  const write = Effect.suspend(() =>
    isWanted(transmit) ? Effect.map(writer.write({ payload: transmit.payload, address }), onSent) : Effect.void
  )
  return Sockets.eachInTime([Effect.andThen(obstacles, forgiving(transmit, write))], patience)
}

const together = (writes: ReadonlyArray<Write>) =>
  Effect.forEach(writes, (write) => Effect.exit(write), { concurrency: Sockets.mostAtOnce })

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
