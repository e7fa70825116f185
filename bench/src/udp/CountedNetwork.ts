/**
 * A network that counts what goes through it, at the cost of one call for each datagram. To ask who is known what was heard of them would leave the
 * collector more than all that is measured does.
 */
import type * as Network from "@effect-discovery/core/Network"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"

/** What went through: datagrams that were dealt with, and datagrams that were sent to groups. */
export interface Traffic {
  received: number
  sent: number
}

/** The network, and `traffic` in step with what goes through it. */
export const make = (network: Network.Network["Service"], traffic: Traffic): Network.Network["Service"] => ({
  interfaces: network.interfaces,
  open: (options) => Effect.map(network.open({ ...options, ...counting(options, traffic) }), counted(traffic))
})

// what is dealt with the moment it arrives is not read
const counting = ({ intercept }: Network.OpenOptions, traffic: Traffic) =>
  intercept && {
    intercept: (payload: Uint8Array, host: string, port: number, isSameTurn?: boolean): boolean => {
      if (!intercept(payload, host, port, isSameTurn)) return false
      traffic.received++
      return true
    }
  }

const counted = (traffic: Traffic) => (socket: DatagramSocket.DatagramSocket): DatagramSocket.DatagramSocket =>
  DatagramSocket.make({
    reader: Effect.map(socket.reader, (reader): DatagramSocket.Reader =>
      // all else is the reader's own
      Object.create(reader, { pull: { value: countedPull(reader.pull, traffic) } })),
    writer: Effect.map(socket.writer, (writer): DatagramSocket.Writer => ({
      write: (datagram) =>
        Effect.suspend(() => {
          count(datagram, traffic)
          return writer.write(datagram)
        }),
      writeAll: (datagrams) =>
        Effect.suspend(() => {
          for (const datagram of datagrams) count(datagram, traffic)
          return writer.writeAll(datagrams)
        })
    }))
  })

const countedPull = (pull: DatagramSocket.Reader["pull"], traffic: Traffic) =>
  Effect.map(pull, (batch) => {
    traffic.received += batch.length
    return batch
  })

const count = ({ address }: DatagramSocket.OutgoingDatagram, traffic: Traffic): void => {
  if (address !== undefined && !("payload" in address) && NetAddress.isMulticast(address.address)) traffic.sent++
}
