/**
 * Choices from a seed, one after another.
 */
import * as Seed from "@effect-discovery/core/Seed"

/** @internal */
export class Draw {
  private seed: Seed.Seed

  constructor(seed: Seed.Seed, purpose: string) {
    this.seed = Seed.derive(seed, purpose)
  }

  /** In [0, 1). */
  next(): number {
    const [value, seed] = Seed.next(this.seed)
    this.seed = seed
    return value
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** An integer, both ends included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  /** Throws on an empty list: there is nothing to choose. */
  one<A>(items: ReadonlyArray<A>): A {
    if (items.length === 0) throw new RangeError("nothing to draw from")
    return items[this.between(0, items.length - 1)]!
  }

  /** One of the values, each as likely as its whole number says. */
  weighted<A>(choices: ReadonlyArray<readonly [weight: number, value: A]>): A {
    let at = this.between(1, choices.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, value] of choices) {
      if (at <= weight) return value
      at -= weight
    }
    throw new RangeError("nothing to draw from")
  }

  /** Every item with this probability, in their order. */
  subset<A>(items: ReadonlyArray<A>, probability: number): ReadonlyArray<A> {
    return items.filter(() => this.chance(probability))
  }

  shuffle<A>(items: ReadonlyArray<A>): ReadonlyArray<A> {
    return items.map((item) => [this.next(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item)
  }
}
