/**
 * A claim that goes from one name to another.
 */
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Record from "../Record.ts"
import * as Naming from "./Naming.ts"
import * as Notices from "./Notices.ts"
import * as Offer from "./Offer.ts"
import * as Ownership from "./Ownership.ts"
import * as Probing from "./Probing.ts"
import type * as State from "./State.ts"
import * as Updates from "./Updates.ts"

/**
 * Leaves a name to whoever has it on a link. The records under it are theirs now; and so are the pointers to it where they are, since
 * theirs are the same ones. On other interfaces these are taken back.
 */
export const giveWay = (
  self: State.State,
  { link }: State.Presence,
  claim: State.Claim,
  now: number,
  out: Array<Engine.Output>
): void => {
  const previous = claim.label
  const takenBack = ({ shared }: Offer.Offer, on: Link.Link) => on.interface === link.interface ? [] : shared
  move(self, claim, Naming.next(claim, previous), now, out, takenBack)
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
  takenBack: (offer: Offer.Offer, on: Link.Link) => Offer.Offer["shared"]
): void => {
  Naming.assign(self, claim, Naming.free(self, claim, label))
  for (const [key, standing] of claim.standings) {
    const presence = self.presences.get(key)!
    const before = standing.offer
    standing.offer = Naming.offer(self, claim, presence.link)
    Probing.begin(self, presence, claim, standing, now)
    const isLeft = (record: Record.Record) => !standing.offer.parts.has(Offer.partKey(record))
    Ownership.takeBack(self, presence, takenBack(before, presence.link).filter(isLeft), out)
    Ownership.forget(presence, [...before.unique, ...before.reverse, ...before.shared.filter(isLeft)])
  }
}
