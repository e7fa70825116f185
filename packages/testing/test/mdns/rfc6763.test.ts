/** DNS-based service discovery (RFC 6763): names, SRV, TXT, types and additional records. */
import { Attributes, TypedAttributes } from "@effect-discovery/core"
import { assert, describe } from "@effect/vitest"
import { Effect, Result, Schema, Stream } from "effect"
import { NetAddress } from "effect/net"
import type { Bench } from "./support/Bench.ts"
import * as Play from "./support/Play.ts"
import { domain, nameOf, type } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

const all = "_services._dns-sd._udp.local"

/** The library, and a browse of `type` that has asked its first question. */
const browsing = Effect.fnUntraced(function*(bench: Bench, options?: Parameters<typeof Subject.browse>[2]) {
  const us = yield* Subject.start(bench)
  const browse = yield* Subject.browse(us, type, options)
  yield* Effect.sleep("500 millis")
  return { us, browse, say: (...answers: ReadonlyArray<Wire.Record>) => bench.peer().send(Wire.response({ answers })) }
})

/** The library with a service that has been announced, and nothing more to say. */
const announced = Effect.fnUntraced(function*(bench: Bench, registration: Partial<Subject.Registration> = {}) {
  const us = yield* Subject.start(bench, { host: "us" })
  const registered = yield* Subject.register(us, { instance: "ada", type, port: 80, ...registration })
  yield* Effect.sleep("5 seconds")
  return { us, registered }
})

/** What is answered to questions. */
const asked = Effect.fnUntraced(function*(bench: Bench, ...questions: ReadonlyArray<Wire.Question>) {
  yield* bench.peer().send(Wire.query({ questions }))
  return (yield* bench.during(1_000)).filter(Tap.isResponse)
})

/** Why a service cannot be announced: the field, and nothing was sent. */
const refused = Effect.fnUntraced(function*(bench: Bench, registration: Partial<Subject.Registration>) {
  const us = yield* Subject.start(bench)
  const error = yield* Effect.flip(Subject.register(us, { type, port: 80, ...registration }))
  yield* bench.silence(5_000)
  return error.reason._tag === "InvalidAnnouncement" ? error.reason.field : error.reason._tag
})

