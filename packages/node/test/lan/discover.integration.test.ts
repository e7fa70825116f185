import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import * as Child from "../support/Child.ts"
import * as Lan from "./Lan.ts"
import * as LanTest from "./LanTest.ts"

const node = join(import.meta.dirname, "../support/node.ts")
const cycles = join(import.meta.dirname, "../support/cycles.ts")
const linkLocal = join(import.meta.dirname, "../support/linkLocal.ts")

/** Holds the port of the JSON beacons for itself. */
const holdPort = `require("node:dgram").createSocket("udp4").bind(9778, () => console.log("held"))`

/** Prints what is broadcast to an address on Syncthing's port. */
const hearBroadcast = `
require("node:dgram").createSocket({ type: "udp4", reuseAddr: true })
  .on("message", (message, { address }) => console.log(address + " " + message.toString("latin1").slice(8)))
  .bind(21025, process.argv[1], () => console.log("ready"))`

const nodeName = (): string => `${Child.uniqueName()}@lan`

/** Two hosts, and a watch on the first that listens already: some protocols announce only twice a minute. */
const watching = Effect.gen(function*() {
  const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host, Lan.Host]
  const name = nodeName()
  const watch = yield* first.discover("watch", "--json")
  yield* second.discover("advertise", "--protocol", "json", "--name", name, "--port", "4242")
  yield* watch.tells("discovered", `json:${name}`)
  return { first, second, watch, name, id: `json:${name}` }
})

