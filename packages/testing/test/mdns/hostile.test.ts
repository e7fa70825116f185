import { assert, describe } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { announce, ask, domain, goodbye, nameOf, pointer, service, type } from "./support/Play.ts"
import * as Reflector from "./support/Reflector.ts"
import { forSeeds, row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const noRename = (registered: Subject.Registered) =>
  assert.deepStrictEqual(registered.notices.filter(({ _tag }) => _tag === "Renamed"), [])

const printer = (port: number) => ({ instance: "ada", type, port })

describe("our own datagrams", () => {
  forSeeds(
    "X-1 echoed on every interface up to 2 s later, they never rename us",
    (bench) =>
      Effect.gen(function*() {
        yield* Reflector.start(bench, "peer", { delay: [0, 2_000] })
        const us = yield* Subject.start(bench)
        const registered = yield* Subject.register(us, printer(80))
        yield* Effect.sleep("10 seconds")
        // what was said of the version before comes back while there is another
        for (let version = 2; version < 6; version++) {
          yield* registered.update({ attributes: { version: String(version) } })
          yield* Effect.sleep("1200 millis")
        }
        yield* Effect.sleep("10 seconds")

        noRename(registered)
        assert.strictEqual(yield* registered.name, "ada")
        assert.strictEqual(registered.notices.at(-1)?._tag, "Registered")
        assert.isAtMost((yield* bench.sent()).length, 60)
      }),
    undefined,
    { segments: 2 },
    600_000
  )

  forSeeds(
    "X-5 a conflict from before our first probe is none, and a lost tie means to wait a second",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const registered = yield* Subject.register(us, printer(80))
        // with some seeds it goes out at once
        const isProbing = (yield* bench.sent()).some(Tap.isProbe)
        const stale = [Wire.srv(nameOf("ada"), "other.local", 9), Wire.txt(nameOf("ada"), ["old"])]
        if (!isProbing) {
          yield* bench.peer().send(Wire.response({ answers: stale }))
          yield* bench.peer().send(Wire.query({ questions: [Wire.question(nameOf("ada"), "ANY")], authorities: stale }))
        }
        yield* Effect.sleep("5 seconds")
        noRename(registered)

        const started = yield* bench.now
        const other = yield* Subject.register(us, { instance: "bob", type, port: 80 })
        while (!(yield* bench.sent({ since: started })).some(Tap.isProbe)) yield* Effect.sleep("1 millis")
        const tie = Wire.query({
          questions: [Wire.question(nameOf("bob"), "ANY")],
          authorities: [Wire.srv(nameOf("bob"), "zzz.local", 0xffff, { priority: 0xffff, flush: false })]
        })
        yield* bench.peer().send(tie)
        const lost = yield* bench.now
        yield* Effect.sleep("5 seconds")
        const next = (yield* bench.sent({ since: lost + 0.001 })).find(Tap.isProbe)

        noRename(other)
        assert.isAtLeast(next!.time - lost, 999)
        assert.isAtMost(next!.time - lost, 1_260)
      })
  )

  row("X-17 a wall clock that is set changes nothing that is sent", (bench) =>
    Effect.gen(function*() {
      const play = (host: string, jump: boolean) =>
        Effect.gen(function*() {
          const us = yield* Subject.start(bench, { on: host, host })
          yield* Subject.register(us, { instance: host, type, port: 80 })
          const browse = yield* Subject.browse(us, "_ipp._tcp")
          const name = "eve._ipp._tcp.local"
          yield* bench.peer().send(Wire.response({
            answers: [
              Wire.ptr("_ipp._tcp.local", name),
              Wire.srv(name, "eve.local", 631, { ttl: 4500 }),
              Wire.txt(name, []),
              Wire.a("eve.local", "10.0.0.3", { ttl: 4500 })
            ]
          }))
          yield* Effect.sleep("10 seconds")
          if (jump) yield* bench.host(host).clock.jump("365 days")
          yield* Effect.sleep("10 minutes")
          if (jump) yield* bench.host(host).clock.jump("-730 days")
          yield* Effect.sleep("20 minutes")
          assert.deepStrictEqual(Subject.names(browse), ["eve"])
          const sent = yield* bench.sent({ host })
          yield* Subject.close(us)
          return sent.length
        })
      const still = yield* play("us", false)
      const jumped = yield* play("them", true)

      assert.isAtMost(Math.abs(still - jumped), 2)
    }), { hosts: ["us", "them"] })
})

