/**
 * When nothing is under way any more, on a network that delivers during the send: once the event loop has read all there was.
 */
import { Effect } from "effect"

// one turn reads at most 32 datagrams of a socket (UDP semantics, rule 110); a second one without any tells that it read all
const calmTurns = 2

// far more than fit a receive buffer, so that this always ends
const mostTurns = 10_000

/** Takes what arrives, turn by turn of the event loop, until nothing does. */
export const collect = <A>(take: Effect.Effect<ReadonlyArray<A>>): Effect.Effect<ReadonlyArray<A>> =>
  Effect.gen(function*() {
    const all: Array<A> = []
    let calm = 0
    for (let turn = 0; calm < calmTurns && turn < mostTurns; turn++) {
      yield* nextTurn
      const batch = yield* take
      all.push(...batch)
      calm = batch.length === 0 ? calm + 1 : 0
    }
    return all
  })

const nextTurn: Effect.Effect<void> = Effect.callback((resume) => void setImmediate(() => resume(Effect.void)))
