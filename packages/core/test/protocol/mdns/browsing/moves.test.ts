/** An instance that has another SRV record, host or link than before (RFC 6763, section 5). */
import { assert, describe, it } from "@effect/vitest"
import type * as Record from "../../../../src/protocol/mdns/Record.ts"
import { address, Bench, eth0, goodbye, pointer, service, text, whole } from "./Bench.ts"

const a = "a._http._tcp.local"

const browse = (...answers: ReadonlyArray<Record.Record>) => new Bench().browse().until(500).hear(answers)

describe("one of several SRV records", () => {
  const shared = { flush: false }

  it("gives way to one of a lower priority that comes later, not to one of the same", () => {
    const bench = browse(...whole(a).filter(({ data }) => data._tag !== "Service"))
    bench.hear([service(a, { ...shared, port: 1, priority: 5 })]).until(1_000)
    bench.hear([service(a, { ...shared, port: 2, priority: 5 })]).until(2_000)
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:1"])

    bench.hear([service(a, { ...shared, port: 3, priority: 4 })])
    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:3"])
  })

  it("is chosen by its weight", () => {
    const light = service(a, { ...shared, port: 1 })
    const heavy = service(a, { ...shared, port: 2 })
    const data = { ...heavy.data, weight: 65_535 } as Record.Data
    const bench = browse(pointer(a), light, { ...heavy, data }, text(a), address("10.0.0.1"))

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:2"])
  })
})

describe("a host", () => {
  it("that is turned to again has the addresses that it has by then", () => {
    const best = service(a, { flush: false, host: "other.local" })
    const bench = browse(pointer(a), service(a, { flush: false, priority: 9 }), text(a), address("10.0.0.1"))
    bench.until(5_000).hear([best]).until(5_100)
    bench.hear([address("10.0.0.9")]).until(6_500).hear([goodbye(best)]).until(8_000)

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80", "seen a 10.0.0.9:80"])
  })

  it("of the instance's own name is left without losing sight of the instance", () => {
    const bench = browse(pointer(a), service(a, { host: a }), text(a), address("10.0.0.1", a))
    bench.until(5_000).hear([service(a), address("10.0.0.2")])
    bench.until(10_000).hear([service(a, { port: 81 })])

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80", "seen a 10.0.0.2:80", "seen a 10.0.0.2:81"])
  })
})

describe("a link", () => {
  it("that is another by number is where link-local addresses are from then on", () => {
    const bench = browse(...whole(a), address("fe80::1"))
    bench.linkUp({ ...eth0, index: 7 })
    bench.hear([text(a, "a=2")])

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80,[fe80::1%2]:80", "seen a 10.0.0.1:80,[fe80::1%7]:80"])
  })
})

describe("what is doubted", () => {
  it("is asked for no longer than 10 s while it is known in part", () => {
    const bench = browse(...whole(a)).until(300_000)
    bench.reconfirm(a)
    bench.until(301_000).hear([pointer(a)])
    bench.questions()
    bench.until(309_000)
    assert.include(bench.questions(), `SRV ${a}`)
    bench.until(311_000).questions()
    bench.until(1_000_000)

    assert.notInclude(bench.questions(), `SRV ${a}`)
  })
})
