import { Announcement, Discovery, Endpoint, Peer, Source } from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Result } from "effect"
import { NetAddress } from "effect/net"

const beacon = (group: string) =>
  Source.fromProtocol(Beacon.make({
    name: "six",
    endpoint: Endpoint.multicast(group, 4000),
    interval: "5 seconds",
    encode: ({ name }) => Result.succeed(new TextEncoder().encode(name)),
    decode: (payload) => Result.succeed({ name: new TextDecoder().decode(payload) || "nobody", port: 7000 })
  }))

describe("an IPv6 group", () => {
  for (const [group, address] of [["ff02::1234", "[fe80::1%2]:7000"], ["ff05::1234", "[fd11::1]:7000"]] as const) {
    it.effect(`${group} is served from ${address}`, () =>
      Simulation.run(Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ ipv6: "fd11::/64" })
        const on = (host: string) =>
          Discovery.layer({ sources: [beacon(group)] }).pipe(Layer.provide(lan.host(host).layer))
        const ada = Discovery.advertise(Announcement.make({ name: "ada" })).pipe(
          Effect.andThen(Effect.never),
          Effect.scoped
        )
        yield* Effect.forkScoped(ada.pipe(Effect.provide(on("ada"))))
        yield* Effect.gen(function*() {
          yield* Effect.sleep("6 seconds")
          const peer = Option.getOrThrow(yield* Discovery.lookup(Peer.id("six", "ada")))

          assert.deepStrictEqual(peer.addresses.map(NetAddress.formatInet), [address])
        }).pipe(Effect.provide(on("grace")))
      })))
  }
})
