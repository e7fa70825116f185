import { Discovery, Limits, Network, type NetworkInterface } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { type SimulatedHost, SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Layer, Option, Result, Scope, Stream } from "effect"
import { IpInterface, NetAddress } from "effect/net"
import { EngineMachine } from "../../../../src/internal/runtime/mdns/EngineMachine.ts"
import * as LinkSockets from "../../../../src/internal/runtime/mdns/LinkSockets.ts"
import type * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as FakeNetwork from "../../../support/FakeNetwork.ts"

const group = "224.0.0.251:5353"
const bytes = (text: string) => new TextEncoder().encode(text)
const textOf = (payload: Uint8Array) => new TextDecoder().decode(payload)

/** An engine that does as it is told: it writes down its inputs and gives what `react` says. */
const scripted = (react: (input: Engine.Input) => ReadonlyArray<Engine.Output> = () => []) => {
  const inputs: Array<Engine.Input> = []
  const machine: EngineMachine = {
    init: () => ({ state: undefined, outputs: [], wakeAt: Infinity }),
    step: (_, input: Engine.Input) => {
      inputs.push(input)
      return { state: undefined, outputs: react(input), wakeAt: Infinity }
    }
  }
  return { inputs, tags: () => inputs.map(({ _tag }) => _tag), machine }
}

const say = (link: string, text: string, to: Engine.Transmit["to"] = "group"): Engine.Transmit => ({
  _tag: "Transmit",
  link,
  payload: bytes(text),
  to
})

const simulate = <A, E>(name: string, program: () => Effect.Effect<A, E, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(Effect.suspend(program)))

const run = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  network: Layer.Layer<Network.Network>,
  engine: ReturnType<typeof scripted>,
  options?: Mdns.Options
) =>
  program.pipe(
    Effect.provide(Layer.provide(Mdns.layer(options), network)),
    Effect.provideService(EngineMachine, () => engine.machine)
  )

const sentOf = (network: FakeNetwork.Control) =>
  network.sent.map(({ from, payload, to }) => `${from} > ${to} ${textOf(payload)}`)

const eth = (...addresses: ReadonlyArray<string>): NetworkInterface.NetworkInterface => ({
  ...FakeNetwork.eth0,
  addresses: addresses.map((address) => IpInterface.fromStringUnsafe(address))
})

