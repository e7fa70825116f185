import { Announcement, Discovery, type DiscoveryEvent, Limits, Peer, Source } from "@effect-discovery/core"
import { JsonBeacon, Peerage, SyncthingV0 } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Option, Queue, Ref, Scope, Stream } from "effect"
import { NetAddress } from "effect/net"
import * as Given from "./internal/Given.ts"
import * as FakeNetwork from "./support/FakeNetwork.ts"

const announcement = (name: string, attributes: Record<string, string> = {}) => Announcement.make({ name, attributes })

const simulate = <A, E>(name: string, program: () => Effect.Effect<A, E, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(Effect.suspend(program)))

/** What a subscriber has seen so far, as `discovered ada`. */
const follow = Effect.fnUntraced(function*() {
  const seen: Array<string> = []
  yield* Stream.runForEach(Discovery.stream, (event) => Effect.sync(() => seen.push(show(event)))).pipe(
    Effect.forkScoped({ startImmediately: true })
  )
  return seen
})

const show = (event: DiscoveryEvent.DiscoveryEvent): string => {
  switch (event._tag) {
    case "PeerDiscovered":
      return `discovered ${event.peer.name}`
    case "PeerUpdated":
      return `updated ${event.peer.name} ${event.changed.join()}`
    case "PeerLost":
      return `lost ${event.peer.name} ${event.reason}`
  }
}

// time passes only when nothing is runnable any more
const settle = Effect.sleep(1)

describe("stream", () => {
  simulate("starts with the peers known now and goes on with every change", () => {
    const manual = Source.manual("list")
    return Effect.gen(function*() {
      yield* manual.announce(announcement("ada"))
      yield* settle
      const seen = yield* follow()
      yield* manual.announce(announcement("grace"))
      yield* settle
      yield* manual.announce(announcement("ada", { role: "leader" }))
      yield* settle
      yield* manual.withdraw("grace")
      yield* settle

      assert.deepStrictEqual(seen, [
        "discovered ada",
        "discovered grace",
        "updated ada attributes",
        "lost grace Goodbye"
      ])
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
  })

  simulate("repeating the same announcement is no event", () => {
    const manual = Source.manual("list")
    return Effect.gen(function*() {
      const seen = yield* follow()
      yield* manual.announce(announcement("ada", { a: "1" }))
      yield* settle
      yield* manual.announce(announcement("ada", { a: "1" }))
      yield* settle

      assert.deepStrictEqual(seen, ["discovered ada"])
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
  })

  simulate("a subscriber that does not read disturbs nobody and ends in the true state", () => {
    const manual = Source.manual("list")
    return Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const state = new Map<Peer.PeerId, Peer.Peer>()
      yield* Stream.runForEach(Discovery.stream, (event) =>
        Effect.andThen(
          Deferred.await(gate),
          Effect.sync(() =>
            event._tag === "PeerLost" ? state.delete(event.peer.id) : state.set(event.peer.id, event.peer)
          )
        )).pipe(Effect.forkScoped({ startImmediately: true }))
      const fast = yield* follow()
      for (let round = 0; round < 50; round++) {
        for (let i = 0; i < 10; i++) yield* manual.announce(announcement(`n${i}`, { round: String(round) }))
        yield* settle
      }
      yield* manual.withdraw("n0")
      yield* settle
      assert.strictEqual(fast.length, 10 + 49 * 10 + 1)
      yield* Deferred.succeed(gate, undefined)
      yield* settle

      const peers = yield* Discovery.peers
      assert.deepStrictEqual(Array.from(state.values()).toSorted(byName), peers.toSorted(byName))
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual], limits: { subscriberBacklog: 16 } })))
  })

  simulate("subscribers that join at any moment fold to what the registry holds", () => {
    const manual = Source.manual("list")
    return Effect.gen(function*() {
      const copies: Array<Map<string, string>> = []
      const join = Effect.suspend(() => {
        const copy = new Map<string, string>()
        copies.push(copy)
        return Stream.runForEach(Discovery.stream, (event) =>
          Effect.sync(() => {
            const { attributes, name } = event.peer
            if (event._tag === "PeerDiscovered") assert.isFalse(copy.has(name), "discovered twice")
            if (event._tag !== "PeerDiscovered") assert.isTrue(copy.has(name), "changed before it was discovered")
            if (event._tag === "PeerLost") copy.delete(name)
            else copy.set(name, attributes.get("n")!)
          })).pipe(Effect.forkScoped({ startImmediately: true }))
      })
      for (let n = 0; n < 300; n++) {
        if (n % 17 === 0) yield* join
        if (n % 7 === 3) yield* manual.withdraw(`p${(n * 3) % 11}`)
        else yield* manual.announce(announcement(`p${(n * 5) % 11}`, { n: String(n) }))
        if (n % 5 === 0) yield* settle
      }
      yield* settle

      const peers = yield* Discovery.peers
      const expected = new Map(peers.map((peer) => [peer.name, peer.attributes.get("n")!] as const))
      for (const copy of copies) assert.deepStrictEqual(sorted(copy), sorted(expected))
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
  })

  simulate("ends when the layer closes", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.scoped(Effect.gen(function*() {
        const discovery = yield* Discovery.make({ sources: [Source.manual("list")] })
        const fiber = yield* Effect.forkDetach(Stream.runCollect(discovery.stream), { startImmediately: true })
        return fiber
      }))

      assert.deepStrictEqual(yield* Fiber.join(fiber), [])
    }))
})

