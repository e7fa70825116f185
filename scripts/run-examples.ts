/**
 * Runs every program in `examples/src`; each has to end by itself, without an error, within a minute.
 */
import { spawnSync } from "node:child_process"
import { globSync } from "node:fs"
import { join } from "node:path"

const TIMEOUT = 60_000

const cwd = join(import.meta.dirname, "../examples")
const programs = globSync("src/*.ts", { cwd }).toSorted()

const failed = programs.filter((program) => {
  const { error, signal, status, stderr, stdout } = spawnSync(process.execPath, [program], {
    cwd,
    encoding: "utf8",
    timeout: TIMEOUT,
    killSignal: "SIGKILL"
  })
  console.log(`${status === 0 ? "ok  " : "FAIL"} examples/${program}`)
  if (status !== 0) console.error(stdout, stderr, error?.message ?? `ended by ${signal ?? `exit code ${status}`}`)
  return status !== 0
})

console.log(`examples: ${programs.length - failed.length} of ${programs.length} ok`)
process.exitCode = failed.length === 0 ? 0 : 1
