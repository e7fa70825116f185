/**
 * Whatever becomes of a link while services come, change and go, those who listen there believe in the end what is published, and nothing
 * else.
 */
import { Mdns } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Layer, Result, Scope } from "effect"
import { IpInterface } from "effect/net"
import * as Claims from "../../../../src/protocol/mdns/Claims.ts"
import * as Message from "../../../../src/protocol/mdns/Message.ts"
import * as Bus from "../../../protocol/mdns/claims/Bus.ts"
import * as Listener from "../../../protocol/mdns/claims/Listener.ts"
import * as FakeNetwork from "../../../support/FakeNetwork.ts"
import * as Given from "../../Given.ts"

const host = "ada"

interface Service {
  readonly name: string
  readonly type: string
  readonly port: number
  readonly subtypes: ReadonlyArray<string>
  readonly text: Uint8Array
}

const draw = (dice: Given.Dice): Service => ({
  name: dice.pick(["a", "b"]),
  type: dice.pick(["_http._tcp", "_ipp._tcp"]),
  port: dice.pick([80, 81]),
  subtypes: dice.pick([[], [], ["x"], ["x", "y"]]),
  text: dice.pick([Uint8Array.of(0), Uint8Array.of(1, 65), Uint8Array.of(1, 66)])
})

/** What a host owns that has published these and was never disturbed. */
const ownOf = (services: ReadonlyArray<Service>, addresses: ReadonlyArray<string>): ReadonlyArray<string> => {
  const bus = new Bus.Bus()
  const us = bus.host("us", { host })
  bus.attach(us, Bus.link("eth0", addresses))
  for (const [key, { name, ...rest }] of services.entries()) bus.register(us, key, { instance: name, ...rest })
  bus.run(10_000)
  return Array.from(Claims.zone(us.claims, "eth0")!.names.values())
    .flatMap(({ records }) => records.map(({ record }) => Listener.spell(record)))
    .toSorted()
}

/** Those who listen on the IPv4 and the IPv6 link of an interface, and whether what is sent is lost. */
const listened = Effect.fnUntraced(function*(network: FakeNetwork.Control) {
  const clock = yield* Clock.Clock
  const hearing = { isLost: false, listeners: [new Listener.Listener(), new Listener.Listener()] }
  network.sent.push = (...sent) => {
    for (const { payload, to } of sent) {
      const message = Result.getOrThrow(Message.decode(payload))
      // whoever asks again in time goes on believing
      const answers = message.answers.map((record) => record.ttl === 0 ? record : { ...record, ttl: 4_500 })
      const listener = hearing.listeners[to.startsWith("ff02") ? 1 : 0]!
      if (message.isResponse && !hearing.isLost) {
        listener.hear({ ...message, answers }, clock.currentTimeMillisUnsafe())
      }
    }
    return sent.length
  }
  return hearing
})

/** Services that are published, changed and withdrawn as chance will have it. */
const publishing = (dice: Given.Dice) => {
  const published = new Map<number, { scope: Scope.Closeable; publication: Mdns.Publication; service: Service }>()
  const isOther = (slot: number, { name, type }: Service) =>
    Array.from(published).some(([other, { service }]) =>
      other !== slot && name === service.name && type === service.type
    )
  const publish = Effect.fnUntraced(function*(slot: number, service: Service) {
    const scope = yield* Scope.make()
    published.set(slot, { scope, publication: yield* Scope.provide(Mdns.publish(service), scope), service })
  })
  const change = Effect.suspend(() => {
    const slot = dice.between(1, 3)
    const service = draw(dice)
    const known = published.get(slot)
    if (isOther(slot, service)) return Effect.void
    if (known === undefined) return publish(slot, service)
    if (dice.oneIn(2)) {
      known.service = service
      return known.publication.update(service)
    }
    published.delete(slot)
    return Scope.close(known.scope, Exit.void)
  })
  const pause = Effect.suspend(() => Effect.sleep(dice.pick([0, 1, 100, 300, 700, 1_000, 1_100, 2_500, 6_000])))
  const changes = Effect.suspend(() => Effect.repeat(Effect.andThen(change, pause), { times: dice.between(0, 2) }))
  return { change, changes, services: () => Array.from(published.values(), ({ service }) => service) }
}

const at = (addresses: ReadonlyArray<string>, index = FakeNetwork.eth0.index) => [
  { ...FakeNetwork.eth0, index, addresses: addresses.map((address) => IpInterface.fromStringUnsafe(address)) }
]

const play = Effect.fnUntraced(function*(seed: number) {
  const dice = Given.dice(seed)
  const addresses = dice.pick([["10.0.0.1/24"], ["10.0.0.1/24", "fe80::1/64"]])
  const network = yield* FakeNetwork.make(at(addresses))
  const hearing = yield* listened(network)
  const { change, changes, services } = publishing(dice)
  const { setInterfaces } = network
  const fail = (next: FakeNetwork.Control["fail"]) => Effect.sync(() => Object.assign(network.fail, next))
  const lose = (isLost: boolean) => Effect.sync(() => void (hearing.isLost = isLost))

  const troubles = [
    () => [fail({ send: "ENETDOWN" }), changes, fail({ open: dice.pick([undefined, { kind: "Unknown" }]) }), changes],
    () => [fail({ send: "never", isTaken: dice.oneIn(2) }), changes],
    () => [fail({ send: dice.pick([undefined, "ENETDOWN"]) }), changes, setInterfaces([]), changes],
    () => [setInterfaces([]), changes, setInterfaces(at(addresses.slice(-1))), changes],
    () => [setInterfaces(at([...addresses, "192.168.7.1/24"])), changes],
    () => [setInterfaces(at(addresses, 9)), changes],
    // a link that goes loses a few datagrams before anybody knows
    () => [lose(true), change, Effect.sleep(dice.between(0, 900)), setInterfaces([]), lose(false), changes]
  ]
  const calm = Effect.gen(function*() {
    yield* fail({ send: undefined, open: undefined })
    yield* setInterfaces(at(addresses))
    while (network.openSockets() < 2 * addresses.length) yield* Effect.sleep(10)
  })

  yield* Effect.gen(function*() {
    for (let i = dice.between(1, 4); i > 0; i--) {
      for (const step of [changes, ...dice.pick(troubles)(), calm]) yield* step
    }
    yield* changes
    yield* Effect.sleep("30 seconds")
    const own = ownOf(services(), addresses)
    for (const listener of hearing.listeners.slice(0, addresses.length)) {
      // what is taken back alone leaves what it had replaced to whoever did not hear that; nothing points there any more
      assert.deepStrictEqual(listener.found(yield* Clock.currentTimeMillis), own, `seed ${seed}`)
    }
  }).pipe(Effect.scoped, Effect.provide(Layer.provide(Mdns.layer({ host }), network.layer)))
})

const seeds = Number(process.env["MDNS_SEEDS"] ?? 60)

describe("those who listen to a link that is out of order at times", () => {
  it.effect(
    `believe what is published, over ${seeds} seeds`,
    () =>
      Effect.forEach(
        Array.from({ length: seeds }, (_, seed) => seed),
        (seed) => Simulation.run(play(seed), { seed }),
        { discard: true }
      ),
    300_000
  )
})
