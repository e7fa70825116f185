/**
 * Something about a host that faults set, several of them at once perhaps: the latest that lasts holds, and the last to end leaves what was before.
 */
import * as Effect from "effect/Effect"

interface Layer<A> {
  readonly value: A
}

/** @internal */
export class Setting<A> {
  private readonly read: () => A
  private readonly write: (value: A) => Effect.Effect<void>
  private layers: ReadonlyArray<Layer<A>> = []
  private before: Layer<A> | undefined

  constructor(read: () => A, write: (value: A) => Effect.Effect<void>) {
    this.read = read
    this.write = write
  }

  /** Sets it until the effect that it gives is run. */
  set(value: A): Effect.Effect<Effect.Effect<void>> {
    return Effect.suspend(() => {
      const layer = { value }
      this.before ??= { value: this.read() }
      this.layers = [...this.layers, layer]
      return Effect.as(this.write(value), this.end(layer))
    })
  }

  private end(layer: Layer<A>): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { before, layers } = this
      this.layers = layers.filter((other) => other !== layer)
      if (before === undefined || layers.at(-1) !== layer) return Effect.void
      const top = this.layers.at(-1)
      if (top === undefined) this.before = undefined
      return this.write((top ?? before).value)
    })
  }
}
