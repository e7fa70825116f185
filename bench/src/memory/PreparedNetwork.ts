/**
 * A network whose sockets hand over batches that were prepared beforehand, as often as asked: nothing but what a session does with
 * them is left to be measured.
 */
import * as Network from "@effect-discovery/core/Network"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Stream from "effect/Stream"
import * as InMemoryNetwork from "./InMemoryNetwork.ts"

type Batch = NonEmptyReadonlyArray<DatagramSocket.Datagram>

/** The network as a layer, and the way to have batches taken in. */
export interface PreparedNetwork {
  readonly layer: Layer.Layer<Network.Network>
  /** Has `count` batches taken in, of these in turn; gives the nanoseconds it took. */
  readonly take: (batches: ReadonlyArray<Batch>, count: number) => Promise<number>
}

/** A network with one interface, 127.0.0.1/8, on which one source listens. */
export const make = (listeningPort: number): PreparedNetwork => {
  let next: () => Batch | undefined = () => undefined
  let wake = () => {}
  const pull = Effect.suspend((): Effect.Effect<Batch> => {
    const batch = next()
    return batch === undefined ? waiting : Effect.succeed(batch)
  })
  const waiting = Effect.callback<Batch>((resume) => {
    wake = () => resume(pull)
  })
  const open: Network.Network["Service"]["open"] = ({ bind }) =>
    Effect.succeed(socket(bind.port, bind.port === listeningPort ? pull : Effect.never))
  return {
    layer: Layer.succeed(Network.Network, {
      interfaces: Stream.concat(Stream.make([InMemoryNetwork.loopback]), Stream.never),
      open
    }),
    take: (batches, count) =>
      new Promise((resolve) => {
        let taken = 0
        const from = process.hrtime.bigint()
        next = () => {
          if (taken < count) return batches[taken++ % batches.length]
          resolve(Number(process.hrtime.bigint() - from))
          next = () => undefined
          return undefined
        }
        wake()
      })
  }
}

const socket = (port: number, pull: DatagramSocket.Reader["pull"]): DatagramSocket.DatagramSocket =>
  DatagramSocket.make({
    reader: Effect.succeed({
      pull,
      address: NetAddress.inetAddressFromNativeUnsafe("127.0.0.1", port),
      dropped: () => 0,
      joinMulticast: () => Effect.void
    }),
    writer: Effect.succeed({ write: () => Effect.void, writeAll: () => Effect.void })
  })

/** A datagram as the platform's sockets give it: the sender as text, parsed only when someone asks. */
export const datagram = (payload: Uint8Array, host: string): DatagramSocket.Datagram => new Received(payload, host)

class Received implements DatagramSocket.Datagram {
  readonly payload: Uint8Array
  readonly host: string
  readonly port = 40_000

  constructor(payload: Uint8Array, host: string) {
    this.payload = payload
    this.host = host
  }

  get address(): NetAddress.InetAddress {
    return NetAddress.inetAddressFromNativeUnsafe(this.host, this.port)
  }
}
