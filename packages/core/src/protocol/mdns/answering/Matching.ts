/**
 * Which of our records answer a question (RFC 6762, sections 6, 6.1 and 6.5).
 */
import type * as Message from "../Message.ts"
import * as Record from "../Record.ts"
import type * as Zone from "../Zone.ts"
import * as Answer from "./Answer.ts"
import * as Denials from "./Denials.ts"

/** What a question is known by. */
export const keyOf = (question: Message.Question): string =>
  `${question.type} ${question.class} ${question.unicast} ${question.name.key}`

/** The questions without those that are repeated, which cost the asker little. */
export const distinct = (questions: Iterable<Message.Question>): Iterable<Message.Question> => {
  const distinct = new Map<string, Message.Question>()
  for (const question of questions) distinct.set(keyOf(question), question)
  return distinct.values()
}

/** The answers to a question: records, or the denial of them, or nothing. */
export const answers = (zone: Zone.Zone, question: Message.Question): Map<string, Answer.Answer> => {
  const answers = new Map<string, Answer.Answer>()
  for (const owned of zone.names.get(question.name.key)?.records ?? []) {
    if (isAnswer(question, owned.record)) Answer.add(answers, Answer.of(owned))
  }
  if (answers.size === 0 && isDenied(zone, question)) {
    Answer.add(answers, Answer.denial(question.name.key, question.type))
  }
  return answers
}

const isAnswer = (question: Message.Question, { class: class_, type }: Record.Record): boolean =>
  (question.class === class_ || question.class === Record.ANY_CLASS) &&
  (question.type === type || question.type === Record.Type.ANY || type === Record.Type.CNAME)

const isDenied = (zone: Zone.Zone, question: Message.Question): boolean =>
  question.type !== Record.Type.ANY && (question.class === Record.IN || question.class === Record.ANY_CLASS) &&
  Denials.isDeniable(zone, question.name.key)