describe("traffic that others make us send", () => {
  row(
    "X-3 queries that never end are answered within a cap, from however many sources",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        yield* Subject.register(us, printer(80))
        yield* Effect.sleep("10 seconds")
        const started = yield* bench.now
        for (let i = 0; i < 20; i++) {
          yield* bench.peer().send(ask({ tc: 1 }))
          yield* Effect.sleep("300 millis")
        }
        const first = (yield* bench.sent({ since: started })).find(Tap.answers(domain, "PTR"))
        assert.isDefined(first)
        assert.isAtMost(first!.time - started, 2_500)

        const flooded = yield* bench.now
        for (let i = 0; i < 10_000; i++) {
          yield* bench.peer().pass(ask({ tc: 1 }), `10.0.${1 + (i >> 7)}.${1 + (i & 127)}`)
          // no faster than a link takes them
          if (i % 4 === 0) yield* Effect.sleep("1 millis")
        }
        yield* Effect.sleep("10 seconds")
        const answers = (yield* bench.sent({ since: flooded })).filter(Tap.answers(domain, "PTR"))
        yield* bench.peer().send(ask())
        const [after] = yield* bench.during(2_000)

        assert.strictEqual(yield* Subject.rejected(us), 0)
        assert.isAtMost(answers.length, 4)
        assert.isTrue(Tap.answers(domain, "PTR")(after!))
      })
  )

  row("X-18 a PTR that holds for a second is not asked for more than once in 10 s", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      yield* Subject.browse(us, type)
      yield* Effect.sleep("10 minutes")
      const since = yield* bench.now
      for (let i = 0; i < 240; i++) {
        yield* bench.peer().send(Wire.response({ answers: [Wire.ptr(domain, nameOf("ada"), { ttl: 1 })] }))
        yield* Effect.sleep("500 millis")
      }
      const asked = (yield* bench.sent({ since })).filter(Tap.asks(domain, "PTR"))

      assert.isAtMost(asked.length, 12)
    }))

  row(
    "X-24 an idle publisher sends nothing, and a browse costs 12 queries in the first hour and 40 in a day",
    (bench) =>
      Effect.gen(function*() {
        const publisher = yield* Subject.start(bench, { on: "us" })
        yield* Subject.register(publisher, printer(80))
        yield* Effect.sleep("1 minute")
        yield* bench.silence(24 * 3_600_000)
        const since = yield* bench.now
        const browser = yield* Subject.start(bench, { on: "them" })
        const browse = yield* Subject.browse(browser, type)
        yield* Effect.sleep("1 hour")
        const hour = (yield* bench.sent({ host: "them", since })).filter(Tap.isQuery).length
        yield* Effect.sleep("23 hours")
        const day = (yield* bench.sent({ host: "them", since })).filter(Tap.isQuery).length

        assert.deepStrictEqual(Subject.names(browse), ["ada"])
        assert.isAtMost(hour, 12)
        assert.isAtMost(day, 40)
      }),
    { hosts: ["us", "them"] }
  )
})

/** What a browser makes of a service after bad octets. */
const survives = (octets: ReadonlyArray<Uint8Array>) => (bench: Parameters<Parameters<typeof row>[1]>[0]) =>
  Effect.gen(function*() {
    const us = yield* Subject.start(bench)
    const registered = yield* Subject.register(us, printer(80))
    const browse = yield* Subject.browse(us, type)
    yield* Effect.sleep("5 seconds")
    for (const payload of octets) {
      yield* bench.peer().send(payload)
      yield* bench.peer().send(payload, { fromPort: 40_000 })
    }
    yield* Effect.sleep("5 seconds")
    yield* bench.peer().send(announce("good"))
    yield* Effect.sleep("5 seconds")
    yield* bench.peer().send(ask())
    const answers = yield* bench.during(2_000)

    noRename(registered)
    assert.isTrue(answers.some(Tap.answers(domain, "PTR")))
    assert.include(Subject.names(browse), "good")
    return browse
  })

