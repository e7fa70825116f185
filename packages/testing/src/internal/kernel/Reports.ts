/**
 * When an interface last told the switch of its interest in a group: what a switch with snooping goes by (rule 118).
 */
import type { Interface } from "./Topology.ts"

/** @internal After a socket joined or left: the first member reports, the last one's leaving ends it. */
export const update = (self: Interface, group: string, now: number): void => {
  const { groups, wire: { reports } } = self
  if (!groups.has(group)) reports.delete(group)
  else if (!reports.has(group)) reports.set(group, now)
}

/** @internal Linux reports all groups again when the interface comes up. */
export const renew = (self: Interface, now: number): void => {
  for (const group of self.groups.keys()) self.wire.reports.set(group, now)
}
