import { type Lease, Limits, Network } from "@effect-discovery/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { IpInterface } from "effect/net"
import * as Hub from "../../../../src/internal/runtime/mdns/Hub.ts"
import * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import * as Host from "../../../../src/protocol/mdns/Host.ts"
import type * as Link from "../../../../src/protocol/mdns/Link.ts"
import type * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Renewal from "../../../../src/protocol/mdns/Renewal.ts"
import * as Writer from "../../../../src/protocol/mdns/Writer.ts"
import { address, pointer, service, text } from "../../../protocol/mdns/browsing/Bench.ts"
import * as FakeNetwork from "../../../support/FakeNetwork.ts"
import * as Given from "../../Given.ts"

const link: Link.Link = {
  key: "eth0/IPv4",
  interface: "eth0",
  index: 2,
  family: "IPv4",
  addresses: [IpInterface.fromStringUnsafe("10.0.0.99/24")],
  maxPayload: 1_440,
  isPortOwned: false
}

/** A hub that browses, with the leases of what it tells. */
const browse = Effect.fnUntraced(function*({ isLeased = true } = {}) {
  const { layer } = yield* FakeNetwork.make()
  const hub = yield* Hub.make({
    machine: Host.machine({ announcements: 2, allowOtherDomains: false, limits: Engine.limits }),
    source: "mdns",
    network: yield* Effect.provide(Network.Network.useSync((network) => network), layer),
    interfaces: () => [],
    limits: Limits.make(),
    most: Engine.limits,
    allowOtherDomains: false,
    seed: 1,
    report: () => {}
  })
  const leases: Array<Lease.Lease | undefined> = []
  hub.subscribers.set(1, { tell: (_, lease) => leases.push(lease), end: () => {}, isLeased })
  Hub.step(hub, { _tag: "LinkUp", link }, 0)
  Hub.step(hub, { _tag: "Subscribe", key: 1, subscription: { _tag: "Browse", type: "_http._tcp", follow: false } }, 0)
  return { hub, leases }
})

const hear = (hub: Hub.Hub, from: string, records: ReadonlyArray<Record.Record>, now: number): Hub.Done => {
  const writer = Writer.make({ limit: 1_440, kind: "response" })
  for (const record of records) Writer.record(writer, "answers", record)
  const payload = Writer.finish(writer)
  const source = Given.address(`${from}:5353`)
  return Hub.step(hub, { _tag: "Received", link: link.key, payload, source, isMulticast: true }, now)
}

const a = "a._http._tcp.local"
const all = [pointer(a), service(a), text(a), address("10.0.0.1")]

describe("step", () => {
  it.effect("a datagram stands for a lease no longer whose notice another one has taken the place of", () =>
    Effect.gen(function*() {
      const { hub, leases } = yield* browse()
      hear(hub, "10.0.0.7", [pointer(a), service(a), text(a)], 500)
      hear(hub, "10.0.0.8", [address("10.0.0.1")], 600)
      const { renewal } = hear(hub, "10.0.0.7", [pointer(a)], 2_000)
      const before = Renewal.isCurrent(renewal!)
      hear(hub, "10.0.0.8", [address("10.0.0.2")], 2_100)

      assert.deepStrictEqual(leases.map((lease) => lease?.isPending), [undefined, false, undefined])
      assert.deepStrictEqual([before, Renewal.isCurrent(renewal!)], [true, false])
    }))
  it.effect("a pointer that is said for longer than before is told, and what renews it then has a lease as long", () =>
    Effect.gen(function*() {
      const { hub, leases } = yield* browse()
      const say = (ttl: number, now: number) =>
        hear(hub, "10.0.0.7", [pointer(a, undefined, ttl), service(a), text(a), address("10.0.0.1")], now).renewal
      for (const [ttl, now] of [[60, 0], [60, 2_000], [4_500, 4_000], [4_500, 6_000]] as const) say(ttl, now)

      assert.deepStrictEqual(leases.map((lease) => lease?.ttl), [undefined, 60_000, undefined, 4_500_000])
    }))

  it.effect("a datagram has a lease of its own again once nobody keeps what it was for", () =>
    Effect.gen(function*() {
      const { hub, leases } = yield* browse()
      for (const now of [500, 2_500]) hear(hub, "10.0.0.7", all, now)
      const lease = leases[1]!
      lease.isPending = false
      hear(hub, "10.0.0.7", all, 4_500)

      assert.deepStrictEqual([leases[2]?.isPending, leases[2]?.heard, lease.heard], [true, 1, 1])
    }))

  it.effect("a datagram stands for nothing where each has to be told", () =>
    Effect.gen(function*() {
      const { hub, leases } = yield* browse({ isLeased: false })
      const renewals = [500, 2_500].map((now) => hear(hub, "10.0.0.7", all, now).renewal)

      assert.deepStrictEqual(leases, [undefined, undefined])
      assert.isFalse(Renewal.isCurrent(renewals[1]!))
    }))
})
