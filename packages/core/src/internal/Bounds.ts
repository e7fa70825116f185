/**
 * Bounds that programs may change, and what they may change them to.
 */

/** The defaults with some of them changed. Throws when a figure is not positive and finite. */
export const within = <Bounds extends object>(defaults: Bounds, overrides: Partial<Bounds> = {}): Bounds => {
  const bounds = { ...defaults, ...overrides }
  for (const [name, value] of Object.entries(bounds)) {
    const figures: ReadonlyArray<unknown> = typeof value === "object" && value !== null ? Object.values(value) : [value]
    if (!figures.every(isBound)) throw new RangeError(`Limits.${name} must be positive and finite`)
  }
  return bounds
}

const isBound = (figure: unknown): boolean => typeof figure === "number" && Number.isFinite(figure) && figure > 0
