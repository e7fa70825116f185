/**
 * The networks made within a run: where their journals are found, and who waits for a datagram.
 */
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import type { Journal } from "../journal/Model.ts"

/** @internal */
export interface Network {
  readonly journal: () => Journal
  /** What a fiber waits for that waits for a datagram. */
  readonly awaited: (fiber: Fiber.Fiber<unknown, unknown>) => string | undefined
}

/** @internal */
export class Registry {
  private readonly networks: Array<Network> = []

  add(network: Network): void {
    this.networks.push(network)
  }

  /** As they stand, in the order the networks were made. */
  get journals(): ReadonlyArray<Journal> {
    return this.networks.map((network) => network.journal())
  }

  awaited(fiber: Fiber.Fiber<unknown, unknown>): string | undefined {
    for (const network of this.networks) {
      const what = network.awaited(fiber)
      if (what !== undefined) return what
    }
    return undefined
  }
}

/** @internal */
export const Current: Context.Reference<Registry | undefined> = Context.Reference<Registry | undefined>(
  "@effect-discovery/testing/internal/simulation/Registry",
  { defaultValue: () => undefined }
)