LanTest.suite("on a LAN of network namespaces", undefined, () => {
  LanTest.test(
    "a node is found by every protocol, and its goodbye is heard",
    Effect.gen(function*() {
      const { second, watch } = yield* watching
      const name = nodeName()
      const node = yield* second.discover("advertise", "--name", name, "--port", "4242")
      const addressesBy = (protocol: string) =>
        Effect.map(watch.tells("discovered", `${protocol}:${name}`), ({ peer }) => peer["addresses"])

      assert.deepStrictEqual(yield* addressesBy("json"), ["10.77.0.2:4242"])
      assert.deepStrictEqual(yield* addressesBy("peerage"), ["10.77.0.2:45900"])
      assert.deepStrictEqual(yield* addressesBy("syncthing-v0"), ["10.77.0.2:4242"])
      yield* node.signal("SIGTERM")
      assert.strictEqual((yield* watch.tells("lost", `json:${name}`)).reason, "Goodbye")
    }),
    3
  )

  LanTest.test(
    "Syncthing's announcements go to the network's broadcast address and to 255.255.255.255",
    Effect.gen(function*() {
      const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
      const name = Child.uniqueName()
      const listeners = yield* Effect.forEach(
        ["10.77.0.255", "255.255.255.255"],
        (address) => first.start(process.execPath, "-e", hearBroadcast, address)
      )
      yield* Effect.forEach(listeners, (listener) => listener.prints(/ready/))
      yield* second.discover("advertise", "--protocol", "syncthing-v0", "--name", name, "--port", "4242")

      yield* Effect.forEach(listeners, (listener) => listener.prints(new RegExp(`^10.77.0.2 ${name}`, "m")))
    }),
    3
  )

  LanTest.test(
    "three hosts find each other",
    Effect.gen(function*() {
      const hosts = yield* Lan.Lan
      const name = nodeName()
      const watches = yield* Effect.forEach(hosts, (host) => host.discover("watch", "--json", "--protocol", "json"))
      yield* Effect.forEach(
        hosts,
        (host) => host.discover("advertise", "--protocol", "json", "--name", `${host.address}-${name}`, "--port", "1")
      )

      for (const watch of watches) {
        for (const { address } of hosts) {
          yield* watch.tells("discovered", `json:${address}-${name}`)
        }
      }
    }),
    3
  )

  LanTest.test(
    "peers are lost with the interface they were heard on, and found again with it",
    Effect.gen(function*() {
      const { first, id, watch } = yield* watching
      yield* Effect.acquireRelease(first.down, () => first.up)
      const { reason } = yield* watch.tells("lost", id)
      yield* first.up

      assert.strictEqual(reason, "InterfaceLost")
      yield* watch.tells("discovered", id, 2)
    }),
    3
  )

  LanTest.test(
    "a node whose interface goes down and up is found again",
    Effect.gen(function*() {
      const { id, second, watch } = yield* watching
      yield* Effect.acquireRelease(second.down, () => second.up)
      const { reason } = yield* watch.tells("lost", id)
      yield* second.up

      assert.strictEqual(reason, "Expired")
      yield* watch.tells("discovered", id, 2)
    }),
    3
  )

  LanTest.test(
    "a failed send restarts the session, says so, and has the interfaces looked at",
    Effect.gen(function*() {
      const [, , third] = (yield* Lan.Lan) as [Lan.Host, Lan.Host, Lan.Host]
      const child = yield* third.start(process.execPath, node, nodeName())
      yield* child.prints(/"interfaces":\["lo","eth0"\]/)
      yield* Effect.acquireRelease(third.down, () => third.up)

      yield* child.prints(
        /"_tag":"SessionRestarting","source":"json","interface":"eth0","message":"[^"]*ENETUNREACH/
      )
      yield* child.prints(/"interfaces":\["lo"\]/)
    }),
    3
  )

  LanTest.test(
    "groups are joined again on an interface that was replaced by another of the same name",
    Effect.gen(function*() {
      const { first, second, watch } = yield* watching
      yield* first.replace
      const name = nodeName()
      yield* second.discover("advertise", "--protocol", "peerage", "--name", name, "--port", "4242")

      yield* watch.tells("discovered", `peerage:${name}`)
    }),
    3
  )

  LanTest.test(
    "neither groups nor broadcast need a route",
    Effect.gen(function*() {
      const { first, second, watch } = yield* watching
      const restore = Effect.andThen(Effect.all([first.down, second.down]), Effect.all([first.up, second.up]))
      yield* Effect.acquireRelease(
        Effect.all([first.ip("route flush dev eth0"), second.ip("route flush dev eth0")]),
        () => restore
      )
      const name = nodeName()
      const advertise = yield* second.discover("advertise", "--name", name, "--port", "4242")

      for (const protocol of ["json", "peerage", "syncthing-v0"]) {
        yield* watch.tells("discovered", `${protocol}:${name}`)
      }
      assert.strictEqual(advertise.stderr(), "")
    }),
    3
  )

  LanTest.test(
    "nodes find each other on an IPv6 group of the link, by their link-local addresses",
    Effect.gen(function*() {
      const [first, second] = (yield* Lan.Lan) as [Lan.Host, Lan.Host]
      const ada = yield* first.start(process.execPath, linkLocal, "ada")
      const grace = yield* second.start(process.execPath, linkLocal, "grace")

      yield* ada.prints(/PeerDiscovered grace \[fe80::77:ff:fe00:2%\d+\]:7000/)
      yield* grace.prints(/PeerDiscovered ada \[fe80::77:ff:fe00:1%\d+\]:7000/)
      yield* grace.signal("SIGTERM")
      yield* ada.prints(/PeerLost grace/)
      assert.notInclude(ada.stdout(), "PeerDiscovered ada")
    }),
    3
  )

  LanTest.test(
    "a port that another program holds for itself is an error that says so",
    Effect.gen(function*() {
      const [first] = (yield* Lan.Lan) as [Lan.Host]
      const holder = yield* first.start(process.execPath, "-e", holdPort)
      yield* holder.prints(/held/)
      const watch = yield* first.discover("watch", "--json")

      assert.strictEqual(yield* watch.exit, 1)
      assert.strictEqual(watch.stdout(), "")
      assert.strictEqual(
        watch.stderr(),
        "discover: json cannot listen on 224.0.0.1:9778 (eth0): another program holds the port without sharing it. " +
          "Stop that program, or let it share the port (SO_REUSEADDR, on BSD and macOS SO_REUSEPORT).\n"
      )
    }),
    3
  )

  LanTest.test(
    "a host without a usable interface is an error that says what to do",
    Effect.gen(function*() {
      const [, , third] = (yield* Lan.Lan) as [Lan.Host, Lan.Host, Lan.Host]
      yield* Effect.acquireRelease(third.down, () => third.up)
      const watch = yield* third.discover("watch")

      assert.strictEqual(yield* watch.exit, 1)
      assert.strictEqual(
        watch.stderr(),
        "discover: No usable network interface is up (only lo). Connect to a network, or choose one of these with " +
          "--interface, such as --interface lo.\n"
      )
    }),
    3
  )

  LanTest.test(
    "a hundred times opened and closed, discovery leaves no membership behind",
    Effect.gen(function*() {
      const [, , third] = (yield* Lan.Lan) as [Lan.Host, Lan.Host, Lan.Host]
      const child = yield* third.start(process.execPath, cycles, "eth0", "100")

      assert.strictEqual(yield* child.exit, 0)
      const { after, before } = JSON.parse(child.stdout())
      assert.deepStrictEqual(after, before)
      assert.deepStrictEqual(after.memberships, ["010000E0"])
    }),
    3
  )
})
