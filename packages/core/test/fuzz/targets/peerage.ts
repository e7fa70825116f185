/** Announcements of Peerage. */
import { Peerage } from "@effect-discovery/core/protocol"
import { Result } from "effect"
import { captured, fromHex, fromText } from "../../protocol/vectors.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

export const corpus = [...captured<unknown>("peerage").map(({ hex }) => fromHex(hex)), fromText("Peer:zoë@höst")]

/** What is dangerous or meaningful in the format. */
export const words = ["Peer:", "@", "\0", "\u0085", "__proto__", "é", "a".repeat(250)].map(fromText)

const judge = (decoded: Result.Result<string, Peerage.Rejection>, payload: Uint8Array): string => {
  Target.agree(Result.getOrUndefined(decoded), reference(Buffer.from(payload)), "not as the second reader reads it")
  if (Result.isFailure(decoded)) return decoded.failure
  Target.same(Result.getOrThrow(Peerage.encode(decoded.success)), payload, "an announcement")
  return "good"
}

/** A second reader. */
const reference = (payload: Buffer): string | undefined => {
  const text = payload.toString("utf8")
  const isText = Buffer.from(text).equals(payload) && payload.length >= 8 && payload.length <= 260
  return isText ? /^Peer:([^@\p{Cc}]+@[^@\p{Cc}]+)$/u.exec(text)?.[1] : undefined
}

export const target = Target.make({
  name: "peerage",
  inputs: (seed) => Mutation.make({ seed, corpus, words, maxLength: 512 }),
  decode: Peerage.decode,
  judge,
  outcomes: ["good", "prefix", "length", "encoding", "control-character", "at-sign", "empty-part"]
})
