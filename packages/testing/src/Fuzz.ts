/**
 * Random programs of socket calls, run alike on a simulated network and on a real one: where the two differ, one of them is wrong.
 *
 * A program is plain data out of a seed. Its outcome is what each call returned and who received what, without what may differ from
 * run to run. A program with a difference is shrunk to the few calls that show it.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as ContractBed from "./ContractBed.ts"
import * as Classes from "./internal/fuzz/Classes.ts"
import * as Compare from "./internal/fuzz/Compare.ts"
import * as Generate from "./internal/fuzz/Generate.ts"
import * as Print from "./internal/fuzz/Print.ts"
import * as Run from "./internal/fuzz/Run.ts"
import * as Shrink from "./internal/fuzz/Shrink.ts"
import type * as SocketProgram from "./SocketProgram.ts"

/**
 * The program of a seed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const generate: (seed: number, place: SocketProgram.Place) => SocketProgram.Program = Generate.generate

/**
 * Runs a program on a bed, and puts the bed back as it was.
 *
 * @category running
 * @since 0.1.0
 */
export const run: (program: SocketProgram.Program, bed: ContractBed.Bed) => Effect.Effect<SocketProgram.Outcome> =
  Run.run

/**
 * Where two runs of a program differ, `undefined` if nowhere.
 *
 * **Details**
 *
 * What may differ is not compared: the numbers of ports that the system chose; the order of the copies among sockets (rule 53); which
 * of the sockets that share a port by `reusePort` gets a unicast datagram (rule 21); how a connected socket learns in the middle of a
 * burst that nobody holds its peer's port, by the next send or by `onError` (rule 78); indexes of interfaces, and link-local
 * addresses, which are those of the bed.
 *
 * @category comparing
 * @since 0.1.0
 */
export const difference: (
  program: SocketProgram.Program,
  simulated: SocketProgram.Outcome,
  real: SocketProgram.Outcome
) => SocketProgram.Difference | undefined = Compare.difference

/**
 * The smallest program found that still has a difference, by `fails`, in at most so many tries.
 *
 * @category running
 * @since 0.1.0
 */
export const shrink: <E, R>(
  program: SocketProgram.Program,
  fails: (candidate: SocketProgram.Program) => Effect.Effect<boolean, E, R>,
  budget: number
) => Effect.Effect<SocketProgram.Program, E, R> = Shrink.shrink

/**
 * The program as text, a call a line, with its outcome beside it.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format: (program: SocketProgram.Program, outcome?: SocketProgram.Outcome) => string = Print.program

/**
 * A difference as text: the program until there, and what became of the last call on each side.
 *
 * @category formatting
 * @since 0.1.0
 */
export const formatDifference: (program: SocketProgram.Program, difference: SocketProgram.Difference) => string =
  Print.difference

/**
 * The behaviours that a run showed, such as `multicast to a socket that never joined`, to see what a campaign has covered.
 *
 * @category getters
 * @since 0.1.0
 */
export const classes: (program: SocketProgram.Program, outcome: SocketProgram.Outcome) => ReadonlySet<string> =
  Classes.of
