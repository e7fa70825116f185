/**
 * What is sent along with an answer, so that nobody has to ask for it next (RFC 6763, section 12; RFC 6762, section 6.2).
 */
import * as Record from "../Record.ts"
import type * as Zone from "../Zone.ts"
import * as Answer from "./Answer.ts"
import * as Denials from "./Denials.ts"

const addressTypes = [Record.Type.A, Record.Type.AAAA]
const serviceTypes = [Record.Type.SRV, Record.Type.TXT]

/** The answers that go along with some records. */
export const answers = (zone: Zone.Zone, records: ReadonlyArray<Zone.Owned>): Map<string, Answer.Answer> => {
  const answers = new Map<string, Answer.Answer>()
  for (const { record } of records) collect(zone, record, answers)
  return answers
}

const collect = (zone: Zone.Zone, { data, name, type }: Record.Record, answers: Map<string, Answer.Answer>): void => {
  if (data._tag === "Service") want(zone, data.target.key, addressTypes, answers)
  else if (data._tag === "Address") want(zone, name.key, addressTypes.filter((other) => other !== type), answers)
  else if (data._tag === "Pointer" && type === Record.Type.PTR) describe(zone, data.target.key, answers)
}

/** A pointer leads to an instance, or from an address back to its host. */
const describe = (zone: Zone.Zone, target: string, answers: Map<string, Answer.Answer>): void => {
  const records = zone.names.get(target)?.records ?? []
  const isInstance = records.some(({ record }) => serviceTypes.includes(record.type as never))
  want(zone, target, isInstance ? serviceTypes : addressTypes, answers)
  for (const { record } of isInstance ? records : []) {
    if (record.data._tag === "Service") want(zone, record.data.target.key, addressTypes, answers)
  }
}

const want = (
  zone: Zone.Zone,
  name: string,
  types: ReadonlyArray<number>,
  answers: Map<string, Answer.Answer>
): void => {
  const records = zone.names.get(name)?.records ?? []
  for (const type of types) {
    const found = records.filter(({ record }) => record.type === type && record.class === Record.IN)
    for (const owned of found) Answer.add(answers, Answer.of(owned))
    if (found.length === 0 && Denials.isDeniable(zone, name)) Answer.add(answers, Answer.denial(name, type))
  }
}
