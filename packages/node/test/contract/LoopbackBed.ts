/**
 * The bed of the network contract on the loopback interface of this machine: one host, in this process.
 *
 * It lets nothing out: what a socket is asked that could reach another interface is refused before the system hears of it.
 */
import type { Network } from "@effect-discovery/core"
import { NodeNetwork } from "@effect-discovery/node"
import { type ContractBed, NetworkContract } from "@effect-discovery/testing"
import { Effect, type Scope } from "effect"
import { NetAddress } from "effect/net"
import { DatagramSocket } from "effect/socket"
import { networkInterfaces } from "node:os"
import * as Quiet from "./Quiet.ts"
import { Settling } from "./Settling.ts"

/** Builds the bed; it goes with the scope. */
export const make: Effect.Effect<ContractBed.Bed, never, Scope.Scope> = Effect.gen(function*() {
  const settling = new Settling((self) => Quiet.until(() => self.arrivals))
  const network = settling.watch(confined(yield* NodeNetwork.make()))
  const { settle } = settling
  const h1 = NetworkContract.fromNetwork({ name: "h1", network, settle })
  let port = firstPort
  return {
    name: "loopback",
    tier: "t1",
    capabilities,
    host: (name) => {
      if (name !== "h1") throw new Error(`there is no ${name} on the loopback interface`)
      return h1
    },
    settle,
    port: Effect.sync(() => (port = port === 32_767 ? 20_000 : port + 1)),
    reset: Effect.void
  }
})

const isPrivileged = process.getuid?.() === 0

const hasIpv6 = Object.values(networkInterfaces()).flat().some((entry) => entry?.address === "::1")

/** What it can do. */
export const capabilities: ReadonlySet<ContractBed.Capability> = new Set<ContractBed.Capability>([
  "network",
  isPrivileged ? "privileged" : "unprivileged",
  ...(hasIpv6 ? ["ipv6" as const] : [])
])

// below the ports that systems choose from, and apart from those of tests in other processes
const firstPort = 20_000 + (process.pid * 61) % 12_000

/** The same network, for which there is only the loopback interface. */
const confined = (network: Network.Network["Service"]): Network.Network["Service"] => ({
  interfaces: network.interfaces,
  open: (options) => {
    if (options.connect !== undefined) check(options.connect.address, options)
    return Effect.map(network.open(options), (socket) =>
      DatagramSocket.make({
        reader: Effect.map(socket.reader, confinedReader),
        writer: Effect.map(socket.writer, (writer) => confinedWriter(writer, options))
      }))
  }
})

const confinedReader = (reader: DatagramSocket.Reader): DatagramSocket.Reader => ({
  pull: reader.pull,
  get address() {
    return reader.address
  },
  dropped: reader.dropped,
  joinMulticast: (options) => {
    if (!isOnLoopback(options.group, options.interface) && !isNobodys(options.interface)) {
      throw new Error(`a group is joined on ${String(options.interface)}`)
    }
    return reader.joinMulticast(options)
  }
})

const confinedWriter = (writer: DatagramSocket.Writer, options: Network.OpenOptions): DatagramSocket.Writer => {
  const checkAll = (datagrams: ReadonlyArray<DatagramSocket.OutgoingDatagram>) => {
    for (const { address } of datagrams) {
      if (NetAddress.isInetAddress(address)) check(address.address, options)
    }
  }
  return {
    write: (datagram) => {
      checkAll([datagram])
      return writer.write(datagram)
    },
    writeAll: (datagrams) => {
      checkAll(datagrams)
      return writer.writeAll(datagrams)
    }
  }
}

const check = (destination: NetAddress.IpAddress, options: Network.OpenOptions): void => {
  if (staysHere(unmapped(destination), options)) return
  throw new Error(`a datagram to ${NetAddress.formatIp(destination)} could leave the machine`)
}

/** Whether the system either keeps it on the loopback interface, or refuses to send it. */
const staysHere = (address: NetAddress.IpAddress, options: Network.OpenOptions): boolean => {
  const { bind, family, multicast } = options
  if (NetAddress.isLoopback(address) || NetAddress.isUnspecified(address)) return true
  if (NetAddress.isMulticast(address)) {
    const isRouted = multicast === undefined || isUnset(multicast.interface)
    // else it leaves by the interface of the address that the socket is bound to (rule 67)
    const isBoundHere = isRouted && NetAddress.isIpv4Address(address) && isLoopback4(bind.address)
    return isBoundHere || isOnLoopback(address, multicast?.interface)
  }
  // refused, for the source (UDP semantics, rule 29) or for the family (rule 32)
  return isLoopback4(bind.address) || (family === "IPv4" && NetAddress.isIpv6Address(address))
}

const isLoopback4 = (address: NetAddress.IpAddress | undefined): boolean =>
  address !== undefined && NetAddress.isIpv4Address(address) && NetAddress.isLoopback(address)

const isUnset = (chosen: NetAddress.MulticastInterface): boolean =>
  typeof chosen === "number" ? chosen === 0 : NetAddress.isUnspecified(chosen)

// for documentation (RFC 5737), so that no host has them, and the system refuses to join by them
const isNobodys = (chosen: NetAddress.MulticastInterface | undefined): boolean =>
  chosen !== undefined && typeof chosen !== "number" && NetAddress.formatIp(chosen).startsWith("198.51.100.")

// No IPv6 group: by the index of the loopback interface `node:dgram` takes the system's default interface (UDP semantics, rule 90).
const isOnLoopback = (group: NetAddress.IpAddress, chosen: NetAddress.MulticastInterface | undefined): boolean =>
  NetAddress.isIpv4Address(group) && typeof chosen !== "number" && isLoopback4(chosen)

const unmapped = (address: NetAddress.IpAddress): NetAddress.IpAddress => {
  const [, ipv4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(NetAddress.formatIp(address)) ?? []
  return ipv4 === undefined ? address : NetAddress.ipFromStringUnsafe(ipv4)
}
