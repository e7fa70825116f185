/**
 * The contract of the network layer: tests named by the rules of the UDP semantics, to be run on every implementation of `Network`.
 *
 * It needs no test framework: a test is an effect that fails with a `ContractViolation`.
 *
 * **Example** (On vitest)
 *
 * ```ts
 * import { type ContractBed, NetworkContract } from "@effect-discovery/testing"
 * import { Effect, type Scope } from "effect"
 *
 * declare const makeBed: Effect.Effect<ContractBed.Bed, never, Scope.Scope>
 * declare const it: (name: string, run: () => Promise<void>) => void
 *
 * for (const rule of NetworkContract.rules) {
 *   for (const test of rule.tests) {
 *     const run = Effect.flatMap(makeBed, (bed) => NetworkContract.run(test, bed))
 *     it(`${rule.number}: ${rule.title}: ${test.name}`, () => Effect.runPromise(Effect.scoped(run)))
 *   }
 * }
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as ContractBed from "./ContractBed.ts"
import * as NetworkHost from "./internal/contract/NetworkHost.ts"
import type * as Internal from "./internal/contract/Rule.ts"
import * as Binding from "./internal/contract/rules/Binding.ts"
import * as Broadcast from "./internal/contract/rules/Broadcast.ts"
import * as Icmp from "./internal/contract/rules/Icmp.ts"
import * as Impairments from "./internal/contract/rules/Impairments.ts"
import * as Interfaces from "./internal/contract/rules/Interfaces.ts"
import * as Ipv6 from "./internal/contract/rules/Ipv6.ts"
import * as Membership from "./internal/contract/rules/Membership.ts"
import * as Multicast from "./internal/contract/rules/Multicast.ts"
import * as MulticastSending from "./internal/contract/rules/MulticastSending.ts"
import * as Platform from "./internal/contract/rules/Platform.ts"
import * as Sending from "./internal/contract/rules/Sending.ts"
import * as Sizes from "./internal/contract/rules/Sizes.ts"
import * as Unicast from "./internal/contract/rules/Unicast.ts"
import * as SimulatedBed from "./internal/contract/SimulatedBed.ts"
import type * as SimulatedNetworkError from "./SimulatedNetworkError.ts"

export type { Options as HostOptions } from "./internal/contract/NetworkHost.ts"
export { ContractViolation, type Layer } from "./internal/contract/Rule.ts"

/**
 * A test of a rule, and what it needs of a bed. `run` fails with a `ContractViolation` where the bed does not keep the rule.
 *
 * @category models
 * @since 0.1.0
 */
export interface Test extends Internal.Test {}

/**
 * A rule of the UDP semantics.
 *
 * **Details**
 *
 * `tier` is where real sockets can show it: `t1` on loopback, `t2` in network namespaces, `t3` nowhere. `system` is whose behaviour it
 * is: that of any system, of Linux, or of Node.js. `notApplicable` says for a layer why it has no test there.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rule extends Internal.Rule {}

/**
 * All rules, in the order of their numbers.
 *
 * @category rules
 * @since 0.1.0
 */
export const rules: ReadonlyArray<Rule> = [
  Binding,
  Unicast,
  Sending,
  Sizes,
  Multicast,
  Membership,
  MulticastSending,
  Icmp,
  Broadcast,
  Ipv6,
  Interfaces,
  Platform,
  Impairments
].flatMap(({ rules }) => rules)

/**
 * What a test needs and a bed cannot do.
 *
 * @category getters
 * @since 0.1.0
 */
export const missing = (
  test: Test,
  capabilities: ReadonlySet<ContractBed.Capability>
): ReadonlyArray<ContractBed.Capability> => test.needs.filter((capability) => !capabilities.has(capability))

/**
 * Runs a test on a bed, and leaves the bed as it was.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (test: Test, bed: ContractBed.Bed): Effect.Effect<void, unknown> =>
  Effect.ensuring(Effect.scoped(test.run(bed)), Effect.andThen(bed.settle, bed.reset))

/**
 * A bed on a simulated network of its own, for a test with these needs. Use it within `Simulation.run`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const simulated = (
  needs: ReadonlyArray<ContractBed.Capability> = [],
  seed = 1
): Effect.Effect<ContractBed.Bed, SimulatedNetworkError.SimulatedNetworkError, Scope.Scope> =>
  SimulatedBed.make(needs, seed)

/**
 * What a simulated bed can do, when its making was told to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const simulatedCapabilities: ReadonlySet<ContractBed.Capability> = SimulatedBed.capabilities

/**
 * A host of a bed out of its `Network` service.
 *
 * **Details**
 *
 * The controls that it has no way to offer throw when used. `settle` is waited for before what was received is told.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromNetwork: (options: NetworkHost.Options) => ContractBed.ContractHost = NetworkHost.fromNetwork
