/**
 * Rules 117 to 121: what a real network may do besides. No bed can bring it about, so they are shown on the simulated network itself.
 */
import { type Rule, rule } from "../Rule.ts"

const uncontrolled = {
  t1: "a licence, not a promise: cannot be provoked on the loopback interface",
  t2: "a licence, not a promise: cannot be provoked reliably on a real network"
}

/** @internal */
export const rules: ReadonlyArray<Rule> = [
  rule(117, ["t3", "any"], "Loss, duplication, reordering and delay, per receiver", [], uncontrolled),
  rule(118, ["t3", "any"], "Delivery one way only, between some only, of unicast only", [], uncontrolled),
  rule(119, ["t3", "any"], "A host that slept gets what its buffers kept, in one burst", [], uncontrolled),
  rule(120, ["t3", "any"], "Two hosts with one address, and a host that changes its address", [], uncontrolled),
  rule(121, ["t3", "linux"], "A firewall: EPERM for the sender, silent loss for the receiver", [], uncontrolled)
]
