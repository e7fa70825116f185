/**
 * What is common to all links of a segment.
 */
import type * as Link from "./Data.ts"
import * as Path from "./Path.ts"

/** @internal */
export class Cable {
  readonly name: string
  private readonly own: Path.Change
  /** What was set for all, without faults. */
  base: Path.Change
  private faults: ReadonlyArray<Path.Change> = []
  /** With the faults that are about all. */
  paths: Path.Paths

  constructor(name: string, defaults: Link.Link, link: Link.Link) {
    this.name = name
    this.own = { link, causes: {} }
    this.base = Path.merge({ link: defaults, causes: {} }, this.own)
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
    this.paths = Path.compile(this.faults.reduce(Path.merge, this.base))
  }
}
