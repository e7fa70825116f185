import { assert, describe, it } from "@effect/vitest"
import * as Claims from "../../../../src/protocol/mdns/Claims.ts"
import * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bus from "./Bus.ts"

const http = "Ada._http._tcp.local"
const text = (value: string) => new Uint8Array([value.length, ...new TextEncoder().encode(value)])
const answers = (sent: ReadonlyArray<Bus.Sent>) => sent.flatMap(({ message }) => message.answers)

describe("announcing", () => {
  it("M-8.3-2 M-10.2-2 M-8.3-4 M-8.3-5 X-24 twice a second apart, and then silence for a day", () => {
    const { bus, host } = Bus.alone(86_400_000)
    const [first, ...rest] = bus.sent.filter(Bus.isSaid).map(({ at }) => at)

    assert.deepStrictEqual(rest, [first! + 1_000])
    assert.strictEqual(Claims.wakeAt(host.claims), Infinity)
  })

  it("M-8.3-3 up to eight times with doubling gaps", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { announcements: 8 })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
    bus.register(host, 1)
    bus.run(200_000)
    const times = bus.sent.filter(Bus.isSaid).map(({ at }) => at)

    assert.deepStrictEqual(times.slice(1).map((at, i) => at - times[i]!), [
      1_000,
      2_000,
      4_000,
      8_000,
      16_000,
      32_000,
      64_000
    ])
  })

  it("M-10.2-4 M-10.2-5 M-10.2-8 a set goes as a whole and in one burst, unique records with the flush bit and no others", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    const addresses = Array.from({ length: 60 }, (_, i) => `10.0.0.${i + 1}/24`)
    bus.attach(host, Bus.link("eth0", addresses, { maxPayload: 512 }))
    bus.register(host, 1)
    bus.run(1_100)
    const said = bus.sent.filter(Bus.isSaid)

    assert.isAbove(said.length, 1)
    assert.strictEqual(new Set(said.map(({ at }) => at)).size, 1)
    assert.strictEqual(answers(said).filter(({ type }) => type === Record.Type.A).length, 60)
    for (const { flush, name, type } of answers(said)) {
      assert.strictEqual(flush, type !== Record.Type.PTR || Name.format(name).endsWith("arpa"))
    }
  })

  it("what belongs to a service goes in one datagram, also where many services fill several", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
    for (let key = 1; key <= 40; key++) {
      bus.register(host, key, { instance: `Service ${key}`, text: text(`n=${key}`.padEnd(7 * key % 100, "x")) })
    }
    bus.run(1_100)
    const said = bus.sent.filter(Bus.isSaid).map(({ message }) => message.answers)
    const types = (records: typeof said[number], instance: string) =>
      records.filter(({ data, name: { key } }) =>
        key === Bus.name(instance).key || data._tag === "Pointer" && data.target.key === Bus.name(instance).key
      ).map(({ type }) => type)

    assert.isAbove(said.length, 2)
    for (let key = 1; key <= 40; key++) {
      const found = said.map((records) => types(records, `Service ${key}._http._tcp.local`))
        .filter(({ length }) => length > 0)
      assert.sameMembers(found.flat(), [Record.Type.SRV, Record.Type.TXT, Record.Type.PTR])
      assert.lengthOf(found, 1)
    }
  })

  it("X-23 no record twice in a packet, M-10-1 M-10-2 with the ttls of hosts and of others", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24", "10.0.0.1/16", "fe80::1/64"]))
    for (let key = 0; key < 20; key++) bus.register(host, key, { subtypes: ["_a", "_A", "_b"] })
    bus.run(5_000)

    for (const { message } of bus.sent) {
      const keys = [...message.answers, ...message.authorities].map(Record.key)
      assert.strictEqual(new Set(keys).size, keys.length)
    }
    for (const { data, name, ttl, type } of answers(bus.sent)) {
      const isHosts = type === 1 || type === 28 || type === 33 ||
        (data._tag === "Pointer" && Name.format(name).endsWith("arpa"))
      assert.strictEqual(ttl, isHosts ? 120 : 4_500)
    }
  })

  it("M-6-21 a record that went out as an answer is not said again within a second", () => {
    const { bus, host } = Bus.alone(0)
    while (!bus.sent.some(Bus.isSaid)) bus.run(1)
    bus.run(500)
    const at = bus.now
    for (const { records } of Claims.zone(host.claims, "eth0")!.names.values()) {
      for (const owned of records) owned.multicastAt = at
    }
    bus.run(5_000)

    assert.deepStrictEqual(bus.since(at).map((sent) => sent.at - at), [1_000])
  })

  it("M-8-1 M-10.2-1 after sleep and on a new link everything is probed for and announced again", () => {
    const { bus, host } = Bus.alone(5_000)
    const at = bus.now
    bus.do(host, (out) => Claims.resume(host.claims, "eth0", bus.now, out))
    assert.strictEqual(Claims.zone(host.claims, "eth0")!.names.size, 0)
    bus.run(5_000)
    const later = bus.now
    bus.attach(host, Bus.link("eth1", ["10.0.1.1/24"]))
    bus.run(5_000)

    for (const sent of [bus.since(at).filter(({ at }) => at < later), bus.since(later)]) {
      assert.deepStrictEqual(sent.map(Bus.isProbe), [true, true, true, false, false])
    }
    assert.isTrue(bus.since(later).every(({ link }) => link === "eth1"), "X-16 the other link is left in peace")
  })

  it("X-16 a link that is as it was is left in peace", () => {
    const { bus, host } = Bus.alone(5_000)
    const at = bus.now
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"], { isPortOwned: false }))
    bus.run(5_000)

    assert.deepStrictEqual(bus.since(at), [])
  })

  it("M-8-1 M-8.4-2 other addresses are probed for and announced, the host's name alone", () => {
    const { bus, host } = Bus.alone(5_000)
    const at = bus.now
    bus.attach(host, Bus.link("eth0", ["10.0.0.2/24", "fe80::2/64"]))
    bus.run(5_000)
    const sent = bus.since(at)

    assert.deepStrictEqual(
      sent.filter(Bus.isProbe).map(({ message }) => message.questions.map(({ name }) => Name.format(name))),
      [
        ["ada.local"],
        ["ada.local"],
        ["ada.local"]
      ]
    )
    assert.deepStrictEqual(sent.filter(Bus.isGoodbye).map(({ message }) => Bus.show(message.answers)), [
      ["1.0.0.10.in-addr.arpa 12 0 !"],
      ["1.0.0.10.in-addr.arpa 12 0 !"]
    ])
    const said = sent.filter(Bus.isSaid)
    assert.strictEqual(said.length, 2)
    assert.deepStrictEqual(Bus.show(said[0]!.message.answers).slice(0, 2), ["ada.local 1 120 !", "ada.local 28 120 !"])
  })

  it("addresses of a family that is gone are taken back", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24", "fe80::1/64"]))
    bus.register(host, 1)
    bus.run(5_000)
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))

    assert.include(Bus.show(bus.sent.at(-1)!.message.answers), "ada.local 28 0 !")
  })
})

