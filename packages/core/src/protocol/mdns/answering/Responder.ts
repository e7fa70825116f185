/**
 * What is to be answered on one link.
 */
import type * as Chance from "../Chance.ts"
import * as Chances from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Message from "../Message.ts"
import type * as Zone from "../Zone.ts"
import * as Additional from "./Additional.ts"
import * as Allowance from "./Allowance.ts"
import * as Answer from "./Answer.ts"
import * as Asker from "./Asker.ts"
import type * as Assemblies from "./Assemblies.ts"
import type * as Denials from "./Denials.ts"
import * as Finding from "./Finding.ts"
import * as Matching from "./Matching.ts"
import * as Multicasts from "./Multicasts.ts"
import * as Packing from "./Packing.ts"
import * as Reply from "./Reply.ts"

export interface Responder {
  link: Link.Link
  readonly chance: Chance.Chance
  readonly allowance: Allowance.Allowance
  readonly multicasts: Multicasts.Multicasts
  readonly assemblies: Assemblies.Assemblies
  readonly denials: Denials.Denials
  replies: ReadonlyArray<Reply.Reply>
}

/** Questions with what their asker knows already. */
export interface Query {
  readonly asker: Asker.Asker
  readonly questions: ReadonlyArray<Message.Question>
  readonly isKnown: (record: Zone.Owned) => boolean
  /** Whether the records of a name are proposed in it, so that a name of ours has to be defended. */
  readonly isProbed: (name: string) => boolean
  readonly askedAt: number
  /** Whether the wait is over: the query had several datagrams. */
  readonly isAssembled: boolean
}

/** An answer to a query, and how it is to be given. */
interface Wanted {
  readonly answer: Answer.Answer
  readonly records: ReadonlyArray<Zone.Owned>
  /** Whether an answer by unicast is welcome, and none by multicast has been asked for. */
  readonly isUnicast: boolean
  readonly isDefence: boolean
}

/** Milliseconds that answers wait which others may give too, so that not all speak at once (RFC 6762, section 6). */
const delay = { min: 20, max: 120 }
/** Milliseconds after which a record may be multicast again, and in defence of a name (RFC 6762, section 6). */
const gap = 1_000
const gapOfDefence = 250

export const make = (link: Link.Link, chance: Chance.Chance, allowance: Allowance.Allowance): Responder => ({
  link,
  chance,
  allowance,
  multicasts: Multicasts.make(),
  assemblies: new Map(),
  denials: new Map(),
  replies: []
})

/** Decides what is answered, when and how. */
export const hear = (self: Responder, zone: Zone.Zone, query: Query, now: number, out: Array<Engine.Output>): void => {
  const wanted = want(self, zone, query)
  if (wanted.length === 0) return
  const answers = wanted.filter(({ isDefence }) => !isDefence)
  const isPrompt = !query.isAssembled && query.questions.length === 1 &&
    !answers.some(({ answer }) => Answer.isShared(answer))
  const wait = isPrompt || query.isAssembled || answers.length === 0
    ? 0
    : Chances.between(self.chance, delay.min, delay.max)
  const withheld = known(self, zone, query, wanted)
  const isReplied = reply(self, query, wanted, withheld, now, wait, out)
  const from = now + Math.min(wait, delay.min)
  Multicasts.add(
    self.multicasts,
    wanted.flatMap((each) => {
      const isUnicast = each.isUnicast && (isReplied || query.asker.isLegacy)
      if (isUnicast && !each.isDefence && isRecent(each, now)) return []
      return each.isDefence
        ? schedule(each, { askedAt: query.askedAt, from: now, due: now, isPrompt: true, withheld })
        : schedule(each, { askedAt: query.askedAt, from, due: now + wait, isPrompt, withheld })
    })
  )
}

const want = (self: Responder, zone: Zone.Zone, query: Query): ReadonlyArray<Wanted> => {
  const find = Finding.make(zone, self.denials)
  const wanted = new Map<string, Wanted>()
  for (const question of query.questions) {
    const isUnicast = query.asker.isLegacy || Asker.wantsUnicast(query.asker, question)
    for (const answer of Matching.answers(zone, question).values()) {
      const before = wanted.get(answer.key)
      const records = before?.records ?? find(answer)
      if (before === undefined && records.every(query.isKnown)) continue
      wanted.set(answer.key, {
        answer: before?.answer ?? answer,
        records,
        isUnicast: isUnicast && before?.isUnicast !== false,
        isDefence: before?.isDefence === true || !Answer.isShared(answer) && query.isProbed(answer.name)
      })
    }
  }
  return Array.from(wanted.values())
}

/** What would go along with the answers but is known: keys of answers. */
const known = (
  self: Responder,
  zone: Zone.Zone,
  { isKnown }: Query,
  wanted: ReadonlyArray<Wanted>
): ReadonlySet<string> => {
  const find = Finding.make(zone, self.denials)
  const additionals = Additional.answers(zone, wanted.flatMap(({ records }) => records))
  return new Set(
    Array.from(additionals.values()).flatMap((additional) => find(additional).every(isKnown) ? [additional.key] : [])
  )
}

/** Whether it was multicast within a quarter of its ttl, so that all have it fresh (RFC 6762, section 5.4). */
const isRecent = ({ records }: Wanted, now: number): boolean =>
  records.every(({ multicastAt, record }) => now - multicastAt <= record.ttl * 250)

