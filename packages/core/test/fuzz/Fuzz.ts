/** Feeds a target with what nobody should send, and holds it to its bounds. */
import { getHeapStatistics } from "node:v8"
import type * as Target from "./Target.ts"

export interface Report {
  readonly executions: number
  /** How often each outcome came. */
  readonly outcomes: ReadonlyMap<string, number>
  /** The shortest input of each outcome. */
  readonly shortest: ReadonlyMap<string, Uint8Array>
  /** Milliseconds that the slowest input took. */
  readonly slowest: number
  /** The most octets that were allocated for one input. */
  readonly largest: number
}

/** The first input of which something does not hold. */
export class Broken extends Error {
  readonly octets: Uint8Array
  constructor(target: Target.Target, octets: Uint8Array, cause: unknown) {
    const hex = Buffer.from(octets).toString("hex")
    const reason = cause instanceof Error ? cause.stack : String(cause)
    super(`${target.name}: ${reason}\n${octets.length} octets: ${hex}\nagain: ${target.again(hex)}`, { cause })
    this.octets = octets
  }
}

export interface Options {
  readonly executions: number
  readonly seed: number
}

/** Throws `Broken` at the first input that breaks something. */
export const run = (target: Target.Target, { executions, seed }: Options): Report => {
  const next = target.inputs(seed)
  const outcomes = new Map<string, number>()
  const shortest = new Map<string, Uint8Array>()
  let [slowest, largest] = [0, 0]
  for (let execution = 0; execution < executions; execution++) {
    const octets = next()
    const { cost, outcome } = judge(target, octets)
    slowest = Math.max(slowest, cost.milliseconds)
    largest = Math.max(largest, cost.allocated)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (octets.length < (shortest.get(outcome)?.length ?? Infinity)) shortest.set(outcome, Uint8Array.from(octets))
  }
  return { executions, outcomes, shortest, slowest, largest }
}

/** Runs one input only. */
export const replay = (target: Target.Target, octets: Uint8Array): Report => {
  const { cost, outcome } = judge(target, octets)
  return {
    executions: 1,
    outcomes: new Map([[outcome, 1]]),
    shortest: new Map([[outcome, octets]]),
    slowest: cost.milliseconds,
    largest: cost.allocated
  }
}

interface Cost {
  readonly milliseconds: number
  readonly allocated: number
}

interface Decoded {
  readonly cost: Cost
  readonly judge: () => string
}

const judge = (target: Target.Target, octets: Uint8Array): { readonly cost: Cost; readonly outcome: string } => {
  const before = Uint8Array.from(octets)
  try {
    const { cost, judge } = decode(target, octets)
    const outcome = judge()
    if (Buffer.compare(before, octets) !== 0) throw new Error("what was read was written to")
    return { cost, outcome }
  } catch (cause) {
    throw new Broken(target, before, cause)
  }
}

const tries = 9

// A machine that does other things meanwhile, a compiler at work and a collection of garbage make some tries dear, never all of them.
const decode = (target: Target.Target, octets: Uint8Array): Decoded => {
  const limit: Cost = { milliseconds: target.milliseconds, allocated: target.allocation(octets.length) }
  let { cost, judge } = measure(target, octets)
  for (let times = 1; times < tries && isBeyond(cost, limit); times++) {
    cost = least(cost, measure(target, octets).cost)
  }
  if (isBeyond(cost, limit)) {
    throw new Error(`${describe(cost)} for ${octets.length} octets, and not at most ${describe(limit)}`)
  }
  return { cost, judge }
}

const least = (self: Cost, that: Cost): Cost => ({
  milliseconds: Math.min(self.milliseconds, that.milliseconds),
  allocated: Math.min(self.allocated, that.allocated)
})

const isBeyond = (cost: Cost, limit: Cost): boolean =>
  cost.milliseconds > limit.milliseconds || cost.allocated > limit.allocated

const describe = ({ allocated, milliseconds }: Cost): string =>
  `${milliseconds.toFixed(2)} ms and ${allocated} octets allocated`

const measure = (target: Target.Target, octets: Uint8Array): Decoded => {
  const before = getHeapStatistics()
  const from = performance.now()
  const judge = target.decode(octets)
  const milliseconds = performance.now() - from
  const after = getHeapStatistics()
  const grown = after.used_heap_size - before.used_heap_size
  const outside = after.external_memory - before.external_memory
  // when garbage was collected meanwhile, nothing can be said
  return { judge, cost: { milliseconds, allocated: grown < 0 || outside < 0 ? Infinity : grown + outside } }
}
