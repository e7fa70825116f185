import { assert, describe, it } from "@effect/vitest"
import { existsSync } from "node:fs"
import * as Usage from "../src/lan/Usage.ts"

describe("Usage", () => {
  it("reads the time that a thread has run", () => {
    assert.strictEqual(Usage.runTimeOf("123456789 4000 17\n"), 123_456.789)
  })

  it("reads a field of a status", () => {
    const status = "Name:\tnode\nVmRSS:\t   51200 kB\nvoluntary_ctxt_switches:\t42\nnonvoluntary_ctxt_switches:\t7\n"

    assert.strictEqual(Usage.fieldOf(status, "VmRSS"), 51_200)
    assert.strictEqual(Usage.fieldOf(status, "voluntary_ctxt_switches"), 42)
    assert.throws(() => Usage.fieldOf(status, "VmSwap"), "does not tell VmSwap")
  })

  it("reads the datagrams of a host", () => {
    const snmp = [
      "Ip: Forwarding DefaultTTL",
      "Ip: 1 64",
      "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors",
      "Udp: 1000 2 3 44 5",
      "UdpLite: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors",
      "UdpLite: 9 9 9 9 9"
    ]

    assert.deepStrictEqual(Usage.datagramsOf(snmp.join("\n")), { received: 1_000, sent: 44 })
  })

  it.skipIf(!existsSync("/proc/self/schedstat"))("tells what this process has taken", () => {
    const before = Usage.of(process.pid)
    const until = process.cpuUsage().user + 20_000
    while (process.cpuUsage().user < until);
    const { cpu } = Usage.since(before, Usage.of(process.pid))

    assert.isAbove(cpu, 10_000)
    assert.isAbove(before.resident, 10e6)
  })
})
