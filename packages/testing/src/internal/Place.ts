/**
 * Where in a program something happened, as far as a stack tells: frames of Effect, of Node and of this package are left out.
 */
import * as Cause from "effect/Cause"

const own = /[\\/](effect|@effect-discovery[\\/]testing|packages[\\/]testing)[\\/](src|dist)[\\/]|\(node:|at node:/
const shown = 2

/** @internal */
export const frames = (stack: string): ReadonlyArray<string> =>
  stack.split("\n").map((line) => line.trim()).filter((line) => line.startsWith("at ") && !own.test(line))

/** @internal Where the first of what went wrong did, the innermost first. */
export const of = (cause: Cause.Cause<unknown>): ReadonlyArray<string> =>
  frames(Cause.prettyErrors(cause)[0]?.stack ?? "").slice(0, shown)
