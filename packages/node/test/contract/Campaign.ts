/**
 * A campaign of random socket programs, on the simulated network and on a real one.
 */
import { type ContractBed, Fuzz, Simulation, type SocketProgram } from "@effect-discovery/testing"
import { Effect } from "effect"
import * as SimulatedBed from "./SimulatedBed.ts"

/** What a campaign found. */
export interface Report {
  readonly programs: number
  readonly calls: number
  readonly deliveries: number
  /** How many programs showed each kind of behaviour. */
  readonly classes: ReadonlyMap<string, number>
  /** Each by the smallest program that shows it. */
  readonly differences: ReadonlyArray<Found>
  /** The seeds of programs that went otherwise when run again. */
  readonly unstable: ReadonlyArray<number>
}

/** A difference and the program it was shrunk to. */
export interface Found {
  readonly program: SocketProgram.Program
  readonly difference: SocketProgram.Difference
}

/** How a campaign is run. It ends early after so many differences, 10 by default. */
export interface Options {
  readonly seed: number
  readonly programs: number
  readonly place: SocketProgram.Place
  readonly mostDifferences?: number | undefined
}

const shrinkBudget = 300

// a slow or busy machine can be behind with what was sent: only what repeats is a difference
const repeats = 3

/** Runs a campaign. */
export const run = (bed: ContractBed.Bed, options: Options): Effect.Effect<Report> =>
  Effect.gen(function*() {
    const { mostDifferences = 10, place, programs, seed } = options
    const classes = new Map<string, number>()
    const differences: Array<Found> = []
    const unstable: Array<number> = []
    const total = { programs: 0, calls: 0, deliveries: 0 }
    for (let at = 0; at < programs && differences.length < mostDifferences; at++) {
      const program = Fuzz.generate(seed + at, place)
      const real = yield* Fuzz.run(program, bed)
      const difference = Fuzz.difference(program, yield* simulate(program), real)
      total.programs++
      total.calls += program.ops.length
      total.deliveries += deliveries(real)
      for (const each of Fuzz.classes(program, real)) classes.set(each, (classes.get(each) ?? 0) + 1)
      if (difference === undefined) continue
      const found = yield* confirmed(program, bed)
      if (found === undefined) unstable.push(program.seed)
      else differences.push(yield* smallest(found, bed))
    }
    return { ...total, classes, differences, unstable }
  })

const deliveries = (outcome: SocketProgram.Outcome): number =>
  outcome.reduce(
    (sum, { received }) => sum + Object.values(received).reduce((sum, packets) => sum + packets.length, 0),
    0
  )

const simulate = (program: SocketProgram.Program, seed = program.seed): Effect.Effect<SocketProgram.Outcome> =>
  Effect.orDie(Simulation.run(
    Effect.flatMap(SimulatedBed.make(seed), (bed) => Fuzz.run(program, bed)),
    { seed }
  ))

/** The difference, if it is there each time, whatever is drawn: one port for two sockets, and what comes from one seems to be from the other. */
const confirmed = (program: SocketProgram.Program, bed: ContractBed.Bed): Effect.Effect<Found | undefined> =>
  Effect.gen(function*() {
    let found: Found | undefined
    for (let i = 0; i < repeats; i++) {
      const simulated = yield* simulate(program, program.seed + i)
      const difference = Fuzz.difference(program, simulated, yield* Fuzz.run(program, bed))
      if (difference === undefined) return undefined
      found = { program, difference }
    }
    return found
  })

const smallest = (found: Found, bed: ContractBed.Bed): Effect.Effect<Found> =>
  Effect.gen(function*() {
    let last = found
    const fails = (candidate: SocketProgram.Program) =>
      Effect.map(confirmed(candidate, bed), (found) => {
        if (found !== undefined) last = found
        return found !== undefined
      })
    yield* Fuzz.shrink(found.program, fails, shrinkBudget)
    return last
  })

/** A report for people. */
export const format = (self: Report): string =>
  [
    `${self.programs} programs, ${self.calls} calls, ${self.deliveries} deliveries compared`,
    ...Array.from(self.classes).toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, count]) =>
      `  ${String(count).padStart(6)}  ${name}`
    ),
    ...(self.unstable.length === 0
      ? []
      : [`not the same twice: seeds ${self.unstable.join(", ")}`]),
    ...self.differences.map(({ difference, program }) => `\n${Fuzz.formatDifference(program, difference)}`),
    `${self.differences.length} differences`
  ].join("\n")
