/** Announcements of Syncthing. */
import { Syncthing } from "@effect-discovery/core/protocol"
import { Result } from "effect"
import * as Reference from "../../protocol/syncthing/reference.ts"
import { captured, fromHex, fromText } from "../../protocol/vectors.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

export const corpus = captured<unknown>("syncthing").map(({ hex }) => fromHex(hex))

/** What is dangerous or meaningful in the format. */
export const words = [
  "2ea7d90b 7d79bc40 0a20 0a1f 0a00 1200 1213 18 1801 2000 2a04 25 21 0b 26 00 ff7f",
  "ffffffffffffffffff01 ffffffffffffffffff01 80808080808080808001 80808080808080808002"
].flatMap((line) => line.split(" ")).map(fromHex).concat(
  "tcp:// quic4:// [::] 0.0.0.0 :22000 :0 :65536 [fe80::1%25eth0] relay://a:1/?id=x localhost".split(" ").map(fromText)
)

// nearly as long as may be, and with more addresses than are read
const long = Syncthing.encode({
  id: new Uint8Array(32).fill(1),
  addresses: Array.from({ length: 40 }, (_, index) => `tcp://${"a".repeat(90)}:${index}`),
  instance: -1n
})

/** An announcement in the words of the second reader. */
export const plain = ({ addresses, id, instance }: Syncthing.Announce): Reference.Announce => ({
  id: Buffer.from(id).toString("hex"),
  addresses,
  instance: String(instance)
})

const judge = (decoded: Result.Result<Syncthing.Announce, Syncthing.Rejection>, payload: Uint8Array): string => {
  const announce = Result.getOrUndefined(decoded)
  Target.agree(announce && plain(announce), Reference.decode(payload), "not as the second reader reads it")
  if (Result.isFailure(decoded)) return decoded.failure
  const again = Reference.decode(Syncthing.encode(decoded.success))
  Target.agree(again, plain(decoded.success), "changed by being written")
  return "good"
}

export const target = Target.make({
  name: "syncthing",
  inputs: (seed) => Mutation.make({ seed, corpus: [...corpus, long], words, maxLength: 4_200 }),
  decode: Syncthing.decode,
  judge,
  outcomes: ["good", "truncated", "magic", "predecessor", "varint", "field", "id", "size"]
})