describe("links", () => {
  simulate(
    "S-F1 a link whose addresses are gone by the time that it opens fails, and is no defect",
    () =>
      Effect.gen(function*() {
        const fake = yield* FakeNetwork.make()
        const network = yield* Network.Network.pipe(Effect.provide(fake.layer))
        const options = {
          network,
          limits: Limits.defaults,
          family: "IPv4",
          networkInterface: () => eth("fe80::1/64")
        } as const
        for (const open of [Effect.asVoid(LinkSockets.open(options)), Effect.asVoid(LinkSockets.openAsker(options))]) {
          const error = yield* Effect.flip(open)

          assert.include(String(error.reason.cause), "no IPv4 address")
        }
      })
  )

  simulate(
    "a link has a socket on the group and one on each of its addresses, all on port 5353",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make([eth("10.0.0.1/24", "10.9.0.1/24")])
        yield* run(Effect.void, network.layer, scripted())

        assert.deepStrictEqual(network.log.filter((line) => !line.startsWith("close")).toSorted(), [
          "join 224.0.0.251 224.0.0.251:5353",
          // once each to see whether somebody else has the port
          "open 10.0.0.1:5353",
          "open 10.0.0.1:5353",
          "open 10.9.0.1:5353",
          "open 10.9.0.1:5353",
          "open 224.0.0.251:5353"
        ])
        assert.strictEqual(network.openSockets(), 0)
      })
  )

  simulate(
    "the engine is told of a link with all addresses of the interface, and again when they change",
    () =>
      Effect.gen(function*() {
        const engine = scripted()
        const network = yield* FakeNetwork.make([eth("10.0.0.1/24")])
        yield* run(
          Effect.gen(function*() {
            yield* network.setInterfaces([eth("10.0.0.1/24", "fd00::1/64")])
            yield* Effect.sleep("1 second")
          }),
          network.layer,
          engine
        )
        const links = engine.inputs.flatMap((input) => input._tag === "LinkUp" ? [input.link] : [])

        assert.deepStrictEqual(links.map(({ addresses, key }) => `${key} ${addresses.map(String).join(" ")}`), [
          "eth0/IPv4 10.0.0.1/24",
          "eth0/IPv6 10.0.0.1/24 fd00::1/64",
          "eth0/IPv4 10.0.0.1/24 fd00::1/64"
        ])
        assert.isTrue(links.every(({ isPortOwned, maxPayload }) => isPortOwned && maxPayload === 1440))
      })
  )

  simulate(
    "an interface that goes takes its link along, and what is not sent there is no failure",
    () =>
      Effect.gen(function*() {
        const engine = scripted((input) => input._tag === "LinkDown" ? [say("eth0/IPv4", "late")] : [])
        const network = yield* FakeNetwork.make([FakeNetwork.eth0, FakeNetwork.wlan0])
        yield* run(
          Effect.andThen(network.setInterfaces([FakeNetwork.wlan0]), Effect.sleep("1 second")),
          network.layer,
          engine
        )
        const down = engine.inputs.find(({ _tag }) => _tag === "LinkDown")

        assert.deepStrictEqual(down, { _tag: "LinkDown", link: "eth0/IPv4", canSend: false, unsaid: [] })
        assert.deepStrictEqual(engine.tags(), ["LinkUp", "LinkUp", "LinkDown", "Close"])
      })
  )

  simulate(
    "an interface that is made anew by its name is another link, where nothing is known and nobody knows us",
    () =>
      Effect.gen(function*() {
        const engine = scripted()
        const network = yield* FakeNetwork.make()
        const anew = { ...FakeNetwork.eth0, index: 7 }
        yield* run(Effect.andThen(network.setInterfaces([anew]), Effect.sleep("1 second")), network.layer, engine)

        assert.deepStrictEqual(
          engine.inputs.map((input) =>
            input._tag === "LinkUp" ? [input.link.index] : [input._tag, "canSend" in input && input.canSend]
          ),
          [[2], ["LinkDown", false], [7], ["Close", false]]
        )
      })
  )

  simulate("a link whose socket fails is opened anew, and all is asked and probed again", () =>
    Effect.gen(function*() {
      const engine = scripted((input) => input._tag === "Reconfirm" ? [say("eth0/IPv4", "hello")] : [])
      const network = yield* FakeNetwork.make()
      yield* run(
        Effect.gen(function*() {
          network.fail.send = "no route"
          yield* Mdns.reconfirm("a.local")
          network.fail.send = undefined
          yield* Effect.sleep("10 seconds")
        }),
        network.layer,
        engine
      )

      assert.deepStrictEqual(engine.tags(), ["LinkUp", "Reconfirm", "LinkUp", "Resumed", "Close"])
    }))

  simulate(
    "a link whose new address cannot be bound at once is asked and probed on again, once it can",
    () =>
      Effect.gen(function*() {
        const engine = scripted()
        const network = yield* FakeNetwork.make()
        yield* run(
          Effect.gen(function*() {
            network.fail.open = { kind: "AddressNotAvailable" }
            yield* network.setInterfaces([eth("10.0.0.1/24", "10.0.0.2/24")])
            yield* Effect.sleep("500 millis")
            network.fail.open = undefined
            yield* Effect.sleep("10 seconds")
          }),
          network.layer,
          engine
        )

        assert.deepStrictEqual(engine.tags(), ["LinkUp", "LinkUp", "LinkUp", "Resumed", "Close"])
      })
  )

  simulate("a link whose interface goes while its sockets are being opened anew is down", () =>
    Effect.gen(function*() {
      const engine = scripted((input) => input._tag === "Reconfirm" ? [say("eth0/IPv4", "?")] : [])
      const network = yield* FakeNetwork.make()
      yield* run(
        Effect.gen(function*() {
          network.fail.send = "ENETDOWN"
          yield* Mdns.reconfirm("a.local")
          network.fail.delay = 10_000
          yield* Effect.sleep("3 seconds")
          yield* network.setInterfaces([])
          yield* Effect.sleep(1)
        }),
        network.layer,
        engine
      )

      assert.deepStrictEqual(engine.tags(), ["LinkUp", "Reconfirm", "LinkDown", "Close"])
    }))

  simulate("a link that cannot send leaves the others in peace", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make([eth("10.0.0.1/24", "fe80::1/64")])
      network.fail.sendTo = "ff02::fb%2"
      network.fail.send = "forbidden"
      yield* Effect.gen(function*() {
        yield* Mdns.publish({ name: "a", type: "_http._tcp", port: 80 })
        yield* Effect.sleep("10 minutes")
      }).pipe(Effect.scoped, Effect.provide(Layer.provide(Mdns.layer(), network.layer)))
      const sent = network.sent.map(({ payload }) => Result.getOrThrow(Message.decode(payload)))

      assert.deepStrictEqual(sent.map(({ isResponse }) => isResponse), [false, false, false, true, true, true])
    }))

  simulate("an address that cannot be answered is no failure of the link", () =>
    Effect.gen(function*() {
      const engine = scripted((input) =>
        input._tag === "Reconfirm" ? [say("eth0/IPv4", "hi", NetAddress.inetAddressFromStringUnsafe("10.0.0.9:1"))] : []
      )
      const network = yield* FakeNetwork.make()
      yield* run(
        Effect.gen(function*() {
          network.fail.send = "no route"
          yield* Mdns.reconfirm("a.local")
          yield* Effect.sleep("10 seconds")
        }),
        network.layer,
        engine
      )

      assert.deepStrictEqual(engine.tags(), ["LinkUp", "Reconfirm", "Close"])
    }))
})

