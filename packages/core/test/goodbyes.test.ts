import { Announcement, Discovery, Endpoint, type Protocol, Source } from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Layer, Result, Scope, Stream } from "effect"
import { IpInterface } from "effect/net"
import * as FakeNetwork from "./support/FakeNetwork.ts"

const [one, other] = ["239.1.2.3", "239.1.2.4"] as const

/** Text beacons: `+name` announces, `-name` says goodbye; every 10 s, holding for 30 s. */
const text: Beacon.Options = {
  name: "text",
  endpoint: Endpoint.multicast(one, 4000),
  interval: "10 seconds",
  encode: ({ name }) => Result.succeed(new TextEncoder().encode(`+${name}`)),
  goodbye: ({ name }) => new TextEncoder().encode(`-${name}`),
  decode: () => Result.fail("deaf")
}

const beacon = (options: Partial<Beacon.Options> = {}) => Beacon.make({ ...text, ...options })
const toBoth = beacon({ endpoint: [Endpoint.multicast(one, 4000), Endpoint.multicast(other, 4000)] })

/** Says goodbye by a ttl of zero. */
const byTtl: Beacon.Options["encode"] = ({ name, ttl }) =>
  Result.succeed(new TextEncoder().encode(`${ttl === undefined ? "+" : "-"}${name}`))

const simulate = <A, E>(name: string, program: () => Effect.Effect<A, E, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(Effect.suspend(program)))

const live = <State>(network: FakeNetwork.Control, protocol: Protocol.Protocol<State>) =>
  Discovery.layer({ sources: [Source.fromProtocol(protocol)] }).pipe(Layer.provide(network.layer))

const texts = ({ sent }: FakeNetwork.Control, host: string = one) =>
  sent.filter(({ to }) => to.startsWith(host)).map(({ payload }) => new TextDecoder().decode(payload))

const hang = ({ fail }: FakeNetwork.Control, sendTo?: string) => Object.assign(fail, { send: "never", sendTo })

const announcement = (name: string) => Announcement.make({ name })
const [ada, grace] = [announcement("ada"), announcement("grace")]

const background = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkScoped(effect, { startImmediately: true })

/** Closes a scope, and gives the milliseconds that this takes. */
const close = Effect.fnUntraced(function*(scope: Scope.Closeable) {
  const before = yield* Clock.currentTimeMillis
  yield* Scope.close(scope, Exit.void)
  return (yield* Clock.currentTimeMillis) - before
})

const diagnostics = Effect.gen(function*() {
  const seen: Array<string> = []
  yield* background(Stream.runForEach(Discovery.diagnostics, ({ _tag }) => Effect.sync(() => seen.push(_tag))))
  return seen
})

/** Advertises ada, and hangs at what grace says to one of two groups; the scope of ada. */
const busy = Effect.fnUntraced(function*(network: FakeNetwork.Control) {
  const scope = yield* Scope.make()
  yield* Scope.provide(Discovery.advertise(ada), scope)
  hang(network, one)
  yield* background(Discovery.advertise(grace))
  return scope
})

