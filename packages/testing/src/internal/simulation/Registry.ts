/**
 * The networks made within a run: where their journals are found, who waits for a datagram, and which programs of their hosts failed.
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
export interface Failure {
  readonly elapsedMillis: number
  readonly host: string
  readonly why: string
  readonly cause: unknown
}

const remembered = 16

/** @internal */
export class Registry {
  /** Of programs that hosts had started: the first of them. */
  readonly failures: Array<Failure> = []
  private readonly networks: Array<Network> = []

  add(network: Network): void {
    this.networks.push(network)
  }

  fail(failure: Failure): void {
    if (this.failures.length < remembered) this.failures.push(failure)
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
