/**
 * Runs every program in `examples/src`, as many at once as there are processors; each has to end by itself, without an error, within a
 * minute.
 */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { globSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"

const timeout = 60_000

const cwd = join(import.meta.dirname, "../examples")
const programs = globSync("src/*.ts", { cwd }).toSorted()

/** Whether a program ended as it has to. */
const run = (program: string): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    execFile(process.execPath, [program], { cwd, timeout, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      console.log(`${error === null ? "ok  " : "FAIL"} examples/${program}`)
      if (error !== null) console.error(stdout, stderr, `ended by ${error.signal ?? `exit code ${error.code}`}`)
      resume(Effect.succeed(error === null))
    })
  })

const outcomes = await Effect.runPromise(Effect.forEach(programs, run, { concurrency: availableParallelism() }))
const passed = outcomes.filter((isOk) => isOk).length

console.log(`examples: ${passed} of ${programs.length} ok`)
process.exitCode = passed === programs.length ? 0 : 1
