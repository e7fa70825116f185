/**
 * The rules of the network contract as tests of vitest.
 */
import { type ContractBed, NetworkContract } from "@effect-discovery/testing"
import type { Vitest } from "@effect/vitest"
import { Context } from "effect"

/** The bed that the tests of a suite share. */
export class Bed extends Context.Service<Bed, ContractBed.Bed>()("test/Bed") {}

const isHere = ({ system }: NetworkContract.Rule): boolean => system !== "linux" || process.platform === "linux"

/** A test for each that needs no more than these capabilities, by the number of its rule. */
export const register = (it: Vitest.MethodsNonLive<Bed>, capabilities: ReadonlySet<ContractBed.Capability>): void => {
  for (const rule of NetworkContract.rules.filter(isHere)) {
    for (const test of rule.tests.filter((test) => NetworkContract.missing(test, capabilities).length === 0)) {
      it.effect(
        `rule ${rule.number}: ${rule.title}: ${test.name}`,
        () => Bed.use((bed) => NetworkContract.run(test, bed))
      )
    }
  }
}
