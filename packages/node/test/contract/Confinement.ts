/**
 * A network that lets nothing out of the loopback interface of a real machine.
 *
 * What is not known to stay, by the socket's own options and whatever the machine's routes are, is refused before the system hears of it.
 * It does not count on the system to refuse: that can be set otherwise (`route_localnet`), and differs among systems.
 */
import type { Network } from "@effect-discovery/core"
import { Effect } from "effect"
import { NetAddress } from "effect/net"
import { DatagramSocket } from "effect/socket"
import { networkInterfaces } from "node:os"

type Service = Network.Network["Service"]
type Multicast = Network.OpenOptions["multicast"]

/** The same network, for which there is only the loopback interface. */
export const confine = (network: Service): Service => ({
  interfaces: network.interfaces,
  open: (asked) => {
    // as it is now, whatever becomes of what was handed over
    const options = {
      ...asked,
      ...(asked.multicast === undefined ? {} : { multicast: { ...asked.multicast } })
    }
    if (options.connect !== undefined) check(options.connect.address, options.multicast)
    return Effect.map(network.open(options), (socket) =>
      DatagramSocket.make({
        reader: Effect.map(socket.reader, confineReader),
        writer: Effect.map(socket.writer, (writer) => confineWriter(writer, options))
      }))
  }
})

const confineReader = (reader: DatagramSocket.Reader): DatagramSocket.Reader => ({
  pull: reader.pull,
  get address() {
    return reader.address
  },
  dropped: reader.dropped,
  joinMulticast: (options) => {
    if (!isJoinKept(options.group, options.interface)) {
      throw new Error(`a group is joined on ${String(options.interface)}`)
    }
    return reader.joinMulticast(options)
  }
})

const confineWriter = (writer: DatagramSocket.Writer, options: Network.OpenOptions): DatagramSocket.Writer => {
  const checkAll = (datagrams: ReadonlyArray<DatagramSocket.OutgoingDatagram>) => {
    for (const { address } of datagrams) {
      // without an address it goes to the peer, which was looked at, or is refused for want of one
      if (address === undefined) continue
      if (!NetAddress.isInetAddress(address)) throw new Error("a datagram to what is no address of the internet")
      check(address.address, options.multicast)
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

const check = (destination: NetAddress.IpAddress, multicast: Multicast): void => {
  if (isKept(unmapped(destination), multicast)) return
  throw new Error(`a datagram to ${NetAddress.formatIp(destination)} could leave the machine`)
}

// The unspecified address is the host itself (UDP semantics, rule 28). No IPv6 group stays: by the index of the loopback interface
// `node:dgram` takes the system's default interface (rule 90).
const isKept = (address: NetAddress.IpAddress, multicast: Multicast): boolean =>
  NetAddress.isLoopback(address) || NetAddress.isUnspecified(address) ||
  (isGroup4(address) && isLoopback4(multicast?.interface))

const isJoinKept = (group: NetAddress.IpAddress, chosen: NetAddress.MulticastInterface | undefined): boolean =>
  NetAddress.isIpv4Address(group) && (isLoopback4(chosen) || isNobodys(chosen))

const isGroup4 = (address: NetAddress.IpAddress): boolean =>
  NetAddress.isIpv4Address(address) && NetAddress.isMulticast(address)

const isLoopback4 = (chosen: NetAddress.MulticastInterface | undefined): boolean =>
  chosen !== undefined && typeof chosen !== "number" && NetAddress.isIpv4Address(chosen) &&
  NetAddress.isLoopback(chosen)

// for documentation (RFC 5737); the system refuses to join by an address that the machine does not have
const isNobodys = (chosen: NetAddress.MulticastInterface | undefined): boolean => {
  if (chosen === undefined || typeof chosen === "number") return false
  const address = NetAddress.formatIp(chosen)
  return /^198\.51\.100\.\d+$/.test(address) &&
    !Object.values(networkInterfaces()).flat().some((entry) => entry?.address === address)
}

const unmapped = (address: NetAddress.IpAddress): NetAddress.IpAddress => {
  const [, ipv4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(NetAddress.formatIp(address)) ?? []
  return ipv4 === undefined ? address : NetAddress.ipFromStringUnsafe(ipv4)
}
