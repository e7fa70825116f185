/**
 * What can be made to go wrong on a simulated network, each for as long as a scope is open.
 *
 * `lan.faults` offers these effects. Each writes an event of kind `fault` into the journal when it begins and when it ends, and what it does to a datagram
 * names the begin as a cause. A fault as data, a `FaultEvent`, is put to work with `apply`, a list of them with `play`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Fault from "./Fault.ts"
import type * as Link from "./Link.ts"
import type { SimulatedNetworkError } from "./SimulatedNetworkError.ts"

/**
 * A fault at work until the scope closes.
 *
 * @category models
 * @since 0.1.0
 */
export type Scoped = Effect.Effect<void, SimulatedNetworkError, Scope.Scope>

/**
 * A datagram on its way to one receiver, as a rule sees it.
 *
 * **Details**
 *
 * `id` is what the journal calls it. `time` is milliseconds since the network was made. `from` and `to` are hosts by their names, on this segment: a
 * router is one. `source` and `destination` are addresses. `payload` is a copy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Datagram {
  /** What the journal calls it. */
  readonly id: number
  /** Milliseconds since the network was made. */
  readonly time: number
  /** The name of the host, or router, that it comes from on this segment. */
  readonly from: string
  /** The name of the host, or router, that it is on its way to. */
  readonly to: string
  /** The interface it left by. */
  readonly fromInterface: string
  /** The interface it is to reach. */
  readonly toInterface: string
  /** The segment it crosses. */
  readonly segment: string
  /** The address it was sent from. */
  readonly source: string
  /** The port it was sent from. */
  readonly sourcePort: number
  /** The address it was sent to. */
  readonly destination: string
  /** The port it was sent to. */
  readonly port: number
  /** Whether it was sent to a group. */
  readonly isMulticast: boolean
  /** Whether it was sent to all. */
  readonly isBroadcast: boolean
  /** A copy of its octets. */
  readonly payload: Uint8Array
}

/**
 * What a rule decides of a datagram.
 *
 * @category models
 * @since 0.1.0
 */
export type Verdict =
  | {
    readonly _tag: "Pass"
  }
  | {
    readonly _tag: "Drop"
    /** What the journal says of the loss. */
    readonly label: string
  }
  | {
    readonly _tag: "Delay"
    /** How much later it arrives. */
    readonly duration: Duration.Input
  }

