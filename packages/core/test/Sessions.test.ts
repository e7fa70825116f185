import {
  Announcement,
  Discovery,
  Endpoint,
  Network,
  NetworkInterface,
  Peer,
  type Protocol,
  Source
} from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Layer, Option, Result, Schedule, Scope, Stream } from "effect"
import { IpInterface } from "effect/net"
import * as FakeNetwork from "./support/FakeNetwork.ts"

/** Text beacons: `+name` announces, `-name` says goodbye; every 10 s, holding for 30 s. */
const options: Beacon.Options = {
  name: "text",
  endpoint: Endpoint.multicast("239.1.2.3", 4000),
  interval: "10 seconds",
  encode: ({ name }) => Result.succeed(new TextEncoder().encode(`+${name}`)),
  goodbye: ({ name }) => new TextEncoder().encode(`-${name}`),
  decode: (payload) => {
    const text = new TextDecoder().decode(payload)
    if (text.startsWith("+")) return Result.succeed({ name: text.slice(1) })
    return text.startsWith("-") ? Result.succeed({ name: text.slice(1), ttl: 0 }) : Result.fail("prefix")
  }
}

const protocol = Beacon.make(options)
const source = Source.fromProtocol(protocol)

const inBothFamilies = (isPartial: boolean, more?: Source.ProtocolOptions) => {
  const endpoint = [Endpoint.multicast("239.1.2.3", 4000), Endpoint.multicast("ff02::1234", 4000)] as const
  return Source.fromProtocol(Beacon.make({ ...options, endpoint, isPartial }), more)
}
const both = [IpInterface.fromStringUnsafe("10.0.0.1/24"), IpInterface.fromStringUnsafe("fe80::1/64")]
const [partial, whole] = [inBothFamilies(true), inBothFamilies(false)]
const dualStack = () => FakeNetwork.make([{ ...FakeNetwork.eth0, addresses: both }])
const group = "239.1.2.3:4000"

const simulate = <A, E>(name: string, program: () => Effect.Effect<A, E, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(Effect.suspend(program)))

const texts = (network: FakeNetwork.Control) => network.sent.map(({ payload }) => new TextDecoder().decode(payload))
const names = Effect.map(Discovery.peers, (peers) => peers.map(({ name }) => name))
const ada = Announcement.make({ name: "ada" })

const followDiagnostics = Effect.fnUntraced(function*() {
  const seen: Array<string> = []
  yield* Stream.runForEach(
    Discovery.diagnostics,
    (diagnostic) => Effect.sync(() => seen.push(`${diagnostic._tag} ${diagnostic.total}`))
  ).pipe(
    Effect.forkScoped({ startImmediately: true })
  )
  return seen
})

const live = (network: FakeNetwork.Control, sources: ReadonlyArray<typeof source> = [source]) =>
  Discovery.layer({ sources }).pipe(Layer.provide(network.layer))

