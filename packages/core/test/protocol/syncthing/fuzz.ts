/** Datagrams that nobody should send, read by the library and by the second reader, which must agree. */
import { Syncthing } from "@effect-discovery/core/protocol"
import { Result } from "effect"
import { address } from "../laws.ts"
import * as Mutation from "../Mutation.ts"
import { captured, fromHex, fromText } from "../vectors.ts"
import * as Reference from "./reference.ts"

export const corpus = captured<unknown>("syncthing").map(({ hex }) => fromHex(hex))

/** What is dangerous or meaningful in the format. */
export const words = [
  "2ea7d90b 7d79bc40 0a20 0a1f 0a00 1200 1213 18 1801 2000 2a04 25 21 0b 26 00 ff7f",
  "ffffffffffffffffff01 ffffffffffffffffffff01 80808080808080808001 80808080808080808002"
].flatMap((line) => line.split(" ")).map(fromHex).concat(
  "tcp:// quic4:// [::] 0.0.0.0 :22000 :0 :65536 [fe80::1%25eth0] relay://a:1/?id=x localhost".split(" ").map(fromText)
)

const sources = [address("10.77.0.2", 40_000), address("fd77::2", 40_000)]

export interface Run {
  readonly outcomes: ReadonlyMap<string, number>
  /** Milliseconds that one datagram took at most. */
  readonly slowest: number
}

/** Throws on the first datagram on which the two disagree, or whose announcement does not come back from its own encoding. */
export const run = (executions: number, seed: number): Run => {
  const mutate = Mutation.make({ seed, corpus, words, maxLength: 4_096 })
  const protocol = Syncthing.protocol()
  const { state } = protocol.init(seed, 0)
  const outcomes = new Map<string, number>()
  let slowest = 0
  for (let execution = 0; execution < executions; execution++) {
    const payload = mutate()
    const from = performance.now()
    const decoded = Syncthing.decode(payload)
    protocol.step(state, { _tag: "Received", payload, source: sources[execution % 2]! }, execution)
    slowest = Math.max(slowest, performance.now() - from)
    compare(payload, decoded)
    const outcome = Result.isSuccess(decoded) ? "accepted" : decoded.failure
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  return { outcomes, slowest }
}

const compare = (payload: Uint8Array, decoded: Result.Result<Syncthing.Announce, Syncthing.Rejection>): void => {
  const expected = Reference.decode(payload)
  const actual = Result.isSuccess(decoded) ? plain(decoded.success) : undefined
  const again = Result.isSuccess(decoded) ? Reference.decode(Syncthing.encode(decoded.success)) : undefined
  const text = JSON.stringify(expected)
  if (JSON.stringify(actual) === text && JSON.stringify(again) === text) return
  throw new Error(`not as the second reader reads it: ${Buffer.from(payload).toString("hex")}`)
}

export const plain = ({ addresses, id, instance }: Syncthing.Announce): Reference.Announce => ({
  id: Buffer.from(id).toString("hex"),
  addresses,
  instance: String(instance)
})