/**
 * Verdicts. `pass` leaves it to the rules after this one, and to the link. `drop` loses it, with a label for the journal. `delay` adds to the time that the link takes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Verdict: {
  readonly pass: Verdict
  readonly drop: (label: string) => Verdict
  readonly delay: (duration: Duration.Input) => Verdict
} = {
  pass: { _tag: "Pass" },
  drop: (label) => ({ _tag: "Drop", label }),
  delay: (duration) => ({ _tag: "Delay", duration })
}

/**
 * What can go wrong. A host or segment that does not exist, or a value that means nothing, fails with a `SimulatedNetworkError`.
 *
 * **Example** (A conversation under a partition, and then none)
 *
 * ```ts
 * import { SimulatedNetwork } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 *
 * export const program = Effect.gen(function*() {
 *   const lan = yield* SimulatedNetwork.make({ seed: 42 })
 *   lan.host("ada")
 *   lan.host("grace")
 *   yield* Effect.scoped(Effect.gen(function*() {
 *     yield* lan.faults.partition([["ada"], ["grace"]])
 *     yield* Effect.sleep("30 seconds")
 *   }))
 *   // healed
 *   yield* lan.faults.cut({ from: "ada", to: "grace" })
 * })
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Faults {
  /**
   * Lets nothing pass between hosts of different groups, what is under way included; hosts in none of them are not concerned. Mimics two switches whose
   * uplink was pulled, or two access points that lost each other.
   */
  readonly partition: (groups: ReadonlyArray<ReadonlyArray<string>>) => Scoped
  /**
   * Lets nothing pass from one host to another, while the other direction works. Mimics a radio that hears farther than it is heard, or a
   * filter on one port (UDP semantics, rule 118).
   */
  readonly cut: (way: { readonly from: string; readonly to: string }) => Scoped
  /**
   * Asks a function about every datagram, once for each receiver. Rules are asked in the order in which they began, and the first verdict other than `pass` counts.
   * Mimics whatever the rest does not: a middlebox that eats one kind of message, the third datagram lost and no other.
   */
  readonly rule: (decide: (datagram: Datagram) => Verdict, options?: { readonly name?: string | undefined }) => Scoped
  /**
   * Holds datagrams back until `release`, or until the scope closes: then they go on in `order`, as they came by default. Beyond `limit`, 1,000 by default, they
   * are lost for reason `held`. Mimics a queue that stalls: a station that roams, a switch that learns its tree anew.
   */
  readonly hold: (
    match?: Fault.Match,
    options?: { readonly limit?: number | undefined; readonly order?: Fault.Order | undefined }
  ) => Scoped
  /** Lets go on what is held and matches, while the hold goes on holding. */
  readonly release: (
    match?: Fault.Match & { readonly order?: Fault.Order | undefined }
  ) => Effect.Effect<void, SimulatedNetworkError>
  /**
   * Delivers again what matches, `copies` times (1), each `delay` after the one before. Mimics a repeater or a bridge that was stuck, and loops that
   * let old datagrams come back long after.
   */
  readonly replay: (options: {
    readonly match?: Fault.Match | undefined
    readonly delay: Duration.Input
    readonly copies?: number | undefined
  }) => Scoped
  /**
   * Changes links while it lasts; the rest of each link stays. Mimics whatever happens to a medium: a microwave oven, a backup that fills it,
   * a cable that is replaced by a worse one.
   */
  readonly link: (target: Fault.Target, link: Link.Input) => Scoped
  /**
   * Has a switch forget who listens to a group, `after` the last report of the receiver: at its join, or when the fault begins. Mimics IGMP
   * snooping without a querier, whose forwarding entries expire after 260 seconds (RFC 3376, section 8.4), the default; multicast dies without a sound.
   * Groups of `224.0.0.0/24` and `ff02::1` are flooded all the same (RFC 4541).
   */
  readonly snooping: (options?: {
    readonly segment?: string | undefined
    readonly after?: Duration.Input | undefined
  }) => Scoped
  /**
   * Gives `thief` the IPv4 address of `owner` on their segment, in place of its own. Each sender reaches the one of the two that its neighbour
   * cache happens to hold, and over IPv4 the two do not hear each other. Mimics two machines with the same static address (UDP semantics, rule 120).
   */
  readonly duplicateAddress: (owner: string, thief: string) => Scoped
  /**
   * Filters at a host: what comes `in` is dropped without a sound, what goes `out` fails with `EPERM` or is dropped too. With a `port`, only datagrams to that port.
   * Mimics a host firewall (UDP semantics, rule 121); the loopback interface is not filtered.
   */
  readonly firewall: (host: string, options: {
    readonly in?: "allow" | "drop" | undefined
    readonly out?: "allow" | "drop" | "EPERM" | undefined
    readonly port?: number | undefined
  }) => Scoped
  /**
   * Has socket calls of a host fail with a code: the next one, or so many `times`, each with a `probability` (1). With a probability alone, all
   * calls are at risk while the scope is open. Mimics a system that ran out of something, or whose interface is about to change.
   */
  readonly failNext: (host: string, operation: Fault.Operation, code: Fault.Code, options?: {
    readonly times?: number | undefined
    readonly probability?: number | undefined
  }) => Scoped
  /** Puts a fault to work at once, whatever its `at`. It ends after its `for`, or when the scope closes. */
  readonly apply: (fault: Fault.FaultEvent) => Scoped
  /** Puts each fault to work at its `at`, counted from now; the effect ends when the last one that has a `for` has ended. */
  readonly play: (schedule: ReadonlyArray<Fault.FaultEvent>) => Scoped
  /** Ends all faults that are at work. What was set for good with `lan.link` and `lan.setLoss` stays. */
  readonly healAll: Effect.Effect<void>
}
