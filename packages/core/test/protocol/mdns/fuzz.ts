/** Feeds the decoders of messages, names and TXT data with what nobody should send, and holds them to their bounds. */
import { Result } from "effect"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import * as Txt from "../../../src/protocol/mdns/Txt.ts"
import * as Mutation from "../Mutation.ts"
import * as Vectors from "../vectors.ts"
import * as Arbitrary from "./arbitrary.ts"
import * as Captured from "./captured.ts"

export interface Report {
  /** How often each decoder was run, and what came of messages. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Milliseconds that the slowest execution took. */
  readonly slowest: number
}

const words = ["c00c", "c0ff", "ffff", "3f", "40", "00", "8001", "002f8001", "0021"].map(Vectors.fromHex)

/** Runs the decoders so many times in all, each on its share; throws on the first broken bound. */
export const run = (executions: number, seed: number): Report => {
  const outcomes = new Map<string, number>()
  let slowest = 0
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  const corpus = [...Captured.captured, ...Captured.malformed].map(({ hex }) => Vectors.fromHex(hex))
  const mutated = Mutation.make({ seed, corpus, words, maxLength: 9_000 })
  const draw = Arbitrary.draw(seed)
  const texts = Mutation.make({ seed, corpus: corpus.flatMap(textsOf), words, maxLength: 1_300 })
  const kinds: ReadonlyArray<readonly [make: () => Uint8Array, run: (octets: Uint8Array) => string]> = [
    [mutated, message],
    [mutated, message],
    [texts, name],
    [texts, txt]
  ]
  for (let i = 0; i < executions; i++) {
    // those that lie cleverly take long to make
    const [make, run] = i % 100 === 0 ? [() => Arbitrary.hostile(draw), message] as const : kinds[i & 3]!
    const octets = make()
    const from = performance.now()
    count(run(octets))
    slowest = Math.max(slowest, performance.now() - from)
  }
  return { outcomes, slowest }
}

const textsOf = (payload: Uint8Array): ReadonlyArray<Uint8Array> => {
  const decoded = Message.decode(payload)
  if (Result.isFailure(decoded)) return []
  const { additionals, answers, authorities } = decoded.success
  const records = [...answers, ...authorities, ...additionals]
  return records.flatMap(({ data, name }) => [name.wire, Record.octetsOf(data)])
}

const message = (payload: Uint8Array): string => {
  const decoded = Message.decode(payload)
  if (Result.isFailure(decoded)) return decoded.failure
  const { additionals, answers, authorities, questions, skipped } = decoded.success
  let octets = 0
  for (const question of questions) octets += check(question.name)
  for (const records of [answers, authorities, additionals]) {
    for (const record of records) {
      octets += check(record.name)
      const { length } = Record.octetsOf(record.data)
      if (length > payload.length + 512 || Record.key(record) === "") throw new Error("the data is longer than can be")
    }
  }
  if (octets > 65_536) throw new Error("the names are longer than can be")
  return skipped > 0 ? "skipped" : "good"
}

const check = ({ key, wire }: Name.Name): number => {
  if (wire.length > 256 || wire.at(-1) !== 0 || key.length !== wire.length) throw new Error("a name is none")
  return wire.length
}

const name = (octets: Uint8Array): string => {
  const text = new TextDecoder().decode(octets)
  const read = Name.fromString(text)
  if (Result.isFailure(read)) return `name: ${read.failure}`
  check(read.success)
  const again = Result.getOrThrow(Name.fromString(Name.format(read.success)))
  if (!Name.equals(again, read.success)) throw new Error("a name changed by being written down")
  return "name"
}

const txt = (octets: Uint8Array): string => {
  if (Txt.decode(octets).length > octets.length) throw new Error("more entries than octets")
  Txt.longKeys(octets)
  Txt.toAttributes(octets)
  return Txt.isSound(octets) ? "TXT" : "TXT: cut"
}
