import { Attributes } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Service from "../../../../src/internal/runtime/mdns/Service.ts"
import * as Name from "../../../../src/protocol/mdns/Name.ts"
import type * as Subscription from "../../../../src/protocol/mdns/Subscription.ts"

const name = (text: string) => Result.getOrThrow(Name.fromString(text))

const notice: Subscription.Notice = {
  _tag: "ServiceSeen",
  key: 1,
  where: { link: "eth0/IPv4", interface: "eth0", origin: "10.0.0.1" },
  subject: { lease: undefined },
  service: {
    name: name("Ada._http._tcp.local"),
    instance: "Ada",
    type: "_http._tcp",
    host: name("Host.local"),
    port: 80,
    priority: 1,
    weight: 2,
    addresses: [NetAddress.inetAddressUnsafe(NetAddress.ipv4FromBytesUnsafe(Uint8Array.of(10, 0, 0, 1)), 80)],
    text: Uint8Array.of(3, 0x61, 0x3d, 0x31, 9),
    attributes: Attributes.make({ a: "1" }),
    otherTexts: [Uint8Array.of(1, 0x62)]
  },
  ttl: 120_000
}

const serviceOf = (sighting: Service.Sighting | undefined) => (sighting as Service.Seen).service

describe("a leased sighting", () => {
  it("says of a service what any other does", () => {
    const all = serviceOf(Service.sighting(notice))
    const leased = serviceOf(Service.leasedSighting(notice, undefined, undefined))
    for (const field of Object.keys(all) as ReadonlyArray<keyof Service.Service>) {
      assert.deepStrictEqual(leased[field], all[field], field)
    }
    assert.isTrue(leased.isTextMalformed)
    assert.strictEqual(leased.host, "Host.local")
    assert.strictEqual(leased.texts.length, 2)
  })
})
