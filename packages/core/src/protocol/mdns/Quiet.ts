/**
 * Whether a step has changed anything that decides what a datagram means.
 */
import type * as Browsing from "./Browsing.ts"
import * as Claims from "./Claims.ts"
import type * as Engine from "./Engine.ts"
import type * as Querier from "./Querier.ts"

/** The parts of the engine that decide it, as they were before a step. */
export interface Quiet {
  readonly disturbances: number
  readonly upheavals: number
  readonly claimsAt: number
}

interface Parts {
  readonly querier: Querier.Querier
  readonly claims: Claims.Claims
  readonly browsing: Browsing.Browsing
}

export const of = ({ claims, querier }: Parts): Quiet => ({
  disturbances: querier.disturbances,
  upheavals: querier.upheavals,
  claimsAt: Claims.wakeAt(claims)
})

/** Whether nothing has come of a step that may change what all datagrams mean. */
export const isContained = (
  self: Quiet,
  { claims, querier }: Parts,
  input: Engine.Input,
  outputs: ReadonlyArray<Engine.Output>
): boolean =>
  (input._tag === "Received" || input._tag === "Woke") && querier.upheavals === self.upheavals &&
  Claims.wakeAt(claims) === self.claimsAt && outputs.every(isHarmless)

// what instances are told, or not any more, follows from the records of their sources
const isHarmless = (output: Engine.Output): boolean => {
  switch (output._tag) {
    case "Transmit":
      // what we say may come back as an echo, which a question does not resemble
      return (output.payload[2]! & 0x80) === 0
    case "Rejected":
    case "ServiceSeen":
    case "ServiceLost":
    case "TypeSeen":
    case "TypeLost":
    case "HostSeen":
    case "RecordSeen":
    case "RecordLost":
    case "Denied":
      return true
    default:
      return false
  }
}

/** Whether nothing has come of a contained step but that records hold for longer, that somebody was told so, or that a question was asked. */
export const isStill = ({ disturbances }: Quiet, { querier }: Parts): boolean => querier.disturbances === disturbances

/**
 * Whether a still datagram would mean the same again. Of an instance that is followed each of its records decides for how long it holds, so that
 * it depends on all the others what one of them means.
 */
export const isRepeatable = ({ browsing }: Parts, outputs: ReadonlyArray<Engine.Output>): boolean =>
  outputs.every((output) => {
    const subscription = output._tag === "ServiceSeen" ? browsing.subscribers.get(output.key)?.subscription : undefined
    return subscription?._tag === "Browse" && !subscription.follow
  })
