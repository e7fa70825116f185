/**
 * Whether two runs went alike.
 */
import type * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import type * as Exit from "effect/Exit"
import * as Journal from "../../Journal.ts"
import * as Value from "../Value.ts"
import type { Input } from "./Outside.ts"

/** @internal */
export interface Run {
  readonly exit: Exit.Exit<unknown, unknown>
  readonly elapsed: Duration.Duration
  readonly events: number
  readonly outside: ReadonlyArray<Input>
  readonly journals: ReadonlyArray<Journal.Journal>
}

/** @internal What is compared of a run. */
export interface Print {
  readonly exit: string
  readonly extent: string
  readonly outside: ReadonlyArray<string>
  readonly journals: ReadonlyArray<Journal.Journal>
  readonly hash: string
}

/** @internal */
export const print = (run: Run): Print => {
  const journals = run.journals
  const exit = describe(run.exit)
  const extent = `${run.events} events in ${Duration.toMillis(run.elapsed)} ms`
  return {
    exit,
    extent,
    journals,
    outside: run.outside.map(({ fiber, stack }) => stack.length === 0 ? fiber : `${fiber} ${stack[0]}`),
    hash: digest([exit, extent, ...journals.map(Journal.hash)])
  }
}

/** @internal Where the first and the second part, undefined where they do not. */
export const difference = (first: Print, second: Print): string | undefined => {
  for (let i = 0; i < Math.max(first.journals.length, second.journals.length); i++) {
    const [here, there] = [first.journals[i], second.journals[i]]
    if (here === undefined || there === undefined) {
      return `one made ${first.journals.length} networks, the other ${second.journals.length}`
    }
    if (Journal.hash(here) === Journal.hash(there)) continue
    return Journal.diff(here, there)?.text ?? "the journals differ in what they have forgotten: raise `history`"
  }
  if (first.exit !== second.exit) return `one ended with ${first.exit}, the other with ${second.exit}`
  if (first.extent !== second.extent) return `one took ${first.extent}, the other ${second.extent}`
  return undefined
}

const describe = (exit: Exit.Exit<unknown, unknown>): string =>
  exit._tag === "Success" ? `success ${Value.format(exit.value)}` : exit.cause.reasons.map(reason).join(", ")

// who interrupted is a number of the process, not of the run
const reason = (self: Cause.Reason<unknown>): string => {
  switch (self._tag) {
    case "Fail":
      return `failure ${Value.format(self.error)}`
    case "Die":
      return `defect ${Value.format(self.defect)}`
    case "Interrupt":
      return "interruption"
  }
}

// FNV-1a, twice 32 bits
const digest = (parts: ReadonlyArray<string>): string => {
  let [low, high] = [0x811c9dc5, 0xcbf29ce4]
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      low = Math.imul(low ^ part.charCodeAt(i), 0x01000193)
      high = Math.imul(high ^ part.charCodeAt(i), 0x01000195)
    }
    low = Math.imul(low ^ 0xff, 0x01000193)
    high = Math.imul(high ^ 0xfe, 0x01000195)
  }
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("")
}