describe("while a write to one group hangs", () => {
  for (const since of [0, 1, 400, 600, 999]) {
    simulate(
      `for ${since} ms, an advertisement that is closed says goodbye to the other in time`,
      () =>
        Effect.gen(function*() {
          const network = yield* FakeNetwork.make()
          yield* Effect.gen(function*() {
            const scope = yield* busy(network)
            yield* Effect.sleep(since)

            assert.isAtMost(yield* close(scope), 1_000)
            assert.deepStrictEqual(texts(network, other), ["+ada", "+grace", "-ada"])
          }).pipe(Effect.provide(live(network, toBoth)))
        })
    )

    simulate(`for ${since} ms, a layer that is closed says goodbye to the other in time`, () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        const scope = yield* Scope.make()
        const services = yield* Layer.buildWithScope(live(network, toBoth), scope)
        yield* Discovery.advertise(ada).pipe(Effect.provideContext(services))
        hang(network, one)
        yield* background(Effect.provideContext(Discovery.advertise(grace), services))
        yield* Effect.sleep(since)

        assert.isAtMost(yield* close(scope), 1_000)
        assert.deepStrictEqual(texts(network, other), ["+ada", "+grace", "-ada", "-grace"])
      }))
  }

  simulate("an announcement with a ttl of zero is a goodbye, too", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const advertisement = yield* Discovery.advertise(ada)
        hang(network, one)
        yield* background(Discovery.advertise(grace))
        yield* background(advertisement.update({ ttl: 0 }))
        yield* Effect.sleep("999 millis")

        assert.deepStrictEqual(texts(network, other), ["+ada", "+grace", "-ada"])
      }).pipe(
        Effect.provide(live(network, beacon({ endpoint: toBoth.endpoints as [Endpoint.Endpoint], encode: byTtl })))
      )
    }))

  simulate("whoever leaves says so to one of another family at once", () =>
    Effect.gen(function*() {
      const addresses = ["10.0.0.1/24", "fe80::1/64"].map((text) => IpInterface.fromStringUnsafe(text))
      const network = yield* FakeNetwork.make([{ ...FakeNetwork.eth0, addresses }])
      const endpoint = [Endpoint.multicast(one, 4000), Endpoint.multicast("ff02::1234", 4000)] as const
      yield* Effect.gen(function*() {
        const scope = yield* busy(network)
        yield* background(close(scope))

        assert.deepStrictEqual(texts(network, "ff02"), ["+ada", "+grace", "-ada"])
      }).pipe(Effect.provide(live(network, beacon({ endpoint }))))
    }))

  simulate(
    "a session that was to write more says the goodbyes first, and announces the rest anew",
    () =>
      Effect.gen(function*() {
        const network = yield* FakeNetwork.make()
        yield* Effect.gen(function*() {
          const scope = yield* busy(network)
          yield* background(Discovery.advertise(announcement("mary")))
          yield* close(scope)
          assert.deepStrictEqual(texts(network, other), ["+ada", "+grace", "-ada"])
          network.fail.send = undefined
          yield* Effect.sleep("3 seconds")

          assert.deepStrictEqual(texts(network, other).slice(-2), ["+grace", "+mary"])
        }).pipe(Effect.provide(live(network, toBoth)))
      })
  )
})

describe("while a broadcast address hangs", () => {
  simulate("goodbyes go to another one in time", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(live(network, beacon({ endpoint: Endpoint.broadcast(4000) })), scope)
      yield* Effect.forEach([ada, grace], Discovery.advertise).pipe(Effect.provideContext(services))
      hang(network, "10.0.0.255")

      assert.isAtMost(yield* close(scope), 1_000)
      assert.deepStrictEqual(texts(network, "255.255.255.255"), ["+ada", "+grace", "-ada", "-grace"])
    }))
})

