/**
 * What the runs of a campaign went through: a property that held proves something only of what happened.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Fault from "./Fault.ts"
import * as NetworkEvent from "./NetworkEvent.ts"
import * as PropertyFailed from "./PropertyFailed.ts"

/**
 * What the runs of a campaign went through.
 *
 * @category models
 * @since 0.1.0
 */
export interface Coverage {
  /** How many runs there were. */
  readonly runs: number
  /** How many faults of each kind were injected, and how many of these took effect on at least one datagram, socket call or host. */
  readonly faults: ReadonlyMap<Fault.Kind, { readonly injected: number; readonly effective: number }>
  /** How many datagrams were lost for each reason. */
  readonly drops: ReadonlyMap<NetworkEvent.DropReason, number>
  /** How many events each rule of the UDP semantics decided. */
  readonly rules: ReadonlyMap<number, number>
  /** How often each point of misfortune was reached, and how often it fired. */
  readonly sites: ReadonlyMap<string, { readonly reached: number; readonly fired: number }>
  /** In how many runs each mark was hit. */
  readonly marks: ReadonlyMap<string, number>
}

/**
 * What a campaign has to have gone through.
 *
 * @category models
 * @since 0.1.0
 */
export interface Minimum {
  /** Kinds of faults that must have taken effect. Default: none. */
  readonly faults?: ReadonlyArray<Fault.Kind> | undefined
  /** Reasons of loss that must have occurred. Default: none. */
  readonly drops?: ReadonlyArray<NetworkEvent.DropReason> | undefined
  /** Points of misfortune that must have fired. Default: none. */
  readonly sites?: ReadonlyArray<string> | undefined
  /** Marks that must have been hit. Default: none. */
  readonly marks?: ReadonlyArray<string> | undefined
  /** How many rules of the UDP semantics must have decided something. Default: 0. */
  readonly rules?: number | undefined
}

/**
 * What is missing of a minimum, in words.
 *
 * @category operations
 * @since 0.1.0
 */
export const missing = (self: Coverage, minimum: Minimum): ReadonlyArray<string> => [
  ...(minimum.faults ?? []).filter((kind) => !((self.faults.get(kind)?.effective ?? 0) > 0)).map((kind) =>
    `a fault ${kind} that took effect`
  ),
  ...(minimum.drops ?? []).filter((reason) => !self.drops.has(reason)).map((reason) => `a loss by ${reason}`),
  ...(minimum.sites ?? []).filter((site) => !((self.sites.get(site)?.fired ?? 0) > 0)).map((site) =>
    `misfortune at ${site}`
  ),
  ...(minimum.marks ?? []).filter((mark) => !self.marks.has(mark)).map((mark) => `the mark ${JSON.stringify(mark)}`),
  ...(self.rules.size < (minimum.rules ?? 0) ? [`${minimum.rules} rules at work, there were ${self.rules.size}`] : [])
]

/**
 * Fails with `ProvedNothing` when a campaign did not go through the minimum.
 *
 * **Example** (A campaign that must have seen partitions and crashes)
 *
 * ```ts
 * import { Coverage, Property, Swarm } from "@effect-discovery/testing"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { coverage } = yield* Property.check({ faults: Swarm.all, workload: () => Effect.succeed(Effect.void) })
 *   yield* Coverage.assert(coverage, { faults: ["Partition", "Crash"] })
 *   return Coverage.toText(coverage)
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const assert = (
  self: Coverage,
  minimum: Minimum,
  name = "coverage"
): Effect.Effect<void, PropertyFailed.PropertyFailed> => {
  const lacks = missing(self, minimum)
  if (lacks.length === 0) return Effect.void
  const reason = new PropertyFailed.ProvedNothing({ name, missing: lacks, runs: self.runs })
  return Effect.fail(new PropertyFailed.PropertyFailed({ reason }))
}

/**
 * The coverage of several campaigns together.
 *
 * @category combinators
 * @since 0.1.0
 */
export const merge = (all: ReadonlyArray<Coverage>): Coverage => ({
  runs: all.reduce((sum, { runs }) => sum + runs, 0),
  faults: mergeMaps(all.map(({ faults }) => faults), (a, b) => ({
    injected: a.injected + b.injected,
    effective: a.effective + b.effective
  })),
  drops: mergeMaps(all.map(({ drops }) => drops), add),
  rules: mergeMaps(all.map(({ rules }) => rules), add),
  sites: mergeMaps(all.map(({ sites }) => sites), (a, b) => ({
    reached: a.reached + b.reached,
    fired: a.fired + b.fired
  })),
  marks: mergeMaps(all.map(({ marks }) => marks), add)
})

const add = (a: number, b: number): number => a + b

const mergeMaps = <K, V>(maps: ReadonlyArray<ReadonlyMap<K, V>>, combine: (a: V, b: V) => V): ReadonlyMap<K, V> => {
  const merged = new Map<K, V>()
  for (const map of maps) {
    for (const [key, value] of map) {
      const before = merged.get(key)
      merged.set(key, before === undefined ? value : combine(before, value))
    }
  }
  return merged
}

/**
 * The coverage as a table, with what never happened in it too.
 *
 * @category printing
 * @since 0.1.0
 */
export const toText = (self: Coverage): string =>
  [
    ...table("fault", ["injected", "took effect"], Fault.kinds, (kind) => {
      const { effective = 0, injected = 0 } = self.faults.get(kind) ?? {}
      return [injected, effective]
    }),
    "",
    ...table(
      "lost by",
      ["datagrams"],
      Object.keys(NetworkEvent.dropReasons) as Array<NetworkEvent.DropReason>,
      (reason) => [self.drops.get(reason) ?? 0]
    ),
    "",
    ...table("misfortune", ["reached", "fired"], Array.from(self.sites.keys()).toSorted(), (site) => {
      const { fired = 0, reached = 0 } = self.sites.get(site) ?? {}
      return [reached, fired]
    }),
    "",
    ...table("mark", ["runs"], Array.from(self.marks.keys()).toSorted(), (mark) => [self.marks.get(mark) ?? 0]),
    "",
    `rules at work: ${Array.from(self.rules.keys()).toSorted((a, b) => a - b).join(", ") || "none"}`,
    `runs: ${self.runs}`
  ].join("\n")

const table = <K extends string>(
  title: string,
  columns: ReadonlyArray<string>,
  keys: ReadonlyArray<K>,
  count: (key: K) => ReadonlyArray<number>
): ReadonlyArray<string> => {
  const width = Math.max(title.length, ...keys.map((key) => key.length))
  const line = (name: string, cells: ReadonlyArray<string>) =>
    [name.padEnd(width), ...cells.map((cell, i) => cell.padStart(Math.max(columns[i]!.length, 9)))].join("  ")
  return [line(title, columns), ...keys.map((key) => line(key, count(key).map(String)))]
}
