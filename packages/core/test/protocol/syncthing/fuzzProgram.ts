/**
 * Fuzzes the reader of Syncthing announcements for as long as wanted.
 *
 * usage: node fuzzProgram.ts [--executions <n>] [--seed <n>]
 */
import { parseArgs } from "node:util"
import * as Fuzz from "./fuzz.ts"

const { values } = parseArgs({
  options: { executions: { type: "string", default: "10000000" }, seed: { type: "string" } }
})
const seed = Number(values.seed ?? Date.now() % 1_000_000_000)
const from = performance.now()
const { outcomes, slowest } = Fuzz.run(Number(values.executions), seed)
const seconds = ((performance.now() - from) / 1_000).toFixed(0)
console.log(`${values.executions} executions, seed ${seed}, ${seconds} s, the slowest ${slowest.toFixed(2)} ms`)
for (const [outcome, count] of Array.from(outcomes).toSorted(([, a], [, b]) => b - a)) {
  console.log(`${count} ${outcome}`)
}
