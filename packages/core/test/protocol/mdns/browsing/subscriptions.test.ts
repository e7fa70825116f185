/** Types, instances, hosts and single records. */
import { assert, describe, it } from "@effect/vitest"
import * as Querier from "../../../../src/protocol/mdns/Querier.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import { address, Bench, denial, eth0, goodbye, name, pointer, service, text, whole, wlan0 } from "./Bench.ts"

const { A, AAAA, SRV, TXT } = Record.Type
const a = "a._http._tcp.local"
const all = "_services._dns-sd._udp.local"

describe("types", () => {
  const types = () => new Bench({ links: [eth0, wlan0] }).subscribe(1, { _tag: "Types" }).until(500)

  it("D-9-1 each is told once for a link, and when it is gone", () => {
    const bench = types()
    assert.deepStrictEqual(Array.from(new Set(bench.questions())), [`PTR ${all}`])
    bench.hear([pointer("_http._tcp.local", all), pointer("_ipp._tcp.local", all)])
    bench.hear([pointer("_HTTP._TCP.local", all.toUpperCase())])
    bench.hear([pointer("_http._tcp.local", all)], { link: wlan0 })
    assert.deepStrictEqual(bench.news(), ["TypeSeen _http._tcp", "TypeSeen _ipp._tcp", "TypeSeen _http._tcp"])

    bench.hear([goodbye(pointer("_http._tcp.local", all))]).until(3_000)
    assert.deepStrictEqual(bench.news(), ["TypeLost _http._tcp"])
    bench.linkDown(wlan0)
    assert.deepStrictEqual(bench.news(), ["TypeLost _http._tcp"])
  })

  it("D-9-1 one of another domain is none of this link", () => {
    const bench = types().hear([pointer("_http._tcp.local", all), pointer("_http._tcp.evil", all)])
    bench.hear([goodbye(pointer("_http._tcp.evil", all))]).until(3_000)

    assert.deepStrictEqual(bench.news(), ["TypeSeen _http._tcp"])
  })

  it("what is no type is not told", () => {
    const bench = types().hear([pointer("local", all), pointer("a.b.c.local", all)])

    assert.deepStrictEqual(bench.news(), [])
  })
})

describe("an instance by its name", () => {
  const instance = () => new Bench().subscribe(1, { _tag: "Instance", name: name(a) }).until(500)

  it("is asked for without a pointer, and kept fresh", () => {
    const bench = instance()
    assert.deepStrictEqual(bench.questions(), [`SRV ${a}`, `TXT ${a}`])
    bench.hear([service(a), text(a), address("10.0.0.1")])
    assert.deepStrictEqual(bench.told.map((notice) => "ttl" in notice && notice.ttl), [120_000])
    assert.deepStrictEqual(bench.told.map((notice) => "where" in notice && notice.where.origin), ["10.0.0.1"])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])

    bench.until(130_000)
    assert.deepStrictEqual(bench.news(), ["lost a Expired"])
  })

  it("M-6.1-1 is told what its owner denies", () => {
    const bench = instance().hear([denial(a, TXT)])

    assert.deepStrictEqual(bench.news(), [`denied ${a} ${SRV}`])
  })

  it("M-6.1-1 is asked for again when what was denied has come and gone", () => {
    const bench = instance().hear([denial(a, TXT)]).until(1_000)
    bench.hear([service(a), text(a), address("10.0.0.1")]).questions()
    bench.until(140_000)

    assert.deepStrictEqual(bench.news().at(-1), "lost a Expired")
    bench.questions()
    bench.until(400_000)
    assert.include(bench.questions(), `SRV ${a}`)
  })

  it("is told at once when the cache has it", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).subscribe(2, { _tag: "Instance", name: name(a) })

    assert.deepStrictEqual(bench.told.map(({ key }) => key), [1, 2])
  })
})