const schedule = (
  { answer, isDefence, records }: Wanted,
  timing: Omit<Multicasts.Pending, "answer" | "isDefence">
): ReadonlyArray<Multicasts.Pending> => {
  const multicastAt = Finding.multicastAt(records)
  // what went out while a query was put together has answered it
  if (multicastAt > timing.askedAt) return []
  const earliest = multicastAt + (isDefence ? gapOfDefence : gap)
  return [{
    ...timing,
    answer,
    isDefence,
    from: Math.max(timing.from, earliest),
    due: Math.max(timing.due, earliest)
  }]
}

/** Prepares the replies by unicast; `false` when there are none, or may not be. */
const reply = (
  self: Responder,
  query: Query,
  wanted: ReadonlyArray<Wanted>,
  withheld: ReadonlySet<string>,
  now: number,
  wait: number,
  out: Array<Engine.Output>
): boolean => {
  const { asker, questions } = query
  const replied = wanted.filter((each) => each.isUnicast && (asker.isLegacy || each.isDefence || isRecent(each, now)))
  if (replied.length === 0) return false
  if (!Allowance.spend(self.allowance, asker.origin.host, now)) {
    if (asker.isLegacy) out.push({ _tag: "Rejected", reason: "rate" })
    return false
  }
  const isDefence = replied.some(({ isDefence }) => isDefence)
  const answers = replied.map(({ answer }) => answer)
  self.replies = [...self.replies, { asker, questions, answers, withheld, dueAt: isDefence ? now : now + wait }]
  return true
}

/** Sends what is due. */
export const send = (self: Responder, zone: Zone.Zone, now: number, out: Array<Engine.Output>): void => {
  const due = self.replies.filter(({ dueAt }) => dueAt <= now)
  if (due.length > 0) self.replies = self.replies.filter(({ dueAt }) => dueAt > now)
  for (const reply of due) sendReply(self, zone, reply, now, out)
  sendMulticasts(self, zone, now, out)
}

const sendReply = (
  self: Responder,
  zone: Zone.Zone,
  reply: Reply.Reply,
  now: number,
  out: Array<Engine.Output>
): void => {
  const find = Finding.make(zone, self.denials)
  const { left, payload } = Reply.write(reply, self.link, zone, find)
  if (payload !== undefined) {
    out.push({ _tag: "Transmit", link: self.link.key, payload, to: reply.asker.origin.source })
  }
  if (reply.asker.isLegacy) return
  // all others hear what is multicast, too
  const timing = { askedAt: now, from: now, due: now, isPrompt: false, withheld: reply.withheld }
  const wanted = left.map((answer) => ({ answer, records: find(answer), isUnicast: false, isDefence: false }))
  Multicasts.add(self.multicasts, wanted.flatMap((each) => schedule(each, timing)))
}

const sendMulticasts = (self: Responder, zone: Zone.Zone, now: number, out: Array<Engine.Output>): void => {
  const find = Finding.make(zone, self.denials)
  const going: Array<{ readonly pending: Multicasts.Pending; readonly records: Packing.Answer }> = []
  const again: Array<Multicasts.Pending> = []
  for (const pending of Multicasts.take(self.multicasts, now)) {
    const records = find(pending.answer)
    if (records.length === 0) continue
    const [later] = schedule({ ...pending, records, isUnicast: false }, pending)
    if (later === undefined) continue
    if (later.from > now) again.push(later)
    else going.push({ pending, records })
  }
  Multicasts.add(self.multicasts, again)
  if (going.length === 0) return
  const additionals = accompany(zone, going, find, now)
  const { payloads, sent } = Packing.multicast(self.link, going.map(({ records }) => records), additionals)
  for (const payload of payloads) out.push({ _tag: "Transmit", link: self.link.key, payload, to: "group" })
  for (const owned of sent) owned.multicastAt = now
  Multicasts.remove(self.multicasts, sent.map((owned) => Answer.of(owned).key))
}

/** What goes along: not what all who asked know, nor what went out within the second. */
const accompany = (
  zone: Zone.Zone,
  going: ReadonlyArray<{ readonly pending: Multicasts.Pending; readonly records: Packing.Answer }>,
  find: Finding.Finding,
  now: number
): ReadonlyArray<Packing.Answer> => {
  const there = new Set(going.map(({ pending }) => pending.answer.key))
  const additionals = new Map<string, Answer.Answer>()
  for (const { pending, records } of going) {
    for (const additional of Additional.answers(zone, records).values()) {
      if (!there.has(additional.key) && !pending.withheld.has(additional.key)) Answer.add(additionals, additional)
    }
  }
  return Array.from(additionals.values(), find).filter((records) =>
    records.length > 0 && Finding.multicastAt(records) + gap <= now
  )
}

/** Drops what another host has answered for us (RFC 6762, section 7.4); not what defends a name. */
export const overhear = (self: Responder, zone: Zone.Zone, heard: ReadonlyMap<string, Zone.Owned>): void => {
  const find = Finding.make(zone, self.denials)
  const answered = Array.from(heard.values(), (owned) => Answer.of(owned)).filter((answer) =>
    self.multicasts.pending.get(answer.key)?.isDefence === false && find(answer).every(({ key }) => heard.has(key))
  )
  Multicasts.remove(self.multicasts, answered.map(({ key }) => key))
}

/** Our records that a question may bring up: answers and what goes along with them. */
export const concerned = (
  self: Responder,
  zone: Zone.Zone,
  questions: Iterable<Message.Question>
): ReadonlyArray<Zone.Owned> => {
  const find = Finding.make(zone, self.denials)
  const answers = Array.from(questions, (question) => Array.from(Matching.answers(zone, question).values(), find)).flat(
    2
  )
  return [...answers, ...Array.from(Additional.answers(zone, answers).values(), find).flat()]
}

/** When there is something to send. */
export const wakeAt = ({ multicasts, replies }: Responder): number =>
  replies.reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), multicasts.sendAt)