const byName = (a: Peer.Peer, b: Peer.Peer) => a.name < b.name ? -1 : 1
const sorted = (map: ReadonlyMap<string, string>) => Array.from(map).toSorted(([a], [b]) => a < b ? -1 : 1)

describe("peers and lookup", () => {
  const list = Source.fixed("list", [announcement("ada"), announcement("grace")])

  simulate("give the peers known now", () =>
    Effect.gen(function*() {
      yield* settle
      const found = yield* Discovery.lookup(Peer.id("list", "grace"))
      const missing = yield* Discovery.lookup(Peer.id("other", "grace"))

      assert.deepStrictEqual((yield* Discovery.peers).map(({ name }) => name), ["ada", "grace"])
      assert.deepStrictEqual(Option.map(found, ({ id }) => id), Option.some(Peer.id("list", "grace")))
      assert.deepStrictEqual(missing, Option.none())
    }).pipe(Effect.provide(Discovery.layer({ sources: [list] }))))
})

describe("sources", () => {
  simulate("an announcement of a stream expires after the source's ttl", () =>
    Effect.gen(function*() {
      const seen = yield* follow()
      yield* settle
      yield* Effect.sleep("29 seconds")
      assert.deepStrictEqual(seen, ["discovered ada"])
      yield* Effect.sleep("1 second")

      assert.deepStrictEqual(seen, ["discovered ada", "lost ada Expired"])
    }).pipe(Effect.provide(Discovery.layer({
      sources: [Source.fromStream("feed", Stream.make(announcement("ada")), { ttl: "30 seconds" })]
    }))))

  simulate("one that fails loses its peers, fails the stream and leaves the others", () =>
    Effect.gen(function*() {
      const feed = yield* Queue.unbounded<Announcement.Announcement, string>()
      const layer = Discovery.layer({
        sources: [Source.fromStream("feed", Stream.fromQueue(feed)), Source.fixed("list", [announcement("grace")])]
      })
      yield* Effect.gen(function*() {
        const events = yield* Ref.make<ReadonlyArray<string>>([])
        const fiber = yield* Stream.runForEach(Discovery.stream, (event) =>
          Ref.update(events, (all) => [...all, show(event)]))
          .pipe(Effect.flip, Effect.forkScoped({ startImmediately: true }))
        yield* settle
        yield* Queue.offer(feed, announcement("ada"))
        yield* settle
        yield* Queue.fail(feed, "connection lost")
        const error = yield* Fiber.join(fiber)

        assert.deepStrictEqual(yield* Ref.get(events), ["discovered grace", "discovered ada", "lost ada SourceClosed"])
        assert.strictEqual(error.reason._tag, "SourceFailed")
        assert.include(error.message, "connection lost")
        assert.deepStrictEqual(
          (yield* Discovery.peers).map(({ name }) =>
            name
          ),
          ["grace"]
        )
      }).pipe(Effect.provide(layer))
    }))

  simulate("a stream that dies is a failed source, not a silent one", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Stream.runDrain(Discovery.stream))

      assert.strictEqual(error.reason._tag, "SourceFailed")
    }).pipe(Effect.provide(Discovery.layer({ sources: [Source.fromStream("feed", Stream.die(new Error("bug")))] }))))

  simulate("two with one name are refused", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Discovery.make({ sources: [Source.manual("a"), Source.manual("a")] }))

      assert.strictEqual(error.reason._tag, "Unsupported")
    }))

  simulate("an announcement beyond a limit is reported and left out", () =>
    Effect.gen(function*() {
      yield* settle
      const [diagnostic] = yield* Discovery.diagnostics.pipe(Stream.take(1), Stream.runCollect)

      assert.deepStrictEqual(diagnostic, { _tag: "AnnouncementRefused", source: "list", reason: "name", total: 1 })
      assert.deepStrictEqual(yield* Discovery.peers, [])
    }).pipe(Effect.provide(Discovery.layer({
      sources: [Source.fixed("list", [announcement("x".repeat(Limits.defaults.nameBytes + 1))])]
    }))))
})

