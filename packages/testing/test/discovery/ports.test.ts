import { Announcement } from "@effect-discovery/core"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { NetAddress } from "effect/net"
import { start } from "../signed/support.ts"
import { discover, every } from "./every.ts"

describe("a port that is only known, or changes, after a node was announced", () => {
  it.effect.each(every.filter(({ hasPort }) => hasPort))("is told by $name at once", (each) =>
    Simulation.run(
      Effect.gen(function*() {
        const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
        const bob = yield* discover(lan, "bob", each)
        const ada = yield* discover(lan, "ada", each)
        const log: Array<string> = []
        yield* Stream.runForEach(bob.stream, ({ _tag, peer }) =>
          Effect.sync(() => {
            const ports = peer.addresses.filter(NetAddress.isInetAddressV4).map(({ port }) => port)
            log.push([_tag, ...new Set(ports)].join(" "))
          })).pipe(Effect.forkScoped({ startImmediately: true }))

        const advertisement = yield* ada.advertise(Announcement.update(each.announcement("ada"), { port: 7_100 }))
        yield* Effect.sleep("10 seconds")
        yield* advertisement.update({ port: 7_200 })
        yield* Effect.sleep("2 seconds")

        assert.strictEqual(log[0], "PeerDiscovered 7100")
        assert.strictEqual(log.at(-1), "PeerUpdated 7200")
      }),
      { start }
    ))
})
