/**
 * A peer of which every octet is written in the test: it sends what it is told from where it is told, and answers nothing by itself.
 */
import { Network } from "@effect-discovery/core"
import type { SimulatedHost } from "@effect-discovery/testing"
import { Effect, Scope } from "effect"
import { NetAddress } from "effect/net"
import type { DatagramSocket } from "effect/socket"

/**
 * How a datagram is sent. By default from 5353 of `eth0` to the group of `family`, IPv4, and port 5353.
 *
 * `from` is any address; one that the peer does not have it takes on first. `to` is the address of a host, for unicast.
 */
export interface Options {
  readonly family?: NetAddress.IpFamily | undefined
  readonly interface?: string | undefined
  readonly from?: string | undefined
  readonly fromPort?: number | undefined
  readonly to?: string | undefined
  readonly toPort?: number | undefined
}

export interface Peer {
  readonly host: SimulatedHost.SimulatedHost
  /** Its IPv4 address on `eth0`. */
  readonly address: string
  readonly send: (payload: Uint8Array, options?: Options) => Effect.Effect<void>
  /** Sends one datagram to the group from an IPv4 address and port of `eth0` that it has for this one alone: for tests with very many. */
  readonly pass: (payload: Uint8Array, from: string, fromPort?: number) => Effect.Effect<void>
}

/** The groups (RFC 6762, section 3). */
export const groups = { IPv4: "224.0.0.251", IPv6: "ff02::fb" } as const

/** The index of an interface of a host with none but the loopback interface and `eth0`, `eth1`, and so on. */
export const indexOf = (name: string): number => 2 + Number(name.slice(3))

type Writer = DatagramSocket.Writer

export const make = Effect.fnUntraced(function*(
  host: SimulatedHost.SimulatedHost,
  addressesOf: (local: string) => Effect.Effect<ReadonlyArray<string>>
) {
  const scope = yield* Effect.scope
  const writers = new Map<string, Writer>()

  const open = Effect.fnUntraced(function*(family: NetAddress.IpFamily, local: string, from: string, port: number) {
    if (!(yield* addressesOf(local)).includes(from)) yield* host.interface(local).addAddress(`${from}/24`)
    const address = NetAddress.ipFromStringUnsafe(from)
    const network = yield* Network.Network
    const socket = yield* network.open({
      family,
      bind: { address, port, scopeId: from.startsWith("fe80:") ? indexOf(local) : undefined },
      reuseAddress: true,
      multicast: {
        interface: family === "IPv4" ? address as NetAddress.Ipv4Address : indexOf(local),
        ttl: 255,
        loopback: false
      }
    })
    yield* socket.reader
    return yield* socket.writer
  })

  const writerOf = (family: NetAddress.IpFamily, local: string, from: string, port: number) =>
    Effect.suspend(() => {
      const key = `${local} ${from} ${port}`
      const known = writers.get(key)
      if (known !== undefined) return Effect.succeed(known)
      return open(family, local, from, port).pipe(
        Effect.provide(host.layer),
        Scope.provide(scope),
        Effect.tap((writer) => Effect.sync(() => writers.set(key, writer)))
      )
    })

  const send: Peer["send"] = (payload, options = {}) =>
    Effect.gen(function*() {
      const { family = options.to?.includes(":") === true ? "IPv6" : "IPv4", interface: local = "eth0" } = options
      const from = options.from ?? (yield* addressesOf(local)).find((address) =>
        family === "IPv4" ? !address.includes(":") : address.startsWith("fe80:")
      )!
      const writer = yield* writerOf(family, local, from, options.fromPort ?? 5353)
      yield* writer.write({ payload, address: destination(options, family, local) })
    }).pipe(Effect.orDie)

  const pass: Peer["pass"] = (payload, from, port = 5353) =>
    Effect.gen(function*() {
      const control = host.interface("eth0")
      yield* control.addAddress(`${from}/24`)
      const address = NetAddress.ipFromStringUnsafe(from) as NetAddress.Ipv4Address
      const network = yield* Network.Network
      const socket = yield* network.open({
        family: "IPv4",
        bind: { address, port },
        reuseAddress: true,
        multicast: { interface: address, ttl: 255, loopback: false }
      })
      yield* socket.reader
      yield* (yield* socket.writer).write({ payload, address: destination({}, "IPv4", "eth0") })
      yield* control.removeAddress(from)
    }).pipe(Effect.scoped, Effect.provide(host.layer), Effect.orDie)

  return { host, address: NetAddress.formatIp(host.address), send, pass } satisfies Peer
})

const destination = ({ to, toPort = 5353 }: Options, family: NetAddress.IpFamily, local: string) => {
  const address = to ?? groups[family]
  return /^(ff02|fe80):/.test(address)
    ? NetAddress.inetAddressFromNativeUnsafe(`${address}%${indexOf(local)}`, toPort)
    : NetAddress.inetAddressUnsafe(NetAddress.ipFromStringUnsafe(address), toPort)
}
