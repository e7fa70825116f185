/**
 * A host on the link that has no key: what it can send, it sends.
 */
import { Network } from "@effect-discovery/core"
import type { SimulatedHost, SimulatedNetwork } from "@effect-discovery/testing"
import { Effect } from "effect"
import { NetAddress } from "effect/net"

/** A socket of the host that sends to the group. */
export const open = Effect.fnUntraced(function*(
  host: SimulatedHost.SimulatedHost,
  group = "239.83.192.86",
  port = 21_077
) {
  const address = NetAddress.ipFromStringUnsafe(NetAddress.formatIp(host.address))
  const socket = yield* Network.Network.use((network) =>
    network.open({
      family: "IPv4",
      bind: { address, port: 0 },
      multicast: { interface: host.address, ttl: 1 }
    })
  ).pipe(Effect.provide(host.layer))
  yield* socket.reader
  const writer = yield* socket.writer
  const to = NetAddress.inetAddressUnsafe(NetAddress.ipFromStringUnsafe(group), port)
  return (payload: Uint8Array) => writer.write({ payload, address: to })
})

/** Everything that was sent on the link so far. */
export const recorded = (lan: SimulatedNetwork.SimulatedNetwork) =>
  Effect.map(lan.frames, (frames) => frames.map(({ payload }) => payload))
