import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { IpInterface, NetAddress } from "effect/net"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import type * as Registration from "../../../src/protocol/mdns/Registration.ts"
import * as Services from "../../../src/protocol/mdns/Services.ts"
import * as Txt from "../../../src/protocol/mdns/Txt.ts"

const registration = (options: Partial<Registration.Registration> = {}): Registration.Registration => ({
  type: "_http._tcp",
  subtypes: [],
  port: 8080,
  priority: 0,
  weight: 0,
  text: Txt.none,
  allowLarge: false,
  isVerified: false,
  isPlaceholder: false,
  ...options
})

const host = Services.hostName("host-1")
const addresses = (...texts: ReadonlyArray<string>) => texts.map((text) => IpInterface.fromStringUnsafe(text))
const octets = (address: string) =>
  Array.from(NetAddress.ipv4ToOctets(NetAddress.ipFromStringUnsafe(address) as NetAddress.Ipv4Address))

/** Records as people read them. */
const show = (records: ReadonlyArray<Record.Record>): ReadonlyArray<string> =>
  records.map(({ data, flush, name, ttl, type }) => {
    const said = data._tag === "Pointer"
      ? Name.format(data.target)
      : data._tag === "Service"
      ? `${data.priority} ${data.weight} ${data.port} ${Name.format(data.target)}`
      : Array.from(Record.octetsOf(data)).join(".")
    const kind = Object.entries(Record.Type).find(([, number]) => number === type)![0]
    return `${Name.format(name)} ${kind}${flush ? "!" : ""} ${ttl} ${said}`
  })

const service = (options: Partial<Registration.Registration> = {}) =>
  Services.serviceRecords(registration(options), { instance: "A.b", host })

describe("serviceRecords", () => {
  it("D-5-2 D-6-1 M-10-1 M-10-2 one SRV with neither priority nor weight, a TXT of one octet, and pointers", () => {
    const { name, shared, unique } = service()

    assert.strictEqual(Name.format(name), "A\\.b._http._tcp.local")
    assert.deepStrictEqual(show(unique), [
      "A\\.b._http._tcp.local SRV! 120 0 0 8080 host-1.local",
      "A\\.b._http._tcp.local TXT! 4500 0"
    ])
    assert.deepStrictEqual(show(shared), [
      "_http._tcp.local PTR 4500 A\\.b._http._tcp.local",
      "_services._dns-sd._udp.local PTR 4500 _http._tcp.local"
    ])
  })

  it("D-7.1-1 two subtypes make three pointers to the same instance, and a subtype named twice one", () =>
    assert.deepStrictEqual(show(service({ subtypes: ["_printer", "any.thing", "_PRINTER"] }).shared).slice(0, -1), [
      "_http._tcp.local PTR 4500 A\\.b._http._tcp.local",
      "_PRINTER._sub._http._tcp.local PTR 4500 A\\.b._http._tcp.local",
      "any\\.thing._sub._http._tcp.local PTR 4500 A\\.b._http._tcp.local"
    ]))

  it("D-8-1 of a placeholder there is only an SRV, with its host and port 0", () => {
    const { shared, unique } = service({ isPlaceholder: true, subtypes: ["_printer"] })

    assert.deepStrictEqual(show(unique), ["A\\.b._http._tcp.local SRV! 120 0 0 0 host-1.local"])
    assert.deepStrictEqual(shared, [])
  })

  it("takes priority, weight, text, ttl and another host from the registration", () => {
    const { shared, unique } = service({ priority: 1, weight: 2, text: Uint8Array.of(1, 65), ttl: 10, host: "asleep" })

    assert.deepStrictEqual(show(unique), [
      "A\\.b._http._tcp.local SRV! 10 1 2 8080 asleep.local",
      "A\\.b._http._tcp.local TXT! 10 1.65"
    ])
    assert.deepStrictEqual(shared.map(({ ttl }) => ttl), [10, Record.otherTtl])
  })
})

describe("hostRecords", () => {
  it("M-6.2-1 M-6.2-2 M-14-2 S-V3 every address of the interface, of both families, once, and no other", () => {
    const { unique } = Services.hostRecords(
      host,
      addresses("fe80::1/64", "192.0.2.10/24", "10.0.0.1/8", "2001:db8::1/64", "10.0.0.1/32", "0.0.0.0/0")
    )

    assert.deepStrictEqual(show(unique).map((line) => line.split(" ").slice(0, 3).join(" ")), [
      "host-1.local A! 120",
      "host-1.local A! 120",
      "host-1.local AAAA! 120",
      "host-1.local AAAA! 120"
    ])
    assert.deepStrictEqual(unique.slice(0, 2).map(({ data }) => Array.from(Record.octetsOf(data))), [
      octets("192.0.2.10"),
      octets("10.0.0.1")
    ])
  })

  it("M-10-1 points back to the host from each address, as its only owner", () =>
    assert.deepStrictEqual(show(Services.hostRecords(host, addresses("192.0.2.10/24", "fe80::a:1/64")).reverse), [
      "10.2.0.192.in-addr.arpa PTR! 120 host-1.local",
      `1.0.0.0.a.0.0.0.${"0.".repeat(21)}8.e.f.ip6.arpa PTR! 120 host-1.local`
    ]))
})

describe("proxiedHost", () => {
  it("says the addresses it was given", () => {
    const claimed = Services.proxiedHost(
      registration({ host: "asleep", addresses: addresses("10.0.0.9/24"), ttl: 60 })
    )!

    assert.deepStrictEqual(show(claimed.unique), ["asleep.local A! 60 10.0.0.9"])
  })

  it("says nothing of a host without addresses", () => {
    assert.isUndefined(Services.proxiedHost(registration({ host: "elsewhere" })))
    assert.isUndefined(Services.proxiedHost(registration({ host: "elsewhere", addresses: [] })))
    assert.isUndefined(Services.proxiedHost(registration()))
  })
})

describe("instanceName", () => {
  it("M-16-1 is in NFC", () =>
    assert.strictEqual(
      Services.instanceName("e\u0301", registration()).key,
      Result.getOrThrow(Name.fromString("\u00e9._http._tcp.local")).key
    ))
})
