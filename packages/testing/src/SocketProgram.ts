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
    /** The name of the socket. */
    readonly socket: string
    /** The host that it is on. */
    readonly host: HostName
    /** The port to bind, or the socket that has it. */
    readonly port: string
    /** What else the call is made with. */
    readonly options: Omit<ContractBed.OpenOptions, "port">
  }
  | {
    readonly op: "join"
    /** The name of the membership. */
    readonly membership: string
    /** The name of the socket. */
    readonly socket: string
    /** What else the call is made with. */
    readonly options: ContractBed.JoinOptions
  }
  | {
    readonly op: "leave"
    /** The name of the membership. */
    readonly membership: string
  }
  | {
    readonly op: "send"
    /** The name of the socket. */
    readonly socket: string
    /** Where to; `undefined` for the connected peer. */
    readonly to: string | undefined
    /** What to send; several go at once. */
    readonly payloads: ReadonlyArray<ContractBed.Payload>
  }
  | {
    readonly op: "close"
    /** The name of the socket. */
    readonly socket: string
  }
  | {
    readonly op: "interface"
    /** The host that it is on. */
    readonly host: HostName
    /** The name of the interface. */
    readonly name: string
    /** What becomes of it. */
    readonly change: Change
  }

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
  | {
    /** An address that it is given, with its prefix length. */
    readonly add: string
  }
  | {
    /** An address that is taken from it. */
    readonly remove: string
  }
  | {
    /** Octets of the largest packet. */
    readonly mtu: number
  }

/**
 * A program: its calls, one after the other, each with all that it causes before the next.
 *
 * @category models
 * @since 0.1.0
 */
export interface Program {
  /** What it was drawn from. */
  readonly seed: number
  /** Where it can run. */
  readonly place: Place
  /** In the order of their calls. */
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
  /** `ok`, `skipped`, or the code and kind of the failure. */
  readonly result: string
  /** What each socket received by it, as sender and payload. */
  readonly received: Readonly<Record<string, ReadonlyArray<string>>>
  /** What each socket was told of. */
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
  /** Which call, from 0. */
  readonly at: number
  /** What the simulated network made of it. */
  readonly simulated: Step
  /** What the real one made of it. */
  readonly real: Step
}