describe("opening", () => {
  simulate(
    "binds to the group, joins it on the interface and sends from the interface's address",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        yield* Effect.void.pipe(Effect.provide(live(network)))

        assert.deepStrictEqual(network.log, [
          "open 239.1.2.3:4000",
          "join 239.1.2.3 239.1.2.3:4000",
          "open 10.0.0.1:49152",
          "close 10.0.0.1:49152",
          "close 239.1.2.3:4000"
        ])
      })
  )

  for (const kind of ["AddressInUse", "PermissionDenied"] as const) {
    simulate(`fails the layer with ${kind}`, () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        network.fail.open = { kind }
        const error = yield* Effect.flip(Effect.void.pipe(Effect.provide(live(network))))

        assert.strictEqual(error.reason._tag, kind)
        assert.strictEqual(network.openSockets(), 0)
      }))
  }

  simulate(
    "goes on in one family while the port of the other is taken, if the protocol can",
    () =>
      Effect.gen(function*() {
        const network = yield* dualStack()
        network.fail.open = { kind: "AddressInUse", family: "IPv4" }
        yield* Effect.gen(function*() {
          const diagnostics = yield* followDiagnostics()
          yield* Effect.scoped(Discovery.advertise(ada))
          assert.deepStrictEqual(network.sent.map(({ to }) => to), ["ff02::1234%2:4000", "ff02::1234%2:4000"])
          network.fail.open = undefined
          yield* Effect.sleep("3 seconds")
          network.deliver(group, "10.0.0.9:4000", "+grace")
          yield* Effect.sleep(1)

          assert.deepStrictEqual(diagnostics, ["SessionRestarting 1"])
          assert.deepStrictEqual(yield* names, ["grace"])
        }).pipe(Effect.provide(live(network, [partial])))
      })
  )

  simulate("leaves out groups of the link on loopback, which no system can bind there", () =>
    Effect.gen(function*() {
      const addresses = [IpInterface.fromStringUnsafe("127.0.0.1/8"), IpInterface.fromStringUnsafe("::1/128")]
      const network = yield* FakeNetwork.make([{ ...FakeNetwork.lo, addresses }])
      const layer = Discovery.layer({ sources: [partial], interfaces: NetworkInterface.isLoopback })
      yield* Effect.void.pipe(Effect.provide(Layer.provide(layer, network.layer)))

      assert.deepStrictEqual(network.log.filter((line) => line.startsWith("open")), [
        "open 239.1.2.3:4000",
        "open 127.0.0.1:49152"
      ])
    }))

  for (const [title, source, family] of [["any", whole, "IPv4"], ["all", partial, undefined]] as const) {
    simulate(
      `fails when the port is taken of ${title} of a protocol's endpoints, ${
        title === "any" ? "unless it says so" : "also then"
      }`,
      () =>
        Effect.gen(function*() {
          const network = yield* dualStack()
          network.fail.open = { kind: "AddressInUse", ...(family === undefined ? undefined : { family }) }
          const error = yield* Effect.flip(Effect.void.pipe(Effect.provide(live(network, [source]))))

          assert.strictEqual(error.reason._tag, "AddressInUse")
          assert.strictEqual(network.openSockets(), 0)
        })
    )
  }

  simulate("fails the layer without a usable interface, naming those that are up", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make([FakeNetwork.lo])
      const error = yield* Effect.flip(Effect.void.pipe(Effect.provide(live(network))))

      assert.strictEqual(error.reason._tag, "NoUsableInterface")
      assert.include(error.message, "up are lo")
    }))

  simulate("retries what may pass, and the layer is up meanwhile", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      network.fail.open = { kind: "Unknown" }
      yield* Effect.gen(function*() {
        const diagnostics = yield* followDiagnostics()
        yield* Effect.sleep("500 millis")
        network.fail.open = undefined
        yield* Effect.sleep("2 seconds")
        network.deliver(group, "10.0.0.9:4000", "+grace")
        yield* Effect.sleep(1)

        assert.deepStrictEqual(diagnostics, ["SessionRestarting 1"])
        assert.deepStrictEqual(yield* names, ["grace"])
      }).pipe(Effect.provide(live(network)))
    }))
})

describe("closing", () => {
  simulate("an advertisement's scope says goodbye at once", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Effect.scoped(Discovery.advertise(ada))
        yield* Effect.sleep("1 minute")

        assert.deepStrictEqual(texts(network), ["+ada", "-ada"])
      }).pipe(Effect.provide(live(network)))
    }))

  simulate(
    "the whole layer's scope says goodbye before it closes, and leaves the group by that",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        const program = yield* Effect.scope
        const layerScope = yield* Scope.make()
        const services = yield* Layer.buildWithScope(live(network), layerScope)
        yield* Discovery.advertise(ada).pipe(Effect.provideContext(services), Scope.provide(program))
        network.log.length = 0
        yield* Scope.close(layerScope, Exit.void)

        assert.deepStrictEqual(texts(network), ["+ada", "-ada"])
        assert.deepStrictEqual(network.log, [
          "close 10.0.0.1:49152",
          "close 239.1.2.3:4000"
        ])
      })
  )

  simulate("gives up on a goodbye that the system does not take within a second", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Discovery.advertise(ada)
        network.fail.send = "never"
      }).pipe(Effect.scoped, Effect.provide(live(network)), Effect.timeout("3 seconds"))

      assert.strictEqual(network.openSockets(), 0)
    }))
})

describe("a protocol of both families", () => {
  simulate("sends in each session what is of the session's family, and breaks none", () =>
    Effect.gen(function*() {
      const eth0 = {
        ...FakeNetwork.eth0,
        addresses: ["10.0.0.1/24", "fe80::1/64"].map((text) => IpInterface.fromStringUnsafe(text))
      }
      const network = yield* FakeNetwork.make([eth0])
      const endpoints = [Endpoint.multicast("239.1.2.3", 4000), Endpoint.multicast("ff12::1", 4000)]
      const both: typeof protocol = {
        ...protocol,
        endpoints,
        step: (state, input, now) => {
          const step = protocol.step(state, input, now)
          const outputs = step.outputs.flatMap((output): ReadonlyArray<Protocol.Output> =>
            output._tag === "Transmit" ? endpoints.map((to) => ({ ...output, to })) : [output]
          )
          return { ...step, outputs }
        }
      }
      yield* Effect.gen(function*() {
        const diagnostics = yield* followDiagnostics()
        yield* Effect.scoped(Discovery.advertise(ada))
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual(diagnostics, [])
      }).pipe(Effect.provide(live(network, [Source.fromProtocol(both)])))

      assert.deepStrictEqual(network.sent.map(({ to }) => to), [
        "239.1.2.3:4000",
        "ff12::1%2:4000",
        "239.1.2.3:4000",
        "ff12::1%2:4000"
      ])
    }))
})

