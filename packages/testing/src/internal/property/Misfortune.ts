/**
 * Which points of misfortune fire in a run: each is active or not for the whole of it, and fires now and then while faults are allowed.
 */
import * as Seed from "@effect-discovery/core/Seed"

/** @internal */
export interface Rates {
  readonly active: number
  readonly fires: number
}

interface Site {
  readonly isActive: boolean
  seed: Seed.Seed
  reached: number
  fired: number
}

/** @internal */
export class Misfortune {
  /** Whether anything may fire now. */
  isAllowed = true
  private readonly sites = new Map<string, Site>()
  private readonly seed: Seed.Seed
  private readonly rates: Rates
  private readonly chosen: ReadonlyArray<string> | undefined

  constructor(seed: Seed.Seed, rates: Rates, chosen: ReadonlyArray<string> | undefined) {
    this.seed = seed
    this.rates = rates
    this.chosen = chosen
  }

  readonly decide = (name: string): boolean => {
    const site = this.site(name)
    site.reached++
    if (!site.isActive || !this.isAllowed) return false
    const [value, seed] = Seed.next(site.seed)
    site.seed = seed
    const fires = value < this.rates.fires
    if (fires) site.fired++
    return fires
  }

  /** Those that were reached, with how often they were and how often they fired. */
  get reached(): ReadonlyMap<string, { readonly reached: number; readonly fired: number }> {
    return this.sites
  }

  private site(name: string): Site {
    const known = this.sites.get(name)
    if (known !== undefined) return known
    const [value, seed] = Seed.next(Seed.derive(this.seed, `buggify/${name}`))
    const isActive = this.chosen === undefined ? value < this.rates.active : this.chosen.includes(name)
    const site: Site = { isActive, seed, reached: 0, fired: 0 }
    this.sites.set(name, site)
    return site
  }
}
