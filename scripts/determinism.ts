/**
 * Whether the same seed gives the same run in every process, however busy the machine is:
 * `pnpm determinism [--seeds 200]`.
 *
 * Two processes run a LAN of five hosts under random faults, each run twice, in all three orders of fibers, while others keep all
 * processors busy. Every hash of a journal must be the same four times.
 */
import { spawn } from "node:child_process"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"

const { values } = parseArgs({ options: { seeds: { type: "string", default: "200" } } })
const seeds = Number(values.seeds)
if (!Number.isInteger(seeds) || seeds < 1) {
  console.error("--seeds is how many seeds to run, at least 1")
  process.exit(2)
}

const runs = (): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "determinism/runs.ts"), String(seeds)], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => output += text)
    child.on("error", reject)
    child.on("close", (code) => {
      // the library may log as well
      if (code === 0) resolve(output.split("\n").filter((line) => line.startsWith("seed ")))
      else reject(new Error(`a process ended with ${code}: two of its own runs differed, or one failed`))
    })
  })

// endless, until it is killed
const load = Array.from(
  { length: availableParallelism() },
  () => spawn(process.execPath, ["--eval", "for (;;);"], { stdio: "ignore" })
)

try {
  const [first, second] = await Promise.all([runs(), runs()])
  const different = first.filter((line, at) => line !== second[at])
  for (const line of different.slice(0, 10)) console.error(`not the same in the other process: ${line}`)
  const complete = first.length === seeds * 3 && second.length === first.length
  const isSame = complete && different.length === 0
  console.log(
    `determinism: ${seeds} seeds, 3 orders, 2 processes beside ${load.length} busy loops: ` +
      (isSame ? `${first.length} hashes identical` : `${different.length} of ${first.length} hashes differ`)
  )
  process.exitCode = isSame ? 0 : 1
} catch (error) {
  console.error(String(error))
  process.exitCode = 1
} finally {
  for (const child of load) child.kill("SIGKILL")
}
