/**
 * When nothing is under way any more, on a network that delivers during the send: once the event loop has read all there was.
 */
import { Effect } from "effect"

// one turn reads at most 32 datagrams of a socket (UDP semantics, rule 110); a second one without any tells that it read all
const calmTurns = 2

// far more than fit a receive buffer, so that this always ends
const mostTurns = 10_000

/** Until the event loop has turned without what is counted having changed. */
export const until = (count: () => number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    let [calm, before] = [0, count()]
    const turn = (turns: number) => {
      const now = count()
      calm = now === before ? calm + 1 : 0
      before = now
      if (calm > calmTurns || turns === mostTurns) return resume(Effect.void)
      setImmediate(turn, turns + 1)
    }
    setImmediate(turn, 0)
  })
