/**
 * The network of a run, as far as the harness deals with it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Fault from "../../Fault.ts"
import type { SimulatedHost } from "../../SimulatedHost.ts"
import * as SimulatedNetwork from "../../SimulatedNetwork.ts"
import type { SimulatedNetworkError } from "../../SimulatedNetworkError.ts"
import * as Inside from "../Inside.ts"
import type { Journal } from "../kernel/Journal.ts"
import type { Host, Interface } from "../kernel/Topology.ts"

/** @internal A fault that was injected, and the events that its beginning gave rise to at once: from one number to before another. */
export interface Injected {
  readonly kind: Fault.Kind
  readonly from: number
  readonly began: number
}

/** @internal */
export interface World {
  readonly network: SimulatedNetwork.SimulatedNetwork
  readonly recorder: Journal
  readonly hosts: ReadonlyArray<SimulatedHost>
  readonly injected: ReadonlyArray<Injected>
  /** Gives all hosts the IPv4 addresses that they had in the beginning: faults that overlap may mix them up. */
  readonly readdress: Effect.Effect<void>
  /** Begins a fault; it ends with the scope. */
  readonly begin: (fault: Fault.FaultEvent) => Effect.Effect<void, SimulatedNetworkError, Scope.Scope>
}

/** @internal */
export const make = Effect.fnUntraced(function*(options: SimulatedNetwork.Options) {
  const network = yield* SimulatedNetwork.make(options)
  const recorder = Inside.kernel(network).journal
  const injected: Array<Injected> = []
  const world: World = {
    network,
    recorder,
    hosts: yield* network.hosts,
    injected,
    readdress: readdress(network, recorder.hosts),
    begin: (fault) =>
      Effect.suspend(() => {
        const from = recorder.next
        return Effect.tap(network.faults.apply(fault), () =>
          Effect.sync(() => void injected.push({ kind: fault._tag, from, began: recorder.next })))
      })
  }
  return world
})

const readdress = (network: SimulatedNetwork.SimulatedNetwork, hosts: ReadonlyArray<Host>): Effect.Effect<void> => {
  const locals = hosts.filter(({ forwards }) => forwards === undefined).flatMap(({ interfaces }) => interfaces)
    .filter(({ isInternal }) => !isInternal)
  const before = locals.map((local) => [local, ipv4Of(local)] as const)
  return Effect.forEach(before, ([local, addresses]) =>
    Effect.suspend(() => {
      const control = network.host(local.host.name).interface(local.name)
      const now = ipv4Of(local)
      const missing = addresses.filter((address) => !now.includes(address))
      const foreign = now.filter((address) => !addresses.includes(address))
      return Effect.ignore(Effect.andThen(
        Effect.forEach(missing, control.addAddress, { discard: true }),
        Effect.forEach(foreign, control.removeAddress, { discard: true })
      ))
    }), { discard: true })
}

const ipv4Of = ({ addresses }: Interface): ReadonlyArray<string> =>
  addresses.filter(({ family }) => family === "IPv4").map(({ text }) => text)
