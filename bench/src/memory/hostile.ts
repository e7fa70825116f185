/**
 * Child: what hostile datagrams cost, and whether decoders keep their promises about them.
 *
 * Timed on plain Node; `allocated` wants `--expose-gc` and a young generation that holds all of it.
 */
import * as Peerage from "@effect-discovery/core/protocol/Peerage"
import * as Syncthing from "@effect-discovery/core/protocol/Syncthing"
import * as DnsPacket from "dns-packet"
import * as Result from "effect/Result"
import * as Child from "../harness/Child.ts"
import * as Statistics from "../harness/Statistics.ts"
import * as Hostile from "../Hostile.ts"
import * as Decoders from "./decoders.ts"
import * as Loops from "./Loops.ts"
import * as World from "./World.ts"

/** One kind of hostile datagrams. */
export interface Kind {
  readonly name: string
  readonly octets: number
  readonly datagrams: number
  /** Nanoseconds for all of them, of every round; of dns-packet where it can read such a thing. */
  readonly ours: ReadonlyArray<number>
  readonly dnsPacket?: ReadonlyArray<number> | undefined
}

/** Datagrams that should not have been accepted, and what was given up with something else than an error of a kind that is told. */
export interface Promises {
  readonly truncations: number
  readonly accepted: number
  readonly acceptedByDnsPacket: number
  readonly untyped: number
}

export type Api = {
  readonly time: (options: { readonly rounds: number }) => ReadonlyArray<Kind>
  readonly promises: () => Promises
  /** The most octets that a decoder allocates for each octet of a datagram. */
  readonly allocated: () => number
}

type Decode = (payload: Buffer) => unknown

interface Case {
  readonly name: string
  readonly payloads: ReadonlyArray<Buffer>
  readonly ours: (payload: Uint8Array) => Result.Result<unknown, unknown>
  readonly dnsPacket: boolean
}

const cases: ReadonlyArray<Case> = [
  ...Array.from(Hostile.messages(), ([name, payloads]): Case => ({
    name: `mdns, ${name}`,
    payloads: payloads.map(World.received),
    ours: Decoders.lookedAt,
    dnsPacket: true
  })),
  ...([
    ["syncthing4", Syncthing.decode],
    ["json", Decoders.json],
    ["peerage", Peerage.decode]
  ] as const).map(([format, ours]): Case => ({
    name: `mutants of ${format}`,
    payloads: Hostile.mutants(format).map(World.received),
    ours,
    dnsPacket: false
  }))
]

const orThrown = (payload: Buffer): unknown => {
  try {
    return DnsPacket.decode(payload)
  } catch (error) {
    return error
  }
}

const pass = (payloads: ReadonlyArray<Buffer>, decode: Decode, times: number): number => {
  const from = process.hrtime.bigint()
  for (let time = 0; time < times; time++) {
    for (const payload of payloads) Loops.keep(decode(payload))
  }
  return Number(process.hrtime.bigint() - from) / times
}

const shortest = 20e6
const longest = 1e9

// as often as makes it long enough to be timed, after as many to be warm
const time = (payloads: ReadonlyArray<Buffer>, decode: Decode, rounds: number): ReadonlyArray<number> => {
  let times = 1
  let took = pass(payloads, decode, times)
  while (took * times < shortest) {
    times *= 2
    took = pass(payloads, decode, times)
  }
  const affordable = Math.max(1, Math.min(rounds, Math.floor(longest / (took * times))))
  return Array.from({ length: affordable }, () => pass(payloads, decode, times))
}

const octetsOf = (payloads: ReadonlyArray<Buffer>): number => payloads.reduce((sum, { length }) => sum + length, 0)

const isTruncated = ({ name }: Case): boolean => name.includes("truncations")

const isTyped = ({ ours }: Case, payload: Buffer): boolean => {
  try {
    const decoded = ours(payload)
    return Result.isSuccess(decoded) || typeof decoded.failure === "string"
  } catch {
    return false
  }
}

const allocatedBy = ({ ours, payloads }: Case): number => {
  const few = payloads.slice(0, 2_000)
  const times = Math.ceil(500 / few.length)
  pass(few, ours, times)
  const samples = Array.from({ length: 5 }, () => {
    globalThis.gc!()
    const before = process.memoryUsage().heapUsed
    pass(few, ours, times)
    return (process.memoryUsage().heapUsed - before) / times
  })
  return Statistics.summarise(samples).median / octetsOf(few)
}

const api: Api = {
  time: ({ rounds }) =>
    cases.map(({ dnsPacket, name, ours, payloads }) => ({
      name,
      octets: octetsOf(payloads),
      datagrams: payloads.length,
      ours: time(payloads, ours, rounds),
      dnsPacket: dnsPacket ? time(payloads, orThrown, rounds) : undefined
    })),
  promises: () => {
    const truncated = cases.filter(isTruncated).flatMap(({ payloads }) => payloads)
    return {
      truncations: truncated.length,
      accepted: truncated.filter((payload) => Result.isSuccess(Decoders.lookedAt(payload))).length,
      acceptedByDnsPacket: truncated.filter((payload) => !(orThrown(payload) instanceof Error)).length,
      untyped: cases.reduce(
        (sum, each) => sum + each.payloads.filter((payload) => !isTyped(each, payload)).length,
        0
      )
    }
  },
  allocated: () => Math.max(...cases.map(allocatedBy))
}

Child.serve(api)
