/**
 * Names that we want, and how far we are with each of them on each link.
 */
import type * as IpNetwork from "effect/net/IpNetwork"
import * as Chance from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Name from "../Name.ts"
import type * as Record from "../Record.ts"
import type * as Registration from "../Registration.ts"
import type * as Zone from "../Zone.ts"
import type * as Offer from "./Offer.ts"

/** How a name stands on one link. */
export interface Standing {
  offer: Offer.Offer
  /** Ours it is while it is announced and when that is done. */
  phase: "waiting" | "probing" | "announcing" | "established"
  /** Probes, or announcements, that were sent in this phase. */
  sent: number
  /** When the next one is due, or the last one has stood long enough. */
  dueAt: number
  /** What the last probe proposed. */
  proposed: ReadonlyArray<Record.Record>
  /** Ties over the name that were lost since it was begun with. */
  ties: number
  /** The parts of the offer to announce; all when absent. */
  parts: ReadonlySet<string> | undefined
  /** Whether a record of ours was heard from another link of ours, and ours said again. */
  isBridged: boolean
}

/** A name that we want on every link: of this host, of a host that we speak for, or of a service. */
export interface Claim {
  readonly id: string
  readonly kind: "host" | "proxied" | "service"
  /** What it is for; of a host that we speak for, the last one that named it. Of this host there is none. */
  registration: Registration.Registration | undefined
  /** The registration's key; of a host that of none. */
  readonly key: number
  /** The label that was asked for. */
  wanted: string
  label: string
  name: Name.Name
  isVerified: boolean
  readonly standings: Map<string, Standing>
  /** Whether the name was ours on every link since it was last asked for or contested. */
  isSettled: boolean
  unsettledSince: number
  isReported: boolean
  /** When somebody last had the name before us. */
  contestedAt: number
  isSlow: boolean
  /** When its records were last changed, within a minute. */
  updatedAt: ReadonlyArray<number>
  /** When they are to be changed next. */
  updateDueAt: number
}

/** A record that is offered on a link, or was said there and not taken back. */
export interface Holding extends Zone.Owned {
  /** Whether its name may be another's by now: we were away, or somebody has contested it, and it is not ours again yet. */
  isDoubted: boolean
}

/** A link with what we own there. */
export interface Presence {
  link: Link.Link
  /** Where it is: the networks that tell it from other links, as they were last known. */
  home: ReadonlyArray<IpNetwork.IpNetwork>
  /** The records that are offered here, or were said here and not taken back, by their keys. */
  readonly owned: Map<string, Holding>
  /** What was said of a part before it changed, for as long as others may not have been told the change. */
  readonly outdated: Map<string, ReadonlyArray<Holding>>
  /** Absent when names have changed since it was built. */
  zone: Zone.Zone | undefined
  /** When the names that wait here are first probed for. */
  probesAt: number
  /** Parts to say again since somebody said them wrongly: the name that they are under and when, by part. */
  readonly repeats: Map<string, { readonly name: string; readonly dueAt: number }>
  /** What is to be said again to be gone, by part. */
  readonly farewells: Map<string, Farewell>
}

/** Records that are to be said to be gone once more. */
export interface Farewell {
  readonly gone: ReadonlyArray<Holding>
  readonly dueAt: number
}

/** What was said on a link that went without a goodbye, in the networks that it was in. */
export interface Left extends Pick<Presence, "link" | "home"> {
  readonly said: ReadonlyArray<Zone.Owned>
}

export interface State {
  readonly chance: Chance.Chance
  readonly announcements: number
  readonly limits: Engine.Limits
  /** The label that the program chose for this host. */
  readonly chosenHost: string | undefined
  /** The label that this host has now, whether claimed or not. */
  hostLabel: string
  readonly presences: Map<string, Presence>
  /** The latest last. */
  left: ReadonlyArray<Left>
  readonly claims: Map<string, Claim>
  /** By the keys of their names: no two claims want one name. */
  readonly byName: Map<string, Claim>
  /** When names were contested: the last 15 times. */
  contests: ReadonlyArray<number>
  /** Counts the names that have become ours, on each link. */
  wins: number
  wakeAt: number
}

/** How claims are made. */
export interface Options {
  readonly seed: number
  readonly host?: string | undefined
  readonly announcements: number
  readonly limits: Engine.Limits
}

export const make = ({ announcements, host, limits, seed }: Options): State => {
  const chance = Chance.make(seed, "claims")
  return {
    chance,
    announcements: Math.min(Math.max(announcements, 2), 8),
    limits,
    chosenHost: host,
    hostLabel: host ?? drawLabel(Chance.make(seed, "host")),
    presences: new Map(),
    left: [],
    claims: new Map(),
    byName: new Map(),
    contests: [],
    wins: 0,
    wakeAt: Infinity
  }
}

const letters = "bcdfghjkmnpqrstvwxz"
const digits = "23456789"

// letters and digits take turns, so that neither words nor serial numbers come out
const drawLabel = (chance: Chance.Chance): string => {
  let label = "peer-"
  for (let i = 0; i < 4; i++) {
    label += letters[Chance.between(chance, 0, letters.length - 1)]! +
      digits[Chance.between(chance, 0, digits.length - 1)]!
  }
  return label
}

/** Whether the name is ours there: its probing is over. */
export const isOurs = ({ phase }: Standing): boolean => phase === "announcing" || phase === "established"

/** Every name on a link, in the order of asking. */
export const standingsOn = function*(self: State, linkKey: string): Generator<readonly [Claim, Standing]> {
  for (const claim of self.claims.values()) {
    const standing = claim.standings.get(linkKey)
    if (standing !== undefined) yield [claim, standing]
  }
}