describe("a protocol that hears replies", () => {
  for (const hearsReplies of [true, false]) {
    simulate(
      `${hearsReplies ? "takes" : "no other takes"} what is sent to where it sends from`,
      () =>
        Effect.gen(function*() {
          const network = yield* FakeNetwork.make()
          yield* Effect.gen(function*() {
            network.deliver("10.0.0.1:49152", "10.9.0.9:4000", "+afar")
            // all at once, as replies come
            const repliers = Array.from({ length: 20 }, (_, at) => `grace${at}`)
            for (const name of repliers) network.deliver("10.0.0.1:49152", "10.0.0.9:4000", `+${name}`)
            yield* Effect.sleep(1)

            assert.sameMembers([...yield* names], hearsReplies ? repliers : [])
          }).pipe(Effect.provide(live(network, [Source.fromProtocol({ ...protocol, hearsReplies })])))
        })
    )
  }
})

describe("closing several sources", () => {
  simulate("takes no longer than one goodbye may", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const named = (name: string, port: number) =>
        Source.fromProtocol({ ...protocol, name, endpoints: [Endpoint.multicast("239.1.2.3", port)] })
      const layerScope = yield* Scope.make()
      const layer = live(network, [named("a", 4001), named("b", 4002), named("c", 4003)])
      const services = yield* Layer.buildWithScope(layer, layerScope)
      yield* Discovery.advertise(ada).pipe(Effect.provideContext(services))
      network.fail.send = "never"
      const before = yield* Clock.currentTimeMillis
      yield* Scope.close(layerScope, Exit.void)

      assert.strictEqual(network.openSockets(), 0)
      assert.isAtMost((yield* Clock.currentTimeMillis) - before, 1_000)
    }))
})

describe("announcing many", () => {
  const crowd = (size: number) =>
    Effect.forEach(
      Array.from({ length: size }, (_, n) => Announcement.make({ name: `ada${n}` })),
      Discovery.advertise,
      {
        discard: true
      }
    )

  simulate(
    "hands over together what is due together, as much as a slow link can take in time",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        yield* Effect.andThen(crowd(300), Effect.sleep("11 seconds")).pipe(Effect.provide(live(network)))

        // and the goodbyes
        assert.deepStrictEqual(network.batches, [128, 128, 44, 128, 128, 44])
        assert.strictEqual(new Set(texts(network)).size, 600)
      })
  )

  simulate("is restarted, and says so, when the system refuses some of it", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const diagnostics = yield* followDiagnostics()
        yield* crowd(3)
        network.fail.send = "broken"
        yield* Effect.sleep("10500 millis")
        network.fail.send = undefined
        yield* Effect.sleep("30 seconds")

        assert.include(diagnostics, "SessionRestarting 1")
        assert.isAbove(network.sent.length, 6)
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("is restarted, and says so, when the system does not take some of it in time", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const restarts = yield* Stream.filter(Discovery.diagnostics, ({ _tag }) => _tag === "SessionRestarting").pipe(
          Stream.runHead,
          Effect.forkScoped({ startImmediately: true })
        )
        yield* crowd(300)
        network.fail.send = "never"
        yield* Effect.sleep("11100 millis")

        assert.include(JSON.stringify(yield* Fiber.join(restarts)), "has not taken a datagram in 1000 ms")
        assert.deepStrictEqual(network.batches, [128])
      }).pipe(Effect.provide(live(network)))
    }))
})

