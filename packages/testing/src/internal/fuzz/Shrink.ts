/**
 * The search for the smallest program that still has a difference.
 */
import * as Effect from "effect/Effect"
import type { Op, Program } from "../../SocketProgram.ts"
import * as Shrink from "../property/Shrink.ts"

/** @internal */
export const shrink = <E, R>(
  program: Program,
  fails: (candidate: Program) => Effect.Effect<boolean, E, R>,
  budget: number
): Effect.Effect<Program, E, R> => Effect.map(Shrink.minimize(program, passes, fails, budget), ({ value }) => value)

const passes: ReadonlyArray<Shrink.Pass<Program>> = [
  Shrink.fewer((program) => program.ops, (program, ops) => ({ ...program, ops })),
  Shrink.alternatives(function*(program) {
    for (const [at, op] of program.ops.entries()) {
      for (const plain of plainer(op)) yield { ...program, ops: program.ops.with(at, plain) }
    }
  })
]

function* plainer(op: Op): Generator<Op> {
  switch (op.op) {
    case "open": {
      for (const name of Object.keys(op.options)) {
        if (name === "family") continue
        const { [name as "address"]: _, ...options } = op.options
        yield { ...op, options }
      }
      if (op.options.multicast?.loopback !== undefined) {
        const { loopback: _, ...multicast } = op.options.multicast
        yield { ...op, options: { ...op.options, multicast } }
      }
      return
    }
    case "send":
      if (op.payloads.length > 1 || op.payloads[0] !== "x") yield { ...op, payloads: ["x"] }
      return
    case "join": {
      const { source, ...options } = op.options
      if (source !== undefined) yield { ...op, options }
      return
    }
    default:
      return
  }
}
