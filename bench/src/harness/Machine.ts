/**
 * What the figures were taken on.
 */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { availableParallelism, totalmem } from "node:os"

/** Versions, and the size of the machine. */
export interface Machine {
  readonly commit: string
  readonly node: string
  readonly effect: string
  readonly platform: string
  readonly cpus: number
  /** Gibibytes of memory, rounded. */
  readonly memory: number
}

/** This machine, now. */
export const read = (): Machine => ({
  commit: commit(),
  node: process.versions.node,
  effect: versionOf("effect"),
  platform: `${process.platform}-${process.arch}`,
  cpus: availableParallelism(),
  memory: Math.round(totalmem() / 2 ** 30)
})

const versionOf = (name: string): string => {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  return (JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string }).version
}

// a checkout without git, or with changes that are in no commit, is said to be one
const commit = (): string => {
  try {
    const git = (...args: ReadonlyArray<string>) =>
      execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "../../../packages") !== ""
    return git("rev-parse", "--short=12", "HEAD").trim() + (changed ? " with changes" : "")
  } catch {
    return "unknown"
  }
}
