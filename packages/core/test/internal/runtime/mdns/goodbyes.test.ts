import type { Diagnostic } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Result, Scope, Stream } from "effect"
import * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as FakeNetwork from "../../../support/FakeNetwork.ts"

const service = { name: "a", type: "_http._tcp", port: 80 }

/** Publishes, has everything refused from a minute later on, does something, and lets everything through again. */
const whileRefused = (end: (publication: Scope.Closeable) => Effect.Effect<void, unknown, Mdns.Mdns | Scope.Scope>) =>
  Simulation.run(
    Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      yield* Effect.gen(function*() {
        const publication = yield* Scope.make()
        yield* Scope.provide(Mdns.publish(service), publication)
        yield* Effect.sleep("1 minute")
        network.sent.splice(0)
        network.fail.send = "ENETDOWN"
        yield* end(publication)
        network.fail.send = undefined
        yield* Effect.sleep("10 minutes")
      }).pipe(Effect.scoped, Effect.provide(Layer.provide(Mdns.layer(), network.layer)))
      return network.sent.map(({ payload }) => kindOf(Result.getOrThrow(Message.decode(payload))))
    }),
    { duration: "2 hours" }
  )

const kindOf = ({ answers, isResponse }: Message.Message): string => {
  if (!isResponse) return "probe"
  return answers.every(({ ttl }) => ttl === 0) ? "goodbye" : "announcement"
}

const other = { ...service, name: "b" }
const ofOther = ["probe", "probe", "probe", "announcement", "announcement"]

describe("a service that is taken back while its link is out of order", () => {
  it.effect("is said goodbye to when the link is open again", () =>
    Effect.gen(function*() {
      const sent = yield* whileRefused((publication) =>
        Effect.gen(function*() {
          yield* Mdns.publish(other)
          yield* Effect.sleep("600 millis")
          yield* Scope.close(publication, Exit.void)
        })
      )

      assert.strictEqual(sent[0], "goodbye")
      assert.deepStrictEqual(sent.filter((kind) => kind !== "goodbye"), ofOther)
    }))

  it.effect("is said goodbye to although the goodbye was what the system refused", () =>
    Effect.gen(function*() {
      const sent = yield* whileRefused((publication) => Scope.close(publication, Exit.void))

      assert.deepStrictEqual(sent, ["goodbye", "goodbye"])
    }))

  for (const [minutes, times] of [[30, 2], [80, 0]] as const) {
    it.effect(`is said goodbye to ${times} times after ${minutes} minutes`, () =>
      Effect.gen(function*() {
        const sent = yield* whileRefused((publication) =>
          Effect.andThen(Scope.close(publication, Exit.void), Effect.sleep(`${minutes} minutes`))
        )

        assert.deepStrictEqual(sent, Array.from({ length: times }, () => "goodbye"))
      }))
  }
})