describe("receiving", () => {
  simulate("which socket a datagram came in on tells whether it was sent to the group", () =>
    Effect.gen(function*() {
      const engine = scripted()
      const network = yield* FakeNetwork.make()
      yield* run(
        Effect.gen(function*() {
          yield* Effect.sleep("1 second")
          network.deliver(group, "10.0.0.2:5353", "to all")
          network.deliver("10.0.0.1:5353", "10.0.0.2:5353", "to us")
          // from afar, to us alone
          network.deliver("10.0.0.1:5353", "8.8.8.8:5353", "off link")
          network.deliver(group, "10.0.0.2:5353", new Uint8Array(8973))
          yield* Effect.sleep("1 second")
        }),
        network.layer,
        engine
      )

      assert.deepStrictEqual(
        engine.inputs.flatMap((input) =>
          input._tag === "Received" ? [`${input.link} ${input.isMulticast} ${textOf(input.payload)}`] : []
        ),
        ["eth0/IPv4 true to all", "eth0/IPv4 false to us"]
      )
    }))
})

describe("sending", () => {
  simulate("X-20 an answer to one leaves from our address on its subnet", () =>
    Effect.gen(function*() {
      const engine = scripted((input) =>
        input._tag === "Received" ? [say("eth0/IPv4", "you", input.source), say("eth0/IPv4", "all")] : []
      )
      const network = yield* FakeNetwork.make([eth("10.0.0.1/24", "10.9.0.1/24")])
      yield* run(
        Effect.gen(function*() {
          yield* Effect.sleep("1 second")
          network.deliver(group, "10.9.0.7:5353", "?")
          yield* Effect.sleep("1 second")
        }),
        network.layer,
        engine
      )

      assert.deepStrictEqual(sentOf(network), [
        "10.9.0.1:5353 > 10.9.0.7:5353 you",
        "10.0.0.1:5353 > 224.0.0.251:5353 all"
      ])
    }))

  simulate("X-25 closing the layer says goodbye before the sockets are closed", () =>
    Effect.gen(function*() {
      const engine = scripted((input) => input._tag === "Close" ? [say("eth0/IPv4", "bye")] : [])
      const network = yield* FakeNetwork.make()
      yield* run(Effect.void, network.layer, engine)

      assert.deepStrictEqual(sentOf(network), ["10.0.0.1:5353 > 224.0.0.251:5353 bye"])
      assert.strictEqual(network.openSockets(), 0)
    }))

  simulate(
    "a goodbye that the system never takes holds nobody up for longer than its limit",
    () =>
      Effect.gen(function*() {
        const engine = scripted((input) => input._tag === "Close" ? [say("eth0/IPv4", "bye")] : [])
        const network = yield* FakeNetwork.make()
        const scope = yield* Scope.make()
        network.fail.send = "never"
        const before = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        yield* run(Effect.void, network.layer, engine).pipe(Scope.provide(scope))
        yield* Scope.close(scope, Exit.void)

        assert.isAtMost((yield* Effect.clockWith((clock) => clock.currentTimeMillis)) - before, 1_100)
      })
  )
})