describe("changing", () => {
  it("M-8.3-2 M-8.4-1 what changes while something else is announced does not cut that short", () => {
    const { bus, host } = Bus.alone(5_000)
    const at = bus.now
    bus.register(host, 1, { text: Uint8Array.of(1, 65) })
    bus.run(500)
    bus.register(host, 1, { text: Uint8Array.of(1, 65), subtypes: ["a"] })
    bus.run(5_000)

    const said = bus.since(at).flatMap(({ message }) => Bus.show(message.answers))
    const times = (record: string) => said.filter((one) => one === record).length
    assert.isAtLeast(times("Ada._http._tcp.local 16 4500 !"), 2)
    assert.isAtLeast(times("a._sub._http._tcp.local 12 4500"), 2)
  })

  it("M-8.4-1 M-8.4-4 another TXT is announced twice, with neither probe nor goodbye", () => {
    const { bus, host } = Bus.alone(5_000)
    const at = bus.now
    bus.register(host, 1, { text: text("a=1") })
    bus.run(5_000)

    assert.deepStrictEqual(bus.since(at).map(({ at: time, message }) => [time - at, ...Bus.show(message.answers)]), [
      [0, `${http} 16 4500 !`],
      [1_000, `${http} 16 4500 !`]
    ])
    assert.strictEqual(host.notices.filter(({ _tag }) => _tag === "Registered").length, 1)
  })

  it("M-8.4-1 another TXT is announced once more when others have just heard the one before, and keep it (M-10.2-2)", () => {
    const { bus, host } = Bus.alone(0)
    while (bus.sent.filter(Bus.isSaid).length < 2) bus.run(1)
    const at = bus.now
    bus.run(300)
    bus.register(host, 1, { text: text("a=1") })
    bus.run(5_000)

    assert.deepStrictEqual(bus.since(at + 1).map((sent) => sent.at - at), [300, 1_300, 2_300])
  })

  it("M-8.4-1 what could not be said again yet, though others keep what was before it, is still said twice", () => {
    const { bus, host } = Bus.alone(0)
    while (bus.sent.filter(Bus.isSaid).length < 2) bus.run(1)
    bus.run(300)
    bus.register(host, 1, { port: 81 })
    bus.run(1)
    const at = bus.now
    bus.register(host, 1, { port: 81, instance: "ADA" })
    bus.run(10_000)

    const said = bus.since(at).filter(({ message }) => message.answers.some(({ type }) => type === Record.Type.SRV))
    assert.lengthOf(said.filter(Bus.isSaid), 2)
  })

  it("M-8.4-3 a pointer that is no more is taken back before the new one is announced", () => {
    const { bus, host } = Bus.alone(5_000, { subtypes: ["_a"] })
    const at = bus.now
    bus.register(host, 1, { subtypes: ["_b"] })
    bus.run(5_000)

    assert.deepStrictEqual(bus.since(at).flatMap(({ message }) => Bus.show(message.answers)), [
      "_a._sub._http._tcp.local 12 0",
      "_b._sub._http._tcp.local 12 4500",
      "_b._sub._http._tcp.local 12 4500",
      "_a._sub._http._tcp.local 12 0"
    ])
  })

  it("M-8.4-5 of a thousand changes in a second the last one is told, in at most ten announcements a minute", () => {
    const { bus, host } = Bus.alone(5_000)
    const at = bus.now
    for (let i = 1; i <= 1_000; i++) {
      bus.register(host, 1, { text: text(`a=${i}`) })
      bus.run(1)
    }
    bus.run(60_000)
    const said = bus.since(at)

    assert.isAtMost(said.length, 10)
    assert.deepStrictEqual(answers(said).at(-1)!.data, { _tag: "Text", octets: text("a=1000") })
  })

  it("M-8.4-5 of a change a second ten are told in a minute", () => {
    const { bus, host } = Bus.alone(5_000)
    const told = new Map<string, number>()
    for (let i = 1; i <= 600; i++) {
      bus.register(host, 1, { text: text(`a=${i}`) })
      bus.run(1_000)
    }
    for (const { at, message } of bus.since(5_000)) {
      for (const { data } of message.answers) if (!told.has(Record.dataKey(data))) told.set(Record.dataKey(data), at)
    }
    const times = Array.from(told.values())

    assert.isAbove(times.length, 90)
    for (const [i, at] of times.entries()) assert.isTrue(i < 10 || at - times[i - 10]! >= 60_000)
  })

  it("a change while probing is proposed and announced with no more ado", () => {
    const { bus, host } = Bus.alone(400)
    bus.register(host, 1, { port: 81 })
    bus.run(5_000)

    assert.strictEqual(bus.sent.filter(Bus.isSaid).length, 2)
    assert.isTrue(answers(bus.sent).every(({ data }) => data._tag !== "Service" || data.port === 81))
  })

  it("another name of the program's is probed for, and the old one taken back", () => {
    const { bus, host } = Bus.alone(5_000)
    const at = bus.now
    bus.register(host, 1, { instance: "Bob" })
    bus.run(5_000)
    const [goodbye] = bus.since(at)
    const rest = bus.since(at).filter((sent) => !Bus.isGoodbye(sent))

    assert.deepStrictEqual(Bus.show(goodbye!.message.answers), [
      `${http} 33 0 !`,
      `${http} 16 0 !`,
      "_http._tcp.local 12 0"
    ])
    assert.deepStrictEqual(rest.map(Bus.isProbe), [true, true, true, false, false])
    assert.isTrue(Claims.isOwn(host.claims, "eth0", Bus.name("Bob._http._tcp.local").key))
  })
})