describe("section 4: instances", () => {
  row("D-4-1 each pointer names an instance", (bench) =>
    Effect.gen(function*() {
      const { browse } = yield* browsing(bench)
      for (const instance of ["a", "b", "c"]) yield* bench.peer().send(Play.announce(instance))
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(browse.events.map(({ _tag, service }) => `${_tag} ${service.name}`), [
        "ServiceFound a",
        "ServiceFound b",
        "ServiceFound c"
      ])
    }))

  row(
    "D-4.1.1-1 control characters are refused in our names, and shown escaped in those of others",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        for (const code of [...Array(32).keys(), 0x7f]) {
          const error = yield* Effect.flip(
            Subject.register(us, { instance: `a${String.fromCharCode(code)}b`, type, port: 80 })
          )
          assert.strictEqual(error.reason._tag, "InvalidAnnouncement", `${code}`)
        }
        yield* bench.silence(5_000)

        const browse = yield* Subject.browse(us, type)
        yield* Effect.sleep("500 millis")
        const name = ["tab\t\0", "_http", "_tcp", "local"]
        yield* bench.peer().send(Wire.response({
          answers: [
            Wire.ptr(domain, name),
            Wire.srv(name, "h.local", 80),
            Wire.txt(name, []),
            Wire.a("h.local", "10.0.0.2")
          ]
        }))
        yield* Effect.sleep("1 second")
        assert.deepStrictEqual(Subject.names(browse), ["tab\\009\\000"])
      })
  )

  row("D-4.1.1-2 D-4.1.1-3 D-4.1.1-4 a name may be given, and need not be", (bench) =>
    Effect.gen(function*() {
      const { registered, us } = yield* announced(bench, { instance: "My Thing" })
      assert.strictEqual(yield* registered.name, "My Thing")

      const nameless = yield* Subject.register(us, { type: "_my-chat._tcp", port: 81 })
      yield* Effect.sleep("5 seconds")
      const name = yield* nameless.name
      assert.isAbove(name.length, 0)
      assert.notMatch(name, /[0-9a-f]{6,}/)
    }))

  row("D-4.1.1-5 two hosts with the same default settle it between them", (bench) =>
    Effect.gen(function*() {
      const names: Array<string> = []
      for (const on of ["us", "them"]) {
        const subject = yield* Subject.start(bench, { on })
        const registered = yield* Subject.register(subject, { type, port: 80 })
        yield* Effect.sleep("10 seconds")
        names.push(yield* registered.name)
      }

      assert.deepStrictEqual(names, ["http", "http (2)"])
    }), { hosts: ["us", "them"] })

  row("D-4.1.1-6 a name of 63 octets is cut at a character when it is renamed", (bench) =>
    Effect.gen(function*() {
      const instance = "€".repeat(21)
      const us = yield* Subject.start(bench, { on: "us" })
      const them = yield* Subject.start(bench, { on: "them" })
      yield* Subject.register(us, { instance, type, port: 80 })
      yield* Effect.sleep("5 seconds")
      const registered = yield* Subject.register(them, { instance, type, port: 81 })
      yield* Effect.sleep("10 seconds")

      assert.strictEqual(yield* registered.name, `${"€".repeat(19)} (2)`)
    }), { hosts: ["us", "them"] })

  row("D-4.2-1 a pointer to another type is reported as what it says", (bench) =>
    Effect.gen(function*() {
      const { browse, say } = yield* browsing(bench)
      const name = "x._ipp._tcp.local"
      yield* say(
        Wire.ptr(domain, name),
        Wire.srv(name, "h.local", 631),
        Wire.txt(name, []),
        Wire.a("h.local", "10.0.0.2")
      )
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(Subject.services(browse).map(({ id, type }) => [id, type]), [[name, "_ipp._tcp"]])
    }))

  row(
    "D-4.3-1 D-4.3-2 dots and backslashes in a name are kept apart from those between labels",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { on: "us" })
        const them = yield* Subject.start(bench, { on: "them" })
        const browse = yield* Subject.browse(them, type)
        const instances = ["A.b", "Zoë. \\. ☕", "c\\d"]
        for (const instance of instances) yield* Subject.register(us, { instance, type, port: 80 })
        yield* Effect.sleep("10 seconds")

        assert.deepStrictEqual(Subject.services(browse).map(({ id }) => id).toSorted(), [
          "a\\.b._http._tcp.local",
          "c\\\\d._http._tcp.local",
          "zoë\\. \\\\\\. ☕._http._tcp.local"
        ])
        const found = yield* them.mdns.resolve("A\\.b._http._tcp.local")
        assert.strictEqual(found.id, "a\\.b._http._tcp.local")

        const services = Subject.services(browse)
        assert.deepStrictEqual(services.map(({ name }) => name).toSorted(), instances)
        for (const { id, name } of services) {
          assert.strictEqual((yield* them.mdns.resolve({ name, type })).id, id)
        }
      }),
    { hosts: ["us", "them"] }
  )
})

describe("section 5: SRV", () => {
  row("D-5-1 of several the one with the lowest priority is used", (bench) =>
    Effect.gen(function*() {
      const { browse, say } = yield* browsing(bench)
      const name = nameOf("a")
      yield* say(
        Wire.ptr(domain, name),
        Wire.srv(name, "h.local", 2, { priority: 9, flush: false }),
        Wire.srv(name, "h.local", 1, { priority: 1, flush: false }),
        Wire.txt(name, []),
        Wire.a("h.local", "10.0.0.2")
      )
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(Subject.services(browse).map(({ port }) => port), [1])
    }))

  row("D-5-2 we announce one, with neither priority nor weight", (bench) =>
    Effect.gen(function*() {
      yield* announced(bench)
      const data = Tap.recordsOf((yield* bench.sent()).filter(Tap.isResponse), nameOf("ada"), "SRV").map(({ data }) =>
        data
      )

      assert.isAbove(data.length, 0)
      for (const each of data) assert.deepInclude(each, { priority: 0, weight: 0, port: 80, target: "us.local" })
    }))
})

