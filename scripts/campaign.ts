/**
 * Judges discovery in thousands of runs with all faults there are, prints what they went through, and fails on a violation or on a kind of
 * fault that never took effect.
 *
 * `pnpm campaign --runs 5000 --seed 7 --only json`
 */
import { Coverage, Property } from "@effect-discovery/testing"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Clock, Console, Data, Effect } from "effect"
import { parseArgs } from "node:util"
import { campaigns as discovery, minimum, propertyOf, variants } from "../packages/testing/test/campaigns/Campaigns.ts"
import * as MdnsChurn from "../packages/testing/test/campaigns/MdnsChurn.ts"

class Misused extends Data.TaggedError("Misused")<{ readonly message: string }> {}

const { values } = parseArgs({
  options: { runs: { type: "string", default: "5000" }, seed: { type: "string" }, only: { type: "string" } }
})
type Changes = Pick<Property.Options<unknown>, "seed" | "runs"> & typeof variants[number]

const campaigns = [
  ...discovery.map((campaign) => ({
    name: campaign.name,
    check: (changes: Changes) => Property.check({ ...propertyOf(campaign), ...changes })
  })),
  {
    name: MdnsChurn.property.name,
    check: (changes: Changes) => Property.check({ ...MdnsChurn.property, ...changes })
  }
]
const chosen = campaigns.filter(({ name }) => values.only === undefined || name === values.only)
const isWhole = values.only === undefined

const judge = Effect.fnUntraced(function*(campaign: typeof campaigns[number], seed: number, runs: number) {
  const started = yield* Clock.currentTimeMillis
  const results = yield* Effect.forEach(
    variants,
    (variant, i) => campaign.check({ ...variant, seed: seed + i, runs: Math.ceil(runs / variants.length) })
  )
  const coverage = Coverage.merge(results.map(({ coverage }) => coverage))
  const millis = (yield* Clock.currentTimeMillis) - started
  yield* Console.log(`${campaign.name}: ${coverage.runs} runs held, ${(millis / coverage.runs).toFixed(1)} ms each`)
  return coverage
})

const main = Effect.gen(function*() {
  const seed = values.seed === undefined ? (yield* Clock.currentTimeMillis) % 1_000_000_007 : Number(values.seed)
  const runs = Math.ceil(Number(values.runs) / chosen.length)
  if (!Number.isSafeInteger(seed) || !(runs > 0)) {
    return yield* new Misused({ message: "--runs and --seed take whole numbers" })
  }
  if (chosen.length === 0) {
    const names = campaigns.map(({ name }) => name).join(", ")
    return yield* new Misused({ message: `there is no campaign ${values.only}; there are ${names}` })
  }
  yield* Console.log(`seed ${seed}`)
  const coverage = Coverage.merge(yield* Effect.forEach(chosen, (campaign) => judge(campaign, seed, runs)))
  yield* Console.log(`\n${Coverage.toText(coverage)}`)
  if (isWhole) yield* Coverage.assert(coverage, minimum)
})

main.pipe(
  Effect.tapError((error) => Console.error(`\n${error.message}`)),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
