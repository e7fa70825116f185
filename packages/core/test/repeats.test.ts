/**
 * Random traffic is heard three ways: every datagram decoded; repeats known by their octets when they are read; and those dealt with
 * before they are queued. It has to come to the same.
 */
import { Announcement, Discovery, Endpoint, Peer, Source } from "@effect-discovery/core"
import { Beacon } from "@effect-discovery/core/protocol"
import { Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer, Option, Result, type Scope, Stream } from "effect"
import * as Given from "./internal/Given.ts"
import * as FakeNetwork from "./support/FakeNetwork.ts"

/**
 * `+name role` announces for 3 to 5 s, `-name` says goodbye. What has ended is lost within the next 80 ms, and so never when datagrams come, at
 * multiples of 100 ms: what is recognised renews at once, what is decoded when the registry reads it, and the registry's timer may be in between.
 */
const protocol = Beacon.make({
  name: "text",
  endpoint: Endpoint.multicast("239.1.2.3", 4000),
  interval: "10 seconds",
  encode: ({ name }) => Result.succeed(new TextEncoder().encode(`+${name} self`)),
  goodbye: ({ name }) => new TextEncoder().encode(`-${name}`),
  decode: (payload) => {
    const [said = "", role = ""] = new TextDecoder().decode(payload).split(" ")
    const name = said.slice(1)
    if (said.startsWith("+")) {
      return Result.succeed({ name, attributes: { role }, ttl: 3_005 + 1_005 * (name.length % 3) })
    }
    return said.startsWith("-") ? Result.succeed({ name, ttl: 0 }) : Result.fail("prefix")
  }
})

const names = ["ada", "grace", "edsger"]

/** A burst of datagrams, most of them as before, and milliseconds until the next. */
interface Burst {
  readonly datagrams: ReadonlyArray<readonly [from: string, text: string]>
  readonly pause: number
  readonly advertises: boolean
}

const draw = (dice: Given.Dice): Burst => ({
  datagrams: Array.from({ length: dice.between(1, 6) }, () => {
    const name = dice.pick(names)
    const text = dice.oneIn(12) ? "?" : dice.oneIn(6) ? `-${name}` : `+${name} ${dice.oneIn(5) ? "new" : "old"}`
    return [dice.pick(["10.0.0.7:9", "10.0.0.7:10", "10.0.0.8:9"]), text] as const
  }),
  pause: dice.pick([100, 100, 200, 700, 1_500, 3_600]),
  advertises: dice.oneIn(15)
})

interface Way {
  readonly isIdempotent: boolean
  readonly intercepts: boolean
}

/** Everything that can be seen of a run: events with their times, and after each burst the evidence of every peer. */
const run = Effect.fnUntraced(function*(bursts: ReadonlyArray<Burst>, { intercepts, isIdempotent }: Way) {
  const network = yield* FakeNetwork.make([FakeNetwork.eth0], { intercepts })
  const seen: Array<unknown> = []
  const from = yield* Clock.currentTimeMillis
  const rate = { perSecond: 100_000, burst: 100_000 }
  const sources = [Source.fromProtocol({ ...protocol, isIdempotent })]
  const limits = { datagramsPerSource: rate, datagramsPerSession: rate }
  yield* Effect.gen(function*() {
    const note = Effect.fnUntraced(function*(what: unknown) {
      seen.push([(yield* Clock.currentTimeMillis) - from, what])
    })
    yield* Effect.forkScoped(Stream.runForEach(Discovery.stream, note), { startImmediately: true })
    for (const { advertises, datagrams, pause } of bursts) {
      for (const [from, text] of datagrams) network.deliver("239.1.2.3:4000", from, text)
      yield* Effect.sleep(pause)
      for (const name of names) {
        yield* note(Option.getOrUndefined(yield* Discovery.explain(Peer.id("text", name)))?.evidence)
      }
      if (advertises) yield* Effect.scoped(Discovery.advertise(Announcement.make({ name: "self" })))
    }
  }).pipe(
    Effect.scoped,
    Effect.provide(Discovery.layer({ sources, limits }).pipe(Layer.provide(network.layer)))
  )
  return seen
})

const simulate = (name: string, program: () => Effect.Effect<void, unknown, Scope.Scope>) =>
  it.effect(name, () => Simulation.run(Effect.suspend(program)))

describe("repeats", () => {
  for (let seed = 1; seed <= 12; seed++) {
    simulate(`make no difference to what is discovered, seed ${seed}`, () =>
      Effect.gen(function*() {
        const dice = Given.dice(seed)
        const bursts = Array.from({ length: 60 }, () => draw(dice))
        const decoded = yield* run(bursts, { isIdempotent: false, intercepts: false })

        assert.deepStrictEqual(yield* run(bursts, { isIdempotent: true, intercepts: false }), decoded)
        assert.deepStrictEqual(yield* run(bursts, { isIdempotent: true, intercepts: true }), decoded)
      }))
  }
})