describe("section 6: TXT", () => {
  row("D-6-1 D-6.1-1 without attributes there is a TXT record of one zero octet", (bench) =>
    Effect.gen(function*() {
      yield* announced(bench)
      const sent = (yield* bench.sent()).filter(Tap.tells(nameOf("ada"), "TXT"))

      assert.isAbove(sent.length, 0)
      const zero = Wire.concat([
        Wire.u16(16),
        Wire.u16(0x8001),
        Wire.u16(0),
        Wire.u16(4_500),
        Wire.u16(1),
        Uint8Array.of(0)
      ])
      const text = (octets: Uint8Array) => Array.from(octets, (octet) => String.fromCharCode(octet)).join("")
      for (const { payload } of sent) assert.include(text(payload), text(zero))
    }))

  row("D-6.1-2 a zero octet, no octets and no record mean the same", (bench) =>
    Effect.gen(function*() {
      const { browse, say } = yield* browsing(bench)
      const texts = { a: [Wire.txt(nameOf("a"), [])], b: [Wire.raw(nameOf("b"), "TXT", new Uint8Array())], c: [] }
      for (const [instance, text] of Object.entries(texts)) {
        const [pointer, service, , address] = Play.service(instance)
        yield* say(pointer!, service!, ...text, address!)
      }
      yield* Effect.sleep("5 seconds")

      assert.deepStrictEqual(Subject.names(browse), ["a", "b", "c"])
      for (const { attributes, isTextMalformed } of Subject.services(browse)) {
        assert.strictEqual(attributes, Attributes.empty)
        assert.isFalse(isTextMalformed)
      }
    }))

  row("D-6.2-1 M-17-3 more than 1,300 octets are refused unless they are meant", (bench) =>
    Effect.gen(function*() {
      const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, "x".repeat(150)]))
      assert.strictEqual(yield* refused(bench, { attributes }), "attributes")

      const us = yield* Subject.start(bench)
      const registered = yield* Subject.register(us, {
        instance: "large",
        type,
        port: 80,
        attributes,
        allowLarge: true
      })
      yield* Effect.sleep("5 seconds")
      assert.strictEqual(registered.notices.at(-1)?._tag, "Registered")
    }))

  row("X-12 100,000 octets are an error value", (bench) =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* refused(bench, { attributes: { k: "x".repeat(100_000) }, allowLarge: true }),
        "attributes"
      )
    }))

  row(
    "D-6.3-1 D-6.4-2 D-6.4-6 D-6.4-7 D-6.5-3 what others say is read as it is meant",
    (bench) =>
      Effect.gen(function*() {
        const { browse } = yield* browsing(bench)
        const text = [
          "=x",
          "A=1",
          "a=2",
          "flag",
          "empty=",
          "eq= b=c ",
          "__proto__=p",
          "constructor",
          "unknown-to-all=1"
        ]
        yield* bench.peer().send(Play.announce("x", { text }))
        yield* Effect.sleep("1 second")
        const attributes = Subject.find(browse, "x")!.attributes

        assert.deepStrictEqual([...attributes], [
          ["A", "1"],
          ["flag", ""],
          ["empty", ""],
          ["eq", " b=c "],
          ["__proto__", "p"],
          ["constructor", ""],
          ["unknown-to-all", "1"]
        ])
        assert.deepStrictEqual(["flag", "empty", "absent"].map((key) => attributes.isFlag(key)), [true, false, false])
        assert.strictEqual(Attributes.findKey(attributes, "EMPTY"), "empty")
      })
  )

  row("D-6.3-2 host and port are said by SRV alone", (bench) =>
    Effect.gen(function*() {
      yield* announced(bench, { attributes: { path: "/" } })
      const [record] = Tap.recordsOf(yield* asked(bench, Wire.question(nameOf("ada"), "TXT")), nameOf("ada"), "TXT")

      assert.deepStrictEqual((record!.data as ReadonlyArray<Uint8Array>).map(String), ["path=/"])
    }))

  row("D-6.4-1 D-6.4-4 D-6.4-5 keys that are none, or come twice, are refused", (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const field = Effect.fnUntraced(function*(attributes: Attributes.Input) {
        const error = yield* Effect.flip(Subject.register(us, { type, port: 80, attributes }))
        return error.reason._tag === "InvalidAnnouncement" ? error.reason.field : error.reason._tag
      })
      assert.strictEqual(yield* field({ "": "x" }), "attributes")
      assert.strictEqual(yield* field([["a", "1"], ["A", "2"]]), "attributes")
      for (let code = 0; code < 256; code++) {
        if (code >= 0x20 && code <= 0x7e && code !== 0x3d) continue
        assert.strictEqual(yield* field({ [`k${String.fromCharCode(code)}`]: "x" }), "attributes", `${code}`)
      }
      yield* bench.silence(5_000)
    }))

  row("D-6.5-1 D-6.5-2 values go as they are, octets as octets", (bench) =>
    Effect.gen(function*() {
      const raw = Uint8Array.of(0, 0xff, 0x22, 0x3d)
      const us = yield* Subject.start(bench, { on: "us" })
      const them = yield* Subject.start(bench, { on: "them" })
      const browse = yield* Subject.browse(them, type)
      const attributes = Attributes.make([["raw", raw], ["q", "a \"b\""], ["flag", true], ["empty", ""]])
      yield* Subject.register(us, { instance: "ada", type, port: 80, attributes })
      yield* Effect.sleep("5 seconds")
      const heard = Subject.find(browse, "ada")!.attributes

      assert.deepStrictEqual(heard.bytes("raw"), raw)
      assert.strictEqual(heard.get("q"), "a \"b\"")
      assert.isTrue(heard.isFlag("flag") && !heard.isFlag("empty"))
      const [sent] = Tap.recordsOf(yield* bench.sent({ host: "us" }), nameOf("ada"), "TXT")
      assert.deepStrictEqual(
        (sent!.data as ReadonlyArray<Uint8Array>).map((string) => Array.from(string)),
        [
          [0x72, 0x61, 0x77, 0x3d, ...raw],
          Array.from(Buffer.from("q=a \"b\"")),
          Array.from(Buffer.from("flag")),
          Array.from(
            Buffer.from("empty=")
          )
        ]
      )
    }), { hosts: ["us", "them"] })

  row(
    "D-6.7-1 attributes of an unknown version are a problem to whoever reads them by a schema",
    (bench) =>
      Effect.gen(function*() {
        const { browse } = yield* browsing(bench)
        const read = TypedAttributes.decode(TypedAttributes.schema({ path: Schema.String }, { versions: ["1"] }))
        yield* bench.peer().send(Play.announce("old", { text: ["txtvers=1", "path=/"] }))
        yield* bench.peer().send(Play.announce("new", { text: ["txtvers=9", "path=/"] }))
        yield* Effect.sleep("1 second")

        assert.isTrue(Result.isSuccess(read(Subject.find(browse, "old")!.attributes)))
        assert.isTrue(Result.isFailure(read(Subject.find(browse, "new")!.attributes)))
      })
  )
})

