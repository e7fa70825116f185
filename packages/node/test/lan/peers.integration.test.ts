import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Lan from "./Lan.ts"
import * as Namespace from "./Namespace.ts"
import * as Peer from "./peers/Peer.ts"

const timeout = 60_000
const type = "_http._tcp"
const octets = { raw: "\u0000\u00ff=\u0080", empty: "", flag: null, path: "/" }
const text = { empty: "", path: "/" }

const unavailable = Namespace.unavailable ?? Peer.avahiUnavailable() ?? Peer.zeroconfUnavailable()
if (unavailable !== undefined) console.warn(`skipped, since ${unavailable}`)

/** python-zeroconf and another peer, which publish and, where it can, browse. */
const meet = Effect.fnUntraced(function*(start: Peer.Start, txt: Peer.Service["txt"]) {
  const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
  const other = yield* start(first, "lan1")
  const zeroconf = yield* Peer.zeroconf(second, "lan2")
  yield* other.browse(type)
  yield* zeroconf.browse(type)
  yield* other.publish({ name: "Of the other", type, port: 80, txt })
  yield* zeroconf.publish({ name: "Of zeroconf", type, port: 81, txt: octets })

  assert.deepInclude(yield* zeroconf.sees("Of the other"), { port: 80, txt, host: "lan1.local" })
  return { other, zeroconf }
})

describe.skipIf(unavailable !== undefined)("the peers that we are judged by", () => {
  layer(Lan.layer(2), { excludeTestServices: true, timeout })((it) => {
    it.effect.each(
      [
        { peer: "avahi", txt: octets },
        { peer: "bonjour", txt: text },
        { peer: "multicastDns", txt: octets }
      ] as const
    )("$peer and python-zeroconf see each other", ({ peer, txt }) =>
      Effect.gen(function*() {
        const { other, zeroconf } = yield* meet(Peer[peer], txt)

        assert.deepInclude(yield* other.sees("Of zeroconf"), { port: 81, txt: octets, host: "lan2.local" })
        yield* other.leave
        yield* zeroconf.misses("Of the other")
      }), timeout)

    it.effect("avahi and python-zeroconf see each other's updates", () =>
      Effect.gen(function*() {
        const { other: avahi, zeroconf } = yield* meet(Peer.avahi, text)
        yield* zeroconf.published("Of zeroconf")
        // what changes within a second of its last announcement goes unnoticed by Avahi
        yield* Effect.sleep("1100 millis")
        yield* avahi.update("Of the other", { txt: { new: "1" } })
        yield* zeroconf.update("Of zeroconf", { txt: { new: "2" } })

        yield* zeroconf.sees("Of the other", ({ txt }) => txt["new"] === "1")
        yield* avahi.sees("Of zeroconf", ({ txt }) => txt["new"] === "2")
      }), timeout)

    it.effect("ciao, which cannot browse, is seen by python-zeroconf", () =>
      Effect.gen(function*() {
        const { other, zeroconf } = yield* meet(Peer.ciao, text)
        yield* other.update("Of the other", { txt: { new: "1" } })
        yield* zeroconf.sees("Of the other", ({ txt }) => txt["new"] === "1")
        yield* other.leave
        yield* zeroconf.misses("Of the other")
      }), timeout)
  })
})
