import { Attributes } from "@effect-discovery/core"
import type { Mdns } from "@effect-discovery/core/protocol"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Answers from "../../src/internal/cli/Answers.ts"

const service = (parts: Partial<Mdns.Service> = {}): Mdns.Service => ({
  id: "kitchen printer._ipp._tcp.local",
  name: "Kitchen Printer",
  type: "_ipp._tcp",
  host: "printer.local",
  port: 631,
  priority: 0,
  weight: 0,
  addresses: [NetAddress.inetAddressFromIpStringUnsafe("10.0.0.5", 631)],
  attributes: Attributes.make([["rp", "ipp/print"], ["duplex", true]]),
  isTextMalformed: false,
  texts: [],
  interfaces: ["eth0"],
  ...parts
})

const noon = new Date(2026, 0, 1, 12, 0, 0).getTime()

describe("a service", () => {
  it("is a line for people, with a key alone where it has no value", () => {
    assert.strictEqual(
      Answers.serviceText(service()),
      "Kitchen Printer _ipp._tcp printer.local:631 10.0.0.5:631 rp=ipp/print duplex"
    )
  })

  it("commands nothing, whatever it is named", () => {
    const line = Answers.serviceText(service({ name: "x\n\u001b[2J", host: "\u0007.local" }))

    assert.include(line, "x\\u{a}\\u{1b}[2J")
    assert.include(line, "\\u{7}.local:631")
  })

  it("is an object for programs", () => {
    assert.deepStrictEqual(JSON.parse(Answers.serviceJson(service(), 0)), {
      event: "resolved",
      at: "1970-01-01T00:00:00.000Z",
      service: {
        id: "kitchen printer._ipp._tcp.local",
        name: "Kitchen Printer",
        type: "_ipp._tcp",
        host: "printer.local",
        port: 631,
        addresses: ["10.0.0.5:631"],
        attributes: { rp: "ipp/print", duplex: "" }
      }
    })
  })
})

describe("a host", () => {
  const host = { host: "printer.local", addresses: ["10.0.0.5", "fe80::1%2"] }

  it("is a line for people, and an object for programs", () => {
    assert.strictEqual(Answers.hostText(host), "printer.local 10.0.0.5 fe80::1%2")
    assert.deepInclude(JSON.parse(Answers.hostJson(host, 0)), { event: "resolved", ...host })
  })
})

describe("a type", () => {
  it("is a line for people, and an object for programs", () => {
    const event = { event: "discovered", type: "_ipp._tcp" } as const

    assert.strictEqual(Answers.typeText(event, noon), "12:00:00 discovered _ipp._tcp")
    assert.deepInclude(JSON.parse(Answers.typeJson(event, 0)), event)
  })
})