describe("several TXT records", () => {
  row("D-6.8-1 are tolerated: the first one is read, and the others can be seen", (bench) =>
    Effect.gen(function*() {
      const { browse, say } = yield* browsing(bench)
      const [pointer, service, , address] = Play.service("x")
      const texts = ["a=1", "b=2"].map((text) => Wire.txt(nameOf("x"), [text], { flush: false }))
      yield* say(pointer!, service!, ...texts, address!)
      yield* Effect.sleep("1 second")
      const found = Subject.find(browse, "x")!

      assert.deepStrictEqual([...found.attributes], [["a", "1"]])
      assert.deepStrictEqual(found.texts.map((text) => text[1]), [0x61, 0x62])
    }))
})

describe("sections 7 to 9: types", () => {
  row(
    "D-7-1 D-4.1.2-1 types that are none are refused, and longer ones of others are shown",
    (bench) =>
      Effect.gen(function*() {
        for (
          const wrong of ["http._tcp", "_http", "_http._sctp", "_a--b._tcp", "_1._tcp", "_sixteen-letters-._udp", ""]
        ) {
          assert.strictEqual(yield* refused(bench, { type: wrong }), "type", wrong)
        }
        const us = yield* Subject.start(bench)
        const long = "_much-longer-than-fifteen._tcp"
        const browse = yield* Subject.browse(us, long)
        yield* Effect.sleep("500 millis")
        const name = `x.${long}.local`
        yield* bench.peer().send(Wire.response({
          answers: [
            Wire.ptr(`${long}.local`, name),
            Wire.srv(name, "h.local", 80),
            Wire.txt(name, []),
            Wire.a("h.local", "10.0.0.2")
          ]
        }))
        yield* Effect.sleep("1 second")
        assert.deepStrictEqual(Subject.names(browse), ["x"])
      })
  )

  row(
    "D-7.1-1 a service with two subtypes has three pointers to one instance, in whatever case they are asked for",
    (bench) =>
      Effect.gen(function*() {
        yield* announced(bench, { subtypes: ["_printer", "any.thing"] })
        for (
          const name of [
            domain,
            "_printer._sub._http._tcp.local",
            "_PRINTER._sub._HTTP._tcp.local",
            "any\\.thing._sub._http._tcp.local"
          ]
        ) {
          const [answer] = yield* asked(bench, Wire.question(name, "PTR"))
          assert.deepStrictEqual(answer!.message.answers.map(({ data }) => data), [nameOf("ada")], name)
          yield* Effect.sleep("2 seconds")
        }
      })
  )

  row("D-7.1-1 a browse of a subtype finds its instances", (bench) =>
    Effect.gen(function*() {
      const { browse, say } = yield* browsing(bench, { subtype: "_printer" })
      const [, ...rest] = Play.service("a")
      yield* say(Wire.ptr("_PRINTER._sub._http._tcp.local", nameOf("a")), ...rest)
      yield* bench.peer().send(Play.announce("b"))
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(Subject.names(browse), ["a"])
    }))

  row("D-7.2-1 labels of more than 63 octets are refused", (bench) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* refused(bench, { instance: "€".repeat(21) + "x" }), "name")
      assert.strictEqual(yield* refused(bench, { subtypes: ["x".repeat(64)] }), "subtypes")
    }))

  row("D-8-1 a placeholder has a target and port 0, and no pointer leads to it", (bench) =>
    Effect.gen(function*() {
      yield* announced(bench, { isPlaceholder: true })
      const [answer] = yield* asked(bench, Wire.question(nameOf("ada"), "SRV"))

      assert.deepInclude(answer!.message.answers[0]!.data, { port: 0, target: "us.local" })
      assert.deepStrictEqual(
        Tap.recordsOf(yield* bench.sent(), undefined, "PTR").filter(({ name }) => !name.endsWith("arpa")),
        []
      )
      assert.deepStrictEqual(yield* asked(bench, Play.pointer), [])
    }))

  row(
    "D-9-1 the list of all types is answered with each of ours, and read with each of others",
    (bench) =>
      Effect.gen(function*() {
        const { us } = yield* announced(bench)
        yield* Subject.register(us, { instance: "bob", type, port: 81 })
        yield* Subject.register(us, { instance: "eve", type: "_ipp._tcp", port: 82 })
        yield* Effect.sleep("5 seconds")
        for (const name of [all, all.toUpperCase()]) {
          const [answer] = yield* asked(bench, Wire.question(name, "PTR"))
          assert.deepStrictEqual(answer!.message.answers.map(({ data }) => data).toSorted(), [
            "_http._tcp.local",
            "_ipp._tcp.local"
          ])
          yield* Effect.sleep("2 seconds")
        }

        const found = yield* Effect.forkChild(Stream.runCollect(Stream.take(us.mdns.types, 2)))
        yield* Effect.sleep("500 millis")
        yield* bench.peer().send(Wire.response({
          answers: [
            Wire.ptr(all, "_ssh._tcp.local"),
            Wire.ptr(all, "_SSH._tcp.local"),
            Wire.ptr(all, "_nfs._udp.local")
          ]
        }))
        yield* Effect.sleep("1 second")
        const types = found.pollUnsafe()
        assert.deepStrictEqual(
          types?._tag === "Success" ? types.value.map(({ _tag, type }) => `${_tag} ${type.toLowerCase()}`) : types,
          ["TypeFound _ssh._tcp", "TypeFound _nfs._udp"]
        )
      })
  )
})

