/**
 * Node's network with one group and port put in the place of others: mDNS has a port and a group that nobody chooses, and on those a
 * benchmark would disturb, and be disturbed by, whoever else speaks it on this machine.
 *
 * Only opening, joining and sending are translated. What is received goes the way it always goes.
 */
import * as Network from "@effect-discovery/core/Network"
import * as NodeNetwork from "@effect-discovery/node/NodeNetwork"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import type { Link } from "./Link.ts"

/** What went through: datagrams that were dealt with, and datagrams that were sent to the group. */
export interface Traffic {
  received: number
  sent: number
}

/** Node's network, on which every group of IPv4 is the link's destination and port. With `traffic` it counts what goes through. */
export const layer = (link: Link, traffic?: Traffic): Layer.Layer<Network.Network> =>
  Layer.effect(
    Network.Network,
    Effect.map(NodeNetwork.make(), (network) =>
      Network.Network.of({
        interfaces: network.interfaces,
        open: (options) =>
          Effect.map(
            network.open({ ...options, ...counting(options, traffic), bind: bindTo(link, options.bind) }),
            (socket) => translate(link, socket, traffic)
          )
      }))
  )

// what is dealt with the moment it arrives is not read
const counting = ({ intercept }: Network.OpenOptions, traffic: Traffic | undefined) =>
  intercept && traffic && {
    intercept: (payload: Uint8Array, host: string, port: number): boolean => {
      if (!intercept(payload, host, port)) return false
      traffic.received++
      return true
    }
  }

// Only who listens to the group is elsewhere: what is sent has to come from the real port, or it is no answer (RFC 6762, section 6).
const bindTo = (link: Link, bind: Network.OpenOptions["bind"]): Network.OpenOptions["bind"] =>
  bind.address !== undefined && isGroup(bind.address) ? { ...bind, address: groupOf(link), port: link.port } : bind

const isGroup = (address: NetAddress.IpAddress): boolean =>
  NetAddress.isIpv4Address(address) && NetAddress.isMulticast(address)

const groupOf = ({ destination }: Link) =>
  NetAddress.ipFromStringUnsafe(destination) as NetAddress.MulticastAddress<NetAddress.Ipv4Address>

const translate = (
  link: Link,
  socket: DatagramSocket.DatagramSocket,
  traffic: Traffic | undefined
): DatagramSocket.DatagramSocket => {
  const group = groupOf(link)
  const destination = NetAddress.inetAddressUnsafe(group, link.port)
  // a reply goes to whom it was written for
  const isForGroup = ({ address }: DatagramSocket.OutgoingDatagram): boolean =>
    address !== undefined && !("payload" in address) && isGroup(address.address)
  const readdress = (datagram: DatagramSocket.OutgoingDatagram): DatagramSocket.OutgoingDatagram => {
    if (!isForGroup(datagram)) return datagram
    if (traffic !== undefined) traffic.sent++
    return { ...datagram, address: destination }
  }
  return DatagramSocket.make({
    reader: Effect.map(socket.reader, (reader): DatagramSocket.Reader =>
      // all else is the reader's own
      Object.create(reader, {
        ...(traffic && { pull: { value: counted(reader.pull, traffic) } }),
        joinMulticast: {
          value: (
            { interface: local }: { readonly interface?: NetAddress.MulticastInterface<NetAddress.Ipv4Address> }
          ) => reader.joinMulticast({ group, interface: local })
        }
      })),
    writer: Effect.map(socket.writer, (writer): DatagramSocket.Writer => ({
      write: (datagram) => Effect.suspend(() => writer.write(readdress(datagram))),
      writeAll: ([first, ...rest]) => Effect.suspend(() => writer.writeAll([readdress(first), ...rest.map(readdress)]))
    }))
  })
}

const counted = (pull: DatagramSocket.Reader["pull"], traffic: Traffic) =>
  Effect.map(pull, (batch) => {
    traffic.received += batch.length
    return batch
  })
