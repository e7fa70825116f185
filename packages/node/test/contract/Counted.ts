/**
 * A network whose arrivals are counted, to tell when there are no more.
 */
import type { Network } from "@effect-discovery/core"
import { Effect } from "effect"
import { DatagramSocket } from "effect/socket"

/** The same network. `tell` is called for every arrival, of a batch of datagrams or of an error. */
export const make = (network: Network.Network["Service"], tell: () => void): Network.Network["Service"] => ({
  interfaces: network.interfaces,
  open: (options) => {
    const onError = (error: DatagramSocket.DatagramSocketError) => {
      tell()
      options.onError?.(error)
    }
    return Effect.map(network.open({ ...options, onError }), (socket) =>
      DatagramSocket.make({
        reader: Effect.map(socket.reader, (reader) => ({
          pull: Effect.tap(reader.pull, () => Effect.sync(tell)),
          get address() {
            return reader.address
          },
          dropped: reader.dropped,
          joinMulticast: reader.joinMulticast
        })),
        writer: socket.writer
      }))
  }
})
