import { assert, describe, it } from "@effect/vitest"
import * as Claims from "../../../../src/protocol/mdns/Claims.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bus from "./Bus.ts"

const http = "Ada._http._tcp.local"

describe("probing", () => {
  it("M-8.1-3 three probes 250 ms apart, the first within 250 ms at random, and ours 250 ms after the third", () => {
    const firsts: Array<number> = []
    for (let seed = 0; seed < 500; seed++) {
      const { bus, host } = Bus.alone(2_000, {}, seed)
      const probes = bus.sent.filter(Bus.isProbe).map(({ at }) => at)
      const first = probes[0]!
      firsts.push(first)

      assert.deepStrictEqual(probes, [first, first + 250, first + 500])
      assert.strictEqual(host.notices.find(({ _tag }) => _tag === "Registered")!.at, first + 750)
    }
    assert.isTrue(firsts.every((first) => first >= 0 && first <= 250))
    for (let quarter = 0; quarter < 4; quarter++) {
      const share = firsts.filter((first) => Math.min(3, Math.floor(first / 62.75)) === quarter).length / firsts.length
      assert.approximately(share, 0.25, 0.05)
    }
  })

  it("M-2-1 nothing of ours is said before the probing is over, M-8.3-1 and all of it then", () => {
    const { bus } = Bus.alone(1_100)
    const said = bus.sent.find(Bus.isSaid)!

    assert.strictEqual(said.at - bus.sent[0]!.at, 750)
    assert.deepStrictEqual(Bus.show(said.message.answers), [
      `${http} 33 120 !`,
      `${http} 16 4500 !`,
      "_http._tcp.local 12 4500",
      "_services._dns-sd._udp.local 12 4500",
      "ada.local 1 120 !",
      "1.0.0.10.in-addr.arpa 12 120 !"
    ])
  })

  it("M-8.1-1 M-8.1-2 M-8.1-6 M-8.1-12 M-8.2-2 asks ANY with QU for host and services in one message, proposals without flush", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
    for (const key of [1, 2, 3]) bus.register(host, key, { instance: `Ada ${key}` })
    bus.run(250)
    const { message } = bus.sent[0]!

    assert.strictEqual(bus.sent.length, 1)
    assert.deepStrictEqual(message.questions.map(({ name, type, unicast }) => [Name.format(name), type, unicast]), [
      ["Ada 1._http._tcp.local", 255, true],
      ["ada.local", 255, true],
      ["Ada 2._http._tcp.local", 255, true],
      ["Ada 3._http._tcp.local", 255, true]
    ])
    assert.isTrue(message.authorities.every(({ flush }) => !flush))
    assert.deepStrictEqual(message.authorities.map(({ type }) => type), [33, 16, 1, 33, 16, 33, 16])
  })

  it("M-15.1-2 asks for answers by the group where the port is shared", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us")
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"], { isPortOwned: false }))
    bus.register(host, 1)
    bus.run(250)

    assert.isTrue(bus.sent[0]!.message.questions.every(({ unicast }) => !unicast))
  })

  it("M-8.1-13 a name that is known to be free is announced at once", () => {
    const { bus } = Bus.alone(0, { isVerified: true, host: "bob", addresses: Bus.link("", ["10.0.0.7/24"]).addresses })

    assert.deepStrictEqual(bus.sent.map(({ at }) => at), [0])
    assert.deepStrictEqual(Bus.show(bus.sent[0]!.message.answers).slice(-1), ["bob.local 1 120 !"])
  })

  it("a name is in the zone once it is ours, and its records stay the same objects", () => {
    const { bus, host } = Bus.alone(500)
    assert.strictEqual(Claims.zone(host.claims, "eth0")!.names.size, 0)
    assert.isFalse(Claims.isOwn(host.claims, "eth0", Bus.name(http).key))
    bus.run(600)
    const zone = Claims.zone(host.claims, "eth0")!

    assert.isTrue(Claims.isOwn(host.claims, "eth0", Bus.name("ADA._HTTP._tcp.local").key))
    assert.deepStrictEqual(Array.from(zone.names.values(), ({ isSole }) => isSole), [true, false, false, true, true])
    const before = zone.names.get(Bus.name(http).key)!.records
    bus.register(host, 2, { instance: "Bob" })
    bus.run(1_000)
    const after = Claims.zone(host.claims, "eth0")!.names
    assert.strictEqual(after.get(Bus.name(http).key)!.records[0], before[0])
    assert.strictEqual(after.get(Bus.name("_http._tcp.local").key)!.records.length, 2)
    assert.strictEqual(Claims.zone(host.claims, "wlan0"), undefined)
  })

  it("M-17-4 a TXT record that fills frames is left out of the probe, and M-17-1 announced alone", () => {
    const text = new Uint8Array(2_048).fill(255).map((octet, i) => i % 256 === 0 ? octet : 65)
    const { bus } = Bus.alone(1_100, { text, allowLarge: true })

    assert.isTrue(bus.sent.filter(Bus.isProbe).every(({ payload }) => payload.length <= 1_440))
    const large = bus.sent.filter(({ payload }) => payload.length > 1_440)
    assert.strictEqual(large.length, 1)
    assert.deepStrictEqual(large[0]!.message.answers.map(({ type }) => type), [Record.Type.TXT])
  })

  it("M-8.1-1 what does not fit into one frame goes in several, each name with its records", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us")
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
    for (let key = 0; key < 40; key++) bus.register(host, key, { instance: `A service with a long name ${key}` })
    bus.run(250)

    assert.isAbove(bus.sent.length, 1)
    for (const { message, payload } of bus.sent) {
      assert.isAtMost(payload.length, 1_440)
      const asked = new Set(message.questions.map(({ name }) => name.key))
      assert.deepStrictEqual(new Set(message.authorities.map(({ name }) => name.key)), asked)
    }
    assert.strictEqual(bus.sent.flatMap(({ message }) => message.questions).length, 41)
  })
})