const empty = new Uint8Array(0)

describe("what is malformed", () => {
  row("X-9 counts larger than the datagram cost nothing", (bench) =>
    Effect.gen(function*() {
      const counts = [0xffff, 0xffff, 0xffff, 0xffff] as const
      yield* survives(Array.from({ length: 500 }, (_, id) => Wire.encode({ id, qr: id % 2 as 0 | 1, counts })))(bench)
    }))

  row("X-10 data of no octets is skipped, and the record behind it is used", (bench) =>
    Effect.gen(function*() {
      const browse = yield* survives(
        (["A", "AAAA", "SRV", "PTR", "HINFO", "TXT", "NSEC"] as const).map((kind, i) =>
          Wire.response({ answers: [Wire.raw(nameOf(`bad${i}`), kind, empty), ...service(`behind${i}`)] })
        )
      )(bench)

      assert.strictEqual(Subject.names(browse).filter((name) => name.startsWith("behind")).length, 7)
    }))

  row(
    "X-11 labels with dots, NUL, escapes and backslashes are names like any other",
    (bench) =>
      Effect.gen(function*() {
        const odd = ["a.b", "a\\.b", "\\".repeat(63), "a\0b", "\\000", "*", " ", "'\"<>", "ü", "\u202e", "a\u0301"]
        const octets = odd.map((label, i) => {
          const name = [label, "_http", "_tcp", "local"]
          return Wire.response({
            answers: [
              Wire.ptr(domain, name),
              Wire.srv(name, `h${i}.local`, 80),
              Wire.txt(name, []),
              Wire.a(`h${i}.local`, "10.0.0.2")
            ]
          })
        })
        const rootOnly = Wire.response({ answers: [Wire.ptr(domain, ""), Wire.ptr("", domain), Wire.srv("", "", 1)] })
        const browse = yield* survives([...octets, rootOnly])(bench)

        assert.strictEqual(Subject.names(browse).length, odd.length + 1)
      })
  )

  row("X-12 a TXT of 100,000 octets of our own is an error value", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const attributes = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, "x".repeat(195)]))
      for (const allowLarge of [false, true]) {
        const refused = yield* Effect.flip(Subject.register(us, { ...printer(80), attributes, allowLarge }))
        assert.include(Subject.reasonOf(refused), "InvalidAnnouncement")
      }
      yield* bench.silence(5_000)
    }))
})

