/**
 * The contract of the network layer: tests named by the rules of the UDP semantics, to be run on every implementation of `Network`.
 *
 * @since 0.1.0
 */
import type * as ContractBed from "./ContractBed.ts"
import * as NetworkHost from "./internal/contract/NetworkHost.ts"

/**
 * A host of a bed out of its `Network` service.
 *
 * **Details**
 *
 * The controls that it has no way to offer throw when used. `settle` is waited for before what was received is told.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromNetwork: (options: NetworkHost.Options) => ContractBed.ContractHost = NetworkHost.fromNetwork
