/** Announcements of the first Syncthing. */
import { SyncthingV0 } from "@effect-discovery/core/protocol"
import { Result } from "effect"
import { isUtf8 } from "node:buffer"
import { captured, fromHex } from "../../protocol/vectors.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

/** Captured ones, and one without octets that are not needed. */
export const corpus = [
  ...captured<unknown>("syncthing-v0").map(({ hex }) => fromHex(hex)),
  fromHex("0012102555f000054e4f444531")
]

/** What is dangerous or meaningful in the format. */
export const words = ["00121025", "0000", "ffff", "03f8", "03f9", "2ea7d90b", "1b5b33", "c3b8"].map(fromHex)

const judge = (decoded: Result.Result<SyncthingV0.Node, SyncthingV0.Rejection>, payload: Uint8Array): string => {
  const expected = reference(Buffer.from(payload))
  Target.agree(Result.getOrUndefined(decoded), expected, "not as the second reader reads it")
  if (Result.isFailure(decoded)) return decoded.failure
  if (decoded.success.port === 0) return "no port"
  const again = SyncthingV0.decode(Result.getOrThrow(SyncthingV0.encode(decoded.success)))
  Target.agree(Result.getOrUndefined(again), expected, "changed by being written")
  return "good"
}

/** A second reader. */
const reference = (payload: Buffer): SyncthingV0.Node | undefined => {
  if (payload.length < 9 || payload.toString("hex", 0, 4) !== "00121025") return undefined
  const id = payload.subarray(8, 8 + payload.readUInt16BE(6))
  const isWhole = id.length === payload.readUInt16BE(6) && id.length >= 1 && id.length <= 1_016
  return isWhole && isUtf8(id) ? { id: id.toString("utf8"), port: payload.readUInt16BE(4) } : undefined
}

export const target = Target.make({
  name: "syncthing-v0",
  inputs: (seed) => Mutation.make({ seed, corpus, words, maxLength: 1_024 }),
  decode: SyncthingV0.decode,
  judge,
  outcomes: ["good", "no port", "truncated", "magic", "successor", "length", "encoding"]
})