describe("awaitPeer", () => {
  simulate("finds a peer that becomes what is asked for", () => {
    const manual = Source.manual("list")
    return Effect.gen(function*() {
      const fiber = yield* Discovery.awaitPeer((peer) => peer.attributes.get("role") === "leader").pipe(
        Effect.forkScoped({ startImmediately: true })
      )
      yield* manual.announce(announcement("ada"))
      yield* settle
      yield* manual.announce(announcement("ada", { role: "leader" }))

      assert.strictEqual((yield* Fiber.join(fiber)).name, "ada")
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
  })
})

describe("forEachPeer", () => {
  const record = (log: Array<string>) => (peer: Peer.Peer) =>
    Effect.acquireRelease(
      Effect.sync(() => log.push(`start ${peer.name} ${peer.attributes.get("v") ?? ""}`)),
      () => Effect.sync(() => log.push(`stop ${peer.name}`))
    ).pipe(Effect.andThen(Effect.never))

  simulate("starts a fiber for a peer and interrupts it when the peer is lost", () => {
    const manual = Source.manual("list")
    const log: Array<string> = []
    return Effect.gen(function*() {
      yield* Effect.forkScoped(Discovery.forEachPeer(record(log)), { startImmediately: true })
      yield* manual.announce(announcement("ada", { v: "1" }))
      yield* settle
      yield* manual.announce(announcement("ada", { v: "2" }))
      yield* settle
      yield* manual.withdraw("ada")
      yield* settle

      assert.deepStrictEqual(log, ["start ada 1", "stop ada"])
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
  })

  simulate("restarts a fiber on updates when asked to", () => {
    const manual = Source.manual("list")
    const log: Array<string> = []
    return Effect.gen(function*() {
      yield* Effect.forkScoped(Discovery.forEachPeer(record(log), { restartOnUpdate: true }), {
        startImmediately: true
      })
      yield* manual.announce(announcement("ada", { v: "1" }))
      yield* settle
      yield* manual.announce(announcement("ada", { v: "2" }))
      yield* settle

      assert.deepStrictEqual(log, ["start ada 1", "stop ada", "start ada 2"])
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
  })

  simulate("waits for what a peer's fiber holds, however often the peer changes meanwhile", () => {
    const manual = Source.manual("list")
    const log: Array<string> = []
    const slow = ({ attributes }: Peer.Peer) =>
      Effect.acquireRelease(
        Effect.sync(() => log.push(`start ${attributes.get("v")}`)),
        () => Effect.andThen(Effect.sleep("5 seconds"), Effect.sync(() => log.push(`released ${attributes.get("v")}`)))
      ).pipe(Effect.andThen(Effect.never))
    return Effect.gen(function*() {
      yield* Effect.forkScoped(Discovery.forEachPeer(slow, { restartOnUpdate: true }), { startImmediately: true })
      for (const v of ["1", "2", "3"]) {
        yield* manual.announce(announcement("ada", { v }))
        yield* Effect.sleep("100 millis")
      }
      yield* Effect.sleep("10 seconds")

      assert.deepStrictEqual(log, ["start 1", "released 1", "start 3"])
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
  })

  it.effect("has one fiber of a peer at a time, wherever it is pre-empted", () =>
    Effect.forEach(Array.from({ length: 40 }, (_, seed) => seed), (seed) => {
      const manual = Source.manual("list")
      let [running, most] = [0, 0]
      const held = Effect.acquireRelease(
        Effect.sync(() => most = Math.max(most, ++running)),
        () => Effect.andThen(Effect.sleep(1), Effect.sync(() => running--))
      )
      const program = Effect.gen(function*() {
        const each = Discovery.forEachPeer(() => Effect.andThen(held, Effect.never), { restartOnUpdate: true })
        yield* Effect.forkScoped(each, { startImmediately: true })
        for (let v = 0; v < 10; v++) {
          yield* manual.announce(announcement("ada", { v: String(v) }))
          yield* Effect.yieldNow
        }
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual([running, most], [1, 1], `seed ${seed}`)
      })
      const layer = Discovery.layer({ sources: [manual] })
      return Simulation.run(Effect.provide(program, layer), { seed, preemption: 0.2 })
    }))

  simulate("fails with the first fiber that fails and interrupts the others", () => {
    const manual = Source.manual("list")
    const log: Array<string> = []
    return Effect.gen(function*() {
      yield* manual.announce(announcement("ada"))
      yield* manual.announce(announcement("grace"))
      const error = yield* Effect.flip(
        Discovery.forEachPeer((peer) => peer.name === "grace" ? Effect.fail("boom") : record(log)(peer))
      )

      assert.strictEqual(error, "boom")
      assert.deepStrictEqual(log, ["start ada ", "stop ada"])
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
  })
})

describe("advertise", () => {
  const sources = [Peerage.source()]

  simulate("announces at once, and again within the interval", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Discovery.advertise(announcement("ada@host"))
        assert.strictEqual(network.sent.length, 1)
        yield* Effect.sleep("7 seconds")

        assert.deepInclude(network.sent[0], { from: "10.0.0.1:49152", to: "230.1.1.1:45900" })
        assert.isAbove(network.sent.length, 1)
      }).pipe(Effect.provide(Discovery.layer({ sources }).pipe(Layer.provide(network.layer))))
    }))

  simulate("what a protocol cannot carry is refused before anything is sent", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const error = yield* Effect.flip(Discovery.advertise(announcement("no-at-sign"))).pipe(
        Effect.provide(Discovery.layer({ sources }).pipe(Layer.provide(network.layer)))
      )

      assert.strictEqual(error.reason._tag, "InvalidAnnouncement")
      assert.deepStrictEqual(network.sent, [])
    }))

  simulate(
    "addresses that a format does not carry are refused rather than replaced by others",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        const addresses = [NetAddress.inetAddressFromStringUnsafe("10.0.0.7:80")]
        for (const source of [JsonBeacon.source(), Peerage.source(), SyncthingV0.source()]) {
          const { reason } = yield* Effect.flip(
            Discovery.advertise(Announcement.make({ name: "ada@host", port: 80, addresses }))
          ).pipe(Effect.provide(Discovery.layer({ sources: [source] }).pipe(Layer.provide(network.layer))))
          assert.strictEqual(reason._tag === "InvalidAnnouncement" && reason.field, "addresses")
        }

        assert.deepStrictEqual(network.sent, [])
      })
  )

  simulate("takes what an announcement is made from, and refuses what makes none", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Discovery.advertise({ name: "ada@host" })
        const faults = yield* Effect.forEach(
          [{ name: "" }, { name: "a@b", port: -1 }, { name: "a@b", ttl: -1 }],
          (wrong) =>
            Effect.map(
              Effect.flip(Discovery.advertise(wrong)),
              ({ reason }) => reason._tag === "InvalidAnnouncement" && reason.field
            )
        )

        assert.strictEqual(network.sent.length, 1)
        assert.deepStrictEqual(faults, ["name", "port", "ttl"])
      }).pipe(Effect.provide(Discovery.layer({ sources }).pipe(Layer.provide(network.layer))))
    }))

  simulate("without a source that can announce it is not supported", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Discovery.advertise(announcement("ada")))

      assert.strictEqual(error.reason._tag, "Unsupported")
      assert.match(error.message, /Add a source that can announce, .* one that signs takes an `identity` for it\./)
    }).pipe(Effect.provide(Discovery.layer({ sources: [Source.manual("list")] }))))

  simulate("an update that cannot be carried changes nothing", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const advertisement = yield* Discovery.advertise(announcement("ada@host"))
        const error = yield* Effect.flip(advertisement.update({ name: "ada" }))
        yield* advertisement.update({ name: "grace@host" })

        assert.strictEqual(error.reason._tag, "InvalidAnnouncement")
        assert.deepStrictEqual(network.sent.map(({ payload }) => new TextDecoder().decode(payload)), [
          "Peer:ada@host",
          "Peer:grace@host"
        ])
      }).pipe(Effect.provide(Discovery.layer({ sources }).pipe(Layer.provide(network.layer))))
    }))
})