describe("ending", () => {
  it("M-10.1-1 everything is taken back in one packet, on every link", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { host: "ada" })
    for (const key of ["eth0", "eth1"]) bus.attach(host, Bus.link(key, ["10.0.0.1/24"]), key)
    bus.register(host, 1)
    bus.register(host, 2, { instance: "Bob" })
    bus.run(5_000)
    const at = bus.now
    bus.do(host, (out) => Claims.close(host.claims, out))

    assert.deepStrictEqual(
      bus.since(at).map(({ link, message }) => [
        link,
        message.answers.length,
        message.answers.every(({ ttl }) => ttl === 0)
      ]),
      [
        ["eth0", 9, true],
        ["eth1", 9, true]
      ]
    )
    assert.strictEqual(Claims.wakeAt(host.claims), Infinity)
  })

  it("M-10.1-1 of a service that ends only what no other needs is taken back", () => {
    const { bus, host } = Bus.alone(0)
    bus.register(host, 2, { instance: "Bob" })
    bus.run(5_000)
    bus.do(host, (out) => Claims.deregister(host.claims, 2, bus.now, out))
    assert.deepStrictEqual(Bus.show(bus.sent.at(-1)!.message.answers), [
      "Bob._http._tcp.local 33 0 !",
      "Bob._http._tcp.local 16 0 !",
      "_http._tcp.local 12 0"
    ])
    bus.do(host, (out) => Claims.deregister(host.claims, 1, bus.now, out))

    assert.deepStrictEqual(Bus.show(bus.sent.at(-1)!.message.answers), [
      `${http} 33 0 !`,
      `${http} 16 0 !`,
      "_http._tcp.local 12 0",
      "_services._dns-sd._udp.local 12 0",
      "ada.local 1 0 !",
      "1.0.0.10.in-addr.arpa 12 0 !"
    ])
    assert.strictEqual(Claims.zone(host.claims, "eth0")!.names.size, 0)
  })

  it("X-25 at any instant no timer is left, and only what was announced is taken back", () => {
    for (let end = 0; end < 3_000; end += 30) {
      for (const operation of ["close", "deregister", "linkDown"] as const) {
        const { bus, host } = Bus.alone(end)
        const announced = new Set(answers(bus.sent).map(Record.key))
        const at = bus.sent.length
        bus.do(host, (out) => {
          if (operation === "close") Claims.close(host.claims, out)
          else if (operation === "deregister") Claims.deregister(host.claims, 1, bus.now, out)
          else Claims.linkDown(host.claims, "eth0", true, bus.now, out)
        })

        assert.deepStrictEqual(new Set(answers(bus.sent.slice(at)).map(Record.key)), announced)
        assert.isTrue(answers(bus.sent.slice(at)).every(({ ttl }) => ttl === 0))
        if (operation === "close") assert.strictEqual(Claims.wakeAt(host.claims), Infinity)
        bus.run(100_000)
        const again = operation === "deregister" && announced.size > 0 ? [end + 1_000] : []
        assert.deepStrictEqual(bus.since(end + 1).map(({ at }) => at), again)
        if (operation === "deregister") assert.strictEqual(Claims.wakeAt(host.claims), Infinity)
      }
    }
  })

  it("a link that cannot send any more goes without a word", () => {
    const { bus, host } = Bus.alone(5_000)
    bus.do(host, (out) => Claims.linkDown(host.claims, "eth0", false, bus.now, out))

    assert.deepStrictEqual(bus.since(5_000), [])
    assert.strictEqual(Claims.zone(host.claims, "eth0"), undefined)
  })
})

