/**
 * The programs as processes of their own.
 */
import { type Cause, Effect, Queue, Stream } from "effect"
import { ChildProcess } from "effect/process"
import type * as Cast from "./Cast.ts"

/** Starts a program, which is ended with the scope at the latest; when this process is killed it ends too, with its input. */
export const start = Effect.fnUntraced(function*({ name, port, role }: Cast.Member) {
  const input = yield* Queue.unbounded<string, Cause.Done>()
  const program = `${import.meta.dirname}/announce.ts`
  const child = yield* ChildProcess.make(process.execPath, [program, role, name, String(port)], {
    stdin: Stream.encodeText(Stream.fromQueue(input)),
    stdout: "ignore",
    stderr: "inherit",
    forceKillAfter: "2 seconds"
  })
  return {
    /** Gives it other attributes to announce. */
    change: (attributes: Record<string, string>) => Queue.offer(input, `${JSON.stringify(attributes)}\n`),
    /** Lets it end, which it does with a goodbye. */
    dismiss: Queue.end(input),
    /** A power cut: it has no time for a goodbye. */
    kill: child.kill({ killSignal: "SIGKILL" })
  }
})
