/** Feeds the decoder of PPSPP with what nobody should send, in every kind of swarm, and holds it to its bounds. */
import * as Chunks from "../../../src/protocol/ppspp/Chunks.ts"
import * as Handshake from "../../../src/protocol/ppspp/Handshake.ts"
import * as Message from "../../../src/protocol/ppspp/Message.ts"
import * as Swarm from "../../../src/protocol/ppspp/Swarm.ts"
import * as Mutation from "../Mutation.ts"
import * as Vectors from "../vectors.ts"
import * as Given from "./given.ts"

export interface Report {
  readonly outcomes: ReadonlyMap<string, number>
  /** Milliseconds that the slowest execution took. */
  readonly slowest: number
}

const liveId = `0f${"11".repeat(32)}`

/** A swarm of each kind. */
export const swarms: ReadonlyArray<Swarm.Swarm> = Swarm.addressings.flatMap((addressing) =>
  Swarm.integrities.flatMap((integrity, index) => [
    Swarm.make({ id: liveId, liveSignature: 15, addressing, integrity, hash: Swarm.hashes[index]! }),
    Swarm.make({ id: liveId, liveSignature: 15, addressing, integrity, chunkSize: "variable" })
  ])
)

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

const words = ["00", "ff", "ffffffff", "00000000", "020014", "0d", "0601", "07", "05c0a800011a7a", "0900000400ff"]

/** Runs the decoder so many times; throws on the first broken bound. */
export const run = (executions: number, seed: number): Report => {
  const outcomes = new Map<string, number>()
  let slowest = 0
  const corpus = [
    Given.request,
    Given.answer,
    Given.close,
    Given.keepAlive,
    Given.packed,
    ...swarms.map((swarm) => Message.encode(7, samples(swarm), swarm))
  ]
  const mutated = Mutation.make({ seed, corpus, words: words.map(Vectors.fromHex), maxLength: 2_000 })
  for (let i = 0; i < executions; i++) {
    const octets = mutated()
    const swarm = swarms[i % swarms.length]!
    const from = performance.now()
    const outcome = check(octets, swarm)
    slowest = Math.max(slowest, performance.now() - from)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  return { outcomes, slowest }
}

const check = (octets: Uint8Array, swarm: Swarm.Swarm): string => {
  const { messages, stop } = Message.decode(octets, swarm, 4)
  Message.decodeHandshake(octets, 4)
  if (messages.length > Math.max(0, octets.length - 4)) throw new Error("more messages than octets")
  const again = Message.encode(0, messages, swarm)
  if (stop === undefined && octets.length >= 4 && !isSame(again.subarray(4), octets.subarray(4))) {
    throw new Error("a datagram changed by being written again")
  }
  if (again.length > Math.max(4, octets.length)) throw new Error("what was read is longer than what came")
  return stop ?? (octets.length < 4 ? "short" : messages.length === 0 ? "kept alive" : "good")
}

const isSame = (self: Uint8Array, that: Uint8Array): boolean =>
  self.length === that.length && self.every((octet, index) => octet === that[index])
