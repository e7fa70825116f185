/**
 * What mDNS hears again and again is heard three ways: every datagram decoded, since none is remembered; repeats known when they are read; and those
 * dealt with before they are queued. It has to come to the same.
 */
import { Discovery, type DiscoveryEvent, Peer } from "@effect-discovery/core"
import { Mdns } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer, Option, Stream } from "effect"
import { EngineMachine } from "../../../../src/internal/runtime/mdns/EngineMachine.ts"
import type * as Engine from "../../../../src/protocol/mdns/Engine.ts"
import * as Host from "../../../../src/protocol/mdns/Host.ts"
import * as Record from "../../../../src/protocol/mdns/Record.ts"
import * as Writer from "../../../../src/protocol/mdns/Writer.ts"
import { address, denial, goodbye, pointer, service, text } from "../../../protocol/mdns/browsing/Bench.ts"
import * as FakeNetwork from "../../../support/FakeNetwork.ts"
import * as Given from "../../Given.ts"

const labels = ["a", "b", "c"]

const say = (dice: Given.Dice) => {
  const label = dice.pick(labels)
  const [instance, host] = [`${label}._http._tcp.local`, `${label}.local`]
  const ip = `10.0.0.${7 + labels.indexOf(label)}`
  const all = [
    { ...pointer(instance), ttl: dice.oneIn(4) ? 60 : 4_500 },
    service(instance, { host, port: dice.oneIn(25) ? 81 : 80 }),
    text(instance),
    address(ip, host),
    denial(host, Record.Type.A)
  ]
  const part = dice.oneIn(8) ? all.filter(() => dice.oneIn(2)) : all
  const writer = Writer.make({ limit: 1_440, kind: "response" })
  for (const record of dice.oneIn(30) ? part.map(goodbye) : part) Writer.record(writer, "answers", record)
  return { payload: Writer.finish(writer), from: `${ip}:5353` }
}

interface Burst {
  readonly datagrams: ReadonlyArray<ReturnType<typeof say>>
  readonly pause: number
}

const draw = (dice: Given.Dice): Burst => ({
  datagrams: Array.from({ length: dice.between(1, 4) }, () => say(dice)),
  pause: dice.pick([10, 10, 700, 1_500, 20_000, ...(dice.oneIn(8) ? [150_000, 3_800_000] : [])])
})

interface Way {
  readonly intercepts: boolean
  readonly remembers: boolean
}

/** The engine, which need not say what a datagram stands for. */
const engine = (remembers: boolean) => (options: Engine.Options): EngineMachine => {
  const machine = Host.machine(options)
  return {
    init: machine.init,
    step: (state, input: Engine.Input, now) => {
      const step = machine.step(state, input, now)
      return remembers ? step : { ...step, outputs: step.outputs.filter(({ _tag }) => _tag !== "Renewed") }
    }
  }
}

/** Events with their times, and after each burst the evidence of every peer. */
const run = Effect.fnUntraced(function*(bursts: ReadonlyArray<Burst>, { intercepts, remembers }: Way) {
  const network = yield* FakeNetwork.make([FakeNetwork.eth0], { intercepts })
  const from = yield* Clock.currentTimeMillis
  const seen: Array<unknown> = []
  const lost: Array<string> = []
  const layer = Discovery.layer({ sources: [Mdns.source({ browse: ["_http._tcp"] })] })
  yield* Effect.gen(function*() {
    const note = Effect.fnUntraced(function*(what: unknown) {
      seen.push([(yield* Clock.currentTimeMillis) - from, what])
    })
    const noteEvent = Effect.fnUntraced(function*(event: DiscoveryEvent.DiscoveryEvent) {
      if (event._tag !== "PeerLost") return yield* note(event)
      lost.push(`${event.peer.id} ${event.reason} ${(yield* Clock.currentTimeMillis) - from}`)
    })
    yield* Effect.forkScoped(Stream.runForEach(Discovery.stream, noteEvent), { startImmediately: true })
    for (const { datagrams, pause } of bursts) {
      for (const { from, payload } of datagrams) network.deliver("224.0.0.251:5353", from, payload)
      yield* Effect.sleep(pause)
      for (const label of labels) {
        const explained = yield* Discovery.explain(Peer.id("mdns", `${label}._http._tcp.local`))
        // what came in one batch is told once, or counted one by one
        const evidence = Option.getOrUndefined(explained)?.evidence.map((each) => ({ ...each, heard: 0 }))
        yield* note(evidence)
      }
    }
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.provide(layer, network.layer)),
    Effect.provideService(EngineMachine, engine(remembers))
  )
  // what ends at one instant ends in any order
  return { seen, lost: lost.toSorted() }
})

describe("repeats", () => {
  for (let seed = 1; seed <= 10; seed++) {
    it.effect(`make no difference to what is discovered, seed ${seed}`, () =>
      Simulation.run(
        Effect.gen(function*() {
          const dice = Given.dice(seed)
          const bursts = Array.from({ length: 40 }, () => draw(dice))
          const decoded = yield* run(bursts, { remembers: false, intercepts: false })

          assert.deepStrictEqual(yield* run(bursts, { remembers: true, intercepts: false }), decoded)
          assert.deepStrictEqual(yield* run(bursts, { remembers: true, intercepts: true }), decoded)
        }),
        { duration: "10 days" }
      ))
  }
})
