/**
 * A running agent, as the bed asks it. Every answer is waited for only so long.
 */
import { ContractBed } from "@effect-discovery/testing"
import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Answer, Call } from "./Calls.ts"

/** The process of a host. */
export interface Agent {
  readonly pid: number
  readonly ask: <A>(call: Call) => Effect.Effect<A, ContractBed.SocketFailure>
}

const program = join(import.meta.dirname, "hostProgram.ts")
const deadline = "20 seconds"

/** Starts an agent in a namespace; it is killed with the scope. */
export const start = Effect.fnUntraced(function*(
  namespace: string,
  name: string
): Effect.fn.Return<Agent, never, Scope.Scope> {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn("ip", ["netns", "exec", namespace, process.execPath, program, name], { stdio: ["pipe", "pipe", "pipe"] })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGKILL")
      })
  )
  const waiting = new Map<number, (answer: Answer) => void>()
  let last = 0
  let complaint = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint = `${complaint}${text}`.slice(-4000)))

  const within = <A, E>(effect: Effect.Effect<A, E>, what: string): Effect.Effect<A, E> =>
    Effect.timeoutOrElse(effect, {
      duration: deadline,
      orElse: () => Effect.die(new Error(`${name} has not answered ${what} within ${deadline}\n${complaint}`))
    })

  const lines = createInterface({ input: child.stdout })
  yield* within(Effect.callback<void>((resume) => void lines.once("line", () => resume(Effect.void))), "at all")
  lines.on("line", (line) => {
    const answer = JSON.parse(line) as Answer
    const resume = waiting.get(answer.id)
    waiting.delete(answer.id)
    resume?.(answer)
  })
  child.once("exit", () => {
    for (const [id, resume] of waiting) resume({ id, defect: `${name} has ended\n${complaint}` })
    waiting.clear()
  })

  const answered = (call: Call): Effect.Effect<Answer> =>
    Effect.callback((resume) => {
      const id = ++last
      waiting.set(id, (answer) => resume(Effect.succeed(answer)))
      child.stdin.write(`${JSON.stringify({ id, ...call })}\n`)
      return Effect.sync(() => waiting.delete(id))
    })

  return {
    pid: child.pid!,
    ask: <A>(call: Call) =>
      Effect.flatMap(within(answered(call), call.call), (answer): Effect.Effect<A, ContractBed.SocketFailure> => {
        if ("value" in answer) return Effect.succeed(answer.value as A)
        return "defect" in answer
          ? Effect.die(new Error(`${name}: ${answer.defect}`))
          : Effect.fail(failure(answer.failure))
      })
  }
})

/** A failure out of its JSON. */
export const failure = ({ code, description, kind }: {
  readonly code?: string | undefined
  readonly kind?: string | undefined
  readonly description: string
}): ContractBed.SocketFailure => new ContractBed.SocketFailure({ code, kind, description })
