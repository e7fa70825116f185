/**
 * Looks at the hosts of a kernel.
 */
import * as IpInterface from "effect/net/IpInterface"
import type * as NetworkSnapshot from "../../NetworkSnapshot.ts"
import * as Address from "./Address.ts"
import * as Connection from "./Connection.ts"
import type * as Topology from "./Topology.ts"

/** @internal */
export const of = (hosts: ReadonlyArray<Topology.Host>, time: number): NetworkSnapshot.NetworkSnapshot => ({
  time,
  hosts: hosts.map(host)
})

const host = ({ interfaces, isPaused, name, ports }: Topology.Host): NetworkSnapshot.HostSnapshot => ({
  name,
  isPaused,
  interfaces: interfaces.map(local),
  sockets: Array.from(ports).toSorted(([a], [b]) => a - b).flatMap(([, sockets]) => sockets.map(socket))
})

const local = (self: Topology.Interface): NetworkSnapshot.InterfaceSnapshot => ({
  name: self.name,
  index: self.index,
  segment: self.segment?.name,
  isUp: self.isUp,
  hasCarrier: self.hasCarrier,
  mtu: self.mtu,
  addresses: self.addresses.map(({ assigned }) => IpInterface.format(assigned)),
  groups: Array.from(self.groups.keys())
})

const socket = (self: Topology.Socket): NetworkSnapshot.SocketSnapshot => ({
  id: self.id,
  family: self.family,
  isDualStack: self.isDualStack,
  local: Address.formatPort(Connection.localHost(self), self.port),
  peer: self.peer && Address.formatPort(self.peer.host, self.peer.port),
  reusesAddress: self.reuse,
  reusesPort: self.reusePort,
  memberships: self.memberships.map((held) => membership(self.host, held)),
  queued: self.charged,
  capacity: self.capacity,
  dropped: self.dropped
})

const membership = (
  { interfaces }: Topology.Host,
  { group, interface: local, sources }: Topology.Membership
): NetworkSnapshot.MembershipSnapshot => ({
  group,
  interface: local.name,
  isDead: !interfaces.includes(local),
  sources: sources && Array.from(sources)
})
