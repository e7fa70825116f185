import * as NetworkInterface from "@effect-discovery/core/NetworkInterface"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import type * as Os from "node:os"
import * as Interfaces from "../src/internal/Interfaces.ts"

const ipv4 = (address: string, cidr: string | null, netmask = "255.255.255.0"): Os.NetworkInterfaceInfo => ({
  address,
  netmask,
  family: "IPv4",
  mac: "02:00:00:00:00:01",
  internal: false,
  cidr
})

const ipv6 = (address: string, cidr: string, scopeid: number): Os.NetworkInterfaceInfo => ({
  address,
  netmask: "ffff:ffff:ffff:ffff::",
  family: "IPv6",
  mac: "02:00:00:00:00:01",
  internal: false,
  cidr,
  scopeid
})

const keys = (interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>) => interfaces.map(NetworkInterface.key)

describe("fromNode", () => {
  it("takes prefixes from the cidr and the index from the scope of a link-local address", () => {
    const interfaces = Interfaces.fromNode({
      eth0: [ipv4("10.0.0.1", "10.0.0.1/8"), ipv6("fd00::1", "fd00::1/64", 0), ipv6("fe80::1", "fe80::1/64", 3)]
    })

    assert.deepStrictEqual(keys(interfaces), ["eth0#3:10.0.0.1/8,fd00::1/64,fe80::1/64"])
    assert.isFalse(interfaces[0]?.isInternal)
  })

  it("asks for the index of an interface without a link-local address", () => {
    const interfaces = Interfaces.fromNode({ lo: [{ ...ipv4("127.0.0.1", "127.0.0.1/8"), internal: true }] }, () => 1)

    assert.deepStrictEqual(keys(interfaces), ["lo#1:127.0.0.1/8"])
    assert.isTrue(interfaces[0]?.isInternal)
  })

  it("counts the leading ones of a netmask that is no prefix", () => {
    const interfaces = Interfaces.fromNode({ eth0: [ipv4("10.0.0.1", null, "255.255.0.255")] })

    assert.deepStrictEqual(keys(interfaces), ["eth0#0:10.0.0.1/16"])
  })

  it("leaves out what has no address that can be read", () => {
    assert.deepStrictEqual(Interfaces.fromNode({ eth0: [], eth1: [ipv4("?", null)], eth2: undefined }), [])
  })
})

describe("reader", () => {
  it("gives the same value until something has changed", () => {
    let address = "10.0.0.1"
    let index = 4
    const read = Interfaces.reader(() => ({ eth0: [ipv4(address, `${address}/24`)] }), () => index)
    const before = read([])
    const again = read([])
    index = 5
    const renewed = read([])
    address = "10.0.0.2"

    assert.strictEqual(again, before)
    assert.deepStrictEqual(keys(renewed), ["eth0#5:10.0.0.1/24"])
    assert.deepStrictEqual(keys(read([])), ["eth0#5:10.0.0.2/24"])
  })

  it("tells which of those whose index it asks for is the loopback interface", () => {
    const asked: Array<readonly [string, boolean]> = []
    const lo = { ...ipv4("127.0.0.1", "127.0.0.1/8"), internal: true }
    const read = Interfaces.reader(
      () => ({ lo: [lo], eth0: [ipv4("10.0.0.1", "10.0.0.1/24")], eth1: [ipv6("fe80::1", "fe80::1/64", 3)] }),
      (...each) => asked.push(each)
    )
    read([])

    assert.deepStrictEqual(asked, [["lo", true], ["eth0", false]])
  })

  it.skipIf(process.platform !== "linux")("knows the index of the loopback interface without asking", () => {
    const loopback = Interfaces.reader()([]).find(NetworkInterface.isLoopback)
    const index = readFileSync(`/sys/class/net/${loopback?.name}/ifindex`, "utf8")

    assert.strictEqual(loopback?.index, Number(index))
  })

  it("gives what it is told to while the system does not list them", () => {
    const last = Interfaces.fromNode({ eth0: [ipv4("10.0.0.1", "10.0.0.1/24")] })
    const read = Interfaces.reader(() => {
      throw new Error("out of file descriptors")
    })

    assert.strictEqual(read(last), last)
  })
})

