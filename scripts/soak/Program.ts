/**
 * One of the programs: this library in a process, told what to do, with what it sees.
 */
import { Deferred, Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type * as Lines from "../../packages/node/test/lan/peers/lines.ts"
import type * as Churn from "./Churn.ts"

export interface Program {
  readonly order: (command: Lines.Command) => void
  readonly signal: (name: NodeJS.Signals) => void
  /** What it was told since it was asked last. */
  readonly told: () => ReadonlyArray<Churn.Told>
  /** The versions of services as it sees them. */
  readonly view: Map<string, number>
  readonly measurements: Array<Lines.Measured>
  readonly renames: () => number
}

const fixture = join(import.meta.dirname, "../../packages/node/test/lan/peers/ours.ts")

/** Starts a program in a namespace; it ends with the scope. */
export const start = Effect.fnUntraced(function*(namespace: string, name: string) {
  const command = [process.execPath, "--expose-gc", fixture, name, "lo"]
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn("ip", ["netns", "exec", namespace, ...command], { stdio: ["pipe", "pipe", "inherit"] })),
    end
  )
  const view = new Map<string, number>()
  const measurements: Array<Lines.Measured> = []
  let told: Array<Churn.Told> = []
  let renames = 0
  const isReady = yield* Deferred.make<void>()
  const see = (name: string, version: number) => {
    view.set(name, version)
    told.push({ tell: "seen", name, version })
  }
  const hear = (line: Lines.Line) => {
    if (line.tell === "ready") Deferred.doneUnsafe(isReady, Effect.void)
    if (line.tell === "seen") see(line.name, Number(line.txt["version"]))
    if (line.tell === "gone") {
      view.delete(line.name)
      told.push({ tell: "gone", name: line.name })
    }
    if (line.tell === "renamed") renames++
    if (line.tell === "measured") measurements.push(line)
  }
  createInterface({ input: child.stdout! }).on("line", (line) => hear(JSON.parse(line) as Lines.Line))
  yield* Deferred.await(isReady)
  const program: Program = {
    order: (command) => void child.stdin!.write(`${JSON.stringify(command)}\n`),
    signal: (name) => void child.kill(name),
    told: () => {
      const since = told
      told = []
      return since
    },
    view,
    measurements,
    renames: () => renames
  }
  return program
})

const end = (child: ChildProcess): Effect.Effect<void> =>
  Effect.promise(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, "exit")
    child.kill("SIGKILL")
    await exit
  })
