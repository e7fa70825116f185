import { assert, describe, it } from "@effect/vitest"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Bench from "./bench.ts"

const { Type } = Record
const browse = Bench.query([Bench.question("_http._tcp.local", Type.PTR)])

describe("hearQuery", () => {
  it("D-12.1-1 M-6.2-3 a pointer brings SRV, TXT and all addresses", () => {
    const bench = Bench.make(Bench.zone(Bench.http))
    Bench.hear(bench, browse)
    Bench.passUntil(bench, 10_000)

    assert.strictEqual(bench.sent.length, 1)
    const [{ message, to }] = bench.sent as [Bench.Sent]
    assert.strictEqual(to, "group")
    assert.deepStrictEqual(Bench.show(message.answers), ["PTR _http._tcp.local"])
    assert.deepStrictEqual(Bench.show(message.additionals), [
      "SRV! x._http._tcp.local",
      "TXT! x._http._tcp.local",
      "A! h.local",
      "AAAA! h.local"
    ])
  })
})