describe("receiving", () => {
  simulate("own datagrams, heard through multicast loopback, are no peer", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        network.deliver(group, "10.0.0.1:49152", "+somebody")
        yield* Effect.sleep(1)
        assert.deepStrictEqual(yield* names, [])
        network.deliver(group, "10.0.0.1:50000", "+neighbour")
        yield* Effect.sleep(1)

        assert.deepStrictEqual(yield* names, ["neighbour"])
      }).pipe(Effect.provide(live(network)))
    }))

  simulate(
    "a datagram of another interface's network is left to that interface's session",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make([FakeNetwork.eth0, FakeNetwork.wlan0])
        yield* Effect.gen(function*() {
          network.deliver(group, "192.168.7.9:4000", "+grace")
          yield* Effect.sleep(1)
          const { evidence } = Option.getOrThrow(yield* Discovery.explain(Peer.id("text", "grace")))

          assert.deepStrictEqual(evidence.map((each) => each.interface), ["wlan0"])
        }).pipe(Effect.provide(live(network)))
      })
  )

  simulate("what we say ourselves keeps nobody alive who said the same", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        network.deliver(group, "10.0.0.1:50000", "+twin")
        for (let i = 0; i < 8; i++) {
          yield* Effect.sleep("5 seconds")
          network.deliver(group, "10.0.0.1:49152", "+twin")
        }
        yield* Effect.sleep(1)

        assert.deepStrictEqual(yield* names, [])
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("malformed datagrams are counted by reason and nothing else happens", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        for (let i = 0; i < 5; i++) network.deliver(group, "10.0.0.9:4000", "?")
        network.deliver(group, "10.0.0.9:4000", "+grace")
        yield* Effect.sleep(1)
        const [diagnostic] = yield* Discovery.diagnostics.pipe(Stream.take(1), Stream.runCollect)

        assert.deepStrictEqual(diagnostic, {
          _tag: "DatagramRejected",
          source: "text",
          interface: "eth0",
          reason: "prefix",
          from: "10.0.0.9:4000",
          sample: "3f",
          total: 5
        })
        assert.deepStrictEqual(yield* names, ["grace"])
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("a goodbye loses the peer, silence loses it at the end of its ttl", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const lost: Array<string> = []
        yield* Stream.runForEach(Discovery.stream, (event) =>
          Effect.sync(() => event._tag === "PeerLost" && lost.push(`${event.peer.name} ${event.reason}`))).pipe(
            Effect.forkScoped({ startImmediately: true })
          )
        network.deliver(group, "10.0.0.8:4000", "+ada")
        network.deliver(group, "10.0.0.9:4000", "+grace")
        yield* Effect.sleep("10 seconds")
        network.deliver(group, "10.0.0.8:4000", "-ada")
        network.deliver(group, "10.0.0.9:4000", "+grace")
        yield* Effect.sleep("29 seconds")
        assert.deepStrictEqual(lost, ["ada Goodbye"])
        yield* Effect.sleep("2 seconds")

        assert.deepStrictEqual(lost, ["ada Goodbye", "grace Expired"])
      }).pipe(Effect.provide(live(network)))
    }))
})

describe("failing", () => {
  simulate(
    "S-F1 S-F3 a send error restarts the session, which then announces again; the stream lives on, and who was known is",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        yield* Effect.gen(function*() {
          const diagnostics = yield* followDiagnostics()
          const stream = yield* Stream.runDrain(Discovery.stream).pipe(Effect.forkScoped({ startImmediately: true }))
          yield* Discovery.advertise(ada)
          network.deliver(group, "10.0.0.9:4000", "+grace")
          network.fail.send = "ENETUNREACH"
          yield* Effect.sleep("10500 millis")
          network.fail.send = undefined
          const before = network.sent.length
          yield* Effect.sleep("2 seconds")

          assert.include(diagnostics, "SessionRestarting 1")
          assert.notInclude(texts(network), "-ada")
          assert.isAbove(network.sent.length, before)
          assert.deepStrictEqual(yield* names, ["grace"])
          assert.isUndefined(stream.pollUnsafe())
        }).pipe(Effect.provide(live(network)))
      })
  )

  simulate(
    "one broadcast address that cannot be reached does not break the session while another one can",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        const broadcasting = Source.fromProtocol(Beacon.make({ ...options, endpoint: Endpoint.broadcast(4000) }))
        yield* Effect.gen(function*() {
          const diagnostics = yield* followDiagnostics()
          network.fail.send = "EACCES"
          network.fail.sendTo = "255.255.255.255"
          yield* Discovery.advertise(ada)
          yield* Effect.sleep("5 seconds")
          assert.deepStrictEqual(diagnostics, [])
          assert.deepStrictEqual(network.sent.map(({ to }) => to), ["10.0.0.255:4000"])

          network.fail.sendTo = undefined
          yield* Effect.sleep("6 seconds")
          assert.include(diagnostics, "SessionRestarting 1")
          network.fail.send = undefined
        }).pipe(Effect.scoped, Effect.provide(live(network, [broadcasting])))
      })
  )

  simulate(
    "S-F1 a session that starts anew as its address goes harms no other",
    () =>
      Effect.gen(function*() {
        const network = yield* dualStack()
        const retry = Schedule.spaced("200 millis")
        yield* Effect.gen(function*() {
          const stream = yield* Stream.runDrain(Discovery.stream).pipe(Effect.forkScoped({ startImmediately: true }))
          network.fail.open = { kind: "Unknown", family: "IPv4" }
          network.fail.send = "EADDRNOTAVAIL"
          yield* Discovery.advertise(ada)
          yield* Effect.sleep("1 second")
          network.fail.open = undefined
          // the session of the new address takes its time, and the one of the old address is tried meanwhile
          network.fail.send = "never"
          const changed = [{ ...FakeNetwork.eth0, addresses: [IpInterface.fromStringUnsafe("fe80::2/64")] }]
          yield* Effect.forkScoped(network.setInterfaces(changed))
          yield* Effect.sleep("1 second")
          network.fail.send = undefined
          yield* Effect.sleep("5 seconds")
          network.deliver("ff02::1234:4000", "[fe80::9%2]:4000", "+grace")
          yield* Effect.sleep(1)

          assert.isUndefined(stream.pollUnsafe())
          assert.deepStrictEqual(yield* names, ["grace"])
        }).pipe(Effect.provide(live(network, [inBothFamilies(false, { retry })])))
      })
  )

  simulate(
    "S-F3 without a schedule of one's own, the waits double from one second to a minute, each by chance",
    () =>
      Effect.gen(function*() {
        const times: Array<number> = []
        yield* Effect.flatMap(Clock.currentTimeMillis, (now) => {
          times.push(now)
          return Effect.fail("refused")
        }).pipe(Effect.retry(Source.defaultRetry), Effect.ignore, Effect.forkScoped({ startImmediately: true }))
        yield* Effect.sleep("20 minutes")

        const waits = times.slice(1).map((time, index) => (time - times[index]!) / 1_000)
        assert.isAbove(waits.length, 15)
        for (const [index, wait] of waits.entries()) {
          const expected = Math.min(2 ** index, 60)
          assert.isTrue(wait >= 0.8 * expected - 0.001 && wait <= 1.2 * expected + 0.001, `${index}: ${wait}`)
        }
        assert.strictEqual(new Set(waits).size, waits.length)
      })
  )

  simulate("a schedule of three gives up after the fourth failure in a row", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const retry = Schedule.max([Schedule.spaced("1 second"), Schedule.recurs(3)])
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.flip(Stream.runDrain(Discovery.stream)).pipe(
          Effect.forkScoped({ startImmediately: true })
        )
        network.fail.send = "ENETDOWN"
        yield* Discovery.advertise(ada)
        yield* Effect.sleep("2900 millis")
        assert.isUndefined(fiber.pollUnsafe())
        yield* Effect.sleep("200 millis")
        const error = yield* Fiber.join(fiber)

        assert.strictEqual(error.reason._tag, "SourceFailed")
        assert.include(error.message, "ENETDOWN")
        assert.include(error.message, "`retry`")
      }).pipe(Effect.provide(live(network, [Source.fromProtocol(protocol, { retry })])))
    }))

  const groups = [Endpoint.multicast("239.1.2.3", 4000), Endpoint.multicast("239.1.2.4", 4000)] as const
  for (const [what, endpoint] of [["one datagram", groups[0]], ["several at a time", groups]] as const) {
    simulate(`the schedule starts anew after the session sent ${what}`, () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        const retry = Schedule.max([Schedule.spaced("1 second"), Schedule.recurs(3)])
        const source = Source.fromProtocol(Beacon.make({ ...options, endpoint }), { retry })
        yield* Effect.gen(function*() {
          const fiber = yield* Stream.runDrain(Discovery.stream).pipe(Effect.forkScoped({ startImmediately: true }))
          yield* Discovery.advertise(ada)
          for (let i = 0; i < 5; i++) {
            const failed = network.failed()
            network.fail.send = "ENETDOWN"
            yield* Effect.repeat(Effect.sleep("100 millis"), { until: () => network.failed() >= failed + 2 })
            network.fail.send = undefined
            yield* Effect.sleep("3 seconds")
          }

          assert.isUndefined(fiber.pollUnsafe())
        }).pipe(Effect.provide(live(network, [source])))
      }))
  }
})

