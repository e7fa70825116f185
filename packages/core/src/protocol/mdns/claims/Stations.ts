/**
 * Links that come, change and go.
 */
import type * as Engine from "../Engine.ts"
import * as Link from "../Link.ts"
import type * as Record from "../Record.ts"
import type * as Zone from "../Zone.ts"
import * as Naming from "./Naming.ts"
import * as Offer from "./Offer.ts"
import * as Ownership from "./Ownership.ts"
import * as Probing from "./Probing.ts"
import * as State from "./State.ts"
import * as Updates from "./Updates.ts"

/** A link that is new has every name probed for; on one that has other addresses it is the host's, all others stay untouched. */
export const linkUp = (
  self: State.State,
  link: Link.Link,
  unsaid: ReadonlyArray<Record.Record>,
  now: number,
  out: Array<Engine.Output>
): void => {
  const known = self.presences.get(link.key)
  // that is for where the link was then: it may be elsewhere now
  if (known !== undefined) remember(self, known, Ownership.held(unsaid, now), now)
  const presence = known ?? arrive(self, link, now)
  if (known !== undefined) readdress(self, known, link, now, out)
  recall(self, presence, now, out)
}

const readdress = (
  self: State.State,
  presence: State.Presence,
  link: Link.Link,
  now: number,
  out: Array<Engine.Output>
): void => {
  const telling = Link.home(link)
  if (!Link.areTogether(presence.home, telling)) {
    leave(self, presence, [], now)
    Ownership.forgetAll(presence)
  }
  presence.link = link
  if (telling.length > 0) presence.home = telling
  for (const [claim, standing] of State.standingsOn(self, link.key)) {
    if (claim.kind !== "host") continue
    const before = standing.offer
    Updates.apply(self, presence, claim, standing, now, out)
    if (isChanged(before, standing.offer)) Probing.begin(self, presence, claim, standing, now)
  }
}

const isChanged = (before: Offer.Offer, after: Offer.Offer): boolean =>
  Offer.changes(before, after).size > 0 || Offer.leaving(before, after).length > 0

const arrive = (self: State.State, link: Link.Link, now: number): State.Presence => {
  const presence: State.Presence = {
    link,
    home: Link.home(link),
    owned: new Map(),
    outdated: new Map(),
    zone: undefined,
    probesAt: -Infinity,
    repeats: new Map(),
    farewells: new Map()
  }
  self.presences.set(link.key, presence)
  for (const claim of self.claims.values()) {
    const standing = Probing.stand(Naming.offer(self, claim, link))
    claim.standings.set(link.key, standing)
    Probing.begin(self, presence, claim, standing, now)
  }
  return presence
}

// Link-local addresses come before those that tell where the link is. Elsewhere nobody has heard what was said.
const recall = (self: State.State, presence: State.Presence, now: number, out: Array<Engine.Output>): void => {
  const telling = Link.home(presence.link)
  const isHere = ({ home, link }: State.Left): boolean =>
    link.key === presence.link.key && (home.length === 0 || telling.length > 0) && Link.areTogether(home, telling)
  const here = self.left.filter(isHere)
  if (here.length === 0) return
  self.left = self.left.filter((left) => !isHere(left))
  Ownership.recall(self, presence, here.flatMap(({ said }) => said), now, out)
}

/** A link that is gone takes with it what was asked there, and what was said if we can say goodbye. */
export const linkDown = (
  self: State.State,
  linkKey: string,
  canSend: boolean,
  unsaid: ReadonlyArray<Record.Record>,
  now: number,
  out: Array<Engine.Output>
): void => {
  const presence = self.presences.get(linkKey)
  if (presence === undefined) return
  if (canSend) Ownership.takeAllBack(presence, out)
  else leave(self, presence, unsaid, now)
  self.presences.delete(linkKey)
  for (const claim of self.claims.values()) claim.standings.delete(linkKey)
}

// links that are made for a while, each by another name, do not come back, and nobody comes back to most networks
const mostLeft = 16

const leave = (
  self: State.State,
  presence: State.Presence,
  unsaid: ReadonlyArray<Record.Record>,
  now: number
): void => {
  // what was taken back once may not have arrived, since the link was about to go
  const gone = Array.from(presence.farewells.values()).flatMap(({ gone }) => gone)
  const again = [...unsaid, ...gone.map(({ record }) => record)]
  remember(self, presence, [...Ownership.held(again, now), ...Ownership.said(presence)], now)
}

const remember = (
  self: State.State,
  { home, link }: State.Presence,
  said: ReadonlyArray<Zone.Owned>,
  now: number
): void => {
  const believed = said.filter((owned) => Ownership.isBelieved(owned, now))
  if (believed.length > 0) self.left = [...self.left, { home, link, said: believed }].slice(-mostLeft)
}

/** Everything is asked for again on a link. */
export const resume = (self: State.State, linkKey: string, now: number): void => {
  const presence = self.presences.get(linkKey)
  if (presence === undefined) return
  for (const [claim, standing] of State.standingsOn(self, linkKey)) {
    Ownership.doubt(presence, standing.offer, true)
    Probing.begin(self, presence, claim, standing, now)
  }
}
