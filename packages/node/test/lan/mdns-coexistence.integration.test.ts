/**
 * Several mDNS programs on one host, which share the port; and what becomes of us when the network changes.
 */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import * as Lan from "./Lan.ts"
import * as LanTest from "./LanTest.ts"
import * as Peer from "./peers/Peer.ts"
import * as Tap from "./Tap.ts"

const type = "_http._tcp"

const unavailable = Peer.avahiUnavailable() ?? Peer.zeroconfUnavailable() ??
  Tap.unavailable()

const service = (name: string): Peer.Service => ({ name, type, port: 80, txt: { of: name } })

/** Everyone browses, publishes a service of this name, and has seen those of all others. */
const acquaint = (peers: Readonly<Record<string, Peer.Peer>>) =>
  Effect.gen(function*() {
    const entries = Object.entries(peers)
    yield* Effect.forEach(entries, ([name, peer]) => Effect.andThen(peer.browse(type), peer.publish(service(name))))
    yield* seeEachOther(peers)
    yield* Effect.forEach(entries, ([name, peer]) => peer.published(name))
  })

const seeEachOther = (peers: Readonly<Record<string, Peer.Peer>>) =>
  Effect.forEach(
    Object.entries(peers),
    ([own, peer]) =>
      Effect.forEach(Object.keys(peers).filter((name) => name !== own), (name) =>
        Effect.map(peer.sees(name), ({ txt }) => assert.deepStrictEqual(txt, { of: name })))
  )

/** How often services, and hosts, have taken another name. */
const renames = (...peers: ReadonlyArray<Peer.Peer>): number =>
  peers.flatMap((peer) => peer.told()).filter(({ tell }) => tell === "renamed").length +
  peers.filter((peer) => new Set(peer.told().flatMap((line) => line.tell === "host" ? [line.name] : [])).size > 1)
    .length

/** Holds the port of mDNS for itself. */
const holdPort = `require("node:dgram").createSocket("udp4").bind(5353, () => console.log("held"))`

LanTest.suite("mDNS programs that share a host", unavailable, () => {
  LanTest.test(
    "M-15.1-1 M-15.1-2 X-1 we beside avahi: each sees the other and a third host, and nobody renames",
    Effect.gen(function*() {
      const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
      const avahi = yield* Peer.avahi(first, "shared")
      const ours = yield* Peer.ours(first, "ours")
      const third = yield* Peer.zeroconf(second, "third")
      const questions = yield* Tap.questions(first)
      yield* acquaint({ avahi, ours, third })
      yield* ours.leave
      yield* avahi.misses("ours")
      yield* third.misses("ours")

      assert.strictEqual(renames(avahi, ours, third), 0)
      assert.isTrue(avahi.seen().has("third"))
      // an answer by unicast may reach only the other program (RFC 6762, section 15.1); Avahi asks for none either
      assert.deepStrictEqual(questions().filter(({ isUnicast }) => isUnicast), [])
    })
  )

  LanTest.test(
    "M-15.1-1 X-1 avahi that starts beside us: all see each other, and nobody renames",
    Effect.gen(function*() {
      const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
      const ours = yield* Peer.ours(first, "ours")
      const third = yield* Peer.ours(second, "third")
      yield* acquaint({ ours, third })
      const avahi = yield* Peer.avahi(first, "shared")
      yield* avahi.browse(type)
      yield* avahi.publish(service("avahi"))
      yield* seeEachOther({ avahi, ours, third })

      assert.strictEqual(renames(avahi, ours, third), 0)
    })
  )

  LanTest.test(
    "M-15.1-1 three of us, of which two share a host and one of these is killed",
    Effect.gen(function*() {
      const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
      const one = yield* Peer.ours(first, "one")
      const two = yield* Peer.ours(first, "two")
      const three = yield* Peer.ours(second, "three")
      yield* acquaint({ one, two, three })
      yield* two.kill
      yield* one.update("one", { txt: { of: "one", state: "new" } })
      yield* three.sees("one", ({ txt }) => txt["state"] === "new")

      assert.strictEqual(renames(one, two, three), 0)
    })
  )

  LanTest.test(
    "X-16 the interface goes down and up",
    Effect.gen(function*() {
      const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
      const ours = yield* Peer.ours(first, "ours")
      const other = yield* Peer.zeroconf(second, "other")
      yield* acquaint({ ours, other })
      yield* first.down
      yield* ours.misses("other")
      yield* other.update("other", { txt: { of: "other", state: "new" } })
      yield* first.up

      yield* ours.sees("other", ({ txt }) => txt["state"] === "new")
      assert.strictEqual(renames(ours), 0)
    })
  )

  LanTest.test(
    "M-8.4-2 a new address is announced, and the old one given up",
    Effect.gen(function*() {
      const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
      const ours = yield* Peer.ours(first, "ours")
      const other = yield* Peer.ours(second, "other")
      yield* acquaint({ ours, other })
      const move = (from: string, to: string) =>
        first.ip(`addr del ${from}/24 dev eth0
            addr add ${to}/24 broadcast 10.77.0.255 dev eth0
            route replace 224.0.0.0/4 dev eth0`)
      yield* Effect.acquireRelease(move("10.77.0.1", "10.77.0.101"), () => move("10.77.0.101", "10.77.0.1"))

      yield* other.sees(
        "ours",
        ({ addresses }) => addresses.includes("10.77.0.101") && !addresses.includes("10.77.0.1")
      )
      yield* ours.update("ours", { txt: { of: "ours", state: "new" } })
      yield* other.sees("ours", ({ txt }) => txt["state"] === "new")
      assert.strictEqual(renames(ours, other), 0)
    })
  )

  LanTest.test(
    "a port that another program holds for itself is an error that says so",
    Effect.gen(function*() {
      const [first] = (yield* Lan.Lan) as [Lan.Host]
      const holder = yield* first.start(process.execPath, "-e", holdPort)
      yield* holder.prints(/held/)
      const watch = yield* first.discover("watch", "--protocol", "mdns", "--type", type, "--json")

      assert.strictEqual(yield* watch.exit, 1)
      assert.strictEqual(watch.stdout(), "")
      assert.match(watch.stderr(), /^discover: mdns cannot listen on .*5353.*another program holds the port/)
    })
  )
})
