/**
 * What every signed announcement passes through before anybody hears of it.
 *
 * The gate verifies no signature and opens no seal itself: it gives out a ticket for each, which is answered at once or later, in any order.
 */
import type * as PeerKey from "../../PeerKey.ts"
import type * as TrustState from "../../TrustState.ts"
import * as Challenges from "./gate/Challenges.ts"
import * as Commit from "./gate/Commit.ts"
import * as Floors from "./gate/Floors.ts"
import * as Forgetting from "./gate/Forgetting.ts"
import * as Holding from "./gate/Holding.ts"
import type * as Output from "./gate/Output.ts"
import * as Presences from "./gate/Presences.ts"
import * as Receiving from "./gate/Receiving.ts"
import * as Shelf from "./gate/Shelf.ts"
import * as Standing from "./gate/Standing.ts"
import * as State from "./gate/State.ts"
import * as Succession from "./gate/Succession.ts"
import * as Verification from "./gate/Verification.ts"
import * as Verifying from "./gate/Verifying.ts"

export type { Clock } from "./gate/Clock.ts"
export type * from "./gate/Output.ts"
export type { Gate, Options, Out, Received } from "./gate/State.ts"

/** A gate that knows no key yet. */
export const make = (options: State.Options): State.Gate => State.make(options)

/** A datagram has come. What is to be done is pushed to `out`. */
export const receive = (self: State.Gate, datagram: State.Received, now: number, out: State.Out): void =>
  Receiving.receive(self, datagram, now, out)

/** What was inside of a sealed datagram, `undefined` when it could not be opened. */
export const opened = (
  self: State.Gate,
  ticket: number,
  inner: Uint8Array | undefined,
  now: number,
  out: State.Out
): void => Receiving.opened(self, ticket, inner, now, out)

/** Whether a signature is good. An answer that comes too late, or twice, is ignored. */
export const verified = (
  self: State.Gate,
  ticket: number,
  isValid: boolean,
  now: number,
  out: State.Out
): void => {
  const candidate = Verification.finish(self.verification, ticket)
  if (candidate === undefined) return
  if (!isValid) Verifying.refuse(self, candidate, now, out)
  else if (candidate._tag === "Signed") Commit.commit(self, candidate, now, out)
  else Succession.commit(self, candidate, now, out)
  Verifying.pump(self, now, out)
}

/** The nonce of a challenge that is about to be sent: 16 octets that nobody can foresee. */
export const challenged = (self: State.Gate, ticket: number, nonce: Uint8Array, now: number): void =>
  Challenges.arm(self.challenges, ticket, nonce, now)

/** Asks a trusted key for a proof that it is there now; false when it may not be asked, or not so soon. */
export const challenge = (
  self: State.Gate,
  target: PeerKey.PeerKey,
  to: Output.Origin,
  now: number,
  out: State.Out
): boolean => {
  const { options, standing } = self
  return options.challenges && Standing.isTrusted(standing, target) && Holding.ask(self, target, to, now, out)
}

/** What a key announced is forgotten where it was heard, since the interface is gone. It may be heard there once more. */
export const lost = (self: State.Gate, key: PeerKey.PeerKey, place: Output.Place): void =>
  Presences.removeInterface(self.presences, key, place)

/** What the program thinks of a key from now on. */
export const trust = (
  self: State.Gate,
  key: PeerKey.PeerKey,
  state: TrustState.TrustState,
  now: number,
  out: State.Out
): void => {
  const { floors, presences, standing } = self
  const wasListed = Standing.isListed(standing, key)
  const known = Floors.get(floors, key, now)
  const isListed = state !== "unknown"
  Floors.settle(floors, key, isListed, now)
  Standing.set(standing, key, state)
  Shelf.settle(presences.shelf, key, isListed)
  if (isListed && !wasListed && known !== undefined) {
    const hasEnded = Presences.get(presences, key, now) === undefined
    out.push({ _tag: "FloorRaised", key, floor: Floors.lasting(known), hasEnded })
  }
  if (state === "denied") Forgetting.drop(self, key, out)
  else if (state !== "trusted") Forgetting.distrust(self, key)
}

/** The floor of a key as it was kept outside. */
export const restoreFloor = (self: State.Gate, key: PeerKey.PeerKey, floor: Output.Floor, now: number): void =>
  Floors.restore(self.floors, key, floor, Standing.isListed(self.standing, key), now)

/** Forgets the floor of a key, so that older announcements are taken again. */
export const resetFloor = (self: State.Gate, key: PeerKey.PeerKey): void => Shelf.remove(self.floors.shelf, key)

/** Does what is due. */
export const wake = (self: State.Gate, now: number, out: State.Out): void => {
  Challenges.forget(self.challenges, now)
  for (const [key, { origins }] of Presences.takeDue(self.presences, now)) out.push({ _tag: "Withdrawn", key, origins })
  for (const { origin } of Receiving.takeLost(self, now)) State.refuse(self, "budget", origin, out)
  for (const { origin } of Verification.takeLost(self.verification, now)) State.refuse(self, "budget", origin, out)
  Holding.retry(self, now, out)
  Verifying.pump(self, now, out)
}

/** When `wake` is to be called. */
export const wakeAt = (self: State.Gate): number =>
  Math.min(
    Challenges.dueAt(self.challenges),
    Holding.retryAt(self),
    Presences.dueAt(self.presences),
    Receiving.lostAt(self),
    Verification.dueAt(self.verification)
  )
