/**
 * What is common to all links of a segment.
 */
import type * as Link from "./Data.ts"
import * as Path from "./Path.ts"

/** @internal */
export class Cable {
  readonly name: string
  private readonly own: Path.Change
  private base: Path.Change
  private faults: ReadonlyArray<Path.Change> = []
  /** With what was set for all, faults included. */
  change: Path.Change
  paths: Path.Paths

  constructor(name: string, defaults: Link.Link, link: Link.Link) {
    this.name = name
    this.own = { link, causes: {} }
    this.base = Path.merge({ link: defaults, causes: {} }, this.own)
    this.change = this.base
    this.paths = Path.compile(this.base)
  }

  setDefaults(link: Link.Link): void {
    this.base = Path.merge({ link, causes: {} }, this.own)
    this.update()
  }

  /** Puts others in place of the changes that faults make for all. */
  impair(faults: ReadonlyArray<Path.Change>): void {
    this.faults = faults
    this.update()
  }

  private update(): void {
    this.change = this.faults.reduce(Path.merge, this.base)
    this.paths = Path.compile(this.change)
  }
}
