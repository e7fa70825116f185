/**
 * What a journal offers to those that read it.
 */
import type * as NetworkEvent from "../../NetworkEvent.ts"

/** @internal */
export interface Host {
  readonly name: string
  readonly interfaces: ReadonlyArray<Interface>
}

/** @internal */
export interface Interface {
  readonly name: string
  readonly addresses: ReadonlyArray<Address>
}

/** @internal */
export interface Address {
  readonly address: string
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
