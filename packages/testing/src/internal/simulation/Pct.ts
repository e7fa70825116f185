/**
 * Probabilistic concurrency testing (Burckhardt and others, ASPLOS 2010): every fiber has a random priority, the highest that is ready
 * runs, and at a few random steps whoever is about to run falls behind all others. A bug that takes `d` events in a certain order shows
 * with a probability of at least 1 / (n k^(d - 1)) for n fibers and k steps, much more than by a fresh choice at every step.
 */
import * as Timeline from "../Timeline.ts"
import { Draws } from "./Draws.ts"
import type { Ready } from "./Ready.ts"

// The steps over which the changes are spread: as many again follow after them, for runs of any length.
const window = 4096
// A fiber that spins, waiting for another, would keep that one from running for ever.
const patience = 1000

interface Strand {
  priority: number
  readonly tasks: Array<() => void>
  entry: Timeline.Entry<Strand> | undefined
  instant: number
  steps: number
}

/** @internal */
export class Pct implements Ready {
  readonly placesFibers = true
  size = 0
  private readonly changes: number
  private readonly draws: Draws
  private readonly strands = new WeakMap<object, Strand>()
  // the highest priority first
  private readonly ready = new Timeline.Timeline<Strand>()
  private readonly nobody = {}
  private changeAt: ReadonlySet<number> = new Set()
  private step = 0
  private lowest = 0

  constructor(seed: number, changes: number) {
    this.draws = new Draws(seed, "scheduler/pct")
    this.changes = changes
  }

  push(run: () => void, _priority: number, who: object | undefined): void {
    const strand = this.strandOf(who ?? this.nobody)
    strand.tasks.push(run)
    this.size++
    strand.entry ??= this.ready.add(-strand.priority, strand)
  }

  take(instant: number): () => void {
    if (this.step % window === 0) this.plan()
    if (this.changeAt.has(this.step++ % window)) this.demote(this.ready.first!.value)
    this.tire(this.ready.first!.value, instant)
    const strand = this.ready.first!.value
    this.size--
    const run = strand.tasks.shift()!
    if (strand.tasks.length === 0) this.leave(strand)
    return run
  }

  private strandOf(who: object): Strand {
    const known = this.strands.get(who)
    if (known !== undefined) return known
    const strand: Strand = { priority: this.draws.next(), tasks: [], entry: undefined, instant: -1, steps: 0 }
    this.strands.set(who, strand)
    return strand
  }

  private plan(): void {
    this.changeAt = new Set(Array.from({ length: this.changes }, () => this.draws.below(window)))
  }

  private tire(strand: Strand, instant: number): void {
    if (strand.instant !== instant) strand.steps = 0
    strand.instant = instant
    if (++strand.steps % patience === 0) this.demote(strand)
  }

  private demote(strand: Strand): void {
    this.leave(strand)
    strand.priority = --this.lowest
    strand.entry = this.ready.add(-strand.priority, strand)
  }

  private leave(strand: Strand): void {
    this.ready.remove(strand.entry!)
    strand.entry = undefined
  }
}
