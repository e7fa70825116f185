/**
 * What moved a fiber of a run from outside of it: a promise, a timer of the system, a worker, a socket.
 */
import type * as Fiber from "effect/Fiber"
import type * as References from "effect/References"
import * as Place from "../Place.ts"
import { type Fibers, spans } from "./Fibers.ts"

/** @internal */
export interface Input {
  readonly elapsedMillis: number
  readonly fiber: string
  readonly spans: ReadonlyArray<string>
  /** Where the program was, as far as the stack tells: frames of Effect and of this package are left out. */
  readonly stack: ReadonlyArray<string>
}

const deep = 64

/** @internal */
export const capture = (
  now: number,
  fiber: Fiber.Fiber<unknown, unknown> | undefined,
  fibers: Fibers
): Input => ({
  elapsedMillis: now / 1000,
  fiber: fiber === undefined ? "a task" : fibers.describe(fiber),
  spans: fiber === undefined ? [] : spans(fiber),
  stack: [...currentStack(), ...calls(fiber?.cache.stackFrame)]
})

const currentStack = (): ReadonlyArray<string> => {
  const engine = Error as { stackTraceLimit?: number }
  const limit = engine.stackTraceLimit
  engine.stackTraceLimit = deep
  const { stack = "" } = new Error()
  if (limit !== undefined) engine.stackTraceLimit = limit
  return Place.frames(stack)
}

// where the functions made with Effect.fn were called from
const calls = (frame: References.StackFrame | undefined): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let call = frame; call !== undefined && found.length < deep; call = call.parent) {
    found.push(...Place.frames(call.stack() ?? "").map((line) => `${line} (${call.name})`))
  }
  return found
}
