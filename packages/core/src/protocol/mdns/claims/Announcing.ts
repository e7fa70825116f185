/**
 * Saying what is ours (RFC 6762, section 8.3).
 */
import * as Chance from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import type * as Record from "../Record.ts"
import type * as Zone from "../Zone.ts"
import * as Farewells from "./Farewells.ts"
import * as Offer from "./Offer.ts"
import * as Ownership from "./Ownership.ts"
import * as Packets from "./Packets.ts"
import * as State from "./State.ts"

/** Announces parts of a name that is ours: all of it, or what has changed. */
export const begin = (
  presence: State.Presence,
  standing: State.Standing,
  parts: ReadonlySet<string> | undefined,
  now: number
): void => {
  const isUnfinished = standing.phase === "announcing"
  standing.parts = parts === undefined || (isUnfinished && standing.parts === undefined)
    ? undefined
    : new Set([...isUnfinished ? standing.parts! : [], ...parts])
  standing.phase = "announcing"
  standing.sent = 0
  standing.dueAt = now
  presence.zone = undefined
}

/** Milliseconds that others who share a record may be ahead of us with it (RFC 6762, section 6). */
const turn = { min: 20, max: 120 }

/** Says one part again, as soon as it may be: somebody said it wrongly. What is shared others may say as well, so it waits its turn. */
export const repeat = (self: State.State, presence: State.Presence, record: Record.Record, now: number): void => {
  const key = Offer.partKey(record)
  if (presence.repeats.has(key)) return
  const { multicastAt } = Ownership.own(presence, record)
  const from = record.flush ? now : now + Chance.between(self.chance, turn.min, turn.max)
  presence.repeats.set(key, { name: record.name.key, dueAt: Math.max(from, multicastAt + Packets.spacing) })
}

/** Another has said again what we would have. */
export const spare = (presence: State.Presence, record: Record.Record): void => {
  if (!record.flush) presence.repeats.delete(Offer.partKey(record))
}

/** Sends the announcements that are due, what is due of a name together. */
export const step = (self: State.State, presence: State.Presence, now: number, out: Array<Engine.Output>): void => {
  const parts = new Map<string, Zone.Part>()
  const groups: Array<ReadonlyArray<Zone.Part>> = []
  const add = (due: ReadonlyMap<string, Zone.Part>): void => {
    const fresh = Array.from(due).filter(([key]) => !parts.has(key))
    for (const [key, part] of fresh) parts.set(key, part)
    groups.push(fresh.map(([, part]) => part))
  }
  for (const [, standing] of State.standingsOn(self, presence.link.key)) {
    if (standing.phase !== "announcing" || standing.dueAt > now) continue
    const due = dueParts(presence, standing)
    const sayableAt = Math.min(...Array.from(due.values(), sayableFrom))
    if (sayableAt > now && due.size > 0) standing.dueAt = sayableAt
    else {
      add(due)
      count(self, standing, leavesOutdated(presence, due, now), now)
    }
  }
  add(dueRepeats(self, presence, now))
  say(presence, groups.map((group) => group.filter((part) => sayableFrom(part) <= now).flat()), now, out)
}

const dueParts = (presence: State.Presence, { offer, parts }: State.Standing): Map<string, Zone.Part> => {
  const due = new Map<string, Zone.Part>()
  for (const [key, records] of offer.parts) {
    if (parts?.has(key) ?? true) due.set(key, records.map((record) => Ownership.own(presence, record)))
  }
  return due
}

// a set of unique records is said as a whole or not at all
const sayableFrom = (part: Zone.Part): number =>
  Math.min(...part.map(({ multicastAt }) => multicastAt)) + Packets.spacing

// what cannot be said yet was said less than a second ago
const leavesOutdated = ({ outdated }: State.Presence, due: ReadonlyMap<string, Zone.Part>, now: number): boolean =>
  outdated.size > 0 && Array.from(due).some(([key, part]) => {
    const saidAt = sayableFrom(part) > now ? sayableFrom(part) - Packets.spacing : now
    return outdated.get(key)?.some((old) => Ownership.isKept(old, saidAt))
  })

// 1, 2, 4 … seconds apart; one that leaves others with what is outdated counts for nothing
const count = (self: State.State, standing: State.Standing, leavesOutdated: boolean, now: number): void => {
  if (!leavesOutdated) standing.sent += 1
  const isDone = standing.sent >= self.announcements
  if (isDone) standing.phase = "established"
  standing.dueAt = isDone ? Infinity : now + Packets.spacing * 2 ** Math.max(standing.sent - 1, 0)
}

const dueRepeats = (self: State.State, presence: State.Presence, now: number): Map<string, Zone.Part> => {
  const due = new Map<string, Zone.Part>()
  for (const [key, { dueAt, name }] of presence.repeats) {
    if (dueAt > now) continue
    presence.repeats.delete(key)
    const records = Ownership.zone(self, presence).names.get(name)?.records ?? []
    due.set(key, records.filter(({ record }) => Offer.partKey(record) === key))
  }
  return due
}

const say = (
  presence: State.Presence,
  groups: ReadonlyArray<ReadonlyArray<Zone.Owned>>,
  now: number,
  out: Array<Engine.Output>
): void => {
  for (const owned of groups.flat()) {
    owned.multicastAt = now
    Farewells.spare(presence, owned.record)
    Ownership.renew(presence, owned, now)
  }
  Packets.sayGroups(presence.link, groups.map((group) => group.map(({ record }) => record)), out)
}
