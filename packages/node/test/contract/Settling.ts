/**
 * Networks that know whether anything can be under way on them, so that nobody waits where nothing was done.
 */
import type { Network } from "@effect-discovery/core"
import { Effect } from "effect"
import { DatagramSocket } from "effect/socket"

/** What goes on, on one network or on several that belong together. */
export class Settling {
  /** How much has come: batches of datagrams, and errors. */
  arrivals = 0
  private isSettled = false
  private readonly wait: (self: Settling) => Effect.Effect<void>

  /** `wait` is how to wait where something was done. */
  constructor(wait: (self: Settling) => Effect.Effect<void>) {
    this.wait = wait
  }

  /** From now on something may be under way. */
  disturb(): void {
    this.isSettled = false
  }

  readonly settle: Effect.Effect<void> = Effect.suspend(() =>
    this.isSettled
      ? Effect.void
      : Effect.map(this.wait(this), () => {
        this.isSettled = true
      })
  )

  /** The same network, watched. */
  watch(network: Network.Network["Service"]): Network.Network["Service"] {
    const doing = <A, E, R>(self: Effect.Effect<A, E, R>) =>
      Effect.suspend(() => {
        this.disturb()
        return self
      })
    const arrived = () => void this.arrivals++
    return {
      interfaces: network.interfaces,
      open: (options) => {
        const onError = (error: DatagramSocket.DatagramSocketError) => {
          arrived()
          options.onError?.(error)
        }
        return Effect.map(network.open({ ...options, onError }), (socket) =>
          DatagramSocket.make({
            reader: Effect.map(doing(socket.reader), (reader) => ({
              pull: Effect.tap(reader.pull, () => Effect.sync(arrived)),
              get address() {
                return reader.address
              },
              dropped: reader.dropped,
              joinMulticast: (options) => doing(reader.joinMulticast(options))
            })),
            writer: Effect.map(socket.writer, ({ write, writeAll }) => ({
              write: (datagram) => doing(write(datagram)),
              writeAll: (datagrams) => doing(writeAll(datagrams))
            }))
          }))
      }
    }
  }
}
