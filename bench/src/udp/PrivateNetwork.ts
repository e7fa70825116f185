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
import type * as Scope from "effect/Scope"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import type { Link } from "./Link.ts"

/** Node's network, on which every group of IPv4 is the link's destination and port. */
export const make = (link: Link): Effect.Effect<Network.Network["Service"], never, Scope.Scope> =>
  Effect.map(NodeNetwork.make(), (network) =>
    Network.Network.of({
      interfaces: network.interfaces,
      open: (options) =>
        Effect.map(network.open({ ...options, bind: bindTo(link, options.bind) }), (socket) => translate(link, socket))
    }))

/** The same as a layer. */
export const layer = (link: Link): Layer.Layer<Network.Network> => Layer.effect(Network.Network, make(link))

// Only who listens to the group is elsewhere: what is sent has to come from the real port, or it is no answer (RFC 6762, section 6).
const bindTo = (link: Link, bind: Network.OpenOptions["bind"]): Network.OpenOptions["bind"] =>
  bind.address !== undefined && isGroup(bind.address) ? { ...bind, address: groupOf(link), port: link.port } : bind

const isGroup = (address: NetAddress.IpAddress): boolean =>
  NetAddress.isIpv4Address(address) && NetAddress.isMulticast(address)

const groupOf = ({ destination }: Link) =>
  NetAddress.ipFromStringUnsafe(destination) as NetAddress.MulticastAddress<NetAddress.Ipv4Address>

const translate = (link: Link, socket: DatagramSocket.DatagramSocket): DatagramSocket.DatagramSocket => {
  const group = groupOf(link)
  const destination = NetAddress.inetAddressUnsafe(group, link.port)
  // a reply goes to whom it was written for
  const isForGroup = ({ address }: DatagramSocket.OutgoingDatagram): boolean =>
    address !== undefined && !("payload" in address) && isGroup(address.address)
  const readdress = (datagram: DatagramSocket.OutgoingDatagram): DatagramSocket.OutgoingDatagram =>
    isForGroup(datagram) ? { ...datagram, address: destination } : datagram
  return DatagramSocket.make({
    reader: Effect.map(socket.reader, (reader): DatagramSocket.Reader =>
      // all else is the reader's own
      Object.create(reader, {
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
