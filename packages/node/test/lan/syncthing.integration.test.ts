/**
 * What we and a real Syncthing see of each other.
 */
import { PeerKey } from "@effect-discovery/core"
import { Syncthing } from "@effect-discovery/core/protocol"
import { assert } from "@effect/vitest"
import { Clock, Effect, Schedule } from "effect"
import { spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type * as Child from "../support/Child.ts"
import * as Lan from "./Lan.ts"
import * as LanTest from "./LanTest.ts"
import type { Line } from "./peers/syncthing.ts"

const program = join(import.meta.dirname, "peers/syncthing.ts")

const unavailable = spawnSync("syncthing", ["--version"], { stdio: "ignore" }).status === 0
  ? undefined
  : "syncthing is not installed"

const linesOf = (stdout: string): ReadonlyArray<Line> =>
  stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Line)

const isListed = (listed: ReadonlyArray<string> | undefined, addresses: ReadonlyArray<string>): boolean =>
  listed !== undefined && (addresses.length === 0 || JSON.stringify(listed) === JSON.stringify(addresses))

/** A running Syncthing. */
const theirs = Effect.fnUntraced(function*(host: Lan.Host) {
  const child = yield* host.converse(process.execPath, program)
  const ready = (nth: number) =>
    child.finds(
      (stdout) => linesOf(stdout).flatMap((line) => line.tell === "ready" ? [line] : [])[nth - 1],
      `the ${nth}th start`
    )
  const { deviceId, myId } = yield* ready(1)
  return {
    id: myId,
    deviceId,
    restart: (port: number) => Effect.andThen(child.write(`${port}\n`), ready(2)),
    /** Waits until it lists a device at these addresses, or, without any, at whatever addresses. */
    lists: (id: string, ...addresses: ReadonlyArray<string>) =>
      child.finds(
        (stdout) =>
          linesOf(stdout).some((line) => line.tell === "devices" && isListed(line.devices[id], addresses)) || undefined,
        `lists ${id} at ${addresses.join()}`
      )
  }
})

const newId = (): string => Syncthing.deviceId(PeerKey.fromBytes(randomBytes(32)))

const by = ["--protocol", "syncthing"]

const watchOn = (host: Lan.Host) => host.discover("watch", "--json", ...by)

// as the system writes it down
const port = (21_027).toString(16).toUpperCase()

/** Waits until a program is there to hear announcements, or any other on its host. */
const listens = ({ pid }: Child.Child) =>
  Effect.sync(() => readFileSync(`/proc/${pid}/net/udp`, "utf8").includes(`:${port} `)).pipe(
    Effect.repeat({ until: (isBound) => isBound, schedule: Schedule.spaced("50 millis") })
  )

// Syncthing answers a device that is new to it, and else may have to be waited for
const advertise = (host: Lan.Host, id: string, port = 4_242) =>
  Effect.tap(
    host.discover("advertise", ...by, "--name", id, "--port", String(port)),
    (child) => child.prints(/Advertising/)
  )

/** What tells of a device in this state, the last of its announcements in either family included. */
const tells = (watch: Child.Child, id: string, isSo: (event: Child.Event) => boolean) =>
  watch.finds(
    (stdout) =>
      stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line) as Child.Event)
        .find((event) => event.peer.id === `syncthing:${id}` && isSo(event)),
    `tells of ${id}`
  )

const addressesOf = ({ peer }: Child.Event) => peer["addresses"] as ReadonlyArray<string>

const noIpv6 = (k: number): string => `addr del fe80::77:ff:fe00:${k}/64 dev eth0`
const noIpv4 = (k: number): string => `addr del 10.77.0.${k}/24 dev eth0`

const pair = Effect.map(Lan.Lan, (hosts) => hosts as [Lan.Host, Lan.Host])

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const from = yield* Clock.currentTimeMillis
    yield* effect
    return (yield* Clock.currentTimeMillis) - from
  })