describe("a session between two lives", () => {
  const endings: ReadonlyArray<
    readonly [when: string, end: (network: FakeNetwork.Control) => Effect.Effect<void>]
  > = [
    [
      "it waits to be restarted",
      ({ fail }) =>
        Effect.sync(() => {
          fail.send = undefined
        })
    ],
    [
      "its sockets are being opened anew",
      Effect.fnUntraced(function*({ fail }) {
        Object.assign(fail, { send: undefined, delay: 10_000 })
        yield* Effect.sleep("3 seconds")
        fail.delay = undefined
      })
    ]
  ]
  for (const [when, end] of endings) {
    simulate(`says goodbye when the program ends while ${when}`, () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        yield* Effect.gen(function*() {
          yield* Discovery.advertise(ada)
          network.fail.send = "ENOBUFS"
          yield* Effect.sleep("10100 millis")
          yield* end(network)
        }).pipe(Effect.scoped, Effect.provide(live(network)))

        assert.deepStrictEqual(texts(network), ["+ada", "-ada"])
        assert.strictEqual(network.openSockets(), 0)
      }))
  }

  simulate("sends the goodbyes that it owes when its sockets are open again", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Effect.scoped(Effect.andThen(
          Discovery.advertise(ada),
          Effect.suspend(() => {
            network.fail.send = "ENOBUFS"
            return Effect.sleep("10100 millis")
          })
        ))
        network.fail.send = undefined
        yield* Effect.sleep("2 seconds")

        assert.deepStrictEqual(texts(network), ["+ada", "-ada"])
      }).pipe(Effect.provide(live(network)))
    }))

  simulate(
    "says the goodbyes that wait for a send that never ends, and the rest when it starts anew",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        yield* Effect.gen(function*() {
          const scope = yield* Scope.make()
          yield* Scope.provide(Discovery.advertise(ada), scope)
          network.fail.send = "never"
          yield* Effect.forkChild(Discovery.advertise(Announcement.make({ name: "grace" })), { startImmediately: true })
          network.fail.send = undefined
          yield* Scope.close(scope, Exit.void)
          assert.deepStrictEqual(texts(network), ["+ada", "-ada"])
          yield* Effect.sleep("2 seconds")

          assert.deepStrictEqual(texts(network), ["+ada", "-ada", "+grace"])
        }).pipe(Effect.provide(live(network)))
      })
  )

  simulate("says a goodbye again that the system refused, once", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const scope = yield* Scope.make()
        yield* Scope.provide(Discovery.advertise(ada), scope)
        network.fail.send = "ENOBUFS"
        yield* Scope.close(scope, Exit.void)
        network.fail.send = undefined
        yield* Effect.sleep("1 minute")

        assert.deepStrictEqual(texts(network), ["+ada", "-ada"])
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("says no goodbye a third time", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const diagnostics = yield* followDiagnostics()
        const scope = yield* Scope.make()
        yield* Scope.provide(Discovery.advertise(ada), scope)
        network.fail.send = "EMSGSIZE"
        yield* Scope.close(scope, Exit.void)
        yield* Effect.sleep("1 minute")

        assert.strictEqual(network.failed(), 2)
        assert.notInclude(diagnostics, "SessionRestarting 3")
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("is restarted, and says so, when the system never takes a datagram", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const diagnostics = yield* followDiagnostics()
        yield* Discovery.advertise(ada)
        network.fail.send = "never"
        yield* Effect.sleep("11500 millis")
        network.fail.send = undefined
        yield* Effect.sleep("30 seconds")

        assert.include(diagnostics, "SessionRestarting 1")
        assert.isAbove(network.sent.length, 2)
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("a protocol that throws when it is woken fails the stream", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const broken = Source.fromProtocol({
        ...protocol,
        step: (state, input, now) => {
          if (input._tag === "Woke") throw new Error("a bug")
          return protocol.step(state, input, now)
        }
      })
      yield* Effect.gen(function*() {
        const fiber = yield* Stream.runDrain(Discovery.stream).pipe(Effect.forkScoped({ startImmediately: true }))
        yield* Discovery.advertise(ada)
        yield* Effect.sleep("1 minute")

        assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
      }).pipe(Effect.provide(live(network, [broken])))
    }))

  for (const count of [1, 2]) {
    simulate(`a protocol that sends ${count} to where nobody can fails the stream`, () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        const nowhere = { ...Endpoint.multicast("239.1.2.3", 4000), port: 70_000 }
        const broken = Source.fromProtocol({
          ...protocol,
          step: (state, input, now) => {
            const step = protocol.step(state, input, now)
            if (input._tag !== "Woke") return step
            const output: Protocol.Output = { _tag: "Transmit", payload: new Uint8Array(1), to: nowhere }
            return { ...step, outputs: Array.from({ length: count }, () => output) }
          }
        })
        yield* Effect.gen(function*() {
          const fiber = yield* Stream.runDrain(Discovery.stream).pipe(Effect.forkScoped({ startImmediately: true }))
          yield* Discovery.advertise(ada)
          yield* Effect.sleep("1 minute")

          assert.isTrue(Exit.isFailure(yield* Effect.timeout(Fiber.await(fiber), "1 second")))
        }).pipe(Effect.provide(live(network, [broken])))
      }))
  }
})

