import { Attributes } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Service from "../../../../src/internal/runtime/mdns/Service.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import type * as Subscription from "../../../../src/protocol/mdns/Subscription.ts"

const name = (text: string) => Result.getOrThrow(Name.fromString(text))

const where = { link: "eth0/IPv4", interface: "eth0", origin: "10.0.0.1" }
const addresses = [NetAddress.inetAddressUnsafe(NetAddress.ipv4FromBytesUnsafe(Uint8Array.of(10, 0, 0, 1)), 80)]
const malformed = Uint8Array.of(3, 0x61, 0x3d, 0x31, 9)

const notice: Subscription.Notice = {
  _tag: "ServiceSeen",
  key: 1,
  where,
  subject: { lease: undefined },
  service: {
    name: name("Ada._http._tcp.local"),
    instance: "Ada",
    type: "_http._tcp",
    host: name("Host.local"),
    port: 80,
    priority: 1,
    weight: 2,
    addresses,
    text: malformed,
    attributes: Attributes.make({ a: "1" }),
    otherTexts: [Uint8Array.of(1, 0x62)]
  },
  ttl: 120_000
}

describe("sighting", () => {
  it("of an instance that is seen says all that was heard of it", () => {
    assert.deepStrictEqual(Service.sighting(notice), {
      _tag: "Seen",
      service: {
        id: "ada._http._tcp.local",
        name: "Ada",
        type: "_http._tcp",
        host: "Host.local",
        port: 80,
        priority: 1,
        weight: 2,
        addresses,
        attributes: Attributes.make({ a: "1" }),
        isTextMalformed: true,
        texts: [malformed, Uint8Array.of(1, 0x62)],
        interfaces: ["eth0"]
      },
      ...where,
      networkInterface: undefined,
      ttl: 120_000
    })
  })

  it("of one that is lost says which and why", () => {
    const lost = { _tag: "ServiceLost", key: 1, where, name: name("Ada._http._tcp.local"), reason: "LinkLost" } as const
    const gone = { _tag: "Gone", id: "ada._http._tcp.local", ...where, reason: "InterfaceLost" }
    assert.deepStrictEqual(Service.sighting(lost), gone as Service.Sighting)
  })
})
