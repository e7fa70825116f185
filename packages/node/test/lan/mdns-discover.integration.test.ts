/**
 * The `discover` command with real services.
 */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import * as Lan from "./Lan.ts"
import * as LanTest from "./LanTest.ts"
import * as Peer from "./peers/Peer.ts"

const type = "_http._tcp"

const unavailable = Peer.zeroconfUnavailable()
LanTest.suite("discover by mdns", unavailable, () => {
  LanTest.test(
    "advertise is seen, with a key without a value, and says goodbye",
    Effect.gen(function*() {
      const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
      const peer = yield* Peer.zeroconf(second, "peer")
      yield* peer.browse(type)
      const mdns = ["--protocol", "mdns", "--type", type]
      const txt = ["--txt", "path=/", "--txt", "flag", "--attribute", "role=leader"]
      const advertise = yield* first.discover("advertise", ...mdns, "--name", "My Blog", "--port", "8080", ...txt)

      assert.deepInclude(yield* peer.sees("My Blog"), { port: 8080, txt: { role: "leader", path: "/", flag: null } })
      yield* advertise.signal("SIGTERM")
      yield* peer.misses("My Blog")
      assert.strictEqual(yield* advertise.exit, 130)
    })
  )

  LanTest.test(
    "watch, types and resolve tell of a service",
    Effect.gen(function*() {
      const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
      const peer = yield* Peer.zeroconf(second, "peer")
      yield* peer.publish({ name: "Their Blog", type, port: 80, txt: { path: "/" } })
      yield* peer.published("Their Blog")
      const watch = yield* first.discover("watch", "--type", type, "--json")
      const types = yield* first.discover("types", "--json")
      const service = yield* first.discover("resolve", `Their Blog.${type}.local`)
      const host = yield* first.discover("resolve", "peer.local", "--json")
      const nobody = yield* first.discover("resolve", "nobody.local", "--timeout", "500ms")

      assert.deepInclude((yield* watch.tells("discovered", `mdns:their blog.${type}.local`)).peer, {
        name: "Their Blog",
        addresses: ["10.77.0.2:80"],
        attributes: { path: "/" },
        sources: ["mdns"]
      })
      assert.deepInclude(JSON.parse((yield* types.prints(/^.*\n/))[0]), { event: "discovered", type })
      assert.strictEqual(yield* service.exit, 0)
      assert.strictEqual(service.stdout(), `Their Blog ${type} peer.local:80 10.77.0.2:80 path=/\n`)
      assert.strictEqual(yield* host.exit, 0)
      assert.deepInclude(JSON.parse(host.stdout()), {
        event: "resolved",
        host: "peer.local",
        addresses: ["10.77.0.2"]
      })
      assert.strictEqual(yield* nobody.exit, 1)
      assert.match(
        nobody.stderr(),
        /^discover: Nobody on the local network has answered for nobody.local within 500 ms\./
      )
      yield* peer.leave
      yield* watch.tells("lost", `mdns:their blog.${type}.local`)
    })
  )
})
