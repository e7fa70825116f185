/**
 * Programs of socket calls as plain data, and what becomes of them. `Fuzz` makes, runs and compares them.
 *
 * @since 0.1.0
 */
import type * as ContractBed from "./ContractBed.ts"

/**
 * Where a program can run: on the loopback interface of one host, `h1`, or on the hosts of a bed with the capability "segments".
 *
 * @category models
 * @since 0.1.0
 */
export type Place = "loopback" | "lan"

/**
 * A host of the bed.
 *
 * @category models
 * @since 0.1.0
 */
export type HostName = "h1" | "h2" | "h3" | "h4"

/**
 * One call, or one change of an interface.
 *
 * **Details**
 *
 * Sockets and memberships have names. Addresses are text in which `{h1.a}` is the link-local address of h1 on segment A, and `{g0}`,
 * `{g1}`, `{g2}`, `{g5}` are groups of the program's own: two of IPv4, and two of IPv6 with link and site scope. A port is `p0` to
 * `p2`, one of the program's own, or the name of a socket that has it. A call on a socket that failed to open is skipped.
 *
 * @category models
 * @since 0.1.0
 */
export type Op =
  | {
    readonly op: "open"
    readonly socket: string
    readonly host: HostName
    readonly port: string
    readonly options: Omit<ContractBed.OpenOptions, "port">
  }
  | {
    readonly op: "join"
    readonly membership: string
    readonly socket: string
    readonly options: ContractBed.JoinOptions
  }
  | { readonly op: "leave"; readonly membership: string }
  | {
    readonly op: "send"
    readonly socket: string
    readonly to: string | undefined
    readonly payloads: ReadonlyArray<ContractBed.Payload>
  }
  | { readonly op: "close"; readonly socket: string }
  | { readonly op: "interface"; readonly host: HostName; readonly name: string; readonly change: Change }

/**
 * A change of an interface: `delete` takes it away, `recreate` makes it anew as it was at first, `mtu` limits the octets of a packet.
 *
 * @category models
 * @since 0.1.0
 */
export type Change =
  | "down"
  | "up"
  | "unplug"
  | "plug"
  | "delete"
  | "recreate"
  | { readonly add: string }
  | { readonly remove: string }
  | { readonly mtu: number }

/**
 * A program: its calls, one after the other, each with all that it causes before the next.
 *
 * @category models
 * @since 0.1.0
 */
export interface Program {
  readonly seed: number
  readonly place: Place
  readonly ops: ReadonlyArray<Op>
}

/**
 * What became of a call: `ok`, `skipped` or the code and kind of the failure; what each socket received by it, as sender and payload;
 * and the errors that sockets were told of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Step {
  readonly result: string
  readonly received: Readonly<Record<string, ReadonlyArray<string>>>
  readonly errors: Readonly<Record<string, ReadonlyArray<string>>>
}

/**
 * What became of a program, call by call.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome = ReadonlyArray<Step>

/**
 * The first call that went differently.
 *
 * @category models
 * @since 0.1.0
 */
export interface Difference {
  readonly at: number
  readonly simulated: Step
  readonly real: Step
}
