/**
 * What is answered as one: a shared record, all of a unique set (RFC 6762, section 10.2), or the denial of what a name lacks.
 */
import * as Record from "../Record.ts"
import type * as Zone from "../Zone.ts"

/** An answer by what it says and not by its records: those are looked up when it is sent, as they are then. */
export interface Answer {
  /** What it is known by among the answers of a link. */
  readonly key: string
  /** The key of the name that it is about. */
  readonly name: string
  /** Seconds that a denial holds, `undefined` for records. */
  readonly denialTtl: number | undefined
}

/** The answer that a record is sent with. */
export const of = ({ key, record }: Zone.Owned): Answer => ({
  key: record.flush ? `= ${Record.setKey(record)}` : key,
  name: record.name.key,
  denialTtl: undefined
})

/** The denial of a type that a name lacks, for as long as the record would have held (RFC 6762, section 6.1). */
export const denial = (name: string, type: number): Answer => ({
  key: `! ${name}`,
  name,
  denialTtl: isOfHost(type) ? Record.hostTtl : Record.otherTtl
})

const isOfHost = (type: number): boolean =>
  type === Record.Type.A || type === Record.Type.AAAA || type === Record.Type.SRV || type === Record.Type.HINFO

/** Whether two hosts may give it, so that it has to wait its turn. */
export const isShared = ({ denialTtl, key }: Answer): boolean => denialTtl === undefined && !key.startsWith("= ")

/** The one of two equal answers that holds shorter, as denials of several types may. */
export const shorter = (self: Answer, that: Answer): Answer =>
  (that.denialTtl ?? 0) < (self.denialTtl ?? 0) ? that : self

export const add = (answers: Map<string, Answer>, answer: Answer): void => {
  answers.set(answer.key, shorter(answers.get(answer.key) ?? answer, answer))
}
