/**
 * Programs as child processes: started with a scope, followed by what they print, ended with the scope at the latest.
 */
import { type Duration, Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A line that `discover watch --json` prints. */
export interface Event {
  readonly event: "discovered" | "updated" | "lost"
  readonly at: string
  readonly peer: { readonly id: string; readonly name: string; readonly [key: string]: unknown }
  readonly changed?: ReadonlyArray<string>
  readonly reason?: string
}

/** A program that was started. What is waited for fails the test when it does not come in time. */
export interface Child {
  readonly pid: number
  /** All that was printed so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** The first match in standard output or standard error, printed already or to come. */
  readonly prints: (pattern: RegExp, from?: "stdout" | "stderr") => Effect.Effect<RegExpExecArray>
  /** The first event of this kind about this peer, or the `nth`, printed already or to come. */
  readonly tells: (event: Event["event"], id: string, nth?: number) => Effect.Effect<Event>
  /** What `find` finds in all of standard output once it finds something; `what` is for the failure. */
  readonly finds: <A>(find: (stdout: string) => A | undefined, what: string) => Effect.Effect<A>
  /** Writes to standard input, when it was started with `input`. */
  readonly write: (text: string) => Effect.Effect<void>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Stops reading what it prints. */
  readonly closeStdout: Effect.Effect<void>
  /** The exit code, or the signal that ended it. */
  readonly exit: Effect.Effect<number | NodeJS.Signals>
}

/** How a program is started. `deadline` is for everything that is waited for (default: 20 seconds). */
export interface Options {
  readonly deadline?: Duration.Input
  /** Whether its standard input is written to; otherwise it is empty. */
  readonly input?: boolean
  /** Variables beside those of the tests. */
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a program. */
export const start = Effect.fnUntraced(function*(
  command: string,
  args: ReadonlyArray<string>,
  { deadline = "20 seconds", env, input = false }: Options = {}
) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(command, args, { stdio: "pipe", env: { ...process.env, ...env } })),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGKILL")
      })
  )
  // a program that has ended reads no more
  child.stdin.on("error", () => {})
  if (!input) child.stdin.end()
  const output = { stdout: "", stderr: "" }
  // however many wait, the stream has one listener
  const looking = { stdout: new Set<() => void>(), stderr: new Set<() => void>() }
  for (const from of ["stdout", "stderr"] as const) {
    child[from].setEncoding("utf8").on("data", (text: string) => {
      output[from] += text
      for (const look of looking[from]) look()
    })
  }

  const within = <A>(effect: Effect.Effect<A>, what: string): Effect.Effect<A> =>
    Effect.timeoutOrElse(effect, {
      duration: deadline,
      orElse: () =>
        Effect.die(new Error(`${what}: not within ${deadline}\n${output.stdout.slice(-4_000)}\n${output.stderr}`))
    })

  /** What `find` finds once it does. */
  const await_ = <A>(find: () => A | undefined, from: "stdout" | "stderr"): Effect.Effect<A> =>
    Effect.callback<A>((resume) => {
      const look = () => {
        const found = find()
        if (found !== undefined) resume(Effect.succeed(found))
        return found
      }
      if (look() !== undefined) return
      looking[from].add(look)
      return Effect.sync(() => looking[from].delete(look))
    })

  const running: Child = {
    pid: child.pid!,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    prints: (pattern, from = "stdout") =>
      within(await_(() => pattern.exec(output[from]) ?? undefined, from), String(pattern)),
    tells: (event, id, nth = 1) =>
      within(
        await_(
          () => events(output.stdout).filter((each) => each.event === event && each.peer.id === id)[nth - 1],
          "stdout"
        ),
        `${event} ${id}`
      ),
    finds: (find, what) => within(await_(() => find(output.stdout), "stdout"), what),
    write: (text) => Effect.sync(() => void child.stdin.write(text)),
    signal: (signal) => Effect.sync(() => void child.kill(signal)),
    closeStdout: Effect.sync(() => void child.stdout.destroy()),
    exit: within(
      Effect.callback((resume) => {
        const ended = () => resume(Effect.succeed(child.exitCode ?? child.signalCode!))
        if (child.exitCode !== null || child.signalCode !== null) return ended()
        child.once("close", ended)
        return Effect.sync(() => child.off("close", ended))
      }),
      "exit"
    )
  }
  return running
})

const events = (stdout: string): ReadonlyArray<Event> =>
  stdout.split("\n").slice(0, -1).flatMap((line) => line === "" ? [] : [JSON.parse(line) as Event])

/** The start file of the `discover` command. */
export const bin = join(import.meta.dirname, "../../bin/discover.mjs")

/** Where the command finds its files: nowhere, or in this directory. */
export const home = (directory: string = join(tmpdir(), "effect-discovery-none")) => ({
  XDG_CONFIG_HOME: join(directory, "config"),
  XDG_STATE_HOME: join(directory, "state")
})

/** Starts the `discover` command, which has no files of its own. */
export const discover = (...args: ReadonlyArray<string>): Effect.Effect<Child, never, Scope.Scope> =>
  discoverIn(home(), ...args)

/** Starts the `discover` command with these variables. */
export const discoverIn = (
  env: Readonly<Record<string, string>>,
  ...args: ReadonlyArray<string>
): Effect.Effect<Child, never, Scope.Scope> => start(process.execPath, [bin, ...args], { env })

/** A name that no other test or program has. */
export const uniqueName = (): string => `t${process.pid}-${Math.random().toString(36).slice(2, 8)}`
