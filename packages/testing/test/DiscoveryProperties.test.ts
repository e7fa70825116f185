import { Announcement, Peer } from "@effect-discovery/core"
import { JsonBeacon, Mdns } from "@effect-discovery/core/protocol"
import { DiscoveryProperties, Property, type PropertyState, Swarm } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

const peer = (host: string, source = "json") => {
  const name = DiscoveryProperties.nameOf(host)
  const sources = [source]
  return { id: Peer.id(source, name), name, sources, addresses: [], attributes: new Map(), authentication: "none" }
}

const host = (
  name: string,
  known: ReadonlyArray<ReturnType<typeof peer>>,
  change: Partial<DiscoveryProperties.View> = {}
): PropertyState.HostState<DiscoveryProperties.View> => ({
  name,
  isUp: true,
  isPaused: false,
  isDead: false,
  boot: 1,
  since: 0,
  awakeSince: 0,
  view: {
    self: DiscoveryProperties.nameOf(name),
    sources: ["json"],
    peers: known as unknown as ReadonlyArray<Peer.Peer>,
    followed: new Set(known.map(({ id }) => id)),
    inconsistency: undefined,
    overdue: 0,
    ...change
  }
})

const state = (
  ...hosts: ReadonlyArray<PropertyState.HostState<DiscoveryProperties.View>>
): PropertyState.State<DiscoveryProperties.View> => ({ now: 10_000, phase: "converge", hosts })

const ada = host("ada", [peer("grace")])
const grace = host("grace", [peer("ada")])
const { check, missing } = DiscoveryProperties.allSeeAll("1 second")

describe("always", () => {
  it("two who know each other are fine", () => {
    for (const predicate of Object.values(DiscoveryProperties.always)) {
      assert.strictEqual(predicate(state(ada, grace)), true)
    }
  })

  it.each([
    ["noSelf", host("ada", [peer("ada")]), /ada: discovered itself/],
    ["noUnknownPeer", host("ada", [peer("mallory")]), /discovered json:mallory@lan/],
    ["leaseNeverNegative", host("ada", [], { overdue: 2001 }), /2001 ms beyond/],
    ["eventsAlternate", host("ada", [], { inconsistency: "lost twice" }), /lost twice/]
  ])("%s", (name, culprit, why) => {
    assert.match(String(DiscoveryProperties.always[name]!(state(culprit, grace))), why)
  })

  it("a host that stands still does not forget, and nobody blames it", () => {
    const paused = { ...host("ada", [], { overdue: 5000 }), isPaused: true }

    const awake = { ...paused, isPaused: false, awakeSince: 9000 }

    assert.strictEqual(DiscoveryProperties.leaseNeverNegative(state(paused, awake)), true)
  })
})

describe("allSeeAll", () => {
  it("those who are down are neither asked nor expected", () => {
    const down = { ...host("edsger", []), isUp: false, view: undefined }

    assert.strictEqual(check(state(ada, grace, down)), true)
  })

  it("names who does not know whom", () => {
    const lonely = host("grace", [])

    assert.match(String(check(state(ada, lonely))), /grace knows \[\] by json, and \[ada@lan\] are up/)
    assert.deepStrictEqual(missing?.(state(ada, lonely)), [["ada", "grace"]])
  })

  it("a ghost is one too many, and so is a peer known twice", () => {
    assert.match(
      String(check(state(host("ada", [peer("grace"), peer("edsger")]), grace))),
      /edsger@lan, grace@lan\] by json/
    )
    assert.match(String(check(state(host("ada", [peer("grace"), peer("grace")]), grace))), /grace@lan, grace@lan/)
  })

  it("what the stream told has to add up to what is known", () => {
    assert.match(
      String(check(state(host("ada", [peer("grace")], { followed: new Set() }), grace))),
      /events of ada add up/
    )
  })
})

describe("explained", () => {
  const sources = { JsonBeacon: JsonBeacon.source(), Mdns: Mdns.source({ browse: ["_peer._udp"], type: "_peer._udp" }) }

  for (const [protocol, source] of Object.entries(sources)) {
    it.effect(`finds who was not heard of, and nobody else: ${protocol}`, () =>
      Effect.gen(function*() {
        const check = (name: string) =>
          Property.check({
            topology: 2,
            faults: Swarm.none,
            workload: DiscoveryProperties.workload({
              sources: () => [source],
              announcement: (self) => Announcement.make({ name: self.index === 0 ? name : "host2@lan", port: 8080 })
            }),
            history: { explained: DiscoveryProperties.explained },
            sometimes: ["peer discovered"],
            runs: 1,
            shrinkRuns: 0
          })
        const error = yield* Effect.flip(check("edsger@lan"))

        assert.match(error.message, /host2 peer discovered .*, and nothing of edsger was delivered to it/)
        assert.strictEqual((yield* check("host1@lan")).runs, 1)
      }))
  }
})

describe("workload", () => {
  it.effect("a discovery that is late by a second too much is found out", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Property.check({
        topology: 2,
        faults: Swarm.none,
        faultsFor: "1 second",
        workload: DiscoveryProperties.workload({
          sources: () => [JsonBeacon.source({ group: "239.1.1.1", scaling: false })]
        }),
        eventually: { allSeeAll: DiscoveryProperties.allSeeAll("1 second") },
        // nothing passes before the hosts are said to have converged
        setup: (network) => network.partition([["host1"], ["host2"]]),
        runs: 1
      }))

      assert.strictEqual(error.reason._tag, "Counterexample")
      assert.match(error.message, /host1 knows \[\] by json/)
      assert.match(error.message, /from host2 to host1: .* dropped .* partition/)
    }))
})
