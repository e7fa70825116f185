/**
 * Connections to the peers that are trusted: one fiber a key, which tries its addresses until one answers.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import type * as NetAddress from "effect/net/NetAddress"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Dial from "../../Dial.ts"
import type * as DiscoveryError from "../../DiscoveryError.ts"
import type * as DiscoveryEvent from "../../DiscoveryEvent.ts"
import type * as Peer from "../../Peer.ts"
import type { Trust } from "../../Trust.ts"
import type * as TrustState from "../../TrustState.ts"
import * as Attempts from "./dialing/Attempts.ts"
import * as Backoff from "./dialing/Backoff.ts"
import * as Line from "./dialing/Line.ts"
import * as Lines from "./dialing/Lines.ts"
import * as Runner from "./Runner.ts"

/** What dialing works with. */
export interface Services {
  readonly discovery: {
    readonly stream: Stream.Stream<DiscoveryEvent.DiscoveryEvent, DiscoveryError.DiscoveryError>
    readonly worked: (id: Peer.PeerId, address: NetAddress.InetAddress) => Effect.Effect<void>
  }
  readonly trust: Trust["Service"]
}

/** Dials for ever. */
export const run = <E, R, E2, R2>(
  { discovery, trust }: Services,
  connect: (attempt: Dial.Attempt) => Effect.Effect<unknown, E, R>,
  options: Dial.Options<E, E2, R2>
): Effect.Effect<never, E2 | DiscoveryError.DiscoveryError, Exclude<R, Scope.Scope> | R2> =>
  Effect.gen(function*() {
    const now = yield* Runner.monotonic
    // a program's own trust may not ask whether there is an address
    const isDialable = (peer: Peer.Peer) => Line.addressesOf(peer).length > 0 && trust.isDialable(peer, options)
    const round = Attempts.make({ connect, options, isDialable, now, worked: discovery.worked })
    const fibers = yield* FiberSet.make<void, E2>()
    const fork = yield* FiberSet.runtime(fibers)<Exclude<R, Scope.Scope> | R2>()
    const dialing: Dialing = { lines: Lines.make(), options, isDialable, now, start: (line) => start(line) }

    let isClosing = false
    yield* Effect.addFinalizer(() => Effect.sync(() => isClosing = true))
    const start = (line: Line.Line): void => {
      if (isClosing) return
      // a turn later: a connection may be made at once, and what comes of it is to find the line dialed
      const fiber = fork(Effect.andThen(Effect.yieldNow, follow(dialing, round, line)))
      line.fiber = fiber
      fiber.addObserver((exit) => {
        line.fiber = undefined
        Lines.release(dialing.lines, line)
        if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) considerBoth(dialing, line)
      })
    }

    const standings = Stream.runForEach(trust.states, (standing) => Effect.sync(() => heed(dialing, standing)))
    const peers = Stream.runForEach(discovery.stream, (event) =>
      Effect.sync(() => {
        if (event._tag === "PeerLost") lose(dialing, event.peer.id)
        else meet(dialing, trust, event.peer)
      }))
    yield* Effect.forkScoped(standings, { startImmediately: true })
    return yield* Effect.andThen(Effect.raceFirst(peers, FiberSet.join(fibers)), Effect.interrupt)
  }).pipe(Effect.scoped)

interface Dialing {
  readonly lines: Lines.Lines
  readonly options: Pick<Dial.Options<unknown>, "backoff" | "interruptOnLost" | "settled">
  readonly isDialable: (peer: Peer.Peer) => boolean
  readonly now: () => number
  readonly start: (line: Line.Line) => void
}

const follow = Effect.fnUntraced(function*<E2, R>(self: Dialing, round: Attempts.Round<E2, R>, line: Line.Line) {
  const { lines, now, options } = self
  const isDue = () => Lines.isDue(lines, line, self.isDialable)
  const settled = Duration.toMillis(Duration.fromInputUnsafe(options.settled ?? "30 seconds"))
  // false when the schedule has ended
  const pause = Effect.gen(function*() {
    if (now() - line.startedAt >= settled) Backoff.reset(line)
    const delay = yield* Backoff.next(line, options.backoff, now())
    line.readyAt = Math.max(now() + (delay ?? 0), line.readyAt)
    return delay !== undefined
  })
  while (isDue()) {
    const wait = line.readyAt - now()
    if (wait > 0) {
      yield* Effect.sleep(Math.ceil(wait))
      continue
    }
    line.round++
    line.startedAt = Infinity
    const attempts = round(line, Line.candidates(line, self.isDialable), isDue)
    // who comes and goes while it is dialed waits as well
    yield* Effect.onInterrupt(attempts, () => pause)
    if (line.isOver) return
    if (!(yield* pause)) line.isOver = true
  }
})

const consider = (self: Dialing, line: Line.Line | undefined): void => {
  if (line !== undefined && line.fiber === undefined && Lines.isDue(self.lines, line, self.isDialable)) self.start(line)
}

const considerBoth = (self: Dialing, line: Line.Line): void => {
  consider(self, line)
  consider(self, Lines.rivalOf(self.lines, line))
}

const meet = (self: Dialing, trust: Trust["Service"], peer: Peer.Peer): void => {
  const { authentication, key, name, sources } = peer
  // a key that is only named is reported nowhere else
  if (key !== undefined && authentication === "claimed") {
    trust.seenUnsafe({ key, name, realm: sources[0] ?? "", authentication })
  }
  const { left, line } = Lines.add(self.lines, peer, self.now())
  if (left !== undefined) leave(self, left)
  consider(self, line)
}

const lose = (self: Dialing, id: Peer.PeerId): void => {
  const line = Lines.remove(self.lines, id, self.now())
  if (line === undefined) return
  if (self.options.interruptOnLost === true && line.current?.peer.id === id) line.fiber?.interruptUnsafe()
  leave(self, line)
}

// who waits for its turn goes, who is connected stays
const leave = (self: Dialing, line: Line.Line): void => {
  if (line.current === undefined && !Lines.isWanted(line, self.isDialable)) line.fiber?.interruptUnsafe()
  consider(self, Lines.rivalOf(self.lines, line))
}

const heed = (self: Dialing, { key }: TrustState.Standing): void => {
  for (const line of Lines.ofKey(self.lines, key)) {
    const isAllowed = line.current === undefined
      ? Lines.isWanted(line, self.isDialable)
      : self.isDialable(line.current.peer)
    if (!isAllowed) line.fiber?.interruptUnsafe()
    considerBoth(self, line)
  }
}
