/**
 * What a journal offers to those that read it.
 */
import type * as NetworkEvent from "../../NetworkEvent.ts"

/** @internal */
export interface Host {
  /** What the journal calls it. */
  readonly name: string
  /** The loopback interface among them. */
  readonly interfaces: ReadonlyArray<Interface>
}

/** @internal */
export interface Interface {
  /** Such as `eth0`. */
  readonly name: string
  /** Those it has at the time of the journal. */
  readonly addresses: ReadonlyArray<Address>
}

/** @internal */
export interface Address {
  /** As text, without zone. */
  readonly address: string
  /** Bits of the address that name its network. */
  readonly prefixLength: number
}

/** @internal */
export interface Journal {
  /** The seed of the network. */
  readonly seed: number
  /** How many events were forgotten to make room for later ones. */
  readonly forgotten: number
  /** The events that are kept, oldest first. */
  readonly events: ReadonlyArray<NetworkEvent.NetworkEvent>
  /** The hosts in the order they were made, with the addresses they have now. */
  readonly hosts: ReadonlyArray<Host>
  /** The datagram of that number, as long as an event that is kept tells of it. */
  readonly datagram: (id: number) => NetworkEvent.Datagram | undefined
}