describe("an advertisement", () => {
  const last = (network: FakeNetwork.Control) => new TextDecoder().decode(network.sent.at(-1)!.payload)
  const json = Discovery.layer({ sources: [JsonBeacon.source({ scaling: false })] })

  simulate("that is withdrawn is not brought back by an update", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const advertisement = yield* Effect.scoped(Discovery.advertise(announcement("ada")))
        yield* advertisement.update({ port: 9 })
        const { length } = network.sent
        yield* Effect.sleep("1 minute")

        assert.strictEqual(network.sent.length, length)
        assert.include(last(network), "\"ttl\":0")
      }).pipe(Effect.provide(Layer.provide(json, network.layer)))
    }))

  simulate("keeps every part of updates that are made at once", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const { update } = yield* Discovery.advertise(announcement("ada"))
        yield* Effect.all([update({ port: 1 }), update({ attributes: { load: "2" } })], { concurrency: "unbounded" })

        assert.include(last(network), "\"port\":1")
        assert.include(last(network), "\"load\":\"2\"")
      }).pipe(Effect.provide(Layer.provide(json, network.layer)))
    }))

  simulate("that is given up while the system takes nothing is not announced later", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        network.fail.send = "never"
        const result = yield* Discovery.advertise(announcement("ada")).pipe(Effect.timeoutOption("100 millis"))
        network.fail.send = undefined
        const { length } = network.sent
        yield* Effect.sleep("1 minute")
        const later = network.sent.slice(length).map(({ payload }) => new TextDecoder().decode(payload))

        assert.deepStrictEqual(result, Option.none())
        assert.isTrue(later.every((text) => text.includes("\"ttl\":0")))
      }).pipe(Effect.provide(Layer.provide(json, network.layer)))
    }))

  simulate("of a scope that is closed already is not announced", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const scope = yield* Scope.make()
        yield* Scope.close(scope, Exit.void)
        yield* Scope.provide(Discovery.advertise(announcement("ada")), scope)
        yield* Effect.sleep("1 minute")

        assert.isTrue(network.sent.every(({ payload }) => new TextDecoder().decode(payload).includes("\"ttl\":0")))
      }).pipe(Effect.provide(Layer.provide(json, network.layer)))
    }))

  simulate("is refused what no announcement can have, by name", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const { update } = yield* Discovery.advertise(announcement("ada"))
        const reasons = yield* Effect.forEach([{ name: "" }, { port: 99_999 }, { identity: "" }], (change) =>
          Effect.map(Effect.flip(update(change)), ({ reason }) =>
            reason._tag === "InvalidAnnouncement" && reason.field))

        assert.deepStrictEqual(reasons, ["name", "port", "identity"])
      }).pipe(Effect.provide(Layer.provide(json, network.layer)))
    }))
})