describe("watch", () => {
  const states = (...lists: ReadonlyArray<string>) => {
    let looks = 0
    const read = () => {
      const list = lists[Math.min(looks++, lists.length - 1)]!
      return Interfaces.fromNode({ eth0: [ipv4(list, `${list}/24`)] })
    }
    return { read, looks: () => looks }
  }

  const follow = (watcher: Interfaces.Watcher) => {
    const seen: Array<string> = []
    return Effect.map(
      Effect.forkScoped(
        Stream.runForEach(watcher.changes, (list) => Effect.sync(() => seen.push(...keys(list)))),
        { startImmediately: true }
      ),
      (fiber) => ({ seen, fiber })
    )
  }

  it.effect("emits the list at once, then only changes", () =>
    Effect.gen(function*() {
      const system = states("10.0.0.1", "10.0.0.1", "10.0.0.2")
      const { seen } = yield* follow(yield* Interfaces.watch(2_000, system.read))
      yield* Effect.yieldNow
      assert.deepStrictEqual(seen, ["eth0#0:10.0.0.1/24"])
      yield* TestClock.adjust("5 seconds")

      assert.deepStrictEqual(seen, ["eth0#0:10.0.0.1/24", "eth0#0:10.0.0.2/24"])
    }))

  it.effect("looks once for all who listen, and not while nobody does", () =>
    Effect.gen(function*() {
      const system = states("10.0.0.1")
      const watcher = yield* Interfaces.watch(2_000, system.read)
      const first = yield* follow(watcher)
      yield* TestClock.adjust("2100 millis")
      const second = yield* follow(watcher)
      yield* Effect.yieldNow
      assert.deepStrictEqual(second.seen, first.seen)
      assert.strictEqual(system.looks(), 2)
      yield* Fiber.interruptAll([first.fiber, second.fiber])
      yield* TestClock.adjust("1 minute")

      assert.strictEqual(system.looks(), 2)
    }))

  it.effect("X-16 takes no interface at all for a mistake until it sees that twice", () =>
    Effect.gen(function*() {
      const eth0 = Interfaces.fromNode({ eth0: [ipv6("fe80::1", "fe80::1/64", 2)] })
      const lists = [eth0, [], eth0, [], []]
      const watcher = yield* Interfaces.watch(2_000, () => lists.shift() ?? [])
      const seen: Array<number> = []
      yield* Effect.forkScoped(
        Stream.runForEach(watcher.changes, ({ length }) => Effect.sync(() => seen.push(length))),
        { startImmediately: true }
      )
      yield* TestClock.adjust("7 seconds")
      assert.deepStrictEqual(seen, [1])
      yield* TestClock.adjust("1 minute")

      assert.deepStrictEqual(seen, [1, 0])
    }))

  it.effect("looks ever less often while nothing changes, and hurries after a socket failed", () =>
    Effect.gen(function*() {
      const system = states("10.0.0.1")
      const watcher = yield* Interfaces.watch(undefined, system.read)
      yield* follow(watcher)
      yield* TestClock.adjust("2 minutes")
      const settled = system.looks()
      yield* TestClock.adjust("1 minute")
      const calm = system.looks() - settled
      yield* watcher.refresh
      yield* TestClock.adjust("4200 millis")

      assert.deepStrictEqual([calm, system.looks() - settled - calm], [2, 3])
    }))

  it.effect("has one timer between two looks", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.clockWith(Effect.succeed)
      let sleeps = 0
      const sleep: Clock.Clock["sleep"] = (duration) => Effect.suspend(() => (sleeps++, clock.sleep(duration)))
      yield* Effect.gen(function*() {
        yield* follow(yield* Interfaces.watch(1_000, states("10.0.0.1").read))
        yield* TestClock.adjust("10 seconds")
      }).pipe(Effect.provideService(Clock.Clock, { ...clock, sleep }))

      assert.strictEqual(sleeps, 11)
    }))

  it.effect("looks 100 ms after it was asked to", () =>
    Effect.gen(function*() {
      const watcher = yield* Interfaces.watch(3_600_000, states("10.0.0.1", "10.0.0.2").read)
      const { seen } = yield* follow(watcher)
      yield* TestClock.adjust("1 second")
      yield* watcher.refresh
      yield* TestClock.adjust("100 millis")

      assert.deepStrictEqual(seen, ["eth0#0:10.0.0.1/24", "eth0#0:10.0.0.2/24"])
    }))

  it.effect.skipIf(process.platform === "win32")(
    "knows only interfaces that have a link-local address, by which they are named",
    () =>
      Effect.gen(function*() {
        const interfaces = Interfaces.fromNode({
          lo: [ipv6("::1", "::1/128", 0)],
          eth0: [ipv6("fd11::1", "fd11::1/64", 0), ipv6("fe80::1", "fe80::1/64", 2)]
        }, () => 1)
        const { knows } = yield* Interfaces.watch(3_600_000, () => interfaces)

        assert.deepStrictEqual([knows(1), knows(2), knows(3)], [false, true, false])
      })
  )

  it.effect.skipIf(process.platform === "win32")(
    "sees at once that an interface went away",
    () =>
      Effect.gen(function*() {
        const eth0 = Interfaces.fromNode({ eth0: [ipv6("fe80::1", "fe80::1/64", 2)] })
        let interfaces = eth0
        const { isUp, knows } = yield* Interfaces.watch(3_600_000, () => interfaces)
        const before = [knows(2), isUp(2)]
        interfaces = []

        assert.deepStrictEqual([...before, knows(2), isUp(2), knows(2)], [true, true, true, false, false])
      })
  )

  it.effect("is not kept busy by a socket that fails all the time", () =>
    Effect.gen(function*() {
      const system = states("10.0.0.1")
      const watcher = yield* Interfaces.watch(3_600_000, system.read)
      yield* follow(watcher)
      yield* Effect.forkScoped(
        Effect.forever(Effect.andThen(watcher.refresh, Effect.sleep("1 millis"))),
        { startImmediately: true }
      )
      yield* TestClock.adjust("1 second")

      assert.isAtMost(system.looks(), 11)
    }))
})
