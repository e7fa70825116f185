/**
 * A claim that goes from one name to another.
 */
import type * as Engine from "../Engine.ts"
import type * as Record from "../Record.ts"
import * as Naming from "./Naming.ts"
import * as Notices from "./Notices.ts"
import * as Offer from "./Offer.ts"
import * as Ownership from "./Ownership.ts"
import * as Probing from "./Probing.ts"
import type * as State from "./State.ts"
import * as Updates from "./Updates.ts"

/**
 * Leaves a name to whoever has it on a link. Where they are the records under it are theirs now, and so are the pointers to it but those of
 * subtypes, since theirs are the same ones. All else is taken back.
 */
export const giveWay = (
  self: State.State,
  presence: State.Presence,
  claim: State.Claim,
  now: number,
  out: Array<Engine.Output>
): void => {
  const previous = claim.label
  Ownership.forgetLeft(self, claim.name, presence)
  move(self, claim, Naming.next(claim, previous), now, (other, before, left) => {
    const isThere = other.link.interface === presence.link.interface
    // what is under the name, and the pointer of its type
    const isTheirs = ({ name }: Record.Record): boolean => isThere && before.name.key.endsWith(name.key)
    Ownership.doubt(other, before, true)
    Ownership.forget(other, left.filter(isTheirs))
    Ownership.takeBack(self, other, left, now, out)
  })
  Notices.renamed(claim, previous, out)
  Notices.seek(claim, out)
  if (claim.kind !== "service") Updates.requestAll(self, claim.id, now)
}

/** Takes a name back, and asks for the one that the program wants now. */
export const leave = (self: State.State, claim: State.Claim, now: number, out: Array<Engine.Output>): void => {
  move(self, claim, claim.wanted, now, (presence, _, left) => Ownership.takeBack(self, presence, left, now, out))
  if (claim.label !== claim.wanted) Notices.renamed(claim, claim.wanted, out)
  Notices.seek(claim, out)
}

/** Parts with what a name stood for, on each link: `left` is what it stands for no more. */
type Part = (presence: State.Presence, before: Offer.Offer, left: ReadonlyArray<Record.Record>) => void

const move = (self: State.State, claim: State.Claim, label: string, now: number, part: Part): void => {
  Naming.assign(self, claim, Naming.free(self, claim, label))
  for (const [key, standing] of claim.standings) {
    const presence = self.presences.get(key)!
    const before = standing.offer
    standing.offer = Naming.offer(self, claim, presence.link)
    Probing.begin(self, presence, claim, standing, now)
    part(presence, before, Offer.leaving(before, standing.offer))
    Ownership.outdate(presence, Offer.replaced(before, standing.offer))
    Ownership.respell(presence, Array.from(standing.offer.parts.values()).flat())
  }
}
