import { Discovery, NetworkInterface } from "@effect-discovery/core"
import { Ppspp } from "@effect-discovery/core/protocol"
import { NodeNetwork } from "@effect-discovery/node"
import { NodeCrypto } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { NetAddress } from "effect/net"

const swarm = Ppspp.swarm({ id: "c89800bfc82ed01ed6e3bfd5408c51274491f7d4", hash: "sha-1" })
const bind = { interface: NetworkInterface.isLoopback }
const Platform = Layer.merge(NodeNetwork.layer(), NodeCrypto.layer)

describe("Ppspp on loopback", () => {
  it.live("discovers a worker, is told what it names, and hears its goodbye", () =>
    Effect.gen(function*() {
      const known = yield* Ppspp.worker({ swarm, bind })
      const other = yield* Ppspp.worker({ swarm, bind })
      yield* other.connect(known.endpoint.address)
      yield* Effect.repeat(Effect.tap(known.peers, () => Effect.sleep(10)), { until: (peers) => peers.length === 1 })
      const text = NetAddress.formatInet
      const source = Ppspp.source({ swarm, bind, bootstrap: [known.endpoint.address] })
      const events = Discovery.stream.pipe(
        Stream.tap((event) =>
          event._tag === "PeerUpdated" && event.peer.name === text(other.endpoint.address) ? other.close : Effect.void
        ),
        Stream.takeUntil(({ _tag }) => _tag === "PeerLost"),
        Stream.runCollect,
        Effect.timeout("10 seconds"),
        Effect.provide(Discovery.layer({ sources: [source] }))
      )
      const log = Array.from(yield* events, ({ _tag, peer }) =>
        `${_tag} ${peer.name} ${peer.attributes.get("named-by") ?? ""}`)

      const [bob, grace] = [text(known.endpoint.address), text(other.endpoint.address)]
      assert.deepStrictEqual(log.slice(0, 2), [`PeerDiscovered ${bob} `, `PeerDiscovered ${grace} ${bob}`])
      assert.strictEqual(log.at(-1), `PeerLost ${grace} `)
    }).pipe(Effect.scoped, Effect.provide(Platform)))

  it.live("has a URL that leads to the worker", () =>
    Effect.gen(function*() {
      const worker = yield* Ppspp.worker({ swarm, bind })
      const url = yield* Effect.fromOption(worker.endpoint.url)
      const { host, port, settings, swarm: id } = yield* Effect.fromResult(Ppspp.parseUrl(url))
      const guest = yield* Ppspp.worker({ swarm: Ppspp.swarm({ ...settings, id: id! }), bind })
      yield* guest.connect(NetAddress.inetAddressFromStringUnsafe(`${host}:${port}`))
      yield* Effect.repeat(Effect.tap(guest.peers, () => Effect.sleep(10)), { until: (peers) => peers.length === 1 })

      assert.deepStrictEqual((yield* guest.peers).map(({ address }) => address.port), [worker.endpoint.port])
    }).pipe(Effect.scoped, Effect.timeout("10 seconds"), Effect.provide(Platform)))
})