describe("hosts", () => {
  it("M-5-1 M-8.1-8 S-V1 the host's own label is drawn from the seed, and none is claimed without a service", () => {
    const bus = new Bus.Bus()
    const host = bus.host("us", { seed: 7 })
    bus.attach(host, Bus.link("eth0", ["10.0.0.1/24"]))
    bus.run(5_000)
    assert.deepStrictEqual(bus.sent, [])
    bus.register(host, 1)
    bus.run(250)

    assert.match(Name.format(bus.sent[0]!.message.questions[1]!.name), /^peer-([a-z]\d){4}\.local$/)
  })

  it("a host that we speak for has the addresses that were said last of it, by a service that is still there", () => {
    const on = (address: string) => ({ host: "printer", addresses: Bus.link("", [address]).addresses })
    const { bus, host } = Bus.alone(5_000, on("10.0.0.7/24"))
    const addresses = () => {
      bus.run(5_000)
      const records = Claims.zone(host.claims, "eth0")!.names.get(Bus.name("printer.local").key)!.records
      return records.map(({ record: { data } }) => data._tag === "Address" ? data.octets.at(-1) : undefined)
    }
    bus.register(host, 2, { instance: "Eve", ...on("10.0.0.8/24") })
    assert.deepStrictEqual(addresses(), [8])
    bus.register(host, 3, { instance: "Bob", host: "printer" })
    assert.deepStrictEqual(addresses(), [8])
    bus.do(host, (out) => Claims.deregister(host.claims, 2, bus.now, out))
    assert.deepStrictEqual(addresses(), [7])
    bus.register(host, 2, { instance: "Eve", ...on("10.0.0.8/24") })
    bus.register(host, 2, { instance: "Eve" })
    assert.deepStrictEqual(addresses(), [7])
  })

  it("M-8.1-1 a host that we speak for is claimed with its services, and given up with the last", () => {
    const addresses = Bus.link("", ["10.0.0.7/24"]).addresses
    const { bus, host } = Bus.alone(5_000, { host: "printer", addresses })
    assert.deepStrictEqual(Array.from(host.claims.claims.keys()), ["service 1", "proxied \u0007printer\u0005local\0"])
    bus.hear(host, "eth0", Bus.response([Bus.a("printer.local", "10.0.0.66")]))
    bus.run(300)
    bus.hear(host, "eth0", Bus.response([Bus.a("printer.local", "10.0.0.66")]))
    bus.run(5_000)
    const srv = answers(bus.sent).findLast(({ type }) => type === Record.Type.SRV)!.data
    assert.strictEqual(srv._tag === "Service" && Name.format(srv.target), "printer-2.local")
    bus.do(host, (out) => Claims.deregister(host.claims, 1, bus.now, out))

    assert.strictEqual(host.claims.claims.size, 0)
    assert.include(Bus.show(bus.sent.at(-1)!.message.answers), "printer-2.local 1 0 !")
  })

  it("registrations are bounded", () => {
    const claims = Claims.make({ seed: 1, announcements: 2, limits: { ...Engine.limits, registrations: 2 } })
    const out: Array<Engine.Output> = []
    for (const key of [1, 2, 3]) Claims.register(claims, key, Bus.registration(), 0, out)

    assert.deepStrictEqual(out.filter(({ _tag }) => _tag === "Rejected"), [{
      _tag: "Rejected",
      reason: "registrations"
    }])
    assert.strictEqual(claims.claims.size, 3)
  })
})
