/**
 * What the bed and its agents say to each other.
 */
import type { ContractBed } from "@effect-discovery/testing"

/** What an agent is asked to do. */
export type Call =
  | { readonly call: "open"; readonly options: ContractBed.OpenOptions }
  | { readonly call: "join"; readonly socket: number; readonly options: ContractBed.JoinOptions }
  | { readonly call: "leave"; readonly membership: number }
  | {
    readonly call: "send"
    readonly socket: number
    readonly payload: ContractBed.Payload
    readonly to?: string | undefined
  }
  | {
    readonly call: "sendAll"
    readonly socket: number
    readonly payloads: ReadonlyArray<ContractBed.Payload>
    readonly to?: string | undefined
  }
  | { readonly call: "close"; readonly socket: number }
  | { readonly call: "interfaces" }
  | { readonly call: "settle" }

/** A `SocketFailure` in JSON. */
export interface Failure {
  readonly code?: string | undefined
  readonly kind?: string | undefined
  readonly description: string
}

/** What has come to a socket. */
export interface Arrivals {
  readonly socket: number
  readonly packets: ReadonlyArray<ContractBed.Packet>
  readonly errors: ReadonlyArray<Failure>
}

/** An open socket. */
export interface Opened {
  readonly socket: number
  readonly address: string
  readonly port: number
}

/** How it went. A defect is a mistake of the test's. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }
  | { readonly id: number; readonly defect: string }