describe("layer", () => {
  simulate(
    "refuses a source whose name could pass for another's peers, and a limit that is none",
    () =>
      Effect.gen(function*() {
        const named = yield* Effect.flip(Discovery.make({ sources: [Source.manual("a:b")] }))
        const limited = yield* Effect.flip(Discovery.make({ sources: [Source.manual("a")], limits: { goodbye: -1 } }))

        assert.strictEqual(named.reason._tag, "Unsupported")
        assert.include(limited.message, "Limits.goodbye")
      })
  )
})

describe("manual", () => {
  simulate("an announcement ages before the source is opened, too", () =>
    Effect.gen(function*() {
      const manual = Source.manual("list")
      yield* manual.announce(Announcement.make({ name: "gone", ttl: "10 seconds" }))
      yield* manual.announce(Announcement.make({ name: "ada", ttl: "30 seconds" }))
      yield* Effect.sleep("20 seconds")
      yield* Effect.gen(function*() {
        yield* settle
        assert.deepStrictEqual((yield* Discovery.peers).map(({ name }) => name), ["ada"])
        yield* Effect.sleep("10 seconds")

        assert.deepStrictEqual(yield* Discovery.peers, [])
      }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
    }))

  simulate(
    "ends alike in two layers, though what one tells of is announced anew at once",
    () =>
      Effect.gen(function*() {
        const manual = Source.manual("list")
        const layers = [yield* Discovery.make({ sources: [manual] }), yield* Discovery.make({ sources: [manual] })]
        yield* Stream.runForEach(
          layers[0]!.stream,
          ({ peer }) => peer.attributes.has("old") ? manual.announce(announcement("ada", { new: "" })) : Effect.void
        ).pipe(Effect.forkScoped({ startImmediately: true }))
        yield* settle
        yield* manual.announce(announcement("ada", { old: "" }))
        yield* settle

        const peers = yield* Effect.forEach(layers, ({ peers }) => peers)
        assert.deepStrictEqual(peers.map(([ada]) => ada?.attributes.has("new")), [true, true])
      })
  )

  simulate("has one peer of an identity, though the loss of it is answered at once", () => {
    const manual = Source.manual("list")
    const withKey = (octet: number) =>
      Announcement.make({ name: "ada", key: Given.key(octet), authentication: "signed" })
    return Effect.gen(function*() {
      yield* manual.announce(withKey(1))
      yield* settle
      yield* Stream.runForEach(
        Discovery.stream,
        ({ _tag }) => _tag === "PeerLost" ? manual.announce(withKey(3)) : Effect.void
      ).pipe(Effect.forkScoped({ startImmediately: true }))
      yield* settle
      yield* manual.announce(withKey(2))
      yield* settle

      assert.deepStrictEqual((yield* Discovery.peers).map(({ id }) => id), [Peer.idOfKey(Given.key(3))])
    }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
  })

  for (
    const [what, change, id] of [
      ["that proves a key by now", { key: Given.key(1), authentication: "signed" }, Peer.idOfKey(Given.key(1))],
      ["that says something else by now", { port: 80 }, Peer.id("list", "ada")],
      ["of which a change was refused", { attributes: { a: "x".repeat(10_000) } }, Peer.id("list", "ada")]
    ] as const
  ) {
    simulate(`takes away a peer ${what}`, () => {
      const manual = Source.manual("list")
      const ids = Effect.map(Discovery.peers, (peers) => peers.map(({ id }) => id))
      return Effect.gen(function*() {
        yield* manual.announce(announcement("ada"))
        yield* settle
        yield* manual.announce(Announcement.make({ name: "ada", ...change }))
        yield* settle
        assert.deepStrictEqual(yield* ids, [id])
        yield* manual.withdraw("ada")
        yield* settle

        assert.deepStrictEqual(yield* ids, [])
      }).pipe(Effect.provide(Discovery.layer({ sources: [manual] })))
    })
  }
})

describe("explain", () => {
  simulate("tells the evidence of a peer with its times", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        network.deliver("230.1.1.1:45900", "10.0.0.9:45900", "Peer:ada@host")
        yield* Effect.sleep("5 seconds")
        network.deliver("230.1.1.1:45900", "10.0.0.9:45900", "Peer:ada@host")
        yield* Effect.sleep("1 second")
        const explanation = Option.getOrThrow(yield* Discovery.explain(Peer.id("peerage", "ada@host")))

        const { addresses: _, ...evidence } = explanation.evidence[0]!
        assert.deepStrictEqual(evidence, {
          source: "peerage",
          interface: "eth0",
          address: "10.0.0.9",
          firstHeardAgo: 6_000,
          heardAgo: 1_000,
          heard: 2,
          expiresIn: 20_000
        })
      }).pipe(
        Effect.provide(Discovery.layer({ sources: [Peerage.source()] }).pipe(Layer.provide(network.layer)))
      )
    }))
})
