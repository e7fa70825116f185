/**
 * The names we want: probed for, announced, defended, renamed, changed and taken back, on every link (RFC 6762, sections 8 to 10).
 */
import * as Announcing from "./claims/Announcing.ts"
import * as Conflicts from "./claims/Conflicts.ts"
import * as Farewells from "./claims/Farewells.ts"
import * as Notices from "./claims/Notices.ts"
import * as Ownership from "./claims/Ownership.ts"
import * as Probing from "./claims/Probing.ts"
import * as Registering from "./claims/Registering.ts"
import * as State from "./claims/State.ts"
import * as Stations from "./claims/Stations.ts"
import * as Updates from "./claims/Updates.ts"
import type * as Engine from "./Engine.ts"
import type * as Link from "./Link.ts"
import type * as Message from "./Message.ts"
import * as Record from "./Record.ts"
import type * as Registration from "./Registration.ts"
import type * as Zone from "./Zone.ts"

export type Claims = State.State
export type Options = State.Options

export const make = State.make

/**
 * A link is up, or is another than it was: what is new there is probed for and announced, what is gone is taken back; `unsaid` was taken back there
 * before and could not be sent.
 */
export const linkUp = (
  self: Claims,
  link: Link.Link,
  now: number,
  out: Array<Engine.Output>,
  unsaid: ReadonlyArray<Record.Record> = []
): void => {
  Stations.linkUp(self, link, unsaid, now, out)
  settle(self, now, out)
}

/** A link is gone, said goodbye to if we still can; `unsaid` was taken back there and could not be sent. */
export const linkDown = (
  self: Claims,
  linkKey: string,
  canSend: boolean,
  now: number,
  out: Array<Engine.Output>,
  unsaid: ReadonlyArray<Record.Record> = []
): void => {
  Stations.linkDown(self, linkKey, canSend, unsaid, now, out)
  settle(self, now, out)
}

/** We were away from a link, and our names may be another's now: everything is probed for and announced again there (section 8). */
export const resume = (self: Claims, linkKey: string, now: number, out: Array<Engine.Output>): void => {
  Stations.resume(self, linkKey, now)
  settle(self, now, out)
}

/** Claims the name of a service; with a key that is known, changes its records or its name. */
export const register = (
  self: Claims,
  key: number,
  registration: Registration.Registration,
  now: number,
  out: Array<Engine.Output>
): void => {
  Registering.register(self, key, registration, now, out)
  settle(self, now, out)
}

/** Gives a service up, and what it alone needed. */
export const deregister = (self: Claims, key: number, now: number, out: Array<Engine.Output>): void => {
  Registering.deregister(self, key, now, out)
  settle(self, now, out)
}

/** Takes everything back and ends. */
export const close = (self: Claims, out: Array<Engine.Output>): void => {
  for (const presence of self.presences.values()) Ownership.takeAllBack(presence, out)
  self.presences.clear()
  self.claims.clear()
  self.byName.clear()
  self.wakeAt = Infinity
}

/** Hears a query that is not our own: a probe for a name that we probe for too is a tie, and its known answers may be those of a rival. */
export const hearQuery = (
  self: Claims,
  link: Link.Link,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>
): void => {
  const presence = self.presences.get(link.key)
  if (presence === undefined) return
  const isTie = message.authorities.length > 0 && Conflicts.hearProbe(self, presence, message, now, out)
  const isRivalled = origin.isMulticast && Conflicts.hearKnown(self, presence, message, now)
  if (isTie || isRivalled) settle(self, now, out)
}

/** Hears a response that is not our own: records of names that are ours, or that we probe for. */
export const hearResponse = (
  self: Claims,
  link: Link.Link,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>
): void => {
  const presence = self.presences.get(link.key)
  if (presence === undefined) return
  Farewells.hear(presence, message)
  if (Conflicts.hearResponse(self, presence, message, origin, now, out)) settle(self, now, out)
}

/** Hears what we have said ourselves: when it is not so any more, we say what is. */
export const hearEcho = (
  self: Claims,
  link: Link.Link,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>
): void => {
  const presence = self.presences.get(link.key)
  if (presence === undefined) return
  if (Conflicts.hearEcho(self, presence, message, origin, now)) settle(self, now, out)
}

/** Does what is due. */
export const wake = (self: Claims, now: number, out: Array<Engine.Output>): void => {
  if (now >= self.wakeAt) settle(self, now, out)
}

/** When something is due next. */
export const wakeAt = (self: Claims): number => self.wakeAt

/** What queries on a link are answered from; absent when there is no such link. */
export const zone = (self: Claims, linkKey: string): Zone.Zone | undefined => {
  const presence = self.presences.get(linkKey)
  return presence === undefined ? undefined : Ownership.zone(self, presence)
}

/** How many names have become ours by now, on any link. */
export const wins = ({ wins }: Claims): number => wins

/** Whether the name is ours on the link. */
export const isOwn = (self: Claims, linkKey: string, nameKey: string): boolean => {
  const standing = self.byName.get(nameKey)?.standings.get(linkKey)
  return standing !== undefined && State.isOurs(standing)
}

/** Whether what others say of a record can matter to us on the link. */
export const concerns = (self: Claims, linkKey: string, record: Record.Record): boolean =>
  (self.byName.size > 0 &&
    (self.byName.has(record.name.key) || self.presences.get(linkKey)?.owned.has(Record.key(record)) === true)) ||
  (self.presences.get(linkKey)?.farewells.size ?? 0) > 0

/** Whether the name is probed for on the link. */
export const isProbing = (self: Claims, linkKey: string, nameKey: string): boolean =>
  self.byName.get(nameKey)?.standings.get(linkKey)?.phase === "probing"

const settle = (self: Claims, now: number, out: Array<Engine.Output>): void => {
  Updates.step(self, now, out)
  for (const presence of self.presences.values()) {
    Probing.step(self, presence, now, out)
    Announcing.step(self, presence, now, out)
    Farewells.step(presence, now, out)
  }
  Notices.review(self, now, out)
  self.wakeAt = nextAt(self)
}

const nextAt = (self: Claims): number => {
  let next = Infinity
  for (const claim of self.claims.values()) {
    next = Math.min(next, claim.updateDueAt, Notices.complainAt(claim))
    for (const { dueAt } of claim.standings.values()) next = Math.min(next, dueAt)
  }
  for (const { farewells, repeats } of self.presences.values()) {
    for (const { dueAt } of repeats.values()) next = Math.min(next, dueAt)
    for (const { dueAt } of farewells.values()) next = Math.min(next, dueAt)
  }
  return next
}