describe("a goodbye that the system does not take", () => {
  const closed = Effect.fnUntraced(function*(network: FakeNetwork.Control, meanwhile: Effect.Effect<unknown>) {
    const scope = yield* Scope.make()
    const services = yield* Layer.buildWithScope(live(network, beacon()), scope)
    const seen = yield* Effect.provideContext(diagnostics, services)
    yield* Effect.provideContext(Discovery.advertise(ada), services)
    yield* meanwhile
    const taken = yield* close(scope)
    yield* Effect.sleep(1)
    return { seen, taken }
  })

  simulate("ends in time and is told of", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const { seen, taken } = yield* closed(network, Effect.sync(() => hang(network)))

      assert.strictEqual(taken, 1_000)
      assert.deepStrictEqual(seen, ["GoodbyeUnsaid"])
      assert.strictEqual(network.openSockets(), 0)
    }))

  for (const why of ["hangs", "does not open"] as const) {
    simulate(
      `is told of, too, when the session waits to be restarted and its socket ${why}`,
      () =>
        Effect.gen(function*() {
          const network = yield* FakeNetwork.make()
          const { seen, taken } = yield* closed(
            network,
            Effect.gen(function*() {
              network.fail.send = "ENOBUFS"
              yield* Effect.sleep("10100 millis")
              if (why === "hangs") hang(network)
              else network.fail.open = { kind: "Unknown" }
            })
          )

          assert.isAtMost(taken, 1_000)
          assert.deepStrictEqual(seen, ["SessionRestarting", "GoodbyeUnsaid"])
        })
    )
  }

  simulate("is said again, once, when the session has started anew", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const seen = yield* diagnostics
        const scope = yield* Scope.make()
        yield* Scope.provide(Discovery.advertise(ada), scope)
        hang(network)
        assert.strictEqual(yield* close(scope), 1_000)
        network.fail.send = undefined
        yield* Effect.sleep("1 minute")

        assert.deepStrictEqual(texts(network), ["+ada", "-ada"])
        assert.deepStrictEqual(seen, ["SessionRestarting"])
      }).pipe(Effect.provide(live(network, beacon())))
    }))

  for (const meanwhile of ["0 millis", "10100 millis"] as const) {
    simulate(
      `is said again, too, where it is an announcement with a ttl of zero, ${meanwhile} after the system stopped taking any`,
      () =>
        Effect.gen(function*() {
          const network = yield* FakeNetwork.make()
          yield* Effect.gen(function*() {
            const scope = yield* Scope.make()
            const advertisement = yield* Scope.provide(Discovery.advertise(ada), scope)
            network.fail.send = "ENOBUFS"
            yield* Effect.sleep(meanwhile)
            yield* advertisement.update({ ttl: 0 })
            yield* Scope.close(scope, Exit.void)
            network.fail.send = undefined
            yield* Effect.sleep("1 minute")

            assert.deepStrictEqual(texts(network), ["+ada", "-ada"])
          }).pipe(Effect.provide(live(network, beacon({ encode: byTtl, goodbye: undefined }))))
        })
    )
  }

  for (const meanwhile of ["0 millis", "10100 millis"] as const) {
    simulate(
      `is said again, too, to a name that is changed ${meanwhile} after the system stopped taking any`,
      () =>
        Effect.gen(function*() {
          const network = yield* FakeNetwork.make()
          yield* Effect.gen(function*() {
            const advertisement = yield* Discovery.advertise(ada)
            network.fail.send = "ENOBUFS"
            yield* Effect.sleep(meanwhile)
            yield* advertisement.update({ name: "grace" })
            network.fail.send = undefined
            yield* Effect.sleep("5 seconds")

            assert.deepStrictEqual(texts(network), ["+ada", "-ada", "+grace"])
          }).pipe(Effect.provide(live(network, beacon())))
        })
    )
  }

  simulate("is one of the latest 64 that are said again", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        network.fail.send = "ENOBUFS"
        yield* Discovery.advertise(ada)
        const names = Array.from({ length: 66 }, (_, n) => `n${n}`)
        yield* Effect.forEach(names, (name) => Effect.scoped(Discovery.advertise({ name })))
        network.fail.send = undefined
        yield* Effect.sleep("5 seconds")

        assert.deepStrictEqual(texts(network), [...names.slice(2).map((name) => `-${name}`), "+ada"])
      }).pipe(Effect.provide(live(network, beacon())))
    }))

  simulate("is not told of where it was taken", () =>
    Effect.gen(function*() {
      const { seen, taken } = yield* closed(yield* FakeNetwork.make(), Effect.void)

      assert.strictEqual(taken, 0)
      assert.deepStrictEqual(seen, [])
    }))
})

const silent = beacon({ goodbye: undefined })

describe("a session that waits to be restarted", () => {
  simulate("opens no socket for the goodbye of a protocol that has none", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(live(network, silent), scope)
      network.fail.send = "ENOBUFS"
      yield* Effect.provideContext(Discovery.advertise(ada), services)
      assert.strictEqual(network.openSockets(), 0)
      network.log.length = 0
      yield* close(scope)

      assert.deepStrictEqual(network.log, [])
    }))
})

