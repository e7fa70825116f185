/** The file of trusted keys. */
import { TrustDocument, type TrustEntry } from "@effect-discovery/core"
import { Result } from "effect"
import * as Given from "../../internal/Given.ts"
import { fromText } from "../../protocol/vectors.ts"
import * as JsonMutation from "../JsonMutation.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

const [ada, eve] = [Given.key(1), Given.key(2)]

const entries: ReadonlyArray<TrustEntry.TrustEntry> = [
  { key: ada, state: "trusted", addedAt: 5, name: "Ada \u2028\u001b[31m", floor: { ms: 1, counter: 2, instance: 3 } },
  { key: eve, state: "denied", addedAt: 6, via: ada, hops: 1, until: 7, isRetired: true },
  { key: Given.key(3), state: "pinned", addedAt: 8, name: "é".repeat(31), realm: "demo" }
]

const corpus = [entries, entries.slice(0, 1), []].map((entries) => fromText(TrustDocument.encode(entries)))

const words = [
  ["0", "-1", "1.5", "9e999", `"`, "\\u0000", "\\ud800", "{", "}", "[", "]", ",", ":", "null", "true", "__proto__"],
  ["key", "\n", ada, eve, `,"until":9`, `,"hops":256`, `,"untill":9`, `"x":1,`, `{"version":2,`, "\ufeff"]
].flat().map(fromText)

const values: ReadonlyArray<unknown> = [
  [null, true, 0, -1, 1.5, 256, 2 ** 48, 8.64e15, 8.64e15 + 1, 1e300, "", "a", "é".repeat(32), "x".repeat(63)],
  [ada, eve, ada.toUpperCase(), "trusted", "pinned", "denied", [], {}, { ms: 1, counter: 65_536, instance: 1 }]
].flat()

const names = ["key", "name", "realm", "via", "hops", "until", "floor", "isRetired", "untill", "__proto__", "\n"]

const inputs = (seed: number) => {
  const documents = corpus.map((octets): unknown => JSON.parse(Buffer.from(octets).toString("utf8")))
  const json = JsonMutation.make({ seed, corpus: documents, values, names })
  const mutated = Mutation.make({ seed, corpus, words, maxLength: 2_000 })
  return Mutation.inTurn([mutated, () => fromText(json())])
}

// as the file is read
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const textOf = (octets: Uint8Array): string | undefined => {
  try {
    return utf8.decode(octets)
  } catch {
    return undefined
  }
}

const decode = (octets: Uint8Array) => {
  const text = textOf(octets)
  return text === undefined ? undefined : TrustDocument.decode(text)
}

const judge = (decoded: ReturnType<typeof decode>, octets: Uint8Array): string => {
  if (decoded === undefined) return "no UTF-8"
  if (Result.isFailure(decoded)) {
    const { problem, where } = decoded.failure
    if (!/^[ -~]{1,300}$/.test(where + problem)) throw new Error("a fault is no line of text")
    return problem === "no JSON" ? problem : where.replaceAll(/\d+|, field .*/g, "").trim()
  }
  const said = JSON.parse(Buffer.from(octets).toString("utf8")) as { readonly entries: unknown }
  Target.agree(decoded.success, said.entries, "not what the file says")
  const again = Result.getOrThrow(TrustDocument.decode(TrustDocument.encode(decoded.success)))
  Target.agree(again, decoded.success, "changed by being written")
  return "good"
}

export const target = Target.make({
  name: "trust-file",
  inputs,
  decode,
  judge,
  outcomes: ["good", "no UTF-8", "no JSON", "the document", "entry"],
  milliseconds: 5
})
