/**
 * Answers queries from what we own (RFC 6762, sections 5.4, 5.5, 6 and 7).
 *
 * Answers by multicast are kept by what they say until they are due, and their records looked up only then: what is no longer ours by
 * then is not sent, and what has gone out meanwhile is not sent again.
 */
import type * as Seed from "../../Seed.ts"
import * as Allowance from "./answering/Allowance.ts"
import * as Asker from "./answering/Asker.ts"
import * as Assemblies from "./answering/Assemblies.ts"
import * as Known from "./answering/Known.ts"
import * as Matching from "./answering/Matching.ts"
import * as Responder from "./answering/Responder.ts"
import * as Chance from "./Chance.ts"
import type * as Engine from "./Engine.ts"
import type * as Link from "./Link.ts"
import type * as Message from "./Message.ts"
import * as Domain from "./querier/Domain.ts"
import type * as Zone from "./Zone.ts"

/** What is to be answered on all links. */
export interface Answering {
  readonly chance: Chance.Chance
  readonly limits: Limits
  readonly allowance: Allowance.Allowance
  readonly responders: Map<string, Responder.Responder>
}

export type Limits = Pick<
  Engine.Limits,
  "assemblies" | "datagramsPerAssembly" | "unicastPerSource" | "unicastAnswers" | "multicastAnswers"
>

export const make = ({ limits, seed }: { readonly seed: Seed.Seed; readonly limits: Limits }): Answering => ({
  chance: Chance.make(seed, "answering"),
  limits,
  allowance: Allowance.make(limits),
  responders: new Map()
})

/** Answers a query from what we own on its link. */
export const hearQuery = (
  self: Answering,
  link: Link.Link,
  zone: Zone.Zone,
  message: Message.Message,
  origin: Link.Origin,
  now: number,
  out: Array<Engine.Output>
): void => {
  const asker = Asker.of(message, origin)
  if (Asker.isStranger(asker)) {
    out.push({ _tag: "Rejected", reason: "off-link" })
    return
  }
  const responder = responderOf(self, link)
  const isContinued = !asker.isLegacy && (message.isTruncated || message.questions.length === 0)
  const questions = isContinued ? assemble(self, responder, zone, message, origin, now) : message.questions
  const probed = new Set(message.authorities.map(({ name }) => name.key))
  // the reverse pointers of this host are as much those of its other responders: one that probes for them is not to be kept from its name
  const asked = origin.isOwnAddress
    ? questions.filter(({ name }) => !probed.has(name.key) || !Domain.isReverse(name))
    : questions
  if (asked.length > 0) {
    const query = {
      asker,
      questions: asked,
      known: Known.listed(zone, message.answers),
      isProbed: (name: string) => probed.has(name),
      askedAt: now,
      isAssembled: false
    }
    Responder.hear(responder, zone, query, now, out)
  }
  Responder.send(responder, zone, now, out)
}

/** Drops what another host has answered for us. */
export const hearResponse = (
  self: Answering,
  link: Link.Link,
  zone: Zone.Zone,
  message: Message.Message,
  origin: Link.Origin
): void => {
  const responder = self.responders.get(link.key)
  if (responder === undefined || !origin.isMulticast) return
  const heard = Known.heard(zone, [...message.answers, ...message.additionals])
  if (heard.size === 0) return
  Responder.overhear(responder, zone, heard)
  for (const { known } of responder.assemblies.values()) {
    for (const key of heard.keys()) known.set(key, Infinity)
  }
}

/** Forgets what was to be answered on a link. */
export const linkDown = (self: Answering, linkKey: string): void => {
  self.responders.delete(linkKey)
}

/** Answers what is due. */
export const wake = (
  self: Answering,
  zoneOf: (linkKey: string) => Zone.Zone | undefined,
  now: number,
  out: Array<Engine.Output>
): void => {
  for (const [key, responder] of self.responders) {
    const zone = zoneOf(key)
    if (zone === undefined) {
      self.responders.delete(key)
      continue
    }
    for (const assembly of Assemblies.take(responder.assemblies, now)) finish(responder, zone, assembly, now, out)
    Responder.send(responder, zone, now, out)
  }
}

/** When there is something to answer. */
export const wakeAt = (self: Answering): number => {
  let earliest = Infinity
  for (const responder of self.responders.values()) {
    earliest = Math.min(earliest, Responder.wakeAt(responder), Assemblies.dueAt(responder.assemblies))
  }
  return earliest
}

const responderOf = (self: Answering, link: Link.Link): Responder.Responder => {
  const known = self.responders.get(link.key)
  if (known !== undefined) {
    known.link = link
    return known
  }
  const responder = Responder.make(link, self.chance, self.allowance, self.limits.multicastAnswers)
  self.responders.set(link.key, responder)
  return responder
}

/** Puts a query of several datagrams together; returns the questions that do not wait for that. */
const assemble = (
  self: Answering,
  responder: Responder.Responder,
  zone: Zone.Zone,
  message: Message.Message,
  origin: Link.Origin,
  now: number
): ReadonlyArray<Message.Question> => {
  // a name of ours is defended at once (RFC 6762, section 6.3)
  const [waiting, prompt] = part(message)
  const asked = waiting.filter((question) => Matching.answers(zone, question).size > 0)
  const known = responder.assemblies.get(origin.host)
  if (known === undefined && (asked.length === 0 || isFull(self))) return message.questions
  const assembly = known ?? Assemblies.begin(responder.assemblies, message, origin, self.chance, now)
  if (!Assemblies.admit(assembly, message, self.limits, self.chance, now)) return prompt
  Assemblies.ask(assembly, asked)
  const listed = Known.listed(zone, message.answers)
  const concerned = listed.size === 0 ? [] : Responder.concerned(responder, zone, assembly.questions.values())
  for (const owned of concerned) {
    if (Known.has(listed, owned)) assembly.known.set(owned.key, Infinity)
  }
  return prompt
}

const part = ({ authorities, questions }: Message.Message) => {
  const isProbe = ({ name }: Message.Question) => authorities.some((record) => record.name.key === name.key)
  return [questions.filter((question) => !isProbe(question)), questions.filter(isProbe)] as const
}

const isFull = ({ limits, responders }: Answering): boolean =>
  Array.from(responders.values()).reduce((sum, { assemblies }) => sum + assemblies.size, 0) >= limits.assemblies

const finish = (
  responder: Responder.Responder,
  zone: Zone.Zone,
  { id, known, origin, questions, startedAt }: Assemblies.Assembly,
  now: number,
  out: Array<Engine.Output>
): void => {
  const query = {
    asker: { id, origin, isLegacy: false },
    questions: Array.from(questions.values()),
    known,
    isProbed: () => false,
    askedAt: startedAt,
    isAssembled: true
  }
  Responder.hear(responder, zone, query, now, out)
}
