/** Interfaces that come, go and change, against a plain model of what there is; and what programs see of each. */
import { Discovery } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { assert, describe } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Schedule } from "effect"
import type { Bench } from "./support/Bench.ts"
import * as Decoded from "./support/Decoded.ts"
import { announce, nameOf, type, until } from "./support/Play.ts"
import { row } from "./support/Row.ts"
import * as Subject from "./support/Subject.ts"
import * as Tap from "./support/Tap.ts"
import * as Wire from "./support/Wire.ts"

interface Model {
  exists: boolean
  isUp: boolean
  readonly addresses: Set<string>
}

const names = ["eth0", "eth1", "eth2"] as const
type Name = typeof names[number]

const isUsable = ({ addresses, exists, isUp }: Model) => exists && isUp && addresses.size > 0

const operations = ["down", "up", "flap", "add", "drop", "remove", "recreate"] as const

/** Does something to an interface if it makes sense; returns whether its links are others now. */
const operate = Effect.fnUntraced(
  function*(bench: Bench, name: Name, model: Model, operation: typeof operations[number]) {
    const control = bench.host().interface(name)
    const extra = `10.${name.at(-1)}.0.77`
    const was = isUsable(model)
    if (operation === "recreate" && !model.exists) {
      yield* control.recreate
      model.exists = true
      model.isUp = true
      return was !== isUsable(model)
    }
    if (!model.exists || operation === "recreate") return false
    switch (operation) {
      case "down":
      case "up":
        if (model.isUp === (operation === "up")) return false
        yield* control[operation]
        model.isUp = operation === "up"
        return was !== isUsable(model)
      case "flap":
        if (!model.isUp) return false
        yield* control.down
        yield* Effect.sleep("100 millis")
        yield* control.up
        return was
      case "add":
        if (model.addresses.has(extra)) return false
        yield* control.addAddress(extra)
        model.addresses.add(extra)
        return model.isUp
      case "drop":
        if (!model.addresses.has(extra) || model.addresses.size === 1) return false
        yield* control.removeAddress(extra)
        model.addresses.delete(extra)
        return model.isUp
      case "remove":
        yield* control.remove
        model.exists = false
        return was
    }
  }
)

/** Numbers below a bound, the same for a seed. */
const chanceOf = (seed: number) => {
  let state = seed * 2_654_435_761
  return (below: number) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}

describe("the set of interfaces", () => {
  for (let seed = 1; seed <= 12; seed++) {
    row(
      `X-16 is followed: each is joined once, announced on when it is another, and let alone else (seed ${seed})`,
      (bench) =>
        Effect.gen(function*() {
          const chance = chanceOf(seed)
          const models = new Map<Name, Model>()
          for (const name of names) {
            models.set(name, { exists: true, isUp: true, addresses: new Set(yield* bench.addresses("us", name)) })
          }
          const us = yield* Subject.start(bench, { host: "us" })
          yield* Subject.register(us, { instance: "ada", type, port: 80 })
          const browse = yield* Subject.browse(us, type)
          yield* Effect.sleep("10 seconds")
          for (let step = 0; step < 15; step++) {
            const name = names[chance(names.length)]!
            const model = models.get(name)!
            const operation = operations[chance(operations.length)]!
            const what = `step ${step}: ${operation} ${name}`
            const since = yield* bench.now
            const isOther = yield* operate(bench, name, model, operation)
            yield* Effect.sleep("10 seconds")
            const usable = names.filter((name) => isUsable(models.get(name)!))
            const { sockets } = (yield* bench.lan.inspect).hosts.find(({ name }) => name === "us")!
            const joined = sockets.flatMap(({ memberships }) => memberships.map((membership) => membership.interface))
            assert.deepStrictEqual(joined.toSorted(), usable, what)

            const told = (yield* bench.sent({ since })).filter((sent) => Tap.isProbe(sent) || Tap.isResponse(sent))
            const others = told.filter((sent) => sent.interface !== name)
            assert.deepStrictEqual(others.map(Tap.line), [], what)
            const announced = told.filter(Tap.answers(nameOf("ada"), "SRV"))
            assert.isTrue(
              !isOther || !isUsable(model) || operation === "add" || operation === "drop" || announced.length > 0,
              what
            )
            if (isOther && isUsable(model)) assert.isTrue(told.some(Tap.answers("us.local", "A")), what)

            for (const name of usable) yield* bench.peer().send(announce(`at ${name}`), { interface: name })
            yield* Effect.sleep("5 seconds")
            assert.deepStrictEqual(Subject.names(browse), usable.map((name) => `at ${name}`), what)
          }
        }),
      { segments: 3, seed }
    )
  }
})

/** The addresses that a datagram tells of, in whatever section, but those that it takes back. */
const addressesIn = ({ message }: Tap.Sent) =>
  Decoded.records(message).flatMap(({ data, ttl, type }) => (type === "A" || type === "AAAA") && ttl > 0 ? [data] : [])

