/**
 * Which of the addresses that a peer announces lie on the link that they were announced on (S-U6), as the host's interfaces are now.
 */
import * as Claim from "../../Claim.ts"
import type * as DiscoveryEvent from "../../DiscoveryEvent.ts"
import * as NetworkInterface from "../../NetworkInterface.ts"
import type { Provenance } from "../../Provenance.ts"
import * as Entry from "./Entry.ts"
import * as Membership from "./Membership.ts"

/** What was heard, seen from the interface it was heard on: what was heard just before that changed may come just after. */
export const judge = (
  self: Membership.Members,
  heard: {
    readonly claim: Claim.Claim
    readonly provenance: Provenance
    readonly networkInterface?: NetworkInterface.NetworkInterface | undefined
  }
): Claim.Claim => {
  const networkInterface = self.interfaces.get(heard.provenance.interface) ?? heard.networkInterface
  return networkInterface === undefined
    ? heard.claim
    : onLink(self, heard.claim, heard.provenance, networkInterface)
}

/** Judges anew what was heard on interfaces that have other addresses than they had. */
export const change = (
  self: Membership.Members,
  interfaces: ReadonlyArray<NetworkInterface.NetworkInterface>,
  now: number,
  events: Array<DiscoveryEvent.DiscoveryEvent>
): void => {
  const before = new Map(self.interfaces)
  self.interfaces.clear()
  for (const networkInterface of interfaces) self.interfaces.set(networkInterface.name, networkInterface)
  const changed = new Map(
    interfaces.filter((each) => hasChanged(before.get(each.name), each)).map((each) => [each.name, each])
  )
  if (changed.size === 0) return
  for (const entry of self.entries.values()) {
    const moved = Entry.evidenceOf(entry).filter((evidence) => changed.has(evidence.interface))
    for (const evidence of moved) {
      evidence.said = onLink(self, Claim.unlinked(evidence.said), evidence, changed.get(evidence.interface)!)
    }
    if (moved.length > 0) Membership.revise(self, entry, now, events)
  }
}

const onLink = <A extends Claim.Content>(
  { allowOffLink }: Membership.Members,
  claim: A,
  { address }: Provenance,
  networkInterface: NetworkInterface.NetworkInterface
): A => Claim.onLink(claim, networkInterface, { source: address, allowOffLink })

const hasChanged = (
  before: NetworkInterface.NetworkInterface | undefined,
  networkInterface: NetworkInterface.NetworkInterface
): boolean => before === undefined || NetworkInterface.key(before) !== NetworkInterface.key(networkInterface)
