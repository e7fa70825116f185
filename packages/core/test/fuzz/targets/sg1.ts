/** What is sealed for a group. */
import { Result } from "effect"
import * as Seal from "../../../src/protocol/signedBeacon/Seal.ts"
import * as Fixtures from "../../protocol/signedBeacon/fixtures.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

const corpus = [Fixtures.fromHex(Fixtures.sealed.hex)]
const words = ["d153c057", "d153c056", "01010000", "00", "ff"].map(Fixtures.fromHex)

const judge = (decoded: Result.Result<Seal.Seal, Seal.Reason>, octets: Uint8Array): string => {
  const read = Result.isSuccess(decoded) ? plain(decoded.success) : undefined
  Target.agree(read, reference(Fixtures.toHex(octets)), "not as the second reader reads it")
  if (Result.isFailure(decoded)) return decoded.failure
  const { keyId, salt, sealed } = decoded.success
  Target.same(Seal.encode(Seal.encodeHeader(keyId, salt), sealed), octets, "a seal")
  return "good"
}

const plain = ({ header, keyId, salt, sealed }: Seal.Seal) =>
  [header, keyId, salt, sealed].map((part) => typeof part === "string" ? part : Fixtures.toHex(part))

/** A second reader: 28 octets, a datagram of 128 to 1,200, and a tag of 16. */
const reference = (hex: string): ReadonlyArray<string> | undefined =>
  /^(d153c05701010000(.{8})(.{32}))(.{288,2432})$/.exec(hex)?.slice(1)

export const target = Target.make({
  name: "sg1",
  inputs: (seed) => Mutation.make({ seed, corpus, words, maxLength: 1_300 }),
  decode: Seal.decode,
  judge,
  outcomes: ["good", "size", "format"]
})
