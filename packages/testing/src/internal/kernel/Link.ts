/**
 * What happens between two hosts: delay, loss, duplication and partitions.
 *
 * Each direction of each pair draws from streams of its own, one a purpose, so that one more draw here shifts none there.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type { Host } from "./Topology.ts"

/** @internal Times in microseconds. */
export interface Profile {
  readonly latency: number
  readonly jitter: number
  readonly loss: number
  readonly duplicate: number
}

/** @internal Hosts by name, each with the side it is on. */
export type Partition = ReadonlyMap<string, number>

type Purpose = "loss" | "jitter" | "duplicate"

/** @internal */
export class Links {
  private defaults: Profile
  private readonly seed: Seed.Seed
  private readonly overrides = new Map<Host, Map<Host, Partial<Profile>>>()
  private readonly streams = { loss: [], jitter: [], duplicate: [] } as Record<Purpose, Array<Array<number>>>
  private partitions: ReadonlyArray<Partition> = []

  constructor(seed: Seed.Seed, defaults: Profile) {
    this.seed = seed
    this.defaults = defaults
  }

  setDefaults(change: Partial<Profile>): void {
    this.defaults = { ...this.defaults, ...change }
  }

  set(from: Host, to: Host, change: Partial<Profile>): void {
    const peers = this.overrides.get(from) ?? new Map<Host, Partial<Profile>>()
    this.overrides.set(from, peers.set(to, { ...peers.get(to), ...change }))
  }

  reset(from: Host, to: Host): void {
    this.overrides.get(from)?.delete(to)
  }

  separate(partition: Partition): void {
    this.partitions = [...this.partitions, partition]
  }

  /** Ends one partition, or all: true if it had not ended before. */
  rejoin(partition?: Partition): boolean {
    const before = this.partitions.length
    this.partitions = partition === undefined ? [] : this.partitions.filter((other) => other !== partition)
    return this.partitions.length < before
  }

  isSevered(from: Host, to: Host): boolean {
    return this.partitions.some((sides) => {
      const here = sides.get(from.name)
      const there = sides.get(to.name)
      return here !== undefined && there !== undefined && here !== there
    })
  }

  /** How long each copy takes: none is a loss, two are a duplicate. */
  delays(from: Host, to: Host): ReadonlyArray<number> {
    const profile = this.profile(from, to)
    if (this.happens("loss", from, to, profile.loss)) return []
    const first = this.delay(from, to, profile)
    return this.happens("duplicate", from, to, profile.duplicate)
      ? [first, this.delay(from, to, profile)]
      : [first]
  }

  private profile(from: Host, to: Host): Profile {
    const override = this.overrides.get(from)?.get(to)
    return override === undefined ? this.defaults : { ...this.defaults, ...override }
  }

  private happens(purpose: Purpose, from: Host, to: Host, probability: number): boolean {
    return probability > 0 && this.draw(purpose, from, to) < probability
  }

  private delay(from: Host, to: Host, profile: Profile): number {
    if (profile.jitter === 0) return profile.latency
    return profile.latency + Math.floor(this.draw("jitter", from, to) * (profile.jitter + 1))
  }

  private draw(purpose: Purpose, from: Host, to: Host): number {
    const row = this.streams[purpose][from.id] ??= []
    const seed = row[to.id] ?? Seed.derive(this.seed, `link/${from.name}/${to.name}/${purpose}`)
    const [value, advanced] = Seed.next(seed)
    row[to.id] = advanced
    return value
  }
}
