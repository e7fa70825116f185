/**
 * A claim that goes from one name to another.
 */
import type * as Engine from "../Engine.ts"
import * as Naming from "./Naming.ts"
import * as Notices from "./Notices.ts"
import * as Offer from "./Offer.ts"
import * as Ownership from "./Ownership.ts"
import * as Probing from "./Probing.ts"
import type * as State from "./State.ts"
import * as Updates from "./Updates.ts"

/** Leaves a name to whoever has it. The records under it are theirs now, so only the pointers to it are taken back. */
export const giveWay = (self: State.State, claim: State.Claim, now: number, out: Array<Engine.Output>): void => {
  const previous = claim.label
  move(self, claim, Naming.next(claim, previous), now, out, ({ shared }) => shared)
  Notices.renamed(claim, previous, out)
  Notices.seek(claim, out)
  if (claim.kind !== "service") Updates.requestAll(self, claim.id, now)
}

/** Takes a name back, and asks for the one that the program wants now. */
export const leave = (self: State.State, claim: State.Claim, now: number, out: Array<Engine.Output>): void => {
  move(self, claim, claim.wanted, now, out, ({ reverse, shared, unique }) => [...unique, ...reverse, ...shared])
  if (claim.label !== claim.wanted) Notices.renamed(claim, claim.wanted, out)
  Notices.seek(claim, out)
}

const move = (
  self: State.State,
  claim: State.Claim,
  label: string,
  now: number,
  out: Array<Engine.Output>,
  takenBack: (offer: Offer.Offer) => Offer.Offer["shared"]
): void => {
  Naming.assign(self, claim, Naming.free(self, claim, label))
  for (const [key, standing] of claim.standings) {
    const presence = self.presences.get(key)!
    const before = standing.offer
    standing.offer = Naming.offer(self, claim, presence.link)
    Probing.begin(self, presence, claim, standing, now)
    const gone = takenBack(before).filter((record) => !standing.offer.parts.has(Offer.partKey(record)))
    Ownership.takeBack(self, presence, gone, out)
    Ownership.forget(presence, [...before.unique, ...before.reverse])
  }
}
