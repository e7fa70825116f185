import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Play from "./support/Play.ts"
import { announce, ask, domain, nameOf, pointer, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const unicast = { questions: [{ ...pointer, unicast: true }] }
const groups = new Set(["224.0.0.251", "ff02::fb"])
const plain = (address: string) => address.replace(/%.*/, "")
const isToGroup = ({ destination }: Tap.Sent) => groups.has(destination.address) && destination.port === 5353

describe("where datagrams go", () => {
  row(
    "M-3-3 M-5.2-13 queries of a full querier go to the groups, from and to port 5353",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        yield* Subject.browse(us, type)
        for (const name of ["a.local", "A.LOCAL.", "a.b.c.local"]) yield* Subject.watchHost(us, name)
        yield* Effect.sleep("10 minutes")
        const queries = (yield* bench.sent()).filter(Tap.isQuery)

        for (const name of [domain, "a.local", "a.b.c.local"]) {
          assert.isTrue(queries.some(Tap.asks(name)), name)
        }
        assert.deepStrictEqual(queries.filter((query) => !isToGroup(query)).map(Tap.line), [])
        assert.deepStrictEqual(new Set(queries.map(({ source }) => source.port)), new Set([5353]))
        assert.deepStrictEqual(new Set(queries.map(({ destination }) => destination.address)), groups)
      }),
    { ipv6: true }
  )

  row("M-5.2-14 multicast answers are heard on every interface, in both families", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const browse = yield* Subject.browse(us, type)
      yield* Effect.sleep("5 seconds")
      const send = (instance: string, local: string, family: "IPv4" | "IPv6") =>
        bench.peer().send(announce(instance), { interface: local, family })
      yield* send("a", "eth0", "IPv4")
      yield* send("b", "eth0", "IPv6")
      yield* send("c", "eth1", "IPv4")
      yield* send("d", "eth1", "IPv6")
      yield* Effect.sleep("5 seconds")

      assert.deepStrictEqual(Subject.names(browse), ["a", "b", "c", "d"])
    }), { ipv6: true, segments: 2 })

  row(
    "M-6-14 M-6-16 M-6-17 M-6-18 responses go from 5353 to 5353 of the group, but for what is asked by unicast",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        yield* Subject.register(us, { instance: "ada", type, port: 80 })
        yield* Effect.sleep("5 seconds")
        const peer = bench.peer()
        for (let i = 0; i < 10; i++) {
          yield* peer.send(ask())
          yield* Effect.sleep("2 seconds")
        }
        const multicast = (yield* bench.sent()).filter(Tap.isResponse)
        yield* peer.send(ask(unicast))
        const [qu] = yield* bench.during(2_000)
        yield* peer.send(ask(), { to: "10.0.0.1" })
        const [direct] = yield* bench.during(2_000)
        yield* peer.send(ask(), { fromPort: 40_000 })
        const legacy = (yield* bench.during(2_000)).find(({ destination }) => destination.port === 40_000)

        assert.isAtLeast(multicast.length, 10)
        assert.deepStrictEqual(multicast.filter((response) => !isToGroup(response)).map(Tap.line), [])
        for (const answer of [qu, direct]) {
          assert.deepStrictEqual(answer?.destination, { address: "10.0.0.2", port: 5353 })
        }
        assert.deepStrictEqual(legacy?.destination, { address: "10.0.0.2", port: 40_000 })
        const ports = (yield* bench.sent()).filter(Tap.isResponse).map(({ source }) => source.port)
        assert.deepStrictEqual(new Set(ports), new Set([5353]))
      })
  )

  row(
    "X-20 what is for one host leaves from our address on its subnet, wherever it asked from",
    (bench) =>
      Effect.gen(function*() {
        const ours = ["10.0.0.1", "10.9.0.1", "172.16.5.1"]
        for (const address of ours.slice(1)) yield* bench.host().interface("eth0").addAddress(`${address}/24`)
        const us = yield* Subject.start(bench)
        yield* Subject.register(us, { instance: "ada", type, port: 80 })
        yield* Effect.sleep("10 seconds")
        const askers = ["10.9.0.7", "10.0.0.7", "172.16.5.7", "10.9.0.200", "fd00::7", "fe80::7"]
        for (const from of askers) {
          const family = from.includes(":") ? "IPv6" : "IPv4"
          for (const [query, fromPort] of [[ask(unicast), 5353], [ask(), 40_000]] as const) {
            yield* bench.peer().send(query, { family, from, fromPort })
            const said = (yield* bench.during(2_000)).filter(({ isMulticast }) => !isMulticast)
            const subnet = from.slice(0, from.lastIndexOf(family === "IPv6" ? "::" : ".") + 1)

            assert.deepStrictEqual(
              said.map(({ destination, source }) => [
                plain(destination.address),
                destination.port,
                plain(source.address).startsWith(subnet),
                source.port
              ]),
              [[from, fromPort, true, 5353]]
            )
            if (family === "IPv4") assert.include(ours, said[0]!.source.address)
            yield* Effect.sleep("5 seconds")
          }
        }
      }),
    { ipv6: true }
  )

  row("M-6-15 a response from another port than 5353 is ignored", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const browse = yield* Subject.browse(us, type)
      yield* Effect.sleep("5 seconds")
      const octets = announce("ada")
      yield* bench.peer().send(octets, { fromPort: 40_000 })
      yield* Effect.sleep("5 seconds")
      assert.deepStrictEqual(Subject.names(browse), [])
      yield* bench.peer().send(octets)
      yield* Effect.sleep("5 seconds")

      assert.deepStrictEqual(Subject.names(browse), ["ada"])
      assert.strictEqual(yield* Subject.rejected(us), 1)
    }))
})

