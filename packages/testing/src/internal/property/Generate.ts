/**
 * Schedules out of seeds.
 */
import * as Seed from "@effect-discovery/core/Seed"
import type * as Schedule from "../../Schedule.ts"
import * as Swarm from "../../Swarm.ts"
import type { Topology } from "../../Topology.ts"
import { Draw } from "./Draw.ts"

/** @internal What a schedule is drawn for. */
export interface Ground {
  readonly topology: Topology
  readonly faultsFor: number
  readonly swarm: Swarm.Swarm
  readonly order: "fifo" | "random" | "pct"
  readonly preemption: number
  /** Whether some hosts stay dead in the end, drawn anew for each run. */
  readonly isCoreRandom: boolean
  readonly buggify: boolean
}

/** @internal */
export const schedule = (ground: Ground, seed: Seed.Seed): Schedule.Schedule => ({
  seed,
  ...(ground.isCoreRandom ? { dead: dead(ground.topology.hosts.map(({ name }) => name), new Draw(seed, "core")) } : {}),
  ...(ground.order === "fifo" ? {} : { order: ground.order }),
  ...(ground.preemption === 0 ? {} : { preemption: ground.preemption }),
  ...(ground.buggify ? {} : { buggify: [] }),
  faults: Swarm.generate(ground.swarm, ground.topology, ground.faultsFor, Seed.derive(seed, "faults"))
})

// two survivors at least: one alone has nobody to converge with
const dead = (hosts: ReadonlyArray<string>, draw: Draw): ReadonlyArray<string> =>
  draw.shuffle(hosts).slice(0, draw.between(0, Math.max(0, hosts.length - 2)))

/** @internal The seed of each run: drawn from the campaign's. */
export const seeds = function*(campaign: Seed.Seed, runs: number): Generator<Seed.Seed> {
  for (let i = 0; i < runs; i++) yield Seed.derive(campaign, `run/${i}`)
}

/** @internal A schedule for each seed. */
export const each = function*(ground: Ground, seeds: Iterable<Seed.Seed>): Generator<Schedule.Schedule> {
  for (const seed of seeds) yield schedule(ground, seed)
}
