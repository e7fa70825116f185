/** For how long an instance is told to hold, and what is asked of it meanwhile. */
import { assert, describe, it } from "@effect/vitest"
import type * as Record from "../../../../src/protocol/mdns/Record.ts"
import { address, Bench, goodbye, pointer, service, text, whole } from "./Bench.ts"

const a = "a._http._tcp.local"

const follow = (...answers: ReadonlyArray<Record.Record>) =>
  new Bench().browse(1, { follow: true }).until(500).hear(answers)

const ttls = (bench: Bench) => bench.told.map((notice) => "ttl" in notice && notice.ttl)

describe("an instance that is followed", () => {
  it("holds no longer than its SRV record, and than the last of its addresses of either family", () => {
    const brief = { ...service(a), ttl: 60 }

    assert.deepStrictEqual(ttls(follow(pointer(a), brief, text(a), address("10.0.0.1"))), [60_000])
    assert.deepStrictEqual(ttls(follow(pointer(a), service(a), text(a), address("fd00::1"))), [120_000])
  })

  it("holds as long as its pointer where it has no host", () => {
    const bench = new Bench().subscribe(1, { _tag: "Browse", type: "_http._tcp", follow: true, isTextOnly: true })

    assert.deepStrictEqual(ttls(bench.until(500).hear([pointer(a), text(a)])), [4_500_000])
  })

  it("is given time for another address when the last one says goodbye", () => {
    const bench = follow(...whole(a)).until(5_000).hear([goodbye(address("10.0.0.1"))]).until(7_000)
    bench.hear([address("10.0.0.7")])

    assert.deepStrictEqual(bench.news(), ["seen a 10.0.0.1:80", "seen a 10.0.0.7:80"])
  })

  it("is asked neither for its TXT record nor for addresses of a family that its host has none of", () => {
    const bench = follow(...whole(a)).until(1_000)
    bench.questions()
    for (let at = 100_000; at < 4_450_000; at += 100_000) {
      bench.until(at).hear([pointer(a), service(a), address("10.0.0.1")])
    }
    const asked = bench.questions()

    assert.notInclude(asked, `TXT ${a}`)
    assert.notInclude(asked, "AAAA host.local")
  })
})
