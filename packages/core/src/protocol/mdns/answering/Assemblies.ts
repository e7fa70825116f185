/**
 * Queries of several datagrams: whoever has more known answers than fit into one sets TC, and sends the rest in further ones without a
 * question (RFC 6762, section 7.2).
 */
import * as Chance from "../Chance.ts"
import type * as Engine from "../Engine.ts"
import type * as Link from "../Link.ts"
import type * as Message from "../Message.ts"
import * as Matching from "./Matching.ts"

/** A query that is being put together. */
export interface Assembly {
  readonly origin: Link.Origin
  readonly id: number
  readonly questions: Map<string, Message.Question>
  /** Our records that the querier knows, by their key; whatever ttl it gives them. */
  readonly known: Map<string, number>
  readonly startedAt: number
  datagrams: number
  dueAt: number
}

/** By the address of the querier, since nothing else tells whose the rest is (RFC 6762, section 15.2). */
export type Assemblies = Map<string, Assembly>

/** Milliseconds that are waited after each datagram. */
const wait = { min: 400, max: 500 }
/** Milliseconds after which a query is answered, however much of it is still to come. */
const deadline = 2_000
const maxQuestions = 64

/** Begins one, when there is room. */
export const begin = (
  self: Assemblies,
  message: Message.Message,
  origin: Link.Origin,
  chance: Chance.Chance,
  now: number
): Assembly => {
  const assembly = {
    origin,
    id: message.id,
    questions: new Map(),
    known: new Map<string, number>(),
    startedAt: now,
    datagrams: 0,
    dueAt: now + Chance.between(chance, wait.min, wait.max)
  }
  self.set(origin.host, assembly)
  return assembly
}

/** Counts one more datagram in; `false` when there were enough of them. */
export const admit = (
  self: Assembly,
  { isTruncated }: Message.Message,
  limits: Pick<Engine.Limits, "datagramsPerAssembly">,
  chance: Chance.Chance,
  now: number
): boolean => {
  if (self.datagrams >= limits.datagramsPerAssembly) return false
  self.datagrams += 1
  // the one that began it has drawn its wait
  if (isTruncated && self.datagrams > 1) {
    self.dueAt = Math.min(self.startedAt + deadline, now + Chance.between(chance, wait.min, wait.max))
  }
  return true
}

/** Adds questions; more than one message may have are left out. */
export const ask = ({ questions }: Assembly, more: ReadonlyArray<Message.Question>): void => {
  for (const question of more) {
    const key = Matching.keyOf(question)
    if (questions.size < maxQuestions || questions.has(key)) questions.set(key, question)
  }
}

/** Takes out those that have waited long enough. */
export const take = (self: Assemblies, now: number): ReadonlyArray<Assembly> => {
  const taken = Array.from(self.values()).filter(({ dueAt }) => dueAt <= now)
  for (const { origin } of taken) self.delete(origin.host)
  return taken
}

export const dueAt = (self: Assemblies): number => {
  let earliest = Infinity
  for (const { dueAt } of self.values()) earliest = Math.min(earliest, dueAt)
  return earliest
}
