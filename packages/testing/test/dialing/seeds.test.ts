import type { Announcement } from "@effect-discovery/core"
import { SimulatedNetwork, Simulation } from "@effect-discovery/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Random, Scope } from "effect"
import * as Lan from "./support.ts"

const hosts = ["ada", "grace", "eve"] as const
const keys = [1, 2, 3].map(Lan.key)

const pick = <A>(options: ReadonlyArray<A>) =>
  Effect.map(Random.nextIntBetween(0, options.length - 1), (at) => options[at]!)

interface Announcing {
  readonly scope: Scope.Closeable
  readonly host: string
}

/** Something that happens to somebody. */
const happen = Effect.fnUntraced(function*(
  lan: SimulatedNetwork.SimulatedNetwork,
  trust: Effect.Success<ReturnType<typeof Lan.caller>>["trust"],
  announcing: Map<string, Announcing>
) {
  const host = yield* pick(hosts)
  const key = yield* pick(keys)
  const cable = (host: string, isOn: boolean) => Effect.ignore(lan.host(host).interface("eth0").carrier(isOn))
  const leave = Effect.suspend(() => {
    const before = announcing.get(host)
    announcing.delete(host)
    return before === undefined ? Effect.void : Scope.close(before.scope, Exit.void)
  })
  const come = Effect.gen(function*() {
    yield* leave
    yield* cable(host, true)
    const scope = yield* Scope.fork(yield* Effect.scope)
    announcing.set(host, { scope, host })
    const authentication: Announcement.Options["authentication"] = yield* pick(["signed", "signed", "claimed"] as const)
    yield* Scope.provide(Lan.announce(lan, host, { key, authentication }), scope)
  })
  yield* yield* pick<Effect.Effect<unknown, unknown, Scope.Scope>>([
    Effect.ignore(trust.trust(key)),
    Effect.ignore(trust.trust(key)),
    Effect.ignore(trust.remove(key)),
    Effect.ignore(trust.deny(key)),
    come,
    come,
    come,
    leave,
    cable(host, false),
    cable("caller", false),
    cable("caller", true)
  ])
})

const life = (seed: number) =>
  Simulation.run(
    Effect.gen(function*() {
      const lan = yield* SimulatedNetwork.make({ latency: "1 millis", loss: 0.1, network: "10.0.0.0/24" })
      const scope = yield* Scope.fork(yield* Effect.scope)
      const { dial, trust } = yield* Scope.provide(Lan.caller(lan), scope)
      const announcing = new Map<string, Announcing>()
      const isLostFatal = yield* Random.nextBoolean
      const board = yield* dial(
        Effect.fnUntraced(function*({ established }) {
          yield* Effect.sleep(yield* Random.nextIntBetween(0, 2_000))
          if (yield* Random.nextBoolean) return yield* Effect.fail("refused")
          yield* established
          yield* Effect.sleep(yield* Random.nextIntBetween(0, 60_000))
        }),
        { allowClaimed: true, interruptOnLost: isLostFatal, concurrency: 2 }
      ).pipe(Scope.provide(scope))
      for (let turn = 0; turn < 20; turn++) {
        yield* happen(lan, trust, announcing)
        yield* Effect.sleep(0)
        for (const [key, open] of board.open) {
          if (open > 0) assert.strictEqual(trust.stateOfUnsafe(key), "trusted", `seed ${seed}, turn ${turn}`)
        }
        yield* Effect.sleep(yield* Random.nextIntBetween(0, 5_000))
      }
      yield* Scope.close(scope, Exit.void)
      // a proven and a claimed line of one key may try at once, but never two of a kind
      assert.isAtMost(board.mostAtOnce, 2, `seed ${seed}`)
      assert.deepStrictEqual([...board.open.values()].filter((open) => open !== 0), [], `seed ${seed}`)
      assert.strictEqual(yield* Lan.sockets(lan, "caller"), 0, `seed ${seed}`)
      yield* Effect.sleep("1 minute")
      assert.isTrue(board.log.every((line) => !line.includes("undefined")))
      return board.dialedAt.length
    }),
    { seed, duration: "1 hour" }
  )

describe("1,000 seeds of trust given and taken, announcements made and lost", () => {
  it.effect("S-T4 nobody is connected who is not trusted, and nothing is left open", () =>
    Effect.gen(function*() {
      let dialed = 0
      for (let seed = 0; seed < 1_000; seed++) dialed += yield* life(seed)

      assert.isAbove(dialed, 1_000)
    }), 240_000)
})
