/**
 * Attempts to reach the peers of a line, one address after the other.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as NetAddress from "effect/net/NetAddress"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type * as Dial from "../../../Dial.ts"
import type * as Peer from "../../../Peer.ts"
import type * as Line from "./Line.ts"

/** How attempts are made. */
export interface Attempts<E2, R> {
  /** Tries the candidates in their order until one answers, or the line is not to be dialed any more. */
  readonly round: (
    line: Line.Line,
    candidates: ReadonlyArray<Line.Candidate>,
    isStillDue: () => boolean
  ) => Effect.Effect<void, E2, R>
}

/** Attempts by `connect`, so many of them at once. */
export const make = <E, R, E2, R2>(settings: {
  readonly connect: (attempt: Dial.Attempt) => Effect.Effect<unknown, E, R>
  readonly options: Dial.Options<E, E2, R2>
  readonly isDialable: (peer: Peer.Peer) => boolean
  readonly now: () => number
  readonly worked: (id: Peer.PeerId, address: NetAddress.InetAddress) => Effect.Effect<void>
}): Attempts<E2, Exclude<R, Scope.Scope> | R2> => {
  const { connect, isDialable, now, options, worked } = settings
  const most = options.concurrency ?? 64
  const permits = Semaphore.makeUnsafe(most)
  // who forges claims, and never answers, must not keep us from those that have proven theirs
  const permitsOfClaims = Semaphore.makeUnsafe(Math.max(1, Math.floor(most / 2)))
  const fail = options.onFailure ?? failureLog(now)

  // whether something answered, so that the other candidates are not tried
  const talk = (line: Line.Line, attempt: Dial.Attempt) =>
    Effect.gen(function*() {
      line.current = attempt
      line.startedAt = now()
      if (line.isClaimed) line.readyAt = line.startedAt + claimInterval
      const exit = yield* Effect.exit(Effect.scoped(connect(attempt)))
      if (Exit.isSuccess(exit)) {
        if (options.redial === false) line.isOver = true
        return true
      }
      const isAnswered = line.isEstablished
      yield* fail({ attempt, cause: exit.cause })
      return isAnswered
    })

  const once = (
    line: Line.Line,
    { address, peer }: Line.Candidate,
    candidates: ReadonlyArray<Line.Candidate>,
    permit: Permit
  ) =>
    Effect.suspend(() => {
      // while others were tried, or there were too many attempts, all may have changed
      const known = line.peers.get(peer.id)
      if (known === undefined || !isDialable(known)) return Effect.succeed(false)
      const attempt: Dial.Attempt = {
        peer: known,
        address,
        candidates: candidates.map(({ address }) => address),
        round: line.round,
        isClaimed: line.isClaimed,
        established: Effect.suspend(() => {
          if (line.current !== attempt) return Effect.void
          line.isEstablished = true
          return Effect.andThen(permit.giveBack, worked(known.id, address))
        })
      }
      return talk(line, attempt)
    })

  const hangUp = (line: Line.Line) =>
    Effect.sync(() => {
      line.current = undefined
      line.isEstablished = false
    })

  const attempt = (line: Line.Line, candidate: Line.Candidate, candidates: ReadonlyArray<Line.Candidate>) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        take(restore, line.isClaimed ? [permitsOfClaims, permits] : [permits]),
        (permit) =>
          Effect.ensuring(
            restore(once(line, candidate, candidates, permit)),
            Effect.andThen(hangUp(line), permit.giveBack)
          )
      )
    )

  return {
    round: Effect.fnUntraced(function*(line, candidates, isStillDue) {
      for (const candidate of candidates) {
        if ((yield* attempt(line, candidate, candidates)) || !isStillDue()) return
      }
    })
  }
}

interface Permit {
  readonly giveBack: Effect.Effect<void>
}

/** Waits for one of each, in their order. */
const take = Effect.fnUntraced(function*(
  restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
  permits: ReadonlyArray<Semaphore.Semaphore>
) {
  const held: Array<Semaphore.Semaphore> = []
  const permit: Permit = {
    giveBack: Effect.suspend(() =>
      Effect.forEach(held.splice(0), (each) => Semaphore.release(each, 1), { discard: true })
    )
  }
  for (const each of permits) {
    yield* Effect.onInterrupt(restore(Semaphore.take(each, 1)), () => permit.giveBack)
    held.push(each)
  }
  return permit
})

// a forger of claims chooses where we dial, but not how often (S-T2)
const claimInterval = 10_000

const logInterval = 10_000

// so many failures are told of at once (S-D2); what came from the wire is an annotation, never part of the sentence
const failureLog = (now: () => number) => {
  let failures = 0
  let loggedAt = -Infinity
  return ({ attempt, cause }: Dial.Failure<unknown>): Effect.Effect<void> =>
    Effect.suspend(() => {
      failures++
      if (now() - loggedAt < logInterval) return Effect.void
      const annotations = { peer: attempt.peer.id, round: attempt.round, failures }
      failures = 0
      loggedAt = now()
      return Effect.annotateLogs(Effect.logDebug("could not connect to a peer", cause), annotations)
    })
}