describe("section 12: additional records", () => {
  row(
    "D-12-1 D-12-3 D-12.1-1 a pointer brings SRV, TXT and all addresses, each once",
    (bench) =>
      Effect.gen(function*() {
        yield* announced(bench)
        const [answer] = yield* asked(bench, Play.pointer)
        const lines = answer!.message.additionals.map(({ name, type }) => `${name} ${type}`)

        assert.includeMembers(lines, [`${nameOf("ada")} SRV`, `${nameOf("ada")} TXT`, "us.local A", "us.local AAAA"])
        const records = [...answer!.message.answers, ...answer!.message.additionals].map((record) =>
          JSON.stringify(record)
        )
        assert.strictEqual(new Set(records).size, records.length)
      }),
    { ipv6: true }
  )

  row("D-12-1 D-12.2-1 SRV brings addresses", (bench) =>
    Effect.gen(function*() {
      yield* announced(bench)
      const [answer] = yield* asked(bench, Wire.question(nameOf("ada"), "SRV"))

      assert.includeMembers(answer!.message.additionals.map(({ name, type }) => `${name} ${type}`), ["us.local A"])
    }))

  row("D-12.3-1 TXT needs none", (bench) =>
    Effect.gen(function*() {
      yield* announced(bench)
      const [answer] = yield* asked(bench, Wire.question(nameOf("ada"), "TXT"))

      assert.deepStrictEqual(answer!.message.answers.map(({ type }) => type), ["TXT"])
      assert.notInclude(answer!.message.additionals.map(({ type }) => type), "A")
    }))

  row("D-12-2 of a responder that adds none each record is asked for", (bench) =>
    Effect.gen(function*() {
      const { browse, say } = yield* browsing(bench)
      const [pointer, service, text, address] = Play.service("x")
      yield* say(pointer!)
      yield* Play.until(bench, (sent) => Tap.asks(nameOf("x"), "SRV")(sent) && Tap.asks(nameOf("x"), "TXT")(sent))
      yield* say(service!)
      yield* say(text!)
      yield* Play.until(bench, (sent) => Tap.asks("x-host.local", "A")(sent) && Tap.asks("x-host.local", "AAAA")(sent))
      assert.deepStrictEqual(Subject.names(browse), [])
      yield* say(address!)
      yield* Effect.sleep("10 millis")

      assert.deepStrictEqual(Subject.names(browse), ["x"])
      assert.deepStrictEqual(
        Subject.find(browse, "x")!.addresses.map(({ address }) => NetAddress.formatIp(address)),
        ["10.0.0.2"]
      )
    }))
})

