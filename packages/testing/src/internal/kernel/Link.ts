/**
 * What happens between two hosts: delay, loss, duplication and partitions.
 *
 * Each direction of each pair draws from streams of its own, one a purpose, so that one more draw here shifts none there.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type { Frame } from "./Journal.ts"
import type * as Medium from "./Medium.ts"
import type { Profile } from "./Profile.ts"
import type { Host, Interface, Socket } from "./Topology.ts"

/** @internal Hosts by name, each with the side it is on. */
export type Partition = ReadonlyMap<string, number>

type Purpose = "loss" | "jitter" | "duplicate"

const lost: Medium.Lost = { reason: "loss", rule: 117, cause: 0 }
const severed: Medium.Lost = { reason: "partition", rule: 118, cause: 0 }

/** @internal */
export class Links implements Medium.Medium {
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

  private isSevered(from: Host, to: Host): boolean {
    return this.partitions.some((sides) => {
      const here = sides.get(from.name)
      const there = sides.get(to.name)
      return here !== undefined && there !== undefined && here !== there
    })
  }

  leave(_frame: Frame, _from: Interface, now: number): number {
    return now
  }

  reach(frame: Frame, from: Interface, to: Interface, departed: number): Medium.Fate {
    if (this.isSevered(from.host, to.host)) return severed
    const profile = this.profile(from, to)
    if (this.happens("loss", from.host, to.host, profile.loss)) return lost
    const first = departed + this.delay(from.host, to.host, profile)
    if (!this.happens("duplicate", from.host, to.host, profile.duplicate)) return first
    return [{ at: first, frame }, { at: departed + this.delay(from.host, to.host, profile), frame }]
  }

  arrive(_frame: Frame, from: Interface, to: Interface, _now: number): Medium.Lost | undefined {
    return this.isSevered(from.host, to.host) ? severed : undefined
  }

  inject(_operation: Medium.Operation, _host: Host, _socket: Socket | undefined, _now: number): undefined {}

  permit(_frame: Frame): undefined {}

  private profile(from: Interface, to: Interface): Profile {
    const override = this.overrides.get(from.host)?.get(to.host)
    return override === undefined && from.segment?.link === undefined
      ? this.defaults
      : { ...this.defaults, ...from.segment?.link, ...override }
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
