/**
 * The benchmark. `bench/README.md` tells how to read it.
 *
 * `pnpm bench [groups...] [--quick] [--json file [--note text]] [--check] [--compare old.json]`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { all } from "./groups/index.ts"
import * as Arguments from "./harness/Arguments.ts"
import * as Comparison from "./harness/Comparison.ts"
import * as Group from "./harness/Group.ts"
import * as Machine from "./harness/Machine.ts"
import * as ResultFile from "./harness/ResultFile.ts"
import * as Run from "./harness/Run.ts"
import * as Table from "./harness/Table.ts"
import * as Contestant from "./lan/Contestant.ts"
import * as Peers from "./peers.ts"

const names = all.map(({ name }) => name)

const onMeasured = (what: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}\r`)
}

const run = Effect.fnUntraced(function*(options: Arguments.Arguments) {
  // before anything is measured, so that a wrong name is told at once
  const old = options.compare === undefined ? undefined : ResultFile.read(options.compare)
  const plan = options.quick ? Group.quick(onMeasured) : Group.full(onMeasured)
  const selected = options.groups.length === 0 ? all : all.filter(({ name }) => options.groups.includes(name))
  const { granted, noise, rows } = yield* Run.groups(selected, plan)
  onMeasured("")
  const mode = options.quick ? "quick" : "full"
  const result = ResultFile.make({
    machine: Machine.read(),
    peers: { ...Peers.versions(), ...Contestant.versions() },
    mode,
    note: options.note,
    granted,
    noise,
    rows
  })
  if (options.json !== undefined) ResultFile.write(options.json, result)
  if (old !== undefined) console.log(`${Comparison.format(Comparison.moves(old.rows, result.rows))}\n`)
  console.log(Table.format(rows))
  if (options.check) process.exitCode = Run.exitCode(rows)
})

const options = Arguments.parse(process.argv.slice(2), names)
if (typeof options === "string") {
  console.error(`${options}\n\n${Arguments.usage(names)}`)
  process.exitCode = 2
} else {
  NodeRuntime.runMain(run(options))
}
