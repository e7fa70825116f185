/** JSON objects that announce a peer. */
import { Announcement } from "@effect-discovery/core"
import { JsonBeacon } from "@effect-discovery/core/protocol"
import { Result } from "effect"
import { NetAddress } from "effect/net"
import * as Json from "../../../src/protocol/internal/json.ts"
import { captured, fromHex, fromText } from "../../protocol/vectors.ts"
import * as JsonMutation from "../JsonMutation.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

const text = (value: unknown) => fromText(JSON.stringify(value))

export const corpus = [
  ...captured<{ readonly json: unknown }>("json").filter(({ expected }) => expected.json !== null)
    .map(({ hex }) => fromHex(hex)),
  text({ username: "ada", id: "a1", port: 8_080, attributes: { role: "leader", v: "2" }, ttl: 30 }),
  text({ username: "ada", id: "a1", ttl: 0 })
]

/** What is dangerous or meaningful in the format. */
export const words = [
  `"username":"x"`,
  `"id":"a1"`,
  `"port":70000`,
  `"ttl":1e999`,
  `"attributes":{"k":"v"}`,
  `"__proto__":{"isAdmin":true}`,
  `"constructor":{"prototype":{"isAdmin":true}}`,
  `\\ud800`,
  "[[[[[[[[[",
  "{",
  "}",
  `"`,
  ",",
  "null",
  "\ufeff"
].map(fromText)

const many = [",".repeat(130), `[${"1,".repeat(127)}1],`, `${"[".repeat(7)}${"]".repeat(7)},`, `"é":1,`].map(fromText)

const values: ReadonlyArray<unknown> = [
  [null, true, 0, -1, 1, 1.5, 0.1, 65_535, 65_536, 86_400, 86_401, 1e300, "", "a", "é", "\ud800", "x".repeat(255)],
  ["x".repeat(256), "__proto__", [], {}, { k: "v" }, { k: 1 }, [[[[[[[[[]]]]]]]]], { "": "" }, "y".repeat(1_000)],
  [Array.from({ length: 129 }, () => 1), Object.fromEntries(Array.from({ length: 33 }, (_, index) => [index, "v"]))]
].flat()

const names = ["username", "id", "port", "attributes", "ttl", "__proto__", "constructor", "toString", ""]

const inputs = (seed: number) => {
  const objects = corpus.map((octets): unknown => JSON.parse(Buffer.from(octets).toString("utf8")))
  const json = JsonMutation.make({ seed, corpus: objects, values, names })
  const mutated = Mutation.make({ seed, corpus, words: [...words, ...many], maxLength: 1_472 })
  return Mutation.inTurn([mutated, () => fromText(json())])
}

const source = NetAddress.inetAddressFromStringUnsafe("10.77.0.9:9778")

const decode = (payload: Uint8Array) => {
  const parsed = Json.parse(payload)
  return { parsed, announced: Result.flatMap(parsed, (object) => JsonBeacon.peer.decode(object, source)) }
}

const judge = ({ announced, parsed }: ReturnType<typeof decode>, payload: Uint8Array): string => {
  Target.agree(Result.getOrUndefined(parsed), reference(payload), "not as the second reader reads it")
  if (Reflect.has(Object.prototype, "isAdmin")) throw new Error("a prototype was changed")
  if (Result.isFailure(announced)) return announced.failure
  const announcement = Announcement.make(announced.success)
  const identity = announced.success.identity!
  // an identity made of a long name and an address
  if (Buffer.from(identity).length > 255) return "long identity"
  const isGoodbye = announced.success.ttl === 0
  const written = isGoodbye
    ? JsonBeacon.peer.goodbye!(announcement, identity)
    : Result.getOrThrow(JsonBeacon.peer.encode(announcement, identity))
  const again = Result.getOrThrow(decode(text(written)).announced)
  Target.agree(plain(again, isGoodbye), plain(announced.success, isGoodbye), "changed by being written")
  return isGoodbye ? "goodbye" : "good"
}

const plain = ({ attributes, identity, name, port, ttl }: Announcement.Options, isGoodbye: boolean) =>
  isGoodbye ? { identity, name, ttl } : { attributes, identity, name, port, ttl }

/** A second reader, which parses first and measures then, tokens by a regular expression: nothing hostile waits for it. */
const reference = (payload: Uint8Array): unknown => {
  const text = Buffer.from(payload).toString("utf8")
  if (!Buffer.from(text).equals(payload)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},]/gs) ?? []
    let [commas, deepest, depth] = [0, 0, 0]
    for (const token of tokens) {
      if (token === ",") commas++
      if (token === "{" || token === "[") deepest = Math.max(deepest, ++depth)
      if (token === "}" || token === "]") depth--
    }
    return commas <= 128 && deepest <= 8 && Object.prototype.toString.call(value) === "[object Object]"
      ? value
      : undefined
  } catch {
    return undefined
  }
}

export const target = Target.make({
  name: "json",
  inputs,
  decode,
  judge,
  outcomes: [
    "good",
    "goodbye",
    "too-deep",
    "too-many",
    "encoding",
    "not-json",
    "not-an-object",
    "username",
    "id",
    "port",
    "attributes",
    "ttl"
  ]
})
