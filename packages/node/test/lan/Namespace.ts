/**
 * Linux network namespaces as hosts. They have no link to any other network.
 */
import { Effect, type Scope } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

const prefix = "discover-test-"

/** Why there can be no namespaces here; `undefined` when there can. */
export const unavailable = ((): string | undefined => {
  if (process.platform !== "linux") return "network namespaces need Linux"
  if (process.getuid?.() !== 0) return "network namespaces need root"
  if (spawnSync("ip", ["-V"]).error !== undefined) return "network namespaces need iproute2"
  const probe = `${prefix}${process.pid}-probe`
  if (spawnSync("ip", ["netns", "add", probe]).status !== 0) return "the system allows no network namespaces"
  spawnSync("ip", ["netns", "del", probe])
  return undefined
})()

/** A name that no other test has, for namespaces whose names begin with it and `-`. They are removed with the scope. */
export const names: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    removeAbandoned()
    return `${prefix}${process.pid}-${Math.random().toString(36).slice(2, 6)}`
  }),
  (name) => Effect.sync(() => list().filter((each) => each.startsWith(`${name}-`)).forEach(remove))
)

/** Runs a script of the shell. */
export const sh = (script: string): void =>
  void execFileSync("sh", ["-ec", script], { stdio: ["ignore", "ignore", "pipe"] })

/** Runs `ip` commands, a line each, inside of a namespace. */
export const ip = (namespace: string, commands: string): void =>
  void execFileSync("ip", ["-n", namespace, "-batch", "-"], { input: commands, stdio: ["pipe", "ignore", "pipe"] })

const list = (): ReadonlyArray<string> =>
  execFileSync("ip", ["netns", "list"], { encoding: "utf8" }).split("\n").map((line) => line.split(" ")[0]!)

// those of a test run that was killed
const removeAbandoned = (): void =>
  list()
    .filter((name) => name.startsWith(prefix) && !existsSync(`/proc/${/\d+/.exec(name)?.[0]}`))
    .forEach(remove)

// another file may remove what is abandoned at the same moment
const remove = (namespace: string): void => {
  const pids = spawnSync("ip", ["netns", "pids", namespace], { encoding: "utf8" }).stdout.split("\n").filter(Boolean)
  if (pids.length > 0) spawnSync("kill", ["-KILL", ...pids])
  spawnSync("ip", ["netns", "del", namespace])
  if (list().includes(namespace)) throw new Error(`${namespace} cannot be removed`)
}
