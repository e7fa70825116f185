/** What is lost on the way of an instance, or is said to be so no longer (RFC 6762, sections 6.1 and 10). */
import { assert, describe, it } from "@effect/vitest"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import { address, Bench, denial, goodbye, pointer, service, text, whole } from "./Bench.ts"

const a = "a._http._tcp.local"
const v6 = address("fd00::1")

const both = () => new Bench().browse().until(500).hear([...whole(a), v6])

describe("a goodbye to what is kept beyond its ttl", () => {
  const old = () => {
    const bench = both().until(300_000)
    bench.news()
    bench.questions()
    return bench
  }

  it("M-10.1-2 ends an address", () => {
    assert.deepStrictEqual(old().hear([goodbye(v6)]).until(301_000).news(), ["seen a 10.0.0.1:80"])
  })

  it("M-10.1-2 ends no other address of the same family", () => {
    const bench = new Bench().browse().until(500).hear([...whole(a), address("10.0.0.7")]).until(300_000)
    bench.news()

    assert.deepStrictEqual(bench.hear([goodbye(address("10.0.0.7"))]).until(301_000).news(), ["seen a 10.0.0.1:80"])
  })

  it("M-10.1-2 ends a service without an SRV record", () => {
    assert.deepStrictEqual(old().hear([goodbye(service(a))]).until(301_000).news(), ["lost a Goodbye"])
  })

  it("M-10.1-2 of a stranger makes us ask its owner", () => {
    const bench = old().hear([goodbye(v6)], { host: "10.0.0.66" }).until(301_000)
    assert.deepStrictEqual(bench.news(), [])
    assert.include(bench.questions(), "AAAA host.local")
    bench.hear([address("10.0.0.1"), denial("host.local", Record.Type.A)])

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])
  })
})

describe("what ends before its ttl", () => {
  it("is not kept beyond it: nobody has said it again when it was doubted", () => {
    const bench = new Bench().browse().until(500).hear(whole(a)).until(5_000)
    bench.news()
    bench.resume()
    bench.hear([pointer(a), text(a), address("10.0.0.1")]).until(30_000)

    assert.deepStrictEqual(bench.news().at(-1), "lost a Expired")
  })
})

describe("what is denied", () => {
  it("M-6.1-1 is gone, though it be kept beyond its ttl", () => {
    const bench = both().until(300_000)
    bench.news()
    bench.hear([address("10.0.0.1"), denial("host.local", Record.Type.A)])

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])
  })

  it("M-6.1-1 is not kept beyond its ttl", () => {
    const bench = both().until(110_000)
    bench.news()
    bench.hear([address("10.0.0.1"), denial("host.local", Record.Type.A)]).until(120_499)
    assert.deepStrictEqual(bench.news(), [])
    bench.until(120_500)

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80"])
  })
})

describe("after a sleep", () => {
  it("M-10.3-1 what was resolved is asked for until it is given up", () => {
    const bench = both().until(60_000)
    bench.news()
    bench.questions()
    bench.resume()
    bench.until(69_000)
    assert.isAtLeast(bench.questions().filter((question) => question === `SRV ${a}`).length, 4)
    bench.hear([...whole(a), v6]).until(100_000)

    assert.notInclude(bench.news().join(), "lost")
  })

  it("M-10.3-1 a host that is turned to again is asked for all its addresses, though others of it are known", () => {
    const elsewhere = [service(a, { host: "other.local" }), address("10.0.0.2", "other.local")]
    const bench = both().until(5_000).hear(elsewhere).until(20_000)
    bench.resume()
    bench.until(20_100).hear([pointer(a), text(a), ...elsewhere]).until(22_000)
    bench.questions()
    bench.hear([service(a)]).until(22_500)

    assert.includeMembers(bench.questions() as Array<string>, ["A host.local", "AAAA host.local"])
  })
})

describe("reconfirm", () => {
  it("M-10.4-1 asks for what is kept beyond its ttl", () => {
    const bench = both().until(300_000)
    bench.questions()
    bench.reconfirm(a)
    bench.until(302_000)
    const asked = bench.questions()
    assert.includeMembers([...asked], ["PTR _http._tcp.local", `SRV ${a}`, `TXT ${a}`])

    bench.reconfirm("host.local")
    bench.until(304_000)
    assert.includeMembers(bench.questions() as Array<string>, ["A host.local", "AAAA host.local"])
  })
})

describe("a flood", () => {
  it("X-4 that displaces what is followed does not end the questions for it", () => {
    const bench = new Bench({ limits: { records: 12 } }).browse(1, { follow: true }).until(500)
    bench.hear(["b", "c", "d", "e", "f", "g"].map((label) => pointer(`${label}._http._tcp.local`)), {
      host: "10.0.0.1"
    })
    bench.hear([pointer(a), service(a), text(a), address("10.0.0.1")], { host: "10.0.0.1" }).until(20_000)
    bench.hear(["h", "i", "j", "k"].map((label) => pointer(`${label}._http._tcp.local`)), { host: "10.0.0.9" })
    bench.until(25_000)
    assert.include(bench.news(), "lost a Expired")
    bench.questions()
    bench.until(200_000)

    assert.include(bench.questions(), "A host.local")
  })
})

describe("what is missing for a moment", () => {
  it("is told again when it is back, since it may hold longer by then", () => {
    const bench = both().until(100_000).hear([goodbye(address("10.0.0.1")), goodbye(v6)]).until(102_000)
    bench.hear([pointer(a)]).until(102_500)
    bench.told.splice(0)
    bench.hear([address("10.0.0.1"), v6])

    assert.deepStrictEqual(bench.told.map((notice) => notice._tag === "ServiceSeen" && notice.at + notice.ttl), [
      102_000 + 4_500_000
    ])
  })
})
