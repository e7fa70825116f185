/**
 * A reflector between segments, as a bridge, an access point or `avahi-daemon` can be one: what hosts under test send to the groups it sends again,
 * octet by octet, on all segments.
 */
import { Network } from "@effect-discovery/core"
import type { SimulatedHost } from "@effect-discovery/testing"
import { Effect, Random } from "effect"
import { NetAddress } from "effect/net"
import type { DatagramSocket } from "effect/socket"
import type { Bench } from "./Bench.ts"
import { groups, indexOf } from "./Peer.ts"

/** How long it takes, in milliseconds, and how many copies it makes on each segment. */
export interface Options {
  readonly delay: readonly [from: number, to: number]
  readonly copies?: number | undefined
}

/** Runs until its scope closes; `name` is a peer of the bench that does nothing else. */
export const start = Effect.fnUntraced(function*(bench: Bench, name: string, options: Options) {
  const { host, send } = bench.peer(name)
  const locals = (yield* bench.lan.inspect).hosts.find((host) => host.name === name)!.interfaces
    .map(({ name }) => name).filter((name) => name !== "lo")
  const addresses = new Map<string, ReadonlyArray<string>>()
  for (const local of locals) addresses.set(local, yield* bench.addresses(name, local))
  const own = new Set(Array.from(addresses.values()).flat())

  const again = (payload: Uint8Array, family: NetAddress.IpFamily) =>
    Effect.forEach(
      Array.from({ length: options.copies ?? 1 }, () => locals).flat(),
      (local) =>
        Effect.forkScoped(Effect.gen(function*() {
          yield* Effect.sleep(yield* Random.nextBetween(...options.delay))
          yield* send(payload, { interface: local, family })
        })),
      { discard: true }
    )

  const hear = (family: NetAddress.IpFamily) =>
    Effect.gen(function*() {
      const reader = yield* listen(
        host,
        family,
        Array.from(addresses, ([local, all]) =>
          family === "IPv6"
            ? indexOf(local)
            : NetAddress.ipFromStringUnsafe(all.find((address) => !address.includes(":"))!) as NetAddress.Ipv4Address)
      )
      yield* Effect.forkScoped(Effect.forever(Effect.gen(function*() {
        for (const datagram of yield* reader.pull) {
          if (!own.has(NetAddress.formatHost(datagram.address))) yield* again(datagram.payload.slice(), family)
        }
      })))
    })

  for (const family of ["IPv4", "IPv6"] as const) {
    if (Array.from(own).some((address) => address.includes(":") === (family === "IPv6"))) yield* hear(family)
  }
})

const listen = (
  host: SimulatedHost.SimulatedHost,
  family: NetAddress.IpFamily,
  locals: ReadonlyArray<NetAddress.MulticastInterface>
) =>
  Effect.gen(function*() {
    const network = yield* Network.Network
    const socket = yield* network.open({ family, bind: { port: 5353 }, reuseAddress: true })
    const reader: DatagramSocket.Reader = yield* socket.reader
    const group = NetAddress.ipFromStringUnsafe(groups[family]) as NetAddress.MulticastAddress
    for (const local of locals) yield* reader.joinMulticast({ group, interface: local })
    return reader
  }).pipe(Effect.provide(host.layer))