describe("a host", () => {
  const host = () => new Bench({ links: [eth0, wlan0] }).subscribe(1, { _tag: "Host", name: name("Host.local") })

  it("M-14-3 has the addresses of each link, and none when they are gone", () => {
    const bench = host().until(500)
    assert.includeMembers([...bench.questions()], ["A Host.local", "AAAA Host.local"])
    bench.hear([address("10.0.0.2"), address("10.0.0.1"), address("fe80::1")])
    bench.hear([address("10.9.0.1")], { link: wlan0 })
    assert.deepStrictEqual(bench.news(), ["host 10.0.0.1,10.0.0.2,fe80::1", "host 10.9.0.1"])

    bench.hear([address("10.0.0.1"), address("10.0.0.2"), address("fe80::1")])
    assert.deepStrictEqual(bench.news(), [])
    bench.linkDown(wlan0)
    assert.deepStrictEqual(bench.news(), ["host "])
    bench.until(200_000)
    assert.strictEqual(bench.news().at(-1), "host ")
  })

  it("M-6.1-1 is told what its owner denies", () => {
    const bench = host().until(500).hear([address("10.0.0.1"), denial("host.local", A)])

    assert.deepStrictEqual(bench.news().toSorted(), [`denied Host.local ${AAAA}`, "host 10.0.0.1"])
  })

  it("an address that changes is told in its place", () => {
    const bench = host().until(500).hear([address("10.0.0.1")]).until(5_000).hear([address("10.0.0.2")]).until(8_000)

    assert.deepStrictEqual(bench.news(), ["host 10.0.0.1", "host 10.0.0.2"])
  })
})

describe("records", () => {
  it("are told as they come and go", () => {
    const bench = new Bench().subscribe(1, { _tag: "Records", name: name(a), type: TXT }).until(500)
    bench.hear([service(a), text(a)])
    assert.deepStrictEqual(bench.news(), [`RecordSeen ${TXT}`])
    bench.hear([goodbye(text(a))]).until(3_000)

    assert.deepStrictEqual(bench.news(), [`RecordLost ${TXT}`])
  })

  it("of all types are those of the name", () => {
    const bench = new Bench().subscribe(1, { _tag: "Records", name: name(a), type: Record.Type.ANY }).until(500)
    bench.hear([service(a), text(a), address("10.0.0.1")])

    assert.deepStrictEqual(bench.news(), [`RecordSeen ${SRV}`, `RecordSeen ${TXT}`])
  })

  it("M-6.1-1 are denied by their owner", () => {
    const bench = new Bench().subscribe(1, { _tag: "Records", name: name("host.local"), type: AAAA }).until(500)
    bench.hear([denial("host.local", A)])

    assert.deepStrictEqual(bench.news(), [`denied host.local ${AAAA}`])
  })
})

describe("a host of many addresses and services", () => {
  const addresses = Array.from({ length: 60 }, (_, index) => address(`10.0.1.${index}`))
  const owners = Array.from({ length: 250 }, (_, index) => `s${index}._http._tcp.local`)

  const populated = () => {
    const bench = new Bench().browse()
    for (const [i, owner] of owners.entries()) {
      bench.hear([pointer(owner), service(owner, { port: 1_000 + i }), text(owner)])
    }
    return bench.hear(addresses)
  }

  it("has all of its services told with all addresses once, and again when there is one more", () => {
    const bench = populated()
    const told = () =>
      bench.told.splice(0).map((notice) =>
        notice._tag === "ServiceSeen" ? notice.service.addresses.length : notice._tag
      )

    assert.deepStrictEqual(told(), owners.map(() => 60))
    bench.until(500).hear(addresses)
    assert.deepStrictEqual(told(), [])
    bench.hear([...addresses, address("10.0.1.60"), ...addresses])
    assert.deepStrictEqual(told(), owners.map(() => 61))
  })

  it("is looked up a few times for each service, however many of its addresses are said again", () => {
    const bench = populated().until(500)
    const { nodes } = bench.querier.places.get(eth0.key)!
    const get = nodes.get.bind(nodes)
    let looks = 0
    nodes.get = (key) => {
      looks++
      return get(key)
    }
    bench.hear(addresses)

    assert.isAtMost(looks, 12 * owners.length)
  })

  it("has an address read once for all of its services", () => {
    const bench = populated().until(500)
    const [entry] = Querier.records(bench.querier, eth0.key, name("host.local"), A)
    const { data } = entry!
    let reads = 0
    Object.defineProperty(entry, "data", {
      get: () => {
        reads++
        return data
      }
    })
    // those of one more are others, and have to be read
    bench.hear([...addresses, address("10.0.1.60")])

    assert.isAtMost(reads, 2)
    assert.isAbove(reads, 0)
  })
})