describe("failures", () => {
  simulate(
    "5353 held by another program is an error that names the port and both ways out",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        network.fail.open = { kind: "AddressInUse" }
        const error = yield* Effect.flip(run(Effect.void, network.layer, scripted()))

        assert.strictEqual(error.reason._tag, "AddressInUse")
        for (const part of ["5353", "share", "Mdns.lookupOnce"]) assert.include(error.message, part)
      })
  )

  simulate("a type that is none fails the stream, and nothing is asked", () =>
    Effect.gen(function*() {
      const engine = scripted()
      const network = yield* FakeNetwork.make()
      const error = yield* Effect.flip(run(Stream.runDrain(Mdns.browse("http")), network.layer, engine))

      assert.strictEqual(error.reason._tag, "InvalidName")
      assert.deepStrictEqual(engine.tags(), ["LinkUp", "Close"])
    }))

  simulate("a source that is to look for what is no type opens no link", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const sources = [Mdns.source({ browse: ["_http._tcp", "http"] })]
      const live = Discovery.layer({ sources }).pipe(Layer.provide(network.layer))
      const error = yield* Effect.flip(Layer.build(live))

      assert.deepInclude(error.reason, { _tag: "InvalidName", name: "http" })
      assert.deepStrictEqual(network.log, [])
    }))

  simulate("a service that cannot be announced is refused before anything is sent", () =>
    Effect.gen(function*() {
      const engine = scripted()
      const network = yield* FakeNetwork.make()
      const publish = Effect.scoped(Mdns.publish({ name: "a", type: "_http._tcp", port: 0 }))
      const error = yield* Effect.flip(run(publish, network.layer, engine))

      assert.deepInclude(error.reason, { _tag: "InvalidAnnouncement", field: "port" })
      assert.deepStrictEqual(engine.tags(), ["LinkUp", "Close"])
    }))
})

describe("names that take their time to be found", () => {
  const slow: Mdns.NameStore = {
    get: () => Effect.as(Effect.sleep("1 second"), undefined),
    set: () => Effect.void
  }
  const registered = ({ inputs }: ReturnType<typeof scripted>) =>
    inputs.flatMap((input) => input._tag === "Register" ? [input.registration] : [])
  const service = { name: "a", type: "_http._tcp", port: 80 }

  simulate("do not bring back a service whose scope is closed meanwhile", () =>
    Effect.gen(function*() {
      const engine = scripted()
      const network = yield* FakeNetwork.make()
      const program = Effect.gen(function*() {
        const scope = yield* Scope.make()
        const { update } = yield* Scope.provide(Mdns.publish(service), scope)
        yield* Effect.forkChild(update({ name: "b" }), { startImmediately: true })
        yield* Scope.close(scope, Exit.void)
        yield* Effect.sleep("10 seconds")
      })
      yield* run(program, network.layer, engine, { names: slow })

      assert.deepStrictEqual(engine.tags(), ["LinkUp", "Register", "Deregister", "Close"])
    }))

  simulate("do not undo an update that comes meanwhile", () =>
    Effect.gen(function*() {
      const engine = scripted()
      const network = yield* FakeNetwork.make()
      const program = Effect.gen(function*() {
        const { update } = yield* Mdns.publish(service)
        yield* Effect.all([update({ name: "b" }), update({ port: 81 })], { concurrency: 2 })
      })
      yield* run(Effect.scoped(program), network.layer, engine, { names: slow })
      const last = registered(engine).at(-1)

      assert.deepStrictEqual([last?.instance, last?.port], ["b", 81])
    }))

  simulate("hold nobody who gives up waiting, and nothing is announced then", () =>
    Effect.gen(function*() {
      const engine = scripted()
      const network = yield* FakeNetwork.make()
      const sources = [Mdns.sourceOf({ browse: [], type: service.type })]
      const program = Discovery.advertise({ name: "a", port: 80 }).pipe(
        Effect.scoped,
        Effect.timeoutOption("10 millis"),
        Effect.tap(Effect.sleep("10 seconds")),
        Effect.provide(Discovery.layer({ sources }))
      )
      const outcome = yield* run(program, network.layer, engine, { names: slow })

      assert.isTrue(Option.isNone(outcome))
      assert.deepStrictEqual(registered(engine), [])
    }))
})

