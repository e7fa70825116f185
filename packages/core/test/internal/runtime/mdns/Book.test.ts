import { Attributes } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { NetAddress } from "effect/net"
import * as Book from "../../../../src/internal/runtime/mdns/Book.ts"
import type * as Service from "../../../../src/internal/runtime/mdns/Service.ts"

const seen = (link: string, address: string, options: Partial<Service.Service> = {}): Service.Seen => ({
  _tag: "Seen",
  link,
  interface: link.split("/")[0]!,
  origin: address,
  ttl: 1_000,
  service: {
    id: "a._http._tcp.local",
    name: "A",
    type: "_http._tcp",
    host: "a.local",
    port: 80,
    priority: 0,
    weight: 0,
    addresses: [NetAddress.inetAddressFromStringUnsafe(address)],
    attributes: Attributes.empty,
    texts: [],
    isTextMalformed: false,
    interfaces: [link.split("/")[0]!],
    ...options
  }
})

const gone = (link: string, reason: Service.LossReason = "Goodbye"): Service.Gone => ({
  _tag: "Gone",
  id: "a._http._tcp.local",
  link,
  interface: link.split("/")[0]!,
  origin: "",
  reason
})

/** `ServiceFound 10.0.0.1:80 on eth0` */
const show = (...sightings: ReadonlyArray<Service.Sighting>): ReadonlyArray<string> => {
  const book = Book.make()
  return sightings.map((sighting) => {
    const event = Book.take(book, sighting)
    if (event === undefined) return "-"
    if (event._tag === "ServiceLost") return `ServiceLost ${event.reason}`
    return `${event._tag} ${event.service.addresses.join()} on ${event.service.interfaces.join()}`
  })
}

describe("take", () => {
  it("tells a change once that both families of an interface say", () => {
    const news = { port: 81 }
    assert.deepStrictEqual(
      show(
        seen("eth0/IPv4", "10.0.0.1:80"),
        seen("eth0/IPv6", "10.0.0.2:80"),
        seen("eth0/IPv4", "10.0.0.1:80", news),
        seen("eth0/IPv6", "10.0.0.2:80", news)
      ),
      [
        "ServiceFound 10.0.0.1:80 on eth0",
        "ServiceUpdated 10.0.0.1:80,10.0.0.2:80 on eth0",
        "ServiceUpdated 10.0.0.1:80,10.0.0.2:80 on eth0",
        "-"
      ]
    )
  })

  it("X-19 a service on two links is found once, and lost when the last has it no longer", () => {
    assert.deepStrictEqual(
      show(
        seen("eth0/IPv4", "10.0.0.1:80"),
        seen("wlan0/IPv4", "10.1.0.1:80"),
        gone("eth0/IPv4"),
        gone("wlan0/IPv4", "Expired")
      ),
      [
        "ServiceFound 10.0.0.1:80 on eth0",
        "ServiceUpdated 10.0.0.1:80,10.1.0.1:80 on eth0,wlan0",
        "ServiceUpdated 10.1.0.1:80 on wlan0",
        "ServiceLost Expired"
      ]
    )
  })

  it("X-19 two families of one interface that say the same are no news", () => {
    assert.deepStrictEqual(
      show(seen("eth0/IPv4", "10.0.0.1:80"), seen("eth0/IPv6", "10.0.0.1:80"), gone("eth0/IPv4"), gone("eth0/IPv6")),
      ["ServiceFound 10.0.0.1:80 on eth0", "-", "-", "ServiceLost Goodbye"]
    )
  })

  it("a renewal that says the same is no news, and neither is the end of what was not there", () => {
    assert.deepStrictEqual(
      show(gone("eth0/IPv4"), seen("eth0/IPv4", "10.0.0.1:80"), seen("eth0/IPv4", "10.0.0.1:80")),
      [
        "-",
        "ServiceFound 10.0.0.1:80 on eth0",
        "-"
      ]
    )
  })

  it("what was said last holds where links differ", () => {
    const book = Book.make()
    for (const sighting of [seen("eth0/IPv4", "10.0.0.1:80"), seen("eth0/IPv6", "10.0.0.1:80", { port: 81 })]) {
      Book.take(book, sighting)
    }
    const event = Book.take(book, seen("eth0/IPv4", "10.0.0.1:80", { port: 82 }))

    assert.strictEqual(event?.service.port, 82)
  })
})
