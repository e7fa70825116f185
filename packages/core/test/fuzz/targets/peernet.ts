/** Frames of PeerNet. */
import { PeerNet } from "@effect-discovery/core/protocol"
import { Result } from "effect"
import { fromHex } from "../../protocol/vectors.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

const key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/** One with a port and one without. */
export const corpus = [fromHex(`504e4554011bbc${key}`), fromHex(`504e4554010000${"00".repeat(32)}`)] as const

/** What is dangerous or meaningful in the format. */
export const words = ["504e4554", "01", "0000", "ffff", "00".repeat(32), "ff".repeat(32)].map(fromHex)

const judge = (decoded: Result.Result<PeerNet.Node, PeerNet.Rejection>, payload: Uint8Array): string => {
  const read = Result.isSuccess(decoded) ? [decoded.success.port, decoded.success.key] : undefined
  Target.agree(read, reference(Buffer.from(payload).toString("hex")), "not as the second reader reads it")
  if (Result.isFailure(decoded)) return decoded.failure
  if (decoded.success.port === 0) return "no port"
  Target.same(Result.getOrThrow(PeerNet.encode(decoded.success)), payload, "a frame")
  return "good"
}

/** A second reader. */
const reference = (hex: string): readonly [port: number, key: string] | undefined => {
  const [, port, key] = /^504e455401(.{4})(.{64})$/.exec(hex) ?? []
  return port === undefined || key === undefined ? undefined : [Number.parseInt(port, 16), key]
}

export const target = Target.make({
  name: "peernet",
  inputs: (seed) => Mutation.make({ seed, corpus, words, maxLength: 64 }),
  decode: PeerNet.decode,
  judge,
  outcomes: ["good", "no port", "size", "truncated", "magic", "version"]
})