describe("beyond the RFCs", () => {
  row("X-14 the case of names, hosts and types never splits an instance", (bench) =>
    Effect.gen(function*() {
      const { browse, say } = yield* browsing(bench)
      yield* say(Wire.ptr(domain, nameOf("Ada")))
      yield* say(Wire.srv("ADA._HTTP._TCP.LOCAL", "HOST.local", 80))
      yield* say(Wire.txt("ada._http._tcp.local", ["a=1"]))
      yield* say(Wire.a("Host.LOCAL", "10.0.0.2"))
      yield* say(Wire.ptr(domain.toUpperCase(), nameOf("aDA")))
      yield* Effect.sleep("5 seconds")

      assert.deepStrictEqual(browse.events.map(({ _tag, service }) => `${_tag} ${service.id}`), [
        "ServiceFound ada._http._tcp.local"
      ])
    }))

  row(
    "X-19 an instance on two interfaces in two families is found once, and lost with its last copy",
    (bench) =>
      Effect.gen(function*() {
        const { browse } = yield* browsing(bench)
        const copies = [["eth0", "IPv4"], ["eth0", "IPv6"], ["eth1", "IPv4"], ["eth1", "IPv6"]] as const
        for (const [local, family] of copies) {
          yield* bench.peer().send(Play.announce("ada"), { interface: local, family })
        }
        yield* Effect.sleep("5 seconds")
        for (const [index, [local, family]] of copies.entries()) {
          assert.deepStrictEqual(Subject.names(browse), ["ada"], `${index}`)
          yield* bench.peer().send(Play.goodbye("ada"), { interface: local, family })
          yield* Effect.sleep("3 seconds")
        }

        const tags = browse.events.map(({ _tag }) => _tag).filter((tag) => tag !== "ServiceUpdated")
        assert.deepStrictEqual(tags, ["ServiceFound", "ServiceLost"])
      }),
    { ipv6: true, segments: 2 }
  )
})

row(
  "D-6.8-1 a TXT record that takes the place of another is told once, without what it replaced",
  (bench) =>
    Effect.gen(function*() {
      const us = yield* Subject.start(bench)
      const browse = yield* Subject.browse(us, type)
      yield* Effect.sleep("2 seconds")
      yield* bench.peer().send(Play.announce("ada", { text: ["path=/"] }))
      // less than the second for which what is replaced stays in the cache
      yield* Effect.sleep("500 millis")
      for (let i = 0; i < 2; i++) {
        yield* bench.peer().send(Wire.response({ answers: [Wire.txt(nameOf("ada"), ["path=/news"])] }))
        yield* Effect.sleep("1 second")
      }
      yield* Effect.sleep("5 seconds")

      assert.deepStrictEqual(browse.events.map(({ _tag, service: { texts } }) => [_tag, texts.length]), [
        ["ServiceFound", 1],
        ["ServiceUpdated", 1]
      ])
    })
)
