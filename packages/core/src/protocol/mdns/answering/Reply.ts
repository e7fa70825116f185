/**
 * An answer by unicast: one datagram to whoever has asked (RFC 6762, sections 5.4, 5.5 and 6.7).
 */
import type * as Link from "../Link.ts"
import type * as Message from "../Message.ts"
import * as Writer from "../Writer.ts"
import type * as Zone from "../Zone.ts"
import * as Additional from "./Additional.ts"
import type * as Answer from "./Answer.ts"
import * as Asker from "./Asker.ts"
import type * as Finding from "./Finding.ts"
import * as Packing from "./Packing.ts"

/** A reply that is due. */
export interface Reply {
  readonly asker: Asker.Asker
  /** What was asked: repeated to one that knows no mDNS. */
  readonly questions: ReadonlyArray<Message.Question>
  readonly answers: ReadonlyArray<Answer.Answer>
  /** What need not go along, since it is known: keys of answers. */
  readonly withheld: ReadonlySet<string>
  readonly dueAt: number
}

/** A datagram, and the answers for which it has no room. */
export interface Written {
  readonly payload: Uint8Array | undefined
  readonly left: ReadonlyArray<Answer.Answer>
}

/** Seconds that one who knows no mDNS may keep an answer, since nobody will tell it of a change (RFC 6762, section 6.7). */
const legacyTtl = 10

/** Writes a reply from the records as they are now. */
export const write = (self: Reply, link: Link.Link, zone: Zone.Zone, find: Finding.Finding): Written => {
  const { id, isLegacy } = self.asker
  const limit = Asker.maxReply(self.asker, self.questions, link)
  const writer = Writer.make({ limit, kind: "response", id: isLegacy ? id : 0, isLegacy })
  let isCut = isLegacy && !repeat(writer, self.questions)
  const options = isLegacy ? { maxTtl: legacyTtl } : undefined
  const sent: Array<Zone.Owned> = []
  const left: Array<Answer.Answer> = []
  for (const answer of self.answers) {
    const records = find(answer)
    if (records.length === 0) continue
    const added = Packing.addWhole(writer, "answers", records, options)
    if (added.length === 0) left.push(answer)
    sent.push(...added)
  }
  if (isLegacy && left.length > 0) isCut = true
  if (isCut) Writer.truncate(writer)
  else if (left.length === 0) addAdditionals(writer, self, zone, find, sent, options)
  const payload = Writer.finish(writer)
  return { payload: sent.length > 0 || isCut ? payload : undefined, left }
}

/** Repeats the questions, as they would be to a resolver: without the bit for unicast. */
const repeat = (writer: Writer.Writer, questions: ReadonlyArray<Message.Question>): boolean =>
  questions.every((question) => Writer.question(writer, { ...question, unicast: false }))

const addAdditionals = (
  writer: Writer.Writer,
  { answers, withheld }: Reply,
  zone: Zone.Zone,
  find: Finding.Finding,
  sent: ReadonlyArray<Zone.Owned>,
  options: { readonly maxTtl: number } | undefined
): void => {
  const there = new Set(answers.map(({ key }) => key))
  for (const additional of Additional.answers(zone, sent).values()) {
    if (there.has(additional.key) || withheld.has(additional.key)) continue
    Packing.addWhole(writer, "additionals", find(additional), options)
  }
}
