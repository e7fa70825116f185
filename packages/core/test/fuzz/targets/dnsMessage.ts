/** Messages of mDNS, read as a plain decoder reads them. */
import { Result } from "effect"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import type * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import * as Arbitrary from "../../protocol/mdns/arbitrary.ts"
import * as Captured from "../../protocol/mdns/captured.ts"
import * as Plain from "../../protocol/mdns/plain.ts"
import * as Reference from "../../protocol/mdns/reference.ts"
import * as Vectors from "../../protocol/vectors.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

/** Captured datagrams, and malformed ones. */
export const corpus = [...Captured.captured, ...Captured.malformed].map(({ hex }) => Vectors.fromHex(hex))

/** What is dangerous in messages. */
export const words = ["c00c", "c0ff", "ffff", "3f", "40", "00", "8001", "002f8001", "0021"].map(Vectors.fromHex)

const inputs = (seed: number) => {
  const mutated = Mutation.make({ seed, corpus, words, maxLength: 9_000 })
  const draw = Arbitrary.draw(seed)
  // those that lie cleverly take long to make
  return Mutation.inTurn([() => Arbitrary.hostile(draw), ...Array.from({ length: 49 }, () => mutated)])
}

const judge = (decoded: Result.Result<Message.Message, Message.Reason>, payload: Uint8Array): string => {
  const plain = Plain.of(decoded, payload)
  Target.agree(plain, Reference.decode(payload), "not as the plain decoder reads it")
  Target.agree(Message.faultOf(payload), Result.isFailure(decoded) ? decoded.failure : undefined, "judged otherwise")
  if (Result.isFailure(decoded)) return decoded.failure
  bounded(decoded.success, payload)
  const again = encode(decoded.success)
  if (again === undefined) return "too long to be written"
  Target.agree(sections(Plain.decode(again)), sections(plain), "changed by being written")
  return decoded.success.skipped > 0 ? "skipped" : "good"
}

// names that were compressed better than the writer does may take more room than there is
const encode = (message: Message.Message): Uint8Array | undefined => {
  try {
    return Captured.encode(message)
  } catch {
    return undefined
  }
}

const sections = (decoded: Reference.Decoded): unknown =>
  "reason" in decoded ? decoded.reason : [decoded.questions, decoded.sections]

const bounded = ({ additionals, answers, authorities, questions }: Message.Message, payload: Uint8Array): void => {
  let octets = 0
  for (const question of questions) octets += lengthOf(question.name)
  for (const record of [...answers, ...authorities, ...additionals]) {
    octets += lengthOf(record.name)
    const { length } = Record.octetsOf(record.data)
    if (length > payload.length + 512 || Record.key(record) === "") throw new Error("the data is longer than can be")
  }
  if (octets > 65_536) throw new Error("the names are longer than can be")
}

/** The length of a name, which has to be one. */
export const lengthOf = ({ key, wire }: Name.Name): number => {
  if (wire.length > 256 || wire.at(-1) !== 0 || key.length !== wire.length) throw new Error("a name is none")
  return wire.length
}

export const target = Target.make({
  name: "dns-message",
  inputs,
  decode: Message.decode,
  judge,
  outcomes: ["good", "skipped", "name", "pointer", "counts", "truncated", "opcode", "header", "size"],
  milliseconds: 5
})
