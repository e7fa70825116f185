/**
 * A process of its own for what is measured, asked and answered over Node's channel between parent and child.
 *
 * `start` is the parent's side, `serve` the child's. A child ends with the scope that started it, with its parent, and at the
 * latest after `longest`.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcess, fork } from "node:child_process"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"

/** A child that could not do what it was asked. */
export class ChildFailed extends Data.TaggedError("ChildFailed")<{
  readonly child: string
  readonly message: string
}> {}

/** What a child can be asked: functions of at most one argument, both made of what JSON can carry. */
export type Api = { readonly [call: string]: (argument: any) => unknown }

/** A running child. */
export interface Child<A extends Api> {
  readonly ask: <K extends keyof A & string>(
    call: K,
    ...argument: Parameters<A[K]>
  ) => Effect.Effect<Awaited<ReturnType<A[K]>>, ChildFailed>
}

/** Milliseconds after which a child ends itself, whatever happens: no row takes longer. */
export const longest = 120_000

interface Question {
  readonly id: number
  readonly call: string
  readonly argument: unknown
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** What a child runs on. Without options that is plain Node, as it must be for what is compared with others. */
export interface Options {
  readonly execArgv?: ReadonlyArray<string> | undefined
  /** The network namespace that it runs in. */
  readonly namespace?: string | undefined
  /** The interpreter of a module that is not for Node; it has the channel as well (`lan/channel.py`). */
  readonly interpreter?: string | undefined
}

/** Starts a module as a child. */
export const start = <A extends Api>(
  module: URL,
  options: Options = {}
): Effect.Effect<Child<A>, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Running(module, options)),
      (running) => running.end
    ),
    (running): Child<A> => ({ ask: (call, ...[argument]) => running.ask(call, argument) as any })
  )

class Running {
  readonly name: string
  readonly process: ChildProcess
  readonly waiting = new Map<number, (answer: Answer) => void>()
  /** Why the process is gone, once it is. */
  gone: string | undefined
  lastWords = ""
  lastId = 0

  constructor(module: URL, { execArgv = [], interpreter = process.execPath, namespace }: Options) {
    this.name = basename(module.pathname, ".ts")
    // what `ip` runs takes its place, in the same process
    const [execPath, ...args] = namespace === undefined
      ? [interpreter]
      : ["ip", "netns", "exec", namespace, interpreter]
    this.process = fork(fileURLToPath(module), [], {
      execPath,
      execArgv: [...args, ...execArgv],
      stdio: ["ignore", "ignore", "pipe", "ipc"]
    })
    this.process.stderr?.on("data", (chunk: Buffer) => {
      this.lastWords = (this.lastWords + chunk.toString()).slice(-2_000)
    })
    this.process.on("message", (answer: Answer) => this.waiting.get(answer.id)?.(answer))
    this.process.on("error", (error) => this.fail(error.message))
    this.process.on("exit", (code, signal) => this.fail(`ended with ${code ?? signal} ${this.complaint()}`.trim()))
  }

  // the line that says what went wrong, if there is one
  complaint(): string {
    const lines = this.lastWords.split("\n")
    return lines.find((line) => /Error\b.*:/.test(line)) ?? lines.find((line) => line.trim() !== "") ?? ""
  }

  fail(reason: string): void {
    if (this.gone !== undefined) return
    this.gone = reason
    for (const [id, answer] of this.waiting) answer({ id, error: reason })
  }

  ask(call: string, argument: unknown): Effect.Effect<unknown, ChildFailed> {
    return Effect.callback<unknown, ChildFailed>((resume) => {
      const failed = (message: string) => resume(Effect.fail(new ChildFailed({ child: this.name, message })))
      if (this.gone !== undefined) return failed(this.gone)
      const id = ++this.lastId
      this.waiting.set(id, (answer) => {
        this.waiting.delete(id)
        if (answer.error === undefined) resume(Effect.succeed(answer.value))
        else failed(`${this.name}: ${answer.error}`)
      })
      const question: Question = { id, call, argument }
      this.process.send(question, (error) => error && failed(error.message))
    })
  }

  get end(): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      if (this.process.exitCode !== null || this.process.signalCode !== null || this.process.pid === undefined) {
        return resume(Effect.void)
      }
      this.process.once("exit", () => resume(Effect.void))
      this.process.kill("SIGKILL")
    })
  }
}

/** Answers what the parent asks, one call of `api` each, until the parent goes away. */
export const serve = (api: Api): void => {
  setTimeout(() => process.exit(1), longest).unref()
  process.on("disconnect", () => process.exit())
  process.on("message", ({ argument, call, id }: Question) => {
    const answer = (rest: Omit<Answer, "id">) => process.send?.({ id, ...rest } satisfies Answer)
    Promise.resolve(argument).then(api[call]).then(
      (value) => answer({ value }),
      (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) })
    )
  })
}
