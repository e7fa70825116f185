/**
 * The journal of a simulated network: all that happened, in order, with the reason of every loss.
 *
 * @since 0.1.0
 */
import type * as NetworkEvent from "./NetworkEvent.ts"

/**
 * A host as the journal saw it last, with its interfaces and their addresses.
 *
 * @category models
 * @since 0.1.0
 */
export interface Host {
  readonly name: string
  readonly interfaces: ReadonlyArray<{ readonly name: string; readonly addresses: ReadonlyArray<string> }>
}

/**
 * What happened on a network until a moment: it does not change any more.
 *
 * **Details**
 *
 * `seed` is the network's. `events` are those still kept, oldest first; `forgotten` is how many are not. `hosts` are in the order they were
 * made. `datagram` finds a datagram by its number, for as long as an event that is kept tells of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Journal {
  readonly seed: number
  readonly forgotten: number
  readonly events: ReadonlyArray<NetworkEvent.NetworkEvent>
  readonly hosts: ReadonlyArray<Host>
  readonly datagram: (id: number) => NetworkEvent.Datagram | undefined
}