describe("interfaces", () => {
  row(
    "X-15 an interface that fails does not stop the others, and several addresses on one join once",
    (bench) =>
      Effect.gen(function*() {
        yield* bench.host().interface("eth0").addAddress("10.0.0.77")
        yield* bench.host().interface("eth1").down
        const us = yield* Subject.start(bench)
        yield* Subject.register(us, printer(80))
        const browse = yield* Subject.browse(us, type)
        yield* Effect.scoped(Effect.gen(function*() {
          yield* bench.lan.faults.failNext("us", "join", "ENOBUFS", { probability: 1 })
          yield* bench.host().interface("eth1").up
          yield* Effect.sleep("20 seconds")
          for (const local of ["eth0", "eth2"]) yield* bench.peer().send(announce(local), { interface: local })
          yield* Effect.sleep("5 seconds")
          assert.deepStrictEqual(Subject.names(browse), ["eth0", "eth2"])
          assert.include(us.diagnostics.map(({ _tag }) => _tag), "SessionRestarting")
        }))
        yield* Effect.sleep("3 minutes")
        yield* bench.peer().send(announce("eth1"), { interface: "eth1" })
        yield* Effect.sleep("5 seconds")
        const sockets = (yield* bench.lan.inspect).hosts.find(({ name }) => name === "us")!.sockets

        assert.deepStrictEqual(Subject.names(browse), ["eth0", "eth1", "eth2"])
        const joined = sockets.flatMap(({ memberships }) => memberships.map((membership) => membership.interface))
        assert.deepStrictEqual(joined.toSorted(), ["eth0", "eth1", "eth2"])
      }),
    { segments: 3 }
  )

  row(
    "X-16 a new interface is joined and announced on, one that is gone is left, the others are let alone",
    (bench) =>
      Effect.gen(function*() {
        yield* bench.host().interface("eth1").down
        const us = yield* Subject.start(bench)
        yield* Subject.register(us, printer(80))
        const browse = yield* Subject.browse(us, type)
        yield* Effect.sleep("10 minutes")
        const came = yield* bench.now
        yield* bench.host().interface("eth1").up
        yield* Effect.sleep("1 minute")
        const [old, added] = [
          yield* bench.sent({ since: came, interface: "eth0" }),
          yield* bench.sent({ since: came, interface: "eth1" })
        ]
        yield* bench.peer().send(announce("there"), { interface: "eth1" })
        yield* Effect.sleep("5 seconds")
        assert.deepStrictEqual(Subject.names(browse), ["there"])
        yield* bench.host().interface("eth1").remove
        yield* Effect.sleep("10 seconds")
        const gone = yield* bench.now
        yield* Effect.sleep("1 minute")

        assert.deepStrictEqual(old.filter(Tap.isResponse).map(Tap.line), [])
        assert.deepStrictEqual(old.filter(Tap.isProbe).map(Tap.line), [])
        assert.strictEqual(added.filter(Tap.isProbe).length, 3)
        assert.isAtLeast(added.filter(Tap.answers(nameOf("ada"), "SRV")).length, 2)
        assert.deepStrictEqual(Subject.names(browse), [])
        assert.deepStrictEqual((yield* bench.sent({ since: gone, interface: "eth1" })).map(Tap.line), [])
      }),
    { segments: 2 }
  )

  for (
    const [name, ways, options] of [
      ["two interfaces", [{ interface: "eth0" }, { interface: "eth1" }], { segments: 2 }],
      ["two families", [{ family: "IPv4" }, { family: "IPv6" }], { ipv6: true }]
    ] as const
  ) {
    row(`X-19 an instance on ${name} is found once, and lost with the last of them`, (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const browse = yield* Subject.browse(us, type)
        yield* Effect.sleep("5 seconds")
        for (const way of ways) yield* bench.peer().send(announce("ada"), way)
        yield* Effect.sleep("5 seconds")
        assert.deepStrictEqual(browse.events.filter(({ _tag }) => _tag === "ServiceFound").length, 1)
        yield* bench.peer().send(goodbye("ada"), ways[0])
        yield* Effect.sleep("5 seconds")
        assert.deepStrictEqual(Subject.names(browse), ["ada"])
        yield* bench.peer().send(goodbye("ada"), ways[1])
        yield* Effect.sleep("5 seconds")

        assert.deepStrictEqual(
          browse.events.map(({ _tag }) => _tag).filter((tag) => tag !== "ServiceUpdated"),
          ["ServiceFound", "ServiceLost"]
        )
      }), options)
  }

  row(
    "X-25 closed at any of 100 instants, there is no socket left, and a goodbye only for what was announced",
    (bench) =>
      Effect.gen(function*() {
        for (let i = 0; i < 100; i++) {
          const since = yield* bench.now
          const us = yield* Subject.start(bench)
          yield* Subject.register(us, printer(80))
          yield* Subject.browse(us, "_ipp._tcp")
          if (i % 3 === 0) yield* bench.peer().send(ask({ tc: 1 }))
          yield* Effect.sleep(i * 25)
          const exit = yield* Effect.exit(Subject.close(us))
          const closed = yield* bench.now
          const sent = yield* bench.sent({ since })
          const told = Tap.recordsOf(sent.filter(Tap.isResponse))
          const announced = new Set(told.filter(({ ttl }) => ttl > 0).map(({ name, type }) => `${name} ${type}`))
          const ended = told.filter(({ ttl }) => ttl === 0)
          const { sockets } = (yield* bench.lan.inspect).hosts.find(({ name }) => name === "us")!

          assert.isTrue(Exit.isSuccess(exit))
          assert.deepStrictEqual(sockets, [])
          assert.deepStrictEqual(ended.filter(({ name, type }) => !announced.has(`${name} ${type}`)), [])
          if (i > 80) assert.isNotEmpty(ended)
          yield* Effect.sleep("5 seconds")
          assert.deepStrictEqual((yield* bench.sent({ since: closed + 0.001 })).map(Tap.line), [])
        }
        assert.isDefined(pointer)
      })
  )
})
