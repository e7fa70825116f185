/** Browsing a service type (RFC 6763, sections 4 to 6, 12). */
import { Attributes } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import {
  address,
  Bench,
  denial,
  eth0,
  eth0v6,
  goodbye,
  name,
  pointer,
  service,
  text,
  type Told,
  whole,
  wlan0
} from "./Bench.ts"

const a = "a._http._tcp.local"
const hour = 3_600_000

const seen = (bench: Bench) =>
  bench.told.splice(0).flatMap((notice) => notice._tag === "ServiceSeen" ? [notice] : []) as ReadonlyArray<
    Extract<Told, { readonly _tag: "ServiceSeen" }>
  >

describe("an instance", () => {
  it("D-4-1 is told once all of it is known, with all that was said", () => {
    const bench = new Bench().browse().until(500).hear([
      pointer("A\\.b._http._tcp.local", "_http._tcp.local"),
      service("A\\.b._http._tcp.local", { port: 8_080, priority: 1 }),
      text("A\\.b._http._tcp.local"),
      address("10.0.0.2"),
      address("10.0.0.1"),
      address("fe80::1"),
      address("fd77::1")
    ])

    const [{ key, service: said, ttl, where }] = seen(bench) as [ReturnType<typeof seen>[number]]
    assert.strictEqual(key, 1)
    assert.deepStrictEqual(where, { link: "eth0/IPv4", interface: "eth0", origin: "10.0.0.1" })
    assert.strictEqual(ttl, 4_500_000)
    assert.deepStrictEqual(
      {
        ...said,
        name: Name.format(said.name),
        host: Name.format(said.host),
        addresses: said.addresses.map(String),
        // made when they are looked at
        type: said.type,
        text: said.text,
        otherTexts: said.otherTexts
      },
      {
        name: "A\\.b._http._tcp.local",
        instance: "A.b",
        type: "_http._tcp",
        host: "host.local",
        port: 8_080,
        priority: 1,
        weight: 0,
        addresses: ["10.0.0.1:8080", "10.0.0.2:8080", "[fd77::1]:8080", "[fe80::1%2]:8080"],
        text: Uint8Array.of(3, 0x61, 0x3d, 0x31),
        attributes: Attributes.make({ a: "1" }),
        otherTexts: []
      }
    )
  })

  it("D-12-2 is asked for record by record of a responder that adds none", () => {
    const bench = new Bench().browse().until(500)
    assert.deepStrictEqual(bench.questions(), ["PTR _http._tcp.local"])

    bench.hear([pointer(a)]).until(900)
    assert.deepStrictEqual(bench.questions(), [`SRV ${a}`, `TXT ${a}`])

    bench.hear([service(a)]).hear([text(a)]).until(1_040)
    assert.includeMembers([...bench.questions()], ["A host.local", "AAAA host.local"])
    assert.deepStrictEqual(bench.news(), [])

    bench.hear([address("10.0.0.1")])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])
  })

  it("D-12-2 is told in whatever order its records come", () => {
    const records = whole(a)
    for (let order = 0; order < 24; order++) {
      const rest = [...records]
      const bench = new Bench().browse().until(200)
      for (const size of [4, 3, 2, 1]) bench.hear(rest.splice((order >> (size - 1)) % size, 1))

      assert.deepStrictEqual(bench.news().filter((line) => line !== "seen a 10.0.0.1:80"), [], `${order}`)
      bench.hear(records)
      assert.isAtLeast(bench.news().length, 1)
    }
  })

  it("asks nothing more once it is resolved, and stays although its host's records expire", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(10_000)
    bench.questions()
    bench.until(hour * 0.99)

    assert.deepStrictEqual(Array.from(new Set(bench.questions())), ["PTR _http._tcp.local"])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])
  })

  it("X-24 a browse with 20 instances costs 12 queries in the first hour, and 40 a day", () => {
    const bench = new Bench().browse().until(500)
    const instances = Array.from({ length: 20 }, (_, i) => `i${i}._http._tcp.local`)
    const times = new Set<number>()
    bench.hear(instances.flatMap((instance) => whole(instance)))
    for (let at = 1_000; at < 24 * hour; at += 1_000) {
      bench.until(at)
      // who is asked answers with all of it
      if (bench.asked.some(({ question }) => question.startsWith("PTR"))) bench.hear(instances.flatMap((i) => whole(i)))
      for (const { at } of bench.asked.splice(0)) times.add(at)
    }

    assert.isAtMost(Array.from(times).filter((at) => at <= hour).length, 12)
    assert.isAtMost(times.size, 60)
  })

  it("is told again when its pointer is renewed, and how long that holds", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(100_500)
    bench.told.splice(0)
    bench.hear([pointer(a)])
    bench.hear([text(a)])

    assert.deepStrictEqual(seen(bench).map(({ ttl }) => ttl), [4_500_000])
  })

  it("is told at once of an update, and only of what is new", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.told.splice(0)

    bench.hear([text(a, "a=2")])
    bench.hear([service(a, { port: 81 })])
    bench.until(8_000)
    const told = seen(bench)

    assert.deepStrictEqual(told.map(({ service }) => [service.port, service.text[3]]), [[80, 0x32], [81, 0x32]])
    assert.deepStrictEqual(told.map(({ ttl }) => ttl), [4_495_500, 4_495_500])
  })

  it.each([true, false])("goes by the latest, also within a second and with the cache-flush bit %s", (flush) => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(800)
    bench.hear([text(a, "a=2", flush)]).until(1_000).hear([text(a, "a=2", flush)]).until(8_000)

    assert.deepStrictEqual(seen(bench).map(({ service }) => service.text[3]).at(-1), 0x32)
  })

  it("goes by what was said last of a shared set, though it was said before", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(2_000)
    for (const said of ["a=1", "a=2", "a=1"]) bench.hear([text(a, said, false)]).until(bench.now + 2_000)

    assert.deepStrictEqual(seen(bench).map(({ service }) => service.text[3]), [0x31, 0x32, 0x31])
  })

  it("goes by the latest SRV of a unique set, also within a second", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(800)
    bench.hear([service(a, { port: 81 })]).until(1_000).hear([service(a, { port: 81 })]).until(8_000)

    assert.deepStrictEqual(seen(bench).map(({ service }) => service.port).at(-1), 81)
  })

  it("is updated by records that come after the old ones expired", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(200_000)
    bench.news()
    bench.hear([address("10.0.0.9")])

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.9:80"])
  })

  it("M-10.1-2 is lost a second after the goodbye of its pointer, unless somebody rescues it", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.news()
    bench.hear([goodbye(pointer(a))]).until(5_900)
    bench.hear([pointer(a)]).until(9_000)
    assert.notInclude(bench.news().join(), "lost")

    bench.hear([goodbye(pointer(a))]).until(9_999)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(10_000)
    assert.deepStrictEqual(bench.news(), ["lost a Goodbye"])
  })

  it("is lost when its pointer expires", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(4_500_499)
    bench.news()
    bench.until(4_500_500)

    assert.deepStrictEqual(bench.news(), ["lost a Expired"])
  })

  it("is lost by the goodbye of its SRV, and found again", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.news()
    bench.hear([goodbye(service(a))]).until(7_000)
    assert.deepStrictEqual(bench.news(), ["lost a Goodbye"])

    bench.hear([service(a, { port: 81 })])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:81"])
  })

  it("is asked for addresses when the last one says goodbye, and lost after 3 s without", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.news()
    bench.questions()
    bench.hear([goodbye(address("10.0.0.1"))]).until(8_999)
    assert.include(bench.questions(), "A host.local")
    assert.deepStrictEqual(bench.news(), [])
    bench.until(9_000)
    assert.deepStrictEqual(bench.news(), ["lost a Goodbye"])

    bench.hear([address("10.0.0.2")])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.2:80"])
  })

  it("keeps on when another address comes within these 3 s", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.news()
    bench.hear([goodbye(address("10.0.0.1"))]).until(7_000).hear([address("10.0.0.2")]).until(60_000)

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.2:80"])
  })

  it("moves to another host", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.news()
    bench.hear([service(a, { host: "other.local" })]).until(5_500)
    assert.deepStrictEqual(bench.news(), [])

    bench.hear([address("10.0.0.7", "other.local")])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.7:80"])
    bench.hear([address("10.0.0.8")])
    assert.deepStrictEqual(bench.news(), [])
  })

  it("is not offered without a host or a port", () => {
    const bench = new Bench().browse().until(500)
    bench.hear([pointer(a), service(a, { host: "." }), text(a), address("10.0.0.1")]).until(10_000)
    bench.hear([service(a, { port: 0 })]).until(20_000)
    assert.deepStrictEqual(bench.news(), [])

    bench.hear([service(a)]).until(21_000)
    bench.hear([service(a, { host: "." })])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80", "lost a Goodbye"])
  })

  it("D-6.1-2 without a TXT record is told after 3 s, or when it is denied", () => {
    const records = [pointer(a), service(a), address("10.0.0.1")]
    const waiting = new Bench().browse().until(500).hear(records).until(3_499)
    assert.deepStrictEqual(waiting.news(), [])
    waiting.until(3_500)
    const [told] = seen(waiting)
    assert.deepStrictEqual(told!.service.text, new Uint8Array())

    const denied = new Bench().browse().until(500).hear([...records, denial(a, Record.Type.SRV)])
    assert.deepStrictEqual(denied.news(), ["seen a 10.0.0.1:80"])
  })

  it("D-6.8-1 has the first of several TXT records, and shows the others", () => {
    const bench = new Bench().browse().until(500)
    bench.hear([pointer(a), service(a), text(a, "a=1", false), text(a, "b=2", false), address("10.0.0.1")])
    const [{ service: said }] = seen(bench) as [ReturnType<typeof seen>[number]]

    assert.deepStrictEqual([said.text[1], said.otherTexts.map((text) => text[1])], [0x61, [0x62]])
  })

  it("D-5-1 takes the SRV of the lowest priority, and the next when that goes", () => {
    const bench = new Bench().browse().until(500)
    const [best, other] = [
      service(a, { flush: false, port: 1 }),
      service(a, { flush: false, port: 2, priority: 9 })
    ]
    bench.hear([pointer(a), other, best, text(a), address("10.0.0.1")])
    bench.hear([goodbye(best)]).until(2_000)

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:1", "seen a 10.0.0.1:2"])
  })

  it("D-4.2-1 is what it says it is, not what was asked for", () => {
    const bench = new Bench().browse().until(500)
    bench.hear([pointer("b._ipp._tcp.local", "_http._tcp.local")]).hear(whole("b._ipp._tcp.local"))

    assert.deepStrictEqual(seen(bench).map(({ service }) => service.type), ["_ipp._tcp"])
  })

  it("X-14 is one whatever the case of its names", () => {
    const bench = new Bench().browse().until(500)
    bench.hear([pointer(a)]).hear([service("A._HTTP._tcp.Local", { host: "HOST.local" })])
    bench.hear([text("A._http._tcp.LOCAL")]).hear([address("10.0.0.1", "Host.LOCAL")])
    bench.hear([pointer("A._http._tcp.local", "_HTTP._TCP.local")])

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80", "seen A 10.0.0.1:80"])
  })

  it("has the letters in which it was announced last", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(2_000)
    bench.hear(whole("A._http._tcp.local")).hear([goodbye(pointer(a))]).until(4_000)

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80", "seen A 10.0.0.1:80", "lost A Goodbye"])
  })

  it("is not told of addresses that nobody could dial (S-U6)", () => {
    const bench = new Bench().browse().until(500)
    const useless = [
      "192.0.2.1",
      "127.0.0.1",
      "224.0.0.1",
      "0.0.0.0",
      "255.255.255.255",
      "::1",
      "2001:db8::1",
      "ff02::1"
    ]
    bench.hear([pointer(a), service(a), text(a), ...useless.map((ip) => address(ip))]).until(10_000)
    assert.deepStrictEqual(bench.news(), [])

    bench.hear([address("10.0.0.1")])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])
  })

  it("of two interfaces on the link has those of both, whichever says its own again, until it is alone", () => {
    const other = { host: "10.0.0.2" }
    const bench = new Bench().browse().until(500).hear(whole(a)).hear([address("10.0.0.2")], other)
    bench.until(50_000)
    bench.news()
    bench.hear([address("10.0.0.1")]).until(50_100)
    bench.hear([address("10.0.0.2")], other).until(60_000)
    assert.deepStrictEqual(bench.news(), [])

    bench.hear([address("10.0.0.2")], other).until(60_999)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(61_000)
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.2:80"])
  })

  it("has loopback addresses only from loopback", () => {
    const bench = new Bench().browse().until(500)
    bench.hear([pointer(a), service(a), text(a), address("127.0.0.1")], { host: "127.0.0.1" })

    assert.deepStrictEqual(bench.news(), ["seen a 127.0.0.1:80"])
  })

  it("is not told when it is our own", () => {
    const bench = new Bench().browse().until(500)
    bench.own.add(name(a).key)
    bench.hear(whole(a)).hear(whole("b._http._tcp.local"))

    assert.deepStrictEqual(bench.news(), ["seen b 10.0.0.1:80"])
  })
})

