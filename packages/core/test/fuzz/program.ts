/**
 * Fuzzes decoders for as long as wanted, all of them unless some are named.
 *
 * usage: node program.ts [targets…] [--executions <n of each>] [--seed <n>] [--replay <hex of one input>] [--keep]
 */
import { parseArgs } from "node:util"
import * as Corpus from "./Corpus.ts"
import * as Fuzz from "./Fuzz.ts"
import type * as Target from "./Target.ts"
import { targets } from "./targets.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    executions: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    replay: { type: "string" },
    keep: { type: "boolean", default: false }
  }
})
const names = targets.map(({ name }) => name)
const unknown = positionals.filter((name) => !names.includes(name))
const chosen = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const executions = Number(values.executions)
const seed = Number(values.seed)

const run = (target: Target.Target): Fuzz.Report =>
  values.replay === undefined
    ? Fuzz.run(target, { executions, seed })
    : Fuzz.replay(target, Uint8Array.from(Buffer.from(values.replay, "hex")))

const tell = (name: string, report: Fuzz.Report, seconds: number): void => {
  const outcomes = Array.from(report.outcomes).toSorted(([, a], [, b]) => b - a)
  console.log(
    `${name}: ${report.executions} executions in ${seconds.toFixed(1)} s, ` +
      `the slowest ${report.slowest.toFixed(2)} ms, the largest ${report.largest} octets\n` +
      `  ${outcomes.map(([outcome, count]) => `${outcome} ${count}`).join(", ")}`
  )
}

const fuzz = (target: Target.Target): void => {
  const from = performance.now()
  try {
    const report = run(target)
    tell(target.name, report, (performance.now() - from) / 1_000)
    if (values.keep) Corpus.keep(target.name, report.shortest)
  } catch (error) {
    console.error(error instanceof Fuzz.Broken ? error.message : error)
    process.exitCode = 1
  }
}

if (unknown.length > 0 || !Number.isInteger(executions) || !Number.isInteger(seed)) {
  console.error(
    `usage: pnpm fuzz [targets…] [--executions n] [--seed n] [--replay hex] [--keep]\ntargets: ${names.join(", ")}`
  )
  process.exitCode = 2
} else {
  if (values.replay === undefined) console.log(`seed ${seed}`)
  chosen.forEach(fuzz)
}
