/**
 * What the links keep for an interface: it grows with what is set, never with the number of other interfaces.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type { Cable } from "./Cable.ts"
import type { Paths } from "./Path.ts"
import { Queue } from "./Queue.ts"

/** @internal The datagrams of one sender to one address, whose number makes the luck of each. */
export interface Flow {
  readonly seed: Seed.Seed
  count: number
}

/** @internal A datagram that others are to overtake. */
export interface HeldBack {
  left: number
  readonly resume: (at: number, now: number) => void
  readonly arrival: { readonly isGone: boolean }
}

/** @internal The paths from here to one other interface, while something is set for just these two. */
export interface Special {
  readonly paths: Paths
  /** For what has a bandwidth of these two alone. */
  readonly queue: Queue
  readonly cable: Cable
  readonly version: number
}

/** @internal The paths from here to whomever nothing special is set for. */
export interface Sending {
  readonly paths: Paths
  readonly cable: Cable
  readonly version: number
}

// A program sends to few addresses; one that sprays shall not fill memory.
const remembered = 4096

/** @internal */
export class Wire {
  /** Tells this receiver's draws from those of others. */
  readonly salt: Seed.Seed
  readonly queue = new Queue()
  sending: Sending | undefined
  specials: Map<Wire, Special> | undefined
  /** What was set when those that are over were forgotten last. */
  specialsVersion = 0
  heldBack: Map<Wire, Array<HeldBack>> | undefined
  /** When the host last told of its interest in a group. */
  readonly reports = new Map<string, number>()
  private readonly seed: Seed.Seed
  private readonly flows = new Map<string, Flow>()
  private readonly others: Flow

  constructor(seed: Seed.Seed, label: string) {
    this.seed = Seed.derive(seed, `link/${label}`)
    this.salt = Seed.derive(seed, `receiver/${label}`)
    this.others = { seed: this.seed, count: 0 }
  }

  flow(address: string): Flow {
    const known = this.flows.get(address)
    if (known !== undefined) return known
    if (this.flows.size >= remembered) return this.others
    const flow = { seed: Seed.derive(this.seed, address), count: 0 }
    this.flows.set(address, flow)
    return flow
  }
}
