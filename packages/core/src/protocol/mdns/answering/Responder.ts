/**
 * What is to be answered on one link.
 */
import * as Chance from "../Chance.ts"
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
import * as Known from "./Known.ts"
import * as Matching from "./Matching.ts"
import * as Multicasts from "./Multicasts.ts"
import * as Pace from "./Pace.ts"
import * as Packing from "./Packing.ts"
import * as Reply from "./Reply.ts"

export interface Responder {
  link: Link.Link
  readonly chance: Chance.Chance
  readonly allowance: Allowance.Allowance
  readonly multicasts: Multicasts.Multicasts
  readonly pace: Pace.Pace
  readonly assemblies: Assemblies.Assemblies
  readonly denials: Denials.Denials
  replies: ReadonlyArray<Reply.Reply>
}

/** Questions with what their asker knows already. */
export interface Query {
  readonly asker: Asker.Asker
  readonly questions: ReadonlyArray<Message.Question>
  readonly known: Known.Known
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

export const make = (
  link: Link.Link,
  chance: Chance.Chance,
  allowance: Allowance.Allowance,
  multicastsPerSecond: number
): Responder => ({
  link,
  chance,
  allowance,
  multicasts: Multicasts.make(),
  pace: Pace.make(multicastsPerSecond),
  assemblies: new Map(),
  denials: new Map(),
  replies: []
})

/** Decides what is answered, when and how. */
export const hear = (self: Responder, zone: Zone.Zone, query: Query, now: number, out: Array<Engine.Output>): void => {
  const wanted = want(self, zone, query)
  if (wanted.length === 0) return
  const withheld = withhold(self, zone, query, wanted)
  const [others, defences] = part(wanted)
  const isPrompt = !query.isAssembled && query.questions.length === 1 &&
    !others.some(({ answer }) => Answer.isShared(answer))
  const wait = isPrompt || query.isAssembled || others.length === 0
    ? 0
    : Chance.between(self.chance, delay.min, delay.max)
  const atOnce = { askedAt: query.askedAt, from: now, due: now, isPrompt: true, withheld }
  give(self, query, defences, atOnce, now, out)
  give(self, query, others, { ...atOnce, from: now + Math.min(wait, delay.min), due: now + wait, isPrompt }, now, out)
}

const part = (wanted: ReadonlyArray<Wanted>) =>
  [wanted.filter(({ isDefence }) => !isDefence), wanted.filter(({ isDefence }) => isDefence)] as const

const want = (self: Responder, zone: Zone.Zone, query: Query): ReadonlyArray<Wanted> => {
  const find = Finding.make(zone, self.denials)
  const wanted = new Map<string, Wanted>()
  for (const question of Matching.distinct(query.questions)) {
    const isUnicast = query.asker.isLegacy || Asker.wantsUnicast(query.asker, question)
    for (const answer of Matching.answers(zone, question).values()) {
      const before = wanted.get(answer.key)
      const shorter = before === undefined ? answer : Answer.shorter(before.answer, answer)
      wanted.set(answer.key, {
        answer: shorter,
        records: shorter === before?.answer ? before.records : find(shorter),
        isUnicast: isUnicast && before?.isUnicast !== false,
        isDefence: !Answer.isShared(answer) && query.isProbed(answer.name)
      })
    }
  }
  return Array.from(wanted.values()).filter(({ records }) => !records.every((owned) => Known.has(query.known, owned)))
}

/** What would go along with the answers but is known: keys of answers. */
const withhold = (
  self: Responder,
  zone: Zone.Zone,
  { known }: Query,
  wanted: ReadonlyArray<Wanted>
): ReadonlySet<string> => {
  const withheld = new Set<string>()
  if (known.size === 0) return withheld
  const find = Finding.make(zone, self.denials)
  for (const additional of Additional.answers(zone, wanted.flatMap(({ records }) => records)).values()) {
    if (find(additional).every((owned) => Known.has(known, owned))) withheld.add(additional.key)
  }
  return withheld
}

/** Whether it was multicast within a quarter of its ttl, so that all have it fresh (RFC 6762, section 5.4). */
const isRecent = ({ records }: Wanted, now: number): boolean =>
  records.every(({ multicastAt, record }) => now - multicastAt <= record.ttl * 250)

type Timing = Omit<Multicasts.Pending, "answer" | "isDefence">

/** Gives answers by unicast, by multicast, or by both. */
const give = (
  self: Responder,
  query: Query,
  wanted: ReadonlyArray<Wanted>,
  timing: Timing,
  now: number,
  out: Array<Engine.Output>
): void => {
  const { asker } = query
  const replied = wanted.filter((each) => each.isUnicast && (asker.isLegacy || each.isDefence || isRecent(each, now)))
  const isReplied = replied.length > 0 && reply(self, query, replied, timing, now, out)
  // whoever knows no mDNS hears no multicast, so that one makes up for nothing
  const isEnough = (each: Wanted) =>
    each.isUnicast && !each.isDefence && isRecent(each, now) && (isReplied || asker.isLegacy)
  Multicasts.add(
    self.multicasts,
    wanted.flatMap((each) => isEnough(each) ? [] : schedule(each, timing))
  )
}

/** Prepares a reply; `false` when there were too many. */
const reply = (
  self: Responder,
  { asker, questions }: Query,
  replied: ReadonlyArray<Wanted>,
  { due, withheld }: Timing,
  now: number,
  out: Array<Engine.Output>
): boolean => {
  if (!Allowance.spend(self.allowance, asker.origin.host, now)) {
    if (asker.isLegacy) out.push({ _tag: "Rejected", reason: "rate" })
    return false
  }
  const answers = replied.map(({ answer }) => answer)
  self.replies = [...self.replies, { asker, questions, answers, withheld, dueAt: due }]
  return true
}

const schedule = ({ answer, isDefence, records }: Wanted, timing: Timing): ReadonlyArray<Multicasts.Pending> => {
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

/** Sends what is due. */
export const send = (self: Responder, zone: Zone.Zone, now: number, out: Array<Engine.Output>): void => {
  const due = self.replies.filter(({ dueAt }) => dueAt <= now)
  if (due.length > 0) self.replies = self.replies.filter(({ dueAt }) => dueAt > now)
  for (const reply of due) sendReply(self, zone, reply, now, out)
  if (Pace.readyAt(self.pace) <= now) sendMulticasts(self, zone, now, out)
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
  const going: Array<{ readonly pending: Multicasts.Pending; readonly records: Zone.Part }> = []
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
  Pace.spend(self.pace, payloads.length, now)
  for (const owned of sent) owned.multicastAt = now
  Multicasts.remove(self.multicasts, sent.map((owned) => Answer.of(owned).key))
}

/** What goes along: not what all who asked know, nor what went out within the second. */
const accompany = (
  zone: Zone.Zone,
  going: ReadonlyArray<{ readonly pending: Multicasts.Pending; readonly records: Zone.Part }>,
  find: Finding.Finding,
  now: number
): ReadonlyArray<Zone.Part> => {
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
  const answers = new Map<string, Answer.Answer>()
  for (const question of Matching.distinct(questions)) {
    for (const answer of Matching.answers(zone, question).values()) Answer.add(answers, answer)
  }
  const records = Array.from(answers.values(), find).flat()
  return [...records, ...Array.from(Additional.answers(zone, records).values(), find).flat()]
}

/** When there is something to send. */
export const wakeAt = ({ multicasts, pace, replies }: Responder): number =>
  replies.reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), Math.max(multicasts.sendAt, Pace.readyAt(pace)))