describe("the addresses that are told", () => {
  row(
    "M-14-2 are those that the interface has then, on which they are told, whatever comes and goes",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench, { host: "us" })
        yield* Subject.register(us, { instance: "ada", type, port: 80 })
        const host = bench.host()
        const questions = [["us.local", "ANY"], ["us.local", "A"], ["us.local", "AAAA"], [
          nameOf("ada"),
          "SRV"
        ]] as const
        // an address that is in use on the one interface, and then on the other
        const steps = [
          Effect.void,
          host.interface("eth0").addAddress("10.5.0.77/24"),
          host.interface("eth1").addAddress("192.168.7.1/24"),
          host.interface("eth0").removeAddress("10.5.0.77"),
          host.interface("eth1").addAddress("10.5.0.77/24"),
          host.interface("eth1").removeAddress("10.1.0.1"),
          host.interface("eth0").addAddress("fd00::77/64"),
          host.interface("eth0").removeAddress("fd00::77")
        ]
        for (const [i, step] of steps.entries()) {
          yield* step
          const since = yield* bench.now
          yield* Effect.sleep("10 seconds")
          for (const local of ["eth0", "eth1"]) {
            const own = yield* bench.addresses("us", local)
            for (const [name, kind] of questions) {
              for (const family of ["IPv4", "IPv6"] as const) {
                yield* bench.peer().send(Wire.query({ questions: [Wire.question(name, kind)] }), {
                  interface: local,
                  family
                })
                yield* Effect.sleep("2 seconds")
              }
            }
            const sent = yield* bench.sent({ since, interface: local })
            const told = new Set(sent.flatMap(addressesIn))

            assert.deepStrictEqual(Array.from(told).toSorted(), own.toSorted(), `step ${i} on ${local}`)
          }
        }
        yield* Subject.close(us)
      }),
    { ipv6: true, segments: 2 }
  )
})

describe("a datagram that is said over and over", () => {
  row(
    "is of the interface whose network its source is in by now",
    (bench) =>
      Effect.gen(function*() {
        const DiscoveryLive = Discovery.layer({
          sources: [Mdns.source({ browse: [type] })],
          interfaces: ({ name }) => name === "eth0"
        })
        const context = yield* Layer.build(Layer.provide(DiscoveryLive, bench.host().layer))
        const { peers } = Context.get(context, Discovery.Discovery)
        const names = Effect.map(peers, (known) => Array.from(known, ({ name }) => name))
        const repeat = bench.peer().send(announce("ada", { ttl: 60 }), { from: "172.16.0.9" })
        yield* Effect.forkScoped(Effect.repeat(repeat, Schedule.spaced("10 seconds")))
        yield* Effect.sleep("5 minutes")
        assert.deepStrictEqual(yield* names, ["ada"])

        yield* bench.host().interface("eth1").addAddress("172.16.0.1/24")
        yield* Effect.sleep("2 minutes")
        assert.deepStrictEqual(yield* names, [])
      }),
    { segments: 2 }
  )
})

describe("on which interface", () => {
  const host = "far.local"
  const answer = (on: string) => Wire.response({ answers: [Wire.aaaa(host, "fe80::99"), Wire.a(host, on)] })

  row(
    "M-14-3 is told with records and addresses, and can be chosen",
    (bench) =>
      Effect.gen(function*() {
        const us = yield* Subject.start(bench)
        const everywhere = yield* Subject.records(us, host, Wire.Type.A)
        yield* until(bench, Tap.asks(host, "A"))
        yield* Effect.sleep("1 second")
        yield* everywhere.close
        const since = yield* bench.now
        const asked = yield* Effect.forkScoped(bench.host().run(us.mdns.lookup(host, { interface: "eth1" })))
        const chosen = yield* Subject.browse(us, type, { interface: "eth1" })
        yield* Effect.sleep("200 millis")
        yield* bench.peer().send(answer("10.0.0.99"), { interface: "eth0" })
        yield* bench.peer().send(answer("10.1.0.99"), { interface: "eth1" })
        for (const name of ["eth0", "eth1"] as const) {
          yield* bench.peer().send(announce(`at ${name}`), { interface: name })
        }
        const addresses = yield* Fiber.join(asked)
        yield* Effect.sleep("2 seconds")
        const records = yield* Subject.records(us, host, Wire.Type.A)
        yield* Effect.sleep("200 millis")
        for (const name of ["eth0", "eth1"] as const) {
          yield* bench.peer().send(answer(name === "eth0" ? "10.0.0.99" : "10.1.0.99"), { interface: name })
        }
        yield* Effect.sleep("1 second")
        const told = records.events.map((event) =>
          event._tag === "RecordFound" ? `${event.record.data.join(".")} on ${event.interface}` : event._tag
        )
        const asks = (yield* bench.sent({ since })).filter(Tap.asks(host, "AAAA")).map((sent) => sent.interface)

        assert.deepStrictEqual(Array.from(new Set(asks)), ["eth1"])
        assert.deepStrictEqual(Subject.names(chosen), ["at eth1"])
        assert.deepStrictEqual(addresses.map(String), ["10.1.0.99:0", "[fe80::99%3]:0"])
        assert.deepStrictEqual(Array.from(new Set(told)).toSorted(), ["10.0.0.99 on eth0", "10.1.0.99 on eth1"])
      }),
    { segments: 2 }
  )
})