describe("a session of several announcements", () => {
  simulate("starts anew though the system takes none of them for a while", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Discovery.advertise(ada)
        yield* Discovery.advertise(Announcement.make({ name: "grace" }))
        network.fail.send = "never"
        yield* Effect.sleep("1 minute")
        network.fail.send = undefined
        const { length } = network.sent
        yield* Effect.sleep("2 minutes")

        assert.includeMembers(texts(network).slice(length), ["+ada", "+grace"])
      }).pipe(Effect.provide(live(network)))
    }))
})

describe("a source that has given up", () => {
  simulate("says so though its interface goes meanwhile", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make([{ ...FakeNetwork.eth0, addresses: both }, FakeNetwork.wlan0])
      const source = inBothFamilies(false, { retry: Schedule.recurs(0) })
      yield* Effect.gen(function*() {
        const failing = yield* Effect.forkScoped(Effect.flip(Stream.runDrain(Discovery.stream)), {
          startImmediately: true
        })
        network.fail.send = "never"
        yield* Effect.forkScoped(Effect.ignore(Discovery.advertise(ada)), { startImmediately: true })
        yield* Effect.sleep("500 millis")
        yield* network.setInterfaces([FakeNetwork.wlan0])
        const { reason } = yield* Effect.timeout(Fiber.join(failing), "1 minute")

        assert.strictEqual(reason._tag, "SourceFailed")
      }).pipe(Effect.provide(live(network, [source])))
    }))

  for (const [when, delay] of [["at once", undefined], ["a moment later", 100]] as const) {
    simulate(`${when}, before all of it was open, has opened and says that it failed`, () =>
      Effect.gen(function*() {
        const network = yield* dualStack()
        network.fail.open = { kind: "Unknown", family: "IPv4" }
        network.fail.delay = delay
        const source = inBothFamilies(false, { retry: Schedule.recurs(0) })
        yield* Effect.gen(function*() {
          const { reason } = yield* Effect.flip(Stream.runDrain(Discovery.stream))

          assert.strictEqual(reason._tag, "SourceFailed")
          assert.strictEqual(network.openSockets(), 0)
        }).pipe(Effect.provide(live(network, [source])), Effect.timeout("1 minute"))
      }))
  }

  simulate("is silent on every interface and refuses to announce", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make([FakeNetwork.eth0, FakeNetwork.wlan0])
      const retry = Schedule.max([Schedule.spaced("1 second"), Schedule.recurs(2)])
      yield* Effect.gen(function*() {
        const diagnostics = yield* followDiagnostics()
        yield* Discovery.advertise(ada)
        network.fail.send = "ENETDOWN"
        yield* Effect.sleep("1 minute")
        const error = yield* Effect.flip(Discovery.advertise(Announcement.make({ name: "grace" })))

        assert.strictEqual(error.reason._tag, "SourceFailed")
        assert.strictEqual(network.openSockets(), 0)
        assert.notInclude(diagnostics, "SessionRestarting 6")
      }).pipe(Effect.provide(live(network, [Source.fromProtocol(protocol, { retry })])))
    }))
})