describe("with follow", () => {
  it("a host that dies silently is missed after two minutes", () => {
    const bench = new Bench().browse(1, { follow: true }).until(500).hear(whole(a))
    assert.deepStrictEqual(seen(bench).map(({ ttl }) => ttl), [120_000])
    bench.until(120_499)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(120_500)

    assert.deepStrictEqual(bench.news(), ["lost a Expired"])
  })

  it("SRV and addresses are asked for before they expire, and TXT is not", () => {
    const bench = new Bench().browse(1, { follow: true }).until(500).hear(whole(a)).until(90_000)
    bench.questions()
    bench.until(100_000)

    assert.includeMembers([...bench.questions()], [`SRV ${a}`, "A host.local"])
    bench.hear([service(a), address("10.0.0.1")])
    assert.isAbove(seen(bench).at(-1)!.ttl, 110_000)
    bench.until(200_000)
    assert.notInclude(bench.questions(), `TXT ${a}`)
    assert.notInclude(bench.news().join(), "lost")
  })
})

describe("several subscriptions and links", () => {
  it("one that comes late is told at once what the cache holds, and the first nothing new", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(1_000)
    bench.news()
    bench.browse(2)

    assert.deepStrictEqual(bench.told.map(({ key }) => key), [2])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])
  })

  it("each is told for itself, until it goes", () => {
    const bench = new Bench().browse(1).browse(2).until(500).hear(whole(a))
    assert.deepStrictEqual(bench.told.splice(0).map(({ key }) => key), [1, 2])

    bench.unsubscribe(1)
    bench.hear([goodbye(pointer(a))]).until(5_000)
    assert.deepStrictEqual(bench.told.splice(0).map(({ _tag, key }) => [_tag, key]), [["ServiceLost", 2]])
  })

  it("M-5.2-8 asks nothing more when all are gone, and leaves nothing behind", () => {
    const bench = new Bench().browse(1).browse(2, { follow: true }).until(500).hear(whole(a)).hear([
      pointer("b._http._tcp.local")
    ]).until(1_000)
    bench.unsubscribe(1)
    bench.unsubscribe(2)
    bench.questions()
    bench.until(2 * hour)

    assert.deepStrictEqual(bench.questions(), [])
    assert.deepStrictEqual(
      [bench.browsing.instances, bench.browsing.listeners.size, bench.querier.interests.size],
      [0, 0, 0]
    )
  })

  it("X-19 is told and lost by link", () => {
    const bench = new Bench({ links: [eth0, eth0v6, wlan0] }).browse().until(500)
    for (const link of [eth0, eth0v6, wlan0]) bench.hear(whole(a), { link })
    assert.deepStrictEqual(
      bench.told.splice(0).map((notice) => "where" in notice && notice.where.link),
      ["eth0/IPv4", "eth0/IPv6", "wlan0/IPv4"]
    )

    bench.until(5_000).hear([goodbye(pointer(a))], { link: eth0v6 }).until(7_000)
    assert.deepStrictEqual(
      bench.told.splice(0).map((notice) => [notice._tag, notice.where.link]),
      [["ServiceLost", "eth0/IPv6"]]
    )
  })

  it("asks only on the link where the pointer was heard", () => {
    const bench = new Bench({ links: [eth0, eth0v6, wlan0] }).browse().until(500).hear([pointer(a)]).until(900)

    const links = bench.asked.filter(({ question }) => question.startsWith("SRV")).map(({ link }) => link)
    assert.deepStrictEqual(Array.from(new Set(links)), ["eth0/IPv4"])
  })

  it("tells for how long it holds by what was said, at whatever part of a millisecond it is heard", () => {
    for (const now of [500, 500.25, 500.75]) {
      const bench = new Bench().browse().until(now).hear(whole(a))

      assert.deepStrictEqual(bench.told.map((notice) => "ttl" in notice && notice.ttl), [4_500_000])
    }
  })

  it("M-10.3-1 a link that goes down takes what was seen there with it", () => {
    const bench = new Bench({ links: [eth0, wlan0] }).browse().until(500)
    for (const link of [eth0, wlan0]) bench.hear(whole(a), { link })
    bench.news()
    bench.linkDown(wlan0)
    assert.deepStrictEqual(bench.news(), ["lost a LinkLost"])

    bench.linkUp(wlan0)
    bench.until(1_000).hear(whole(a), { link: wlan0 })
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])
  })

  it("a link that goes down leaves nothing of its records behind", () => {
    const bench = new Bench({ links: [eth0, wlan0] }).browse().until(500)
    bench.hear(whole(a), { link: wlan0 })
    bench.linkDown(wlan0)

    assert.strictEqual(bench.browsing.places, undefined)
  })

  it("one may be for one interface", () => {
    const bench = new Bench({ links: [eth0, wlan0] }).browse(1, { interface: "wlan0" }).until(500)
    bench.hear(whole(a)).hear(whole("b._http._tcp.local"), { link: wlan0 })

    assert.deepStrictEqual(bench.news(), ["seen b 10.0.0.1:80"])
  })

  it("D-7.1-1 a subtype leads to the instances of its type", () => {
    const bench = new Bench().browse(1, { subtype: "_Printer" }).until(500)
    assert.deepStrictEqual(bench.questions(), ["PTR _Printer._sub._http._tcp.local"])
    bench.hear([pointer(a, "_printer._sub._http._tcp.local"), ...whole(a).slice(1)])

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])
  })

  it("a type that is none is never told anything", () => {
    const bench = new Bench().subscribe(1, { _tag: "Browse", type: "http", follow: false }).until(10_000)

    assert.deepStrictEqual(bench.questions(), [])
  })

  it("holds no more instances than its limit", () => {
    const bench = new Bench({ limits: { records: 10 } }).browse().until(500)
    for (let i = 0; i < 100; i++) bench.hear([pointer(`i${i}._http._tcp.local`)], { host: `10.0.1.${i}` })

    assert.isAtMost(bench.browsing.instances, 10)
  })
})

describe("after sleep and doubt", () => {
  it("all is asked for again, and what nobody answers is lost", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.news()
    bench.resume()
    bench.questions()
    bench.until(6_000)
    assert.includeMembers([...bench.questions()], ["PTR _http._tcp.local", `SRV ${a}`, `TXT ${a}`, "A host.local"])
    bench.until(15_000)

    assert.deepStrictEqual(bench.news(), ["lost a Expired"])
  })

  it("what answers stays", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.resume()
    bench.hear(whole(a)).until(60_000)

    assert.notInclude(bench.news().join(), "lost")
  })

  it("M-10.4-2 an instance that is doubted is lost after 10 s without an answer", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.news()
    bench.reconfirm(a)
    bench.until(15_000)

    assert.deepStrictEqual(bench.news(), ["lost a Expired"])
  })
})