describe("services that are taken back while their link is away", () => {
  /** The goodbyes that are said once it is back, each with its time and the services that it names. */
  const goodbyesAfter = (
    count: number,
    away: (network: FakeNetwork.Control, end: Effect.Effect<void>) => Effect.Effect<void>
  ) =>
    Simulation.run(Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const said: Array<readonly [at: number, services: number]> = []
      yield* Effect.gen(function*() {
        const publication = yield* Scope.make()
        yield* Effect.forEach(
          Array.from({ length: count }, (_, index) => ({ ...service, name: `service ${index}` })),
          (each) => Scope.provide(Mdns.publish(each), publication),
          { discard: true }
        )
        yield* Effect.sleep("1 minute")
        network.sent.splice(0)
        yield* away(network, Scope.close(publication, Exit.void))
        for (let at = 0; at < 10_000; at += 50) {
          yield* Effect.sleep(50)
          const messages = network.sent.splice(0).map(({ payload }) => Result.getOrThrow(Message.decode(payload)))
          const gone = messages.filter((message) => kindOf(message) === "goodbye").flatMap(({ answers }) => answers)
          const services = gone.filter(({ type }) => type === Record.Type.SRV).length
          if (gone.length > 0) said.push([at, services])
        }
      }).pipe(Effect.scoped, Effect.provide(Layer.provide(Mdns.layer(), network.layer)))
      return said
    }))

  const refused = (end: Effect.Effect<void>, seconds: number) => ({ fail }: FakeNetwork.Control) =>
    Effect.gen(function*() {
      fail.send = "ENETDOWN"
      yield* end
      Object.assign(fail, { send: undefined, open: { kind: "Unknown" } })
      yield* Effect.sleep(`${seconds} seconds`)
      fail.open = undefined
    })

  for (const seconds of [0.5, 4]) {
    it.effect(`are said goodbye to twice, a second apart, when that was for ${seconds} s`, () =>
      Effect.gen(function*() {
        const [first, again, ...rest] = yield* goodbyesAfter(100, (network, end) => refused(end, seconds)(network))

        assert.deepStrictEqual([first![1], again![1], rest.length], [100, 100, 0])
        assert.isAtLeast(again![0] - first![0], 1_000)
        assert.isAtMost(again![0] - first![0], 1_050)
      }))
  }

  const gone = ({ setInterfaces }: FakeNetwork.Control, back = FakeNetwork.eth0) =>
    Effect.andThen(
      Effect.andThen(setInterfaces([]), Effect.sleep("10 seconds")),
      Effect.andThen(setInterfaces([back]), Effect.sleep("100 millis"))
    )

  it.effect("or gone, or is just back, are said goodbye to", () =>
    Effect.gen(function*() {
      const after = yield* goodbyesAfter(3, (network, end) => Effect.andThen(gone(network), end))
      const before = yield* goodbyesAfter(3, (network, end) =>
        Effect.andThen(Effect.andThen(network.setInterfaces([]), end), gone(network)))

      assert.deepStrictEqual(
        [after, before].map((said) =>
          said.map(([, services]) => services)
        ),
        [[3, 3], [3, 3]]
      )
    }))

  it.effect("or is not yet known to be, are said goodbye to", () =>
    Effect.gen(function*() {
      const said = yield* goodbyesAfter(3, (network, end) =>
        Effect.gen(function*() {
          network.fail.send = "ENETDOWN"
          yield* end
          network.fail.send = undefined
          yield* gone(network)
        }))

      assert.deepStrictEqual(said.map(([, services]) => services), [3, 3])
    }))

  it.effect("and has come back in another network, are no concern of that one", () =>
    Effect.gen(function*() {
      const elsewhere = { ...FakeNetwork.eth0, addresses: FakeNetwork.wlan0.addresses }
      const said = yield* goodbyesAfter(3, (network, end) => Effect.andThen(gone(network, elsewhere), end))

      assert.deepStrictEqual(said, [])
    }))

  const moved = ({ setInterfaces }: FakeNetwork.Control) =>
    setInterfaces([{ ...FakeNetwork.eth0, addresses: FakeNetwork.wlan0.addresses }])

  it.effect("and goes to another network meanwhile, are no concern of that one", () =>
    Effect.gen(function*() {
      const refused = yield* goodbyesAfter(3, (network, end) =>
        Effect.gen(function*() {
          network.fail.send = "ENETDOWN"
          yield* end
          yield* moved(network)
          network.fail.send = undefined
        }))
      const before = yield* goodbyesAfter(3, (network, end) =>
        Effect.andThen(end, Effect.andThen(Effect.sync(() => network.sent.splice(0)), moved(network))))
      const after = yield* goodbyesAfter(3, (network, end) =>
        Effect.andThen(moved(network), Effect.andThen(Effect.sleep("100 millis"), end)))

      assert.deepStrictEqual([refused, before, after], [[], [], []])
    }))
})

describe("a program that ends", () => {
  /** What is told of when it ends, after a minute in which all went well. */
  const toldOf = (
    meanwhile: (network: FakeNetwork.Control) => Effect.Effect<unknown, unknown, Mdns.Mdns | Scope.Scope>
  ) =>
    Simulation.run(Effect.gen(function*() {
      const network = yield* FakeNetwork.make()
      const scope = yield* Scope.make()
      const live = Mdns.layer({ limits: { goodbye: 500 } })
      const services = yield* Layer.buildWithScope(Layer.provide(live, network.layer), scope)
      const told: Array<string> = []
      yield* Effect.gen(function*() {
        const tell = ({ _tag }: Diagnostic.Diagnostic) => Effect.sync(() => told.push(_tag))
        yield* Effect.forkScoped(Stream.runForEach(Mdns.diagnostics, tell), { startImmediately: true })
        yield* Scope.provide(Mdns.publish(service), yield* Scope.make())
        yield* Effect.sleep("1 minute")
        yield* meanwhile(network)
      }).pipe(Effect.provideContext(services))
      yield* Scope.close(scope, Exit.void)
      yield* Effect.sleep(1)
      return told
    }))

  const refuse = ({ fail }: FakeNetwork.Control, send: string) => Effect.sync(() => Object.assign(fail, { send }))

  for (const [why, send] of [["refuses", "ENETDOWN"], ["does not take", "never"]] as const) {
    it.effect(`tells of its goodbye when the system ${why} it`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* toldOf((network) => refuse(network, send)), ["GoodbyeUnsaid"])
      }))
  }

  it.effect("tells of it, too, when its link waits to be opened again", () =>
    Effect.gen(function*() {
      const told = yield* toldOf((network) =>
        Effect.gen(function*() {
          yield* refuse(network, "ENETDOWN")
          yield* Mdns.publish(other)
          yield* Effect.sleep("600 millis")
        })
      )

      assert.deepStrictEqual(told, ["SessionRestarting", "GoodbyeUnsaid"])
    }))

  it.effect("does not tell of it when it is said", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* toldOf(() => Effect.void), [])
    }))
})
