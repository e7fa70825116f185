import { assert } from "@effect/vitest"
import { Effect } from "effect"
import * as Lan from "./Lan.ts"
import * as LanTest from "./LanTest.ts"
import * as Peer from "./peers/Peer.ts"

const type = "_http._tcp"
const octets = { raw: "\u0000\u00ff=\u0080", empty: "", flag: null, path: "/" }
const text = { empty: "", path: "/" }

const unavailable = Peer.avahiUnavailable() ?? Peer.zeroconfUnavailable()
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

const peers = [
  { peer: "avahi", txt: octets },
  { peer: "bonjour", txt: text },
  { peer: "multicastDns", txt: octets }
] as const

LanTest.suite("the peers that we are judged by", unavailable, () => {
  for (const { peer, txt } of peers) {
    LanTest.test(
      `${peer} and python-zeroconf see each other`,
      Effect.gen(function*() {
        const { other, zeroconf } = yield* meet(Peer[peer], txt)

        assert.deepInclude(yield* other.sees("Of zeroconf"), { port: 81, txt: octets, host: "lan2.local" })
        yield* other.leave
        yield* zeroconf.misses("Of the other")
      })
    )
  }
})
