/** Bodies of signed announcements. The first octet of an input is for the kind that it is a body of. */
import { Result } from "effect"
import * as Body from "../../../src/protocol/signedBeacon/Body.ts"
import type * as Envelope from "../../../src/protocol/signedBeacon/Envelope.ts"
import * as Arbitrary from "../../protocol/mdns/arbitrary.ts"
import * as Fixtures from "../../protocol/signedBeacon/fixtures.ts"
import * as Mutants from "../../protocol/signedBeacon/mutants.ts"
import * as Reference from "../../protocol/signedBeacon/reference.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"
import * as Sa1 from "./sa1.ts"

const unknown = Fixtures.fromHex("80008001618003616263ff00")

const kinds: ReadonlyArray<Envelope.Kind> = ["announce", "challenge", "proof", "goodbye", "retire"]

const kindOf = (octets: Uint8Array): Envelope.Kind => kinds[octets[0]! % kinds.length] ?? "announce"

const inputs = (seed: number) => {
  const draw = Arbitrary.draw(seed)
  const drawn = Sa1.made(seed).map(({ body, kind }) => [kind, Buffer.from(body)] as const)
  const announced = drawn.flatMap(([kind, body]) => kind === "announce" ? [body] : [])
  const bodies = [...announced, ...announced.map((body) => Buffer.concat([body, unknown]))]
  const corpus = [
    ...bodies.map((body) => Buffer.concat([Uint8Array.of(0), body])),
    ...drawn.map(([kind, body]) => Buffer.concat([Uint8Array.of(kinds.indexOf(kind)), body]))
  ]
  const mutated = Mutation.make({ seed, corpus, words: Sa1.words, maxLength: 1_300 })
  const fields = () => Buffer.concat([Uint8Array.of(0), Mutants.mutateBody(draw, draw.pick(bodies))])
  return Mutation.inTurn([mutated, fields])
}

const judge = (decoded: Result.Result<Body.Body, "body">, input: Uint8Array): string => {
  const octets = input.subarray(1)
  const kind = kindOf(input)
  const described = Result.isSuccess(decoded) ? Fixtures.describeBody(decoded.success) : undefined
  Target.agree(described, Reference.readBody(octets, kind), "not as the second reader reads it")
  if (Result.isFailure(decoded)) return "refused"
  const { attributes, endpoints, services } = decoded.success
  if (services.length > 4 || endpoints.length > 16 || attributes.size > 16) throw new Error("more than there may be")
  const encoded = Result.getOrThrow(Body.encode(decoded.success))
  // nothing but what is not known may be gone
  Target.same(encoded, octets.subarray(0, encoded.length), "a body")
  if (encoded.length === octets.length) return kind
  if (octets[encoded.length]! < 0x80) throw new Error("a known field is gone")
  Target.same(Result.getOrThrow(Result.flatMap(Body.decode(encoded, kind), Body.encode)), encoded, "a body")
  return "unknown fields"
}

export const target = Target.make({
  name: "body",
  inputs,
  decode: (octets) => Body.decode(octets.subarray(1), kindOf(octets)),
  judge,
  outcomes: ["announce", "challenge", "proof", "refused", "unknown fields"]
})
