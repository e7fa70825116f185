/** The data of TXT records. */
import { Result } from "effect"
import * as Message from "../../../src/protocol/mdns/Message.ts"
import * as Record from "../../../src/protocol/mdns/Record.ts"
import * as Txt from "../../../src/protocol/mdns/Txt.ts"
import * as TxtReader from "../../../src/protocol/mdns/TxtReader.ts"
import * as Vectors from "../../protocol/vectors.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"
import * as DnsMessage from "./dnsMessage.ts"

const words = ["0161", "03613d62", "03413d63", "00", "ff", "3d", "013d", "02613d", "0a", "095f5f70726f746f5f5f", "01c3"]
  .map(Vectors.fromHex)

const textsOf = (payload: Uint8Array): ReadonlyArray<Uint8Array> => {
  const decoded = Message.decode(payload)
  if (Result.isFailure(decoded)) return []
  const { additionals, answers, authorities } = decoded.success
  return [...answers, ...authorities, ...additionals].filter(({ type }) => type === Record.Type.TXT)
    .map(({ data }) => Record.octetsOf(data))
}

type Plain = ReadonlyArray<readonly [key: string, value: string | undefined]>

const plain = (entries: ReadonlyArray<Txt.Entry>): Plain =>
  entries.map(({ key, value }) => [key, value && Buffer.from(value).toString("hex")])

const judge = (entries: ReadonlyArray<Txt.Entry>, octets: Uint8Array): string => {
  const [read, isSound] = reference(Buffer.from(octets))
  Target.agree(plain(entries), read, "not as the second reader reads it")
  Target.agree(Txt.isSound(octets), isSound && octets.length > 0, "sound or not")
  Target.agree(TxtReader.toAttributes(octets).size, entries.length, "entries lost")
  const sendable = entries.filter(({ key }) => Txt.isKey(key))
  const again = Result.getOrThrow(Txt.encode(sendable, { allowLarge: true }))
  Target.agree(plain(Txt.decode(again)), plain(sendable), "changed by being written")
  if (sendable.length < entries.length) return "keys not to be sent"
  return isSound ? "sound" : "cut"
}

/** A second reader. */
const reference = (data: Buffer): readonly [entries: Plain, isSound: boolean] => {
  const entries = new Map<string, readonly [string, string | undefined]>()
  for (let rest = data; rest.length > 0; rest = rest.subarray(1 + rest[0]!)) {
    if (rest.length <= rest[0]!) return [[...entries.values()], false]
    const string = rest.toString("latin1", 1, 1 + rest[0]!)
    const [latin1] = string.split("=", 1)
    const key = Buffer.from(latin1!, "latin1").toString("utf8")
    const isUtf8 = Buffer.from(key, "utf8").toString("latin1") === latin1
    const folded = latin1!.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
    if (latin1 === "" || !isUtf8 || entries.has(folded)) continue
    const value = string === latin1 ? undefined : string.slice(latin1!.length + 1)
    entries.set(folded, [key, value === undefined ? value : Buffer.from(value, "latin1").toString("hex")])
  }
  return [[...entries.values()], true]
}

export const target = Target.make({
  name: "txt",
  inputs: (seed) => Mutation.make({ seed, corpus: DnsMessage.corpus.flatMap(textsOf), words, maxLength: 1_300 }),
  decode: Txt.decode,
  judge,
  outcomes: ["sound", "cut", "keys not to be sent"],
  allocation: { fixed: 32_768, each: 512 }
})
