/** Datagrams of PPSPP. The first octet of an input is for the kind of swarm that it is read in. */
import * as Chunks from "../../../src/protocol/ppspp/Chunks.ts"
import * as Handshake from "../../../src/protocol/ppspp/Handshake.ts"
import * as Message from "../../../src/protocol/ppspp/Message.ts"
import * as Swarm from "../../../src/protocol/ppspp/Swarm.ts"
import * as Given from "../../protocol/ppspp/given.ts"
import { fromHex } from "../../protocol/vectors.ts"
import * as Mutation from "../Mutation.ts"
import * as Target from "../Target.ts"

const liveId = `0f${"11".repeat(32)}`

const swarms: ReadonlyArray<Swarm.Swarm> = Swarm.addressings.flatMap((addressing) =>
  Swarm.integrities.flatMap((integrity, index) => [
    Swarm.make({ id: liveId, liveSignature: 15, addressing, integrity, hash: Swarm.hashes[index]! }),
    Swarm.make({ id: liveId, liveSignature: 15, addressing, integrity, chunkSize: "variable" })
  ])
)

const swarmOf = (input: Uint8Array): Swarm.Swarm => swarms[(input[0] ?? 0) % swarms.length]!

const samples = (swarm: Swarm.Swarm): ReadonlyArray<Message.Message> => {
  const chunks = swarm.addressing.startsWith("bins") ? Chunks.bin(3) : Chunks.range(0, 3)
  return [
    Handshake.request(7, swarm),
    { _tag: "Have", chunks },
    { _tag: "Ack", chunks, delay: 9n },
    { _tag: "Request", chunks },
    { _tag: "PexReq" },
    ...(Swarm.hashesContent(swarm)
      ? [{ _tag: "Integrity", chunks, hash: new Uint8Array(Swarm.hashOctets(swarm)) } as const]
      : []),
    ...(Swarm.signs(swarm)
      ? [{ _tag: "SignedIntegrity", chunks, timestamp: 1n, signature: new Uint8Array(64) } as const]
      : []),
    { _tag: "PexResCert", certificate: new Uint8Array(5) },
    { _tag: "Data", chunks, timestamp: 1n, content: new Uint8Array(4) }
  ]
}

const datagrams = [Given.request, Given.answer, Given.close, Given.keepAlive, Given.packed]

const corpus = swarms.flatMap((swarm, index) =>
  [Message.encode(7, samples(swarm), swarm), ...datagrams].map((datagram) => Uint8Array.of(index, ...datagram))
)

const words = ["00", "ff", "ffffffff", "00000000", "020014", "0d", "0601", "07", "05c0a800011a7a", "0900000400ff"]
  .map(fromHex)

const decode = (input: Uint8Array) => {
  const octets = input.subarray(1)
  Message.decodeHandshake(octets, 4)
  return Message.decode(octets, swarmOf(input), 4)
}

const judge = ({ messages, stop }: ReturnType<typeof decode>, input: Uint8Array): string => {
  const octets = input.subarray(1)
  if (messages.length > Math.max(0, octets.length - 4)) throw new Error("more messages than octets")
  const again = Message.encode(0, messages, swarmOf(input))
  if (again.length > Math.max(4, octets.length)) throw new Error("what was read is longer than what came")
  if (stop === undefined && octets.length >= 4) Target.same(again.subarray(4), octets.subarray(4), "a datagram")
  return stop ?? (octets.length < 4 ? "short" : messages.length === 0 ? "kept alive" : "good")
}

export const target = Target.make({
  name: "ppspp",
  inputs: (seed) => Mutation.make({ seed, corpus, words, maxLength: 2_000 }),
  decode,
  judge,
  outcomes: ["good", "kept alive", "malformed", "truncated", "unknown", "short"]
})