LanTest.suite("we and Syncthing", unavailable, () => {
  LanTest.test(
    "we list it under the id that it gives itself, with its addresses in both families",
    Effect.gen(function*() {
      const [first, second] = yield* pair
      const watch = yield* watchOn(first)
      const { deviceId, id } = yield* theirs(second)
      yield* advertise(first, newId())
      const { peer } = yield* watch.tells("discovered", `syncthing:${id}`)

      assert.strictEqual(id, deviceId)
      assert.deepInclude(peer, { name: id, key: Syncthing.keyOf(id), authentication: "claimed" })
      assert.strictEqual(Syncthing.deviceId(Syncthing.keyOf(id)!), id)
      const both = yield* tells(watch, id, (event) => addressesOf(event).length === 2)
      assert.deepStrictEqual(addressesOf(both).map((address) => address.replace(/%\d+/, "")).toSorted(), [
        "10.77.0.2:22000",
        "[fe80::77:ff:fe00:2]:22000"
      ])
    })
  )

  LanTest.test(
    "it lists us by IPv4, and by our new address at once when we get another",
    Effect.gen(function*() {
      const [first, second] = yield* pair
      const id = newId()
      yield* first.ip(noIpv6(1))
      const them = yield* theirs(second)
      yield* advertise(first, id)

      yield* them.lists(id, "tcp://10.77.0.1:4242")
      yield* first.ip(`${noIpv4(1)}\naddr add 10.77.0.101/24 broadcast 10.77.0.255 dev eth0`)
      assert.isBelow(yield* timed(them.lists(id, "tcp://10.77.0.101:4242")), 20_000)
    })
  )

  LanTest.test(
    "it lists us by IPv6, and sees at once that we have started anew",
    Effect.gen(function*() {
      const [first, second] = yield* pair
      const id = newId()
      yield* first.ip(noIpv4(1))
      const them = yield* theirs(second)
      const child = yield* advertise(first, id)

      yield* them.lists(id, "tcp://[fe80::77:ff:fe00:1%25eth0]:4242")
      yield* child.signal("SIGKILL")
      yield* advertise(first, id, 4_343)
      assert.isBelow(yield* timed(them.lists(id, "tcp://[fe80::77:ff:fe00:1%25eth0]:4343")), 20_000)
    })
  )

  LanTest.test(
    "we see that it has started anew, with another address in place of the old one",
    Effect.gen(function*() {
      const [first, second] = yield* pair
      yield* second.ip(noIpv6(2))
      const watch = yield* watchOn(first)
      const them = yield* theirs(second)
      yield* advertise(first, newId())
      const { peer } = yield* watch.tells("discovered", `syncthing:${them.id}`)
      yield* them.restart(22_111)
      yield* advertise(first, newId())
      const { changed, peer: after } = yield* tells(watch, them.id, ({ event }) => event === "updated")

      assert.deepStrictEqual(changed, ["addresses", "attributes"])
      assert.deepStrictEqual(peer["addresses"], ["10.77.0.2:22000"])
      assert.deepStrictEqual(after["addresses"], ["10.77.0.2:22111"])
      const instanceOf = (attributes: unknown) => (attributes as { readonly instance: string }).instance
      assert.notStrictEqual(instanceOf(after["attributes"]), instanceOf(peer["attributes"]))
    })
  )

  LanTest.test(
    "S-A4 it answers us out of turn, and we answer it",
    Effect.gen(function*() {
      const [first, second, third] = (yield* Lan.Lan) as [Lan.Host, Lan.Host, Lan.Host]
      const [one, other] = [newId(), newId()]
      yield* advertise(first, one)
      const start = yield* Clock.currentTimeMillis
      const them = yield* theirs(second)
      yield* them.lists(one, "tcp://10.77.0.1:4242", "tcp://[fe80::77:ff:fe00:1%25eth0]:4242")
      // our next turn would have been 28.5 s after the first, which came before we said so
      assert.isBelow((yield* Clock.currentTimeMillis) - start, 27_000)

      const watch = yield* watchOn(third)
      yield* listens(watch)
      yield* advertise(third, other)
      const elapsed = yield* timed(watch.tells("discovered", `syncthing:${one}`))
      assert.isBelow(elapsed, 20_000)
      // it forgets to answer when it is just sending: then it is heard in its turn
      yield* watch.tells("discovered", `syncthing:${them.id}`)
    }),
    3
  )

  LanTest.test(
    "beside it on one host we go on by IPv6, and say so",
    Effect.gen(function*() {
      const [, second] = yield* pair
      const them = yield* theirs(second)
      const watch = yield* watchOn(second)
      yield* advertise(second, newId())

      yield* watch.tells("discovered", `syncthing:${them.id}`)
      yield* watch.prints(/syncthing on eth0 starts again.*broadcast:21027/, "stderr")
    })
  )
})