describe("what is withdrawn while it waits to be sent", () => {
  /** What is sent when a write ends that went on while these came and went. */
  const sentAfter = Effect.fnUntraced(function*<State>(
    protocol: Protocol.Protocol<State>,
    meanwhile: Effect.Effect<unknown, unknown, Discovery.Discovery | Scope.Scope>
  ) {
    const network = yield* FakeNetwork.make()
    return yield* Effect.gen(function*() {
      hang(network)
      yield* background(Discovery.advertise(ada))
      yield* meanwhile
      network.fail.send = undefined
      network.release()
      yield* Effect.sleep("1 second")
      return texts(network)
    }).pipe(Effect.provide(live(network, protocol)))
  })

  const comeAndGo = Effect.gen(function*() {
    const fiber = yield* background(Effect.scoped(Discovery.advertise(grace)))
    yield* background(Fiber.interrupt(fiber))
  })

  simulate("is not sent, and nothing instead of it where there is no goodbye", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* sentAfter(silent, comeAndGo), [])
    }))

  simulate("is not sent, but its goodbye is", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* sentAfter(beacon(), comeAndGo), ["-grace"])
    }))

  simulate("is not sent by its latest name, and the goodbye of its earlier one is", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const scope = yield* Scope.make()
        const advertisement = yield* Scope.provide(Discovery.advertise(grace), scope)
        hang(network)
        yield* background(Discovery.advertise(ada))
        yield* background(advertisement.update({ name: "hopper" }))
        yield* background(close(scope))
        network.fail.send = undefined
        network.release()
        yield* Effect.sleep("1 second")

        assert.deepStrictEqual(texts(network), ["+grace", "-grace", "-hopper"])
      }).pipe(Effect.provide(live(network, beacon())))
    }))

  simulate(
    "is sent by a protocol that does not tell of what it announces, and then its goodbye",
    () =>
      Effect.gen(function*() {
        const keyless: Protocol.Protocol<Beacon.State> = {
          ...beacon(),
          step: (state, input, now) => {
            const step = beacon().step(state, input, now)
            const outputs = step.outputs.map((output) =>
              output._tag === "Transmit" ? { ...output, key: undefined } : output
            )
            return { ...step, outputs }
          }
        }
        assert.deepStrictEqual(yield* sentAfter(keyless, comeAndGo), ["+grace", "-grace"])
      })
  )

  const stay = (name: string) => background(Effect.scoped(Effect.andThen(Discovery.advertise({ name }), Effect.never)))
  const crowd = Effect.forEach(Array.from({ length: 300 }, (_, n) => `n${n}`), stay)

  simulate("is not sent when others of its round are on their way already", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        network.fail.isTaken = true
        hang(network)
        const fibers = yield* crowd
        network.release()
        yield* Effect.sleep(1)
        yield* Fiber.interrupt(fibers[299]!)
        network.fail.send = undefined
        network.release()
        yield* Effect.sleep(1)

        assert.deepStrictEqual(network.batches, [128, 128, 42])
        assert.notInclude(texts(network), "+n299")
      }).pipe(Effect.provide(live(network, silent)))
    }))

  simulate("is not sent when the layer closes meanwhile, and all goodbyes are", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(live(network, beacon()), scope)
      network.fail.isTaken = true
      hang(network)
      yield* Effect.provideContext(crowd, services)
      network.release()
      yield* Effect.sleep(1)
      network.fail.send = undefined
      yield* close(scope)

      const said = texts(network).map((text) => text[0])
      assert.deepStrictEqual(said, [...Array(129).fill("+"), ...Array(300).fill("-")])
    }))

  simulate("is not sent when the layer closes, though what is on its way is sent then", () =>
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(live(network, beacon()), scope)
      hang(network)
      yield* Effect.provideContext(crowd, services)
      const closing = yield* background(close(scope))
      network.fail.send = undefined
      network.release()
      yield* Fiber.join(closing)

      assert.deepStrictEqual(texts(network), Array.from({ length: 300 }, (_, n) => `-n${n}`))
    }))
})
