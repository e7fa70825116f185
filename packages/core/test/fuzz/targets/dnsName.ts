/** Names of DNS as people write them. */
import { Result } from "effect"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Name from "../../../src/protocol/mdns/Name.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import * as Vectors from "../../protocol/vectors.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"
import * as DnsMessage from "./dnsMessage.ts"

const words = [
  "\\.",
  "\\\\",
  "\\000",
  "\\255",
  "\\256",
  "\\1",
  "\\",
  ".",
  "..",
  "e\u0301",
  "\ufeff",
  "a".repeat(63),
  `${"a".repeat(62)}.`.repeat(4)
]
  .map(Vectors.fromText).concat(DnsMessage.words)

const namesOf = (payload: Uint8Array): ReadonlyArray<Uint8Array> => {
  const decoded = Message.decode(payload)
  if (Result.isFailure(decoded)) return []
  const { additionals, answers, authorities } = decoded.success
  return [...answers, ...authorities, ...additionals].flatMap(({ data, name }) => [
    Vectors.fromText(Name.format(name)),
    name.wire,
    Record.octetsOf(data)
  ])
}

const textOf = (octets: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets)

const judge = (read: Result.Result<Name.Name, Name.Fault>, octets: Uint8Array): string => {
  const wire = Result.isSuccess(read) ? Buffer.from(read.success.wire).toString("hex") : undefined
  Target.agree(wire, reference(textOf(octets)), "not as the second reader reads it")
  if (Result.isFailure(read)) return read.failure
  DnsMessage.lengthOf(read.success)
  const again = Result.getOrThrow(Name.fromString(Name.format(read.success)))
  Target.same(again.wire, read.success.wire, "a name, by being written down,")
  return "good"
}

/** A second reader, which gives the name in hex. */
const reference = (text: string): string | undefined => {
  if (text === "" || text === ".") return "00"
  const labels: [Buffer, ...Array<Buffer>] = [Buffer.alloc(0)]
  for (const [token, decimal, literal] of text.normalize("NFC").matchAll(/\\(\d{3})|\\(\D)|[^\\]|\\/gu)) {
    if (token === "\\" || Number(decimal ?? 0) > 255) return undefined
    if (token === ".") labels.unshift(Buffer.alloc(0))
    else {labels[0] = Buffer.concat([
        labels[0],
        decimal ? Buffer.from([Number(decimal)]) : Buffer.from(literal ?? token)
      ])}
  }
  // the final dot
  if (labels[0].length === 0) labels.shift()
  const wire = labels.toReversed().map((label) => Buffer.concat([Buffer.from([label.length]), label]))
  if (labels.some(({ length }) => length === 0 || length > 63) || Buffer.concat(wire).length > 255) return undefined
  return `${Buffer.concat(wire).toString("hex")}00`
}

export const target = Target.make({
  name: "dns-name",
  inputs: (seed) => Mutation.make({ seed, corpus: DnsMessage.corpus.flatMap(namesOf), words, maxLength: 1_300 }),
  decode: (octets) => Name.fromString(textOf(octets)),
  judge,
  outcomes: ["good", "empty label", "label longer than 63 octets", "name longer than 255 octets", "escape"]
})
