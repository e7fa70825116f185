/**
 * For how long evidence holds: by the lease that whoever hears it renews.
 */
import type * as Lease from "../../Lease.ts"
import * as Timers from "../Timers.ts"
import * as Entry from "./Entry.ts"
import type * as Membership from "./Membership.ts"

/** Has the lease of evidence hold it. */
export const begin = ({ deadlines }: Membership.Members, evidence: Entry.Evidence): void => {
  const { lease } = evidence
  lease.isHeld = true
  Timers.set(deadlines, evidence, Entry.dueAt(lease))
}

/** Another lease for known evidence: what has been heard so far goes on counting. */
export const hold = ({ deadlines }: Membership.Members, evidence: Entry.Evidence, lease: Lease.Lease): void => {
  if (lease !== evidence.lease) {
    lease.heard = evidence.lease.heard + 1
    replace(evidence, lease)
  }
  const dueAt = Entry.dueAt(lease)
  if (dueAt < Timers.of(deadlines, evidence)) Timers.set(deadlines, evidence, dueAt)
}

/** Another lease for hearsay that was told again, if it is longer: it does not count as heard. */
export const prolong = (evidence: Entry.Evidence, lease: Lease.Lease): void => {
  if (lease.expiresAt > evidence.lease.expiresAt) replace(evidence, lease)
}

const replace = (evidence: Entry.Evidence, lease: Lease.Lease): void => {
  evidence.lease.isHeld = false
  evidence.lease = lease
  lease.isHeld = true
}