describe("a network without a list of interfaces", () => {
  for (const [how, interfaces] of [["ends", Stream.empty], ["dies", Stream.die("no list")]] as const) {
    simulate(`that ${how} does not hang the layer`, () =>
      Effect.gen(function*() {
        const layer = Discovery.layer({ sources: [source] }).pipe(
          Layer.provide(Layer.mock(Network.Network)({ interfaces }))
        )
        const exit = yield* Effect.exit(Effect.void.pipe(Effect.provide(layer)))

        assert.isTrue(Exit.isFailure(exit))
      }))
  }
})

describe("interfaces", () => {
  simulate("a second address of the same family changes nothing for those who hear us", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Discovery.advertise(ada)
        const { addresses } = FakeNetwork.eth0
        yield* network.setInterfaces([{
          ...FakeNetwork.eth0,
          addresses: [...addresses, IpInterface.fromStringUnsafe("10.9.0.1/24")]
        }])
        yield* Effect.sleep("1 second")
        network.deliver(group, "10.9.0.7:4000", "+grace")
        yield* Effect.sleep(1)

        assert.deepStrictEqual(texts(network), ["+ada"])
        assert.deepStrictEqual(yield* names, ["grace"])
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("one that is gone says goodbye though another has the same address", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make([FakeNetwork.eth0, { ...FakeNetwork.eth0, name: "eth1", index: 7 }])
      yield* Effect.gen(function*() {
        yield* Discovery.advertise(ada)
        yield* network.setInterfaces([FakeNetwork.eth0])
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual(texts(network), ["+ada", "+ada", "-ada"])
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("one that is replaced by another with the same address says no goodbye", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Discovery.advertise(ada)
        yield* network.setInterfaces([{ ...FakeNetwork.eth0, index: 9 }])
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual(texts(network), ["+ada", "+ada"])
        assert.strictEqual(network.openSockets(), 2)
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("one that appears gets a session, which announces what is advertised", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Discovery.advertise(ada)
        yield* network.setInterfaces([FakeNetwork.eth0, FakeNetwork.wlan0])
        yield* Effect.sleep(1)

        assert.deepStrictEqual(network.sent.map(({ from }) => from), ["10.0.0.1:49152", "192.168.7.1:49153"])
      }).pipe(Effect.provide(live(network)))
    }))

  simulate(
    "one that appears or is back tells its protocol that it says again what is advertised",
    () =>
      Effect.gen(function*() {
        const told: Array<Protocol.Advertise["isOpening"]> = []
        const step: typeof protocol.step = (state, input, now) => {
          if (input._tag === "Advertise") told.push(input.isOpening)
          return protocol.step(state, input, now)
        }
        const network = yield* FakeNetwork.make()
        yield* Effect.gen(function*() {
          yield* Discovery.advertise(ada)
          yield* network.setInterfaces([FakeNetwork.eth0, FakeNetwork.wlan0])
          network.fail.send = "ENOBUFS"
          yield* Effect.sleep("15 seconds")

          assert.deepStrictEqual(told.slice(0, 4), [undefined, true, true, true])
        }).pipe(Effect.provide(live(network, [Source.fromProtocol({ ...protocol, step })])))
      })
  )

  simulate("one that is gone takes its evidence along", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make([FakeNetwork.eth0, FakeNetwork.wlan0])
      yield* Effect.gen(function*() {
        const lost: Array<string> = []
        yield* Stream.runForEach(Discovery.stream, (event) =>
          Effect.sync(() => event._tag === "PeerLost" && lost.push(`${event.peer.name} ${event.reason}`))).pipe(
            Effect.forkScoped({ startImmediately: true })
          )
        network.deliver(group, "10.0.0.9:4000", "+wired")
        network.deliver(group, "192.168.7.9:4000", "+wireless")
        yield* Effect.sleep(1)
        yield* network.setInterfaces([FakeNetwork.eth0])
        yield* Effect.sleep(1)

        assert.deepStrictEqual(lost, ["wireless InterfaceLost"])
        assert.deepStrictEqual(yield* names, ["wired"])
        assert.strictEqual(network.openSockets(), 2)
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("an address of another family that comes or goes disturbs no session", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        yield* Discovery.advertise(ada)
        const { addresses } = FakeNetwork.eth0
        yield* network.setInterfaces([{
          ...FakeNetwork.eth0,
          addresses: [...addresses, IpInterface.fromStringUnsafe("fd00::1/64")]
        }])
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual(texts(network), ["+ada"])
        assert.strictEqual(network.openSockets(), 2)
      }).pipe(Effect.provide(live(network)))
    }))

  simulate(
    "one with another address announces from there before it says goodbye from the old one",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        yield* Effect.gen(function*() {
          yield* Discovery.advertise(ada)
          yield* network.setInterfaces([{ ...FakeNetwork.wlan0, name: "eth0" }])
          yield* Effect.sleep("1 second")

          assert.deepStrictEqual(texts(network), ["+ada", "+ada", "-ada"])
          assert.deepStrictEqual(network.sent.map(({ from }) => from.split(":")[0]), [
            "10.0.0.1",
            "192.168.7.1",
            "10.0.0.1"
          ])
        }).pipe(Effect.provide(live(network)))
      })
  )

  simulate(
    "one whose address is on another interface now says no goodbye to what is announced from there",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        yield* Effect.gen(function*() {
          yield* Discovery.advertise(ada)
          yield* network.setInterfaces([{ ...FakeNetwork.eth0, name: "lan0", index: 7 }])
          yield* Effect.sleep("1 second")

          assert.deepStrictEqual(texts(network), ["+ada", "+ada"])
        }).pipe(Effect.provide(live(network)))
      })
  )

  simulate("one that failed as its address went says no goodbye from the new one", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const failing = Source.fromProtocol(protocol, { retry: Schedule.spaced("1 hour") })
      yield* Effect.gen(function*() {
        yield* Discovery.advertise(ada)
        network.fail.send = "EADDRNOTAVAIL"
        yield* Effect.sleep("11 seconds")
        network.fail.send = undefined
        yield* network.setInterfaces([{ ...FakeNetwork.wlan0, name: "eth0" }])
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual(texts(network), ["+ada", "+ada"])
        assert.match(network.sent[1]!.from, /^192\.168\.7\.1:/)
      }).pipe(Effect.provide(live(network, [failing])))
    }))

  simulate("one that appears with its port taken is retried, and the rest goes on", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const diagnostics = yield* followDiagnostics()
        network.fail.open = { kind: "AddressInUse" }
        yield* network.setInterfaces([FakeNetwork.eth0, FakeNetwork.wlan0])
        yield* Effect.sleep("500 millis")
        network.fail.open = undefined
        yield* Effect.sleep("2 seconds")

        assert.deepStrictEqual(diagnostics, ["SessionRestarting 1"])
        assert.strictEqual(network.openSockets(), 4)
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("one with another address gets new sockets and keeps what was heard on it", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        network.deliver(group, "10.0.0.9:4000", "+grace")
        yield* Effect.sleep(1)
        yield* network.setInterfaces([{ ...FakeNetwork.wlan0, name: "eth0" }])
        yield* Effect.sleep(1)

        assert.deepStrictEqual(yield* names, ["grace"])
        assert.strictEqual(network.openSockets(), 2)
        assert.include(network.log, "open 192.168.7.1:49153")
      }).pipe(Effect.provide(live(network)))
    }))

  simulate("a source's own choice of interfaces goes before the layer's", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make([FakeNetwork.lo, FakeNetwork.eth0])
      const onLoopback = Source.fromProtocol(protocol, { interfaces: NetworkInterface.isLoopback })
      yield* Effect.scoped(Discovery.advertise(ada)).pipe(Effect.provide(live(network, [onLoopback])))

      assert.deepStrictEqual(network.sent.map(({ from }) => from), ["127.0.0.1:49152", "127.0.0.1:49152"])
    }))
})
