import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as ServiceType from "../../../src/protocol/mdns/ServiceType.ts"
import * as Given from "../../internal/Given.ts"

const name = (text: string): Name.Name => Result.getOrThrow(Name.fromString(text))

describe("isAnnounceable", () => {
  it.each([
    "_http._tcp",
    "_HTTP._TCP",
    "_a._udp",
    "_a1._tcp",
    "_1a._tcp",
    "_x-y-z._udp",
    "_abcdefghijklmno._tcp",
    "_1-a-2._tcp",
    "_sleep-proxy._udp",
    "_0a0a0a0a0a0a0a0._tcp"
  ])("D-7-1 %s may be announced", (type) => assert.isTrue(ServiceType.isAnnounceable(type)))

  it.each([
    "",
    "http._tcp",
    "_http",
    "_http.tcp",
    "_http._sctp",
    "_http._tcp.",
    "_http._tcp.local",
    "._tcp",
    "_._tcp",
    "_1._tcp",
    "_123-456._tcp",
    "_-http._tcp",
    "_http-._tcp",
    "_ht--tp._tcp",
    "_-._tcp",
    "_abcdefghijklmnop._tcp",
    "_ht_tp._tcp",
    "__http._tcp",
    "_ht tp._tcp",
    "_ht.tp._tcp",
    "_h\\.p._tcp",
    "_héllo._tcp",
    "_http._tcp\n",
    " _http._tcp",
    "_http. _tcp",
    "_http._tcpx",
    "_http.__tcp",
    "_ht\0tp._tcp",
    "_\u017f._tcp",
    "_\u212a._tcp"
  ])("D-7-1 %j may not", (type) => assert.isFalse(ServiceType.isAnnounceable(type)))
})

describe("fromString", () => {
  it.each([
    ["_http._tcp", "_http._tcp.local"],
    ["_HTTP._Tcp", "_HTTP._Tcp.local"],
    ["_http._udp.", "_http._udp.local"],
    ["_much-longer-than-fifteen._tcp", "_much-longer-than-fifteen._tcp.local"],
    ["_with space._tcp", "_with space._tcp.local"],
    ["_1._tcp", "_1._tcp.local"]
  ])(
    "D-4.1.2-1 D-7-1 reads %s",
    (text, expected) => assert.strictEqual(Name.format(Result.getOrThrow(ServiceType.fromString(text))), expected)
  )

  it.each([
    "",
    ".",
    "_http",
    "http._tcp",
    "_http._sctp",
    "_tcp._http",
    "_http._tcp.local",
    "_._tcp",
    "_http._tcp.x",
    "_a.b._tcp"
  ])(
    "D-4.1.2-1 refuses %j",
    (text) => assert.deepStrictEqual(ServiceType.fromString(text), Result.fail("not _name._tcp or _name._udp"))
  )

  it("D-7.2-1 refuses a label of more than 63 octets", () =>
    assert.deepStrictEqual(
      ServiceType.fromString(`_${"a".repeat(63)}._tcp`),
      Result.fail("label longer than 63 octets")
    ))
})

describe("subtype", () => {
  it("D-7.1-1 stands before _sub and the type, in any octets", () => {
    const type = name("_http._tcp.local")

    assert.strictEqual(
      Name.format(Result.getOrThrow(ServiceType.subtype("_printer", type))),
      "_printer._sub._http._tcp.local"
    )
    assert.strictEqual(
      Name.format(Result.getOrThrow(ServiceType.subtype(Uint8Array.of(0, 0xff, 0x2e), type))),
      "\\000\\255\\.._sub._http._tcp.local"
    )
    assert.isTrue(Result.isFailure(ServiceType.subtype("x".repeat(64), type)))
  })

  it("D-7.1-1 is the same in capitals", () => {
    const type = name("_http._tcp.local")

    assert.strictEqual(
      Result.getOrThrow(ServiceType.subtype("A", type)).key,
      Result.getOrThrow(ServiceType.subtype("a", type)).key
    )
  })
})