describe("the link", () => {
  row("M-11-1 S-A6 all that is sent has a ttl of 255, in both families", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const registered = yield* Subject.register(us, { instance: "ada", type, port: 80 })
      yield* Subject.browse(us, "_ipp._tcp")
      yield* Effect.sleep("5 seconds")
      for (const family of ["IPv4", "IPv6"] as const) {
        yield* bench.peer().send(ask(unicast), { family })
        yield* bench.peer().send(ask(), { family, fromPort: 40_000 })
        yield* Effect.sleep("2 seconds")
      }
      yield* registered.close
      yield* Effect.sleep("2 seconds")
      const sent = yield* bench.sent()

      assert.isAtLeast(sent.filter(({ isMulticast }) => !isMulticast).length, 4)
      assert.deepStrictEqual(new Set(sent.map(({ ttl }) => ttl)), new Set([255]))
    }), { ipv6: true })

  row(
    "M-11-2 S-A1 a response by unicast from off the link is ignored, one to the group is accepted wherever it is from",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const browse = yield* Subject.browse(us, type)
        yield* Effect.sleep("10 seconds")
        // what is asked anew is asked by QU
        yield* bench.host().interface("eth0").down
        yield* Effect.sleep("1 second")
        yield* bench.host().interface("eth0").up
        yield* Play.until(bench, ({ message }) => message.questions.some(({ unicast }) => unicast))
        yield* bench.peer().send(Play.reply("near"), { to: "10.0.0.1" })
        yield* bench.peer().send(Play.reply("far"), { to: "10.0.0.1", from: "203.0.113.9" })
        yield* bench.peer().send(Play.reply("odd"), { from: "192.0.2.9" })
        yield* Effect.sleep("5 seconds")

        assert.deepStrictEqual(Subject.names(browse), ["near", "odd"])
      })
  )

  row(
    "M-15.1-1 M-15.1-2 two of us on one host both hear the group, and the second does not ask for unicast",
    (bench) =>
      Effect.gen(function*() {
        const first = yield* Subject.start(bench)
        const one = yield* Subject.browse(first, type)
        yield* Effect.sleep("5 seconds")
        const since = yield* bench.now
        const second = yield* Subject.start(bench)
        const two = yield* Subject.browse(second, type)
        yield* Subject.browse(second, "_ipp._tcp")
        yield* Effect.sleep("200 millis")
        const asked = (yield* bench.sent({ since })).filter(Tap.asks(domain))
        yield* bench.peer().send(announce("ada"))
        yield* Effect.sleep("2 seconds")

        assert.deepStrictEqual([Subject.names(one), Subject.names(two)], [["ada"], ["ada"]])
        assert.isNotEmpty(asked)
        assert.deepStrictEqual(asked.filter(({ message }) => message.questions.some(({ unicast }) => unicast)), [])

        // everything is asked from the beginning then
        const woken = yield* bench.now
        yield* bench.host().pause("1 minute")
        yield* Effect.sleep("90 seconds")
        const again = (yield* bench.sent({ since: woken })).filter(Tap.asks("_ipp._tcp.local"))
        assert.isNotEmpty(again)
        assert.deepStrictEqual(again.filter(({ message }) => message.questions.some(({ unicast }) => unicast)), [])
      })
  )

  row(
    "M-15.2-1 two queriers at one address look like one: what either knows is not said again, the rest is",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        for (const instance of ["a", "b", "c"]) yield* Subject.register(us, { instance, type, port: 80 })
        yield* Effect.sleep("10 seconds")
        const known = (instance: string) => Wire.ptr(domain, nameOf(instance))
        const peer = bench.peer()
        yield* peer.send(Wire.query({ tc: 1, questions: [pointer], answers: [known("a")] }))
        yield* Effect.sleep("20 millis")
        yield* peer.send(Wire.query({ tc: 1, questions: [pointer] }))
        yield* Effect.sleep("20 millis")
        yield* peer.send(Wire.query({ answers: [known("b")] }))
        const answers = (yield* bench.during(2_000)).flatMap(({ message }) => message.answers.map(({ data }) => data))

        assert.include(answers, nameOf("c"))
        assert.strictEqual(answers.length, new Set(answers).size)
      })
  )

  row(
    "M-20-1 a host with both families asks and answers in both groups, and denies neither family",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "ada" })
        yield* Subject.register(us, { instance: "ada", type, port: 80 })
        yield* Subject.browse(us, "_ipp._tcp")
        yield* Effect.sleep("5 seconds")
        const before = yield* bench.sent()
        yield* bench.peer().send(Wire.query({ questions: [Wire.question("ada.local", "TXT")] }))
        const denial = Tap.recordsOf(yield* bench.during(2_000), "ada.local", "NSEC")[0]

        for (const group of groups) {
          const there = before.filter(({ destination }) => destination.address === group)
          assert.isTrue(there.some(Tap.tells(nameOf("ada"), "SRV")))
          assert.isTrue(there.some(Tap.asks("_ipp._tcp.local", "PTR")))
          for (const family of ["A", "AAAA"]) assert.isNotEmpty(Tap.recordsOf(there, "ada.local", family))
        }
        assert.includeMembers([...(denial!.data as { readonly rrtypes: ReadonlyArray<string> }).rrtypes], ["A", "AAAA"])
      }),
    { ipv6: true }
  )
})

describe("a host that browses for what it publishes", () => {
  row(
    "lists its own records as known, is not doubted for not answering itself, and keeps nobody from asking",
    (bench) =>
      Effect.gen(function*() {
        const other = yield* Subject.start(bench, { on: "them" })
        const browse = yield* Subject.browse(other, type)
        yield* Effect.sleep("10 seconds")
        const us = yield* Subject.start(bench, { on: "us" })
        yield* Subject.register(us, { instance: "ada", type, port: 80 })
        yield* Subject.browse(us, type)
        yield* Effect.sleep("1 minute")
        const lists = (yield* bench.sent({ host: "us" })).filter((sent) =>
          Tap.asks(domain)(sent) && sent.message.answers.some(({ data }) => data === nameOf("ada"))
        )
        yield* Effect.sleep("2 hours")

        assert.isNotEmpty(lists)
        assert.deepStrictEqual(browse.events.map(({ _tag }) => _tag), ["ServiceFound"])
      }),
    { hosts: ["us", "them"] }
  )
})
