/**
 * The words in which tests of the contract are written.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as ContractBed from "../../ContractBed.ts"

/** @internal */
export type Socket = ContractBed.ContractSocket

/** @internal */
export type Host = ContractBed.ContractHost

/** @internal */
export type Bed = ContractBed.Bed

/** @internal Options of a socket; IPv4 unless said otherwise. */
export type Options = Partial<ContractBed.OpenOptions>

/** @internal */
export const open = (
  host: ContractBed.ContractHost,
  options: Options = {}
): Effect.Effect<Socket, ContractBed.SocketFailure, Scope.Scope> => host.open({ family: "IPv4", ...options })

/** @internal */
export const share = { reuseAddress: true } as const

/** @internal */
export const six = { family: "IPv6" } as const

/** @internal `ok`, or the code and kind of the failure: `EADDRINUSE AddressInUse`. */
export const outcome = <A, R>(self: Effect.Effect<A, ContractBed.SocketFailure, R>): Effect.Effect<string, never, R> =>
  Effect.match(self, {
    onSuccess: () => "ok",
    onFailure: ({ code, kind }) => [code, kind].filter((part) => part !== undefined).join(" ")
  })

/** @internal How opening ends. What was opened stays so until the test ends. */
export const opening = (
  host: ContractBed.ContractHost,
  options: Options = {}
): Effect.Effect<string, never, Scope.Scope> => outcome(open(host, options))

/** @internal How opening ends, and what was opened is closed again. */
export const trying = (host: ContractBed.ContractHost, options: Options = {}): Effect.Effect<string> =>
  Effect.scoped(opening(host, options))

/** @internal The payloads that each socket got. */
export const payloads = (...sockets: ReadonlyArray<Socket>): Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>> =>
  Effect.forEach(sockets, (socket) => Effect.map(socket.received, (all) => all.map(({ payload }) => payload)), {
    concurrency: "unbounded"
  })

/** @internal Who sent what the socket got. */
export const senders = (socket: Socket): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(socket.received, (all) => all.map(({ from }) => from))

/** @internal An address and port, with brackets where it takes them. */
export const at = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`

/** @internal A group nobody else uses, since several programs may test at the same time on one machine. */
export const groupOf = (port: number): string => `239.77.${port >> 8}.${port & 255}`

/** @internal Its like of IPv6, of a scope: 2 is the link, 5 the site. */
export const group6Of = (port: number, scope: 1 | 2 | 5 = 2): string => `ff0${scope}::77:${port.toString(16)}`

/** @internal The attachment of a host to a segment, which tests that need "segments" can rely on. */
export const onA = (host: ContractBed.ContractHost): ContractBed.Attachment => present(host.a, `${host.name} on A`)

/** @internal */
export const onB = (host: ContractBed.ContractHost): ContractBed.Attachment => present(host.b, `${host.name} on B`)

const present = <A>(value: A | undefined, what: string): A => {
  if (value === undefined) throw new Error(`the bed has no ${what}`)
  return value
}

/** @internal Sends multicast by an interface, with a ttl of 1 unless said otherwise. */
export const by = (chosen: string, rest: { readonly ttl?: number; readonly loopback?: boolean } = {}): Options => ({
  multicast: { interface: chosen, ttl: 1, ...rest }
})

/** @internal The failures tests name more than once. */
export const inUse = "EADDRINUSE AddressInUse"
/** @internal */
export const unreachable = "ENETUNREACH Unreachable"
/** @internal */
export const denied = "EACCES PermissionDenied"
/** @internal */
export const invalid = "EINVAL Unknown"
/** @internal */
export const noDevice = "ENODEV Unknown"
/** @internal */
export const noAddress = "EADDRNOTAVAIL AddressNotAvailable"
