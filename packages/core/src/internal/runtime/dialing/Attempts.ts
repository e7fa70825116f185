/**
 * Attempts to reach the peers of a line, one address after the other.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as NetAddress from "effect/net/NetAddress"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type * as Dial from "../../../Dial.ts"
import type * as Peer from "../../../Peer.ts"
import type * as Line from "./Line.ts"

/** Tries the candidates in their order until one answers, or the line is not to be dialed any more. */
export type Round<E2, R> = (
  line: Line.Line,
  candidates: ReadonlyArray<Line.Candidate>,
  isStillDue: () => boolean
) => Effect.Effect<void, E2, R>

/** Rounds of attempts by `connect`, so many of them at once. */
export const make = <E, R, E2, R2>(settings: {
  readonly connect: (attempt: Dial.Attempt) => Effect.Effect<unknown, E, R>
  readonly options: Dial.Options<E, E2, R2>
  readonly isDialable: (peer: Peer.Peer) => boolean
  readonly now: () => number
  readonly worked: (id: Peer.PeerId, address: NetAddress.InetAddress) => Effect.Effect<void>
}): Round<E2, Exclude<R, Scope.Scope> | R2> => {
  const { connect, isDialable, now, options, worked } = settings
  const permit = permits(options.concurrency ?? 64)
  const fail = options.onFailure ?? failureLog(now)

  // whether something answered, so that the other candidates are not tried
  const talk = (line: Line.Line, attempt: Dial.Attempt) =>
    Effect.gen(function*() {
      line.current = attempt
      line.startedAt = now()
      if (line.isClaimed) line.readyAt = line.startedAt + claimInterval
      const exit = yield* Effect.exit(Effect.scoped(Effect.suspend(() => connect(attempt))))
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
    permitted: Scope.Closeable
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
          return Effect.andThen(Scope.close(permitted, Exit.void), worked(known.id, address))
        })
      }
      return talk(line, attempt)
    })

  const attempt = (line: Line.Line, candidate: Line.Candidate, candidates: ReadonlyArray<Line.Candidate>) =>
    Effect.acquireUseRelease(
      Scope.make(),
      (permitted) =>
        permit(line).pipe(
          Scope.provide(permitted),
          Effect.andThen(once(line, candidate, candidates, permitted)),
          Effect.ensuring(hangUp(line))
        ),
      Scope.close
    )

  return Effect.fnUntraced(function*(line, candidates, isStillDue) {
    for (const candidate of candidates) {
      if ((yield* attempt(line, candidate, candidates)) || !isStillDue()) return
    }
  })
}

// who forges claims, and never answers, must not keep us from those that have proven theirs
const permits = (most: number) => {
  // with less nobody would ever be dialed, without a word
  if (!(most >= 1)) throw new RangeError("The concurrency of dialing must be 1 at least")
  const all = Semaphore.makeUnsafe(most)
  const ofClaims = Semaphore.makeUnsafe(Math.max(1, Math.floor(most / 2)))
  return ({ isClaimed }: Line.Line) =>
    Effect.forEach(isClaimed ? [ofClaims, all] : [all], (each) => Semaphore.takeScoped(each, 1))
}

const hangUp = (line: Line.Line): Effect.Effect<void> =>
  Effect.sync(() => {
    line.current = undefined
    line.isEstablished = false
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
