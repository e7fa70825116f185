/**
 * What else there is on a network: neighbours that send too much, too far, too large and to nobody, for discovery to live beside.
 */
import { Network } from "@effect-discovery/core"
import type { PropertyState } from "@effect-discovery/testing"
import { Effect, Schedule, type Scope } from "effect"
import { NetAddress } from "effect/net"
import type { DatagramSocket } from "effect/socket"

const group = NetAddress.ipFromStringUnsafe("239.9.9.9") as NetAddress.MulticastAddress
// the first of the attic, one that there is not, and one to which no router knows the way
const somebody = NetAddress.ipFromStringUnsafe("10.22.0.1")
const nobody = NetAddress.ipFromStringUnsafe("10.22.0.77")
const nowhere = NetAddress.ipFromStringUnsafe("203.0.113.1")

/** A port whose sockets have little room, one whose sockets are connected to somebody else, and one of which all is eaten on the way. */
export const [crowded, taken, eaten] = [9000, 9001, 9002] as const
const small = new Uint8Array(100)
const large = new Uint8Array(1400)

type Letter = DatagramSocket.OutgoingDatagram

const to = (address: NetAddress.IpAddress, port: number, payload: Uint8Array): Letter => ({
  payload,
  address: NetAddress.inetAddressUnsafe(address, port)
})

const letters: ReadonlyArray<Letter> = [
  ...Array.from({ length: 8 }, () => to(group, crowded, large)),
  to(somebody, taken, small),
  to(group, eaten, small),
  to(nobody, 9, small),
  to(nowhere, 9, small)
]

const hear = Effect.fnUntraced(function*(network: Network.Network["Service"]) {
  const full = yield* network.open({
    family: "IPv4",
    bind: { port: crowded },
    reuseAddress: true,
    kernelReceiveBuffer: 4096
  })
  const reader = yield* full.reader
  yield* reader.joinMulticast({ group })
  yield* Effect.forkScoped(Effect.forever(reader.pull))
  const connected = yield* network.open({
    family: "IPv4",
    bind: { port: taken },
    connect: NetAddress.inetAddressUnsafe(nowhere, 9)
  })
  yield* connected.reader
})

const talk = Effect.fnUntraced(function*(network: Network.Network["Service"], ttl: number) {
  const socket = yield* network.open({
    family: "IPv4",
    bind: { port: 0 },
    multicast: { interface: 0, ttl }
  })
  yield* socket.reader
  const writer = yield* socket.writer
  const round = Effect.forEach(letters, (letter) => Effect.ignore(writer.write(letter)), { discard: true })
  yield* Effect.repeat(round, Schedule.spaced("1 second").pipe(Schedule.upTo({ duration: "20 seconds" })))
})

/** Runs beside the program of a host, for the first 20 seconds after each start; what it cannot do it leaves. */
export const run = (
  participant: PropertyState.Participant
): Effect.Effect<void, never, Network.Network | Scope.Scope> =>
  Effect.gen(function*() {
    const network = yield* Network.Network
    yield* Effect.forkScoped(Effect.ignore(hear(network)))
    // one that the router refuses, one that is too short for its threshold, and one that passes
    yield* Effect.forkScoped(Effect.ignore(talk(network, [1, 2, 9][participant.index % 3]!)))
  })
