/**
 * What a journal offers to those that read it.
 */
import type * as NetworkEvent from "../../NetworkEvent.ts"

/**
 * A host of a journal: its name, and its interfaces with their addresses at the time of the journal.
 *
 * @category models
 * @since 0.1.0
 */
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

/**
 * What happened on a network until a moment. It does not change any more, and its events are made when first looked at.
 *
 * **Details**
 *
 * `seed` is the network's. `events` are those that are kept, oldest first, and `forgotten` is how many are not; `events[0].seq` is `forgotten + 1`.
 * `hosts` come in the order they were made. `datagram` finds a datagram by its number, as long as an event that is kept
 * tells of it.
 *
 * @category models
 * @since 0.1.0
 */
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