describe("sleep", () => {
  const serve = (host: SimulatedHost.SimulatedHost, engine: ReturnType<typeof scripted>) =>
    host.start(
      Effect.never.pipe(Effect.provide(Mdns.layer()), Effect.provideService(EngineMachine, () => engine.machine))
    )

  simulate("a pause of the whole program is told to the engine", () =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const engine = scripted()
      yield* serve(lan.host("ada"), engine)
      yield* Effect.sleep("1 minute")
      yield* lan.host("ada").pause("30 seconds")
      yield* Effect.sleep("2 minutes")

      assert.deepStrictEqual(engine.tags(), ["LinkUp", "Resumed"])
    }))

  simulate("who has nothing to do wakes up twice a minute, to see whether it slept", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const clock = yield* Clock.clockWith(Effect.succeed)
      let timers = 0
      const sleep: Clock.Clock["sleep"] = (duration) => Effect.suspend(() => (timers++, clock.sleep(duration)))
      const idle = Effect.gen(function*() {
        yield* clock.sleep(Duration.minutes(1))
        const before = timers
        yield* clock.sleep(Duration.minutes(10))
        return timers - before
      })
      const count = yield* Effect.provideService(run(idle, network.layer, scripted()), Clock.Clock, { ...clock, sleep })

      assert.strictEqual(count, 20)
    }))

  simulate("X-17 setting the wall clock changes nothing", () =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make()
      const engine = scripted()
      yield* serve(lan.host("ada"), engine)
      yield* Effect.sleep("1 minute")
      for (const by of [365, -730]) {
        yield* lan.host("ada").clock.jump(`${by} days`)
        yield* Effect.sleep("1 minute")
      }

      assert.deepStrictEqual(engine.tags(), ["LinkUp"])
    }))
})

describe("what is asked for once", () => {
  simulate("is found in a round trip, once all links have answered", () =>
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis" })
      const service = { name: "ada", type: "_http._tcp", port: 80 }
      yield* lan.host("ada").start(
        Mdns.publish(service).pipe(Effect.andThen(Effect.never), Effect.scoped, Effect.provide(Mdns.layer()))
      )
      // what was announced within the last second is not said again
      yield* Effect.sleep("5 seconds")
      const took = yield* Deferred.make<ReadonlyArray<number>>()
      const ask = Effect.gen(function*() {
        // a link that has just come up gathers its questions
        yield* Effect.sleep("1 second")
        const [resolving, { host }] = yield* Effect.timed(Mdns.resolve(service))
        yield* Effect.sleep("2 seconds")
        const [lookingUp] = yield* Effect.timed(Mdns.lookup(host))
        yield* Deferred.succeed(took, [resolving, lookingUp].map(Duration.toMillis))
      })
      yield* lan.host("grace").start(Effect.provide(ask, Mdns.layer()))

      assert.deepStrictEqual((yield* Deferred.await(took)).map((millis) => millis <= 3), [true, true])
    }))
})