describe("browsed", () => {
  it.each([
    ["_http._tcp", undefined, "_http._tcp.local"],
    ["_http._tcp", "a.b", "a\\.b._sub._http._tcp.local"],
    ["_printer._sub._http._tcp", undefined, "_printer._sub._http._tcp.local"],
    ["a\\.b._SUB._http._tcp", undefined, "a\\.b._sub._http._tcp.local"]
  ])("%s with the subtype %s is asked for by %s", (type, subtype, expected) => {
    const name = ServiceType.browsed(type, subtype)

    assert.strictEqual(name && Name.format(name), expected)
  })

  it.each([
    ["_sub._http._tcp", undefined],
    ["_printer._sub", undefined],
    ["_printer._sub.http._tcp", undefined],
    ["_printer._sub2._http._tcp", undefined],
    ["a._b._sub._http._tcp", undefined],
    ["_printer._sub._http._tcp", "_color"]
  ])(
    "%s with the subtype %s is nothing to ask for",
    (type, subtype) => assert.isUndefined(ServiceType.browsed(type, subtype))
  )
})

describe("split", () => {
  it("D-4.3-1 gives back the label that an instance was made of, whatever its octets", () => {
    const dice = Given.dice(63)
    const octets = [0, 0x2e, 0x5c, 0x5f, 0x30, 0x41, 0x61, 0x7f, 0xc3, 0xff]
    for (let i = 0; i < 2_000; i++) {
      const label = Uint8Array.from(
        { length: dice.between(1, 63) },
        () => dice.oneIn(3) ? dice.between(0, 255) : dice.pick(octets)
      )
      const type = name(dice.pick(["_http._tcp.local", "_x._udp.local", "_a\\.b._tcp.local", "_http._tcp.example.org"]))
      const instance = Result.getOrThrow(ServiceType.instance(label, type))
      // and so through text
      const parts = ServiceType.split(Result.getOrThrow(Name.fromString(Name.format(instance))))!

      assert.deepStrictEqual(Array.from(parts.instance), Array.from(label))
      assert.strictEqual(parts.type.key, type.key)
      assert.strictEqual(parts.domain.key, Name.parent(Name.parent(type)).key)
    }
  })

  it("D-4.3-2 an instance's dots and backslashes are escaped in text", () => {
    const format = (label: string) =>
      Name.format(Result.getOrThrow(ServiceType.instance(label, name("_http._tcp.local"))))

    assert.strictEqual(format("A.b"), "A\\.b._http._tcp.local")
    assert.strictEqual(format("a\\b"), "a\\\\b._http._tcp.local")
    assert.strictEqual(format("Zoë's Büro"), "Zoë's Büro._http._tcp.local")
    assert.strictEqual(format("tab\t"), "tab\\009._http._tcp.local")
  })

  it.each([
    ".",
    "local",
    "a.local",
    "a.b.c.local",
    "_http._tcp.local",
    "a._tcp.local",
    "a._http.local",
    "a._http._sctp.local"
  ])(
    "D-4.3-1 %s is no instance",
    (text) => assert.isUndefined(ServiceType.split(name(text)))
  )
})

describe("isType", () => {
  it("D-9-1 tells what the list of all types leads to", () => {
    assert.isTrue(ServiceType.isType(name("_http._tcp.local")))
    assert.isTrue(ServiceType.isType(name("_HTTP._UDP.example.org")))
    assert.isFalse(ServiceType.isType(name("x._http._tcp.local")))
    assert.isFalse(ServiceType.isType(Name.root))
    assert.strictEqual(ServiceType.format(name("_Http._tcp.local")), "_Http._tcp")
  })

  it("D-9-1 the list of all types has a name of its own", () =>
    assert.strictEqual(Name.format(ServiceType.all), "_services._dns-sd._udp.local"))
})
