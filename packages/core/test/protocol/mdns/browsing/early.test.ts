/** Hosts that say their addresses before anybody knows of a service there (RFC 6762, section 6). */
import { assert, describe, it } from "@effect/vitest"
import * as Querier from "../../../../src/protocol/mdns/Querier.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import { address, Bench, eth0, goodbye, name, pointer, service, text, wlan0 } from "./Bench.ts"

const a = "a._http._tcp.local"
const bare = [pointer(a), service(a), text(a)]

/** Hears a service without addresses: those that it is told with at once, and whether any were asked for within a second. */
const outcome = (bench: Bench) => {
  bench.told.splice(0)
  bench.hear(bare)
  const told = bench.told.flatMap((notice) =>
    notice._tag === "ServiceSeen" ? [notice.service.addresses.map(String)] : []
  )
  const since = bench.asked.length
  bench.until(bench.now + 1_000)
  return { told, isAsked: bench.asked.slice(since).some(({ question }) => question.includes("host.local")) }
}

const known = (...addresses: ReadonlyArray<string>) => ({ told: [addresses], isAsked: false })
const unknown = { told: [], isAsked: true }

const start = () => new Bench({ links: [eth0, wlan0] }).browse().until(500)

describe("addresses that were said before anybody wanted them", () => {
  it("are those of a service that is announced within a second, which are not asked for", () => {
    assert.deepStrictEqual(outcome(start().hear([address("10.0.0.1")]).until(1_499)), known("10.0.0.1:80"))
  })

  it("are asked for when that is later", () => {
    assert.deepStrictEqual(outcome(start().hear([address("10.0.0.1")]).until(1_500)), unknown)
  })

  it("hold from when they were said", () => {
    const bench = start().hear([address("10.0.0.1")]).until(1_400).hear(bare)
    const host = bench.querier.places.get(eth0.key)?.nodes.get(name("host.local").key)

    assert.deepStrictEqual([host?.last?.receivedAt, host?.last?.expiresAt], [500, 120_500])
  })

  it("are all those of a host, though they come one by one", () => {
    const bench = start().hear([address("10.0.0.1")]).until(900).hear([address("fd00::1")]).hear([address("10.0.0.2")])

    assert.deepStrictEqual(outcome(bench), known("10.0.0.1:80", "10.0.0.2:80", "[fd00::1]:80"))
  })

  it("are not told once one of their name is taken back", () => {
    const both = [address("10.0.0.1"), address("10.0.0.2")]
    const gone = [goodbye(address("10.0.0.1"))]

    assert.deepStrictEqual(outcome(start().hear(both).hear(gone)), unknown)
    assert.deepStrictEqual(outcome(start().hear(both, { host: "10.0.0.9" }).hear(gone)), unknown)
    assert.deepStrictEqual(
      outcome(start().hear([address("10.0.0.1")]).hear([goodbye(address("10.0.0.1", "other.local"))])),
      known("10.0.0.1:80")
    )
  })

  it("are gone in a second when any of those says goodbye who have said them", () => {
    for (const host of ["10.0.0.1", "10.0.0.2"]) {
      const bench = start().hear([address("10.0.0.1")]).until(600).hear([address("10.0.0.1")], { host: "10.0.0.2" })
      bench.hear(bare).hear([goodbye(address("10.0.0.1"))], { host }).until(1_600)

      assert.deepStrictEqual(Querier.records(bench.querier, eth0.key, name("host.local"), Record.Type.A), [])
    }
  })

  it("are those that whoever asks for the host is told", () => {
    const bench = new Bench().until(500).hear([address("10.0.0.1"), address("10.0.0.1")]).until(1_000)
    bench.subscribe(2, { _tag: "Host", name: name("host.local") })
    bench.subscribe(3, { _tag: "Records", name: name("host.local"), type: Record.Type.A }).until(2_000)

    assert.deepStrictEqual(bench.news(), ["host 10.0.0.1", "RecordSeen 1"])
    assert.deepStrictEqual(bench.questions(), ["AAAA host.local"])
  })

  it("are forgotten when we were away", () => {
    const bench = start().hear([address("10.0.0.1")])
    bench.resume()

    assert.deepStrictEqual(outcome(bench), unknown)
  })

  it("are nobody's on another link", () => {
    assert.deepStrictEqual(outcome(start().hear([address("10.0.0.1")], { link: wlan0 })), unknown)
  })

  it("are asked for after a datagram with more than are remembered", () => {
    const many = Array.from({ length: 9 }, (_, i) => address(`10.0.0.${i + 1}`))

    assert.deepStrictEqual(outcome(start().hear(many)), unknown)
    assert.deepStrictEqual(outcome(start().hear(many.slice(1))).told.flat().length, 8)
  })

  const flood = (bench: Bench, datagrams: number, host: (index: number) => string) => {
    for (let i = 0; i < datagrams; i++) {
      bench.hear([address("10.0.1.1", `other-${i}.local`)], { host: host(i) })
    }
    return bench
  }

  it("are forgotten when their source has said as much as is remembered of one, or all have", () => {
    const heard = (datagrams: number, host: (index: number) => string) =>
      outcome(flood(start().hear([address("10.0.0.1")]), datagrams, host))

    assert.deepStrictEqual(heard(7, () => "10.0.0.1"), known("10.0.0.1:80"))
    assert.deepStrictEqual(heard(8, () => "10.0.0.1"), unknown)
    assert.deepStrictEqual(heard(63, (i) => `10.0.2.${i}`), known("10.0.0.1:80"))
    assert.deepStrictEqual(heard(64, (i) => `10.0.2.${i}`), unknown)
  })

  it("are not forgotten in a flood from another source, nor for being said again", () => {
    const bench = flood(start().hear([address("10.0.0.1")]), 1_000, () => "10.0.0.9")
    for (let i = 0; i < 100; i++) bench.hear([address("10.0.0.2", "two.local")])

    assert.deepStrictEqual(outcome(bench), known("10.0.0.1:80"))
    const [place] = bench.querier.places.values()
    assert.strictEqual(place?.early.size, 10)
  })
})
