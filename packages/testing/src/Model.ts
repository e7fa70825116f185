/**
 * Programs compared with a model: peers join, leave, crash, change, and what a system knows of them has to be what a table says.
 *
 * @since 0.1.0
 */
import type * as Seed from "@effect-discovery/core/Seed"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Draw } from "./internal/property/Draw.ts"
import * as Shrink from "./internal/property/Shrink.ts"
import * as Simulation from "./Simulation.ts"

/**
 * Something that a peer does.
 *
 * **Details**
 *
 * `Join`: it starts and makes itself known. `Leave`: it says goodbye and stops. `Crash`: it is gone without a word. `Rename`: it has another name from
 * now on. `Move`: what it offers is at another port.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Command = Schema.Union([
  Schema.TaggedStruct("Join", { host: Schema.String, name: Schema.String, port: Schema.Int }),
  Schema.TaggedStruct("Leave", { host: Schema.String }),
  Schema.TaggedStruct("Crash", { host: Schema.String }),
  Schema.TaggedStruct("Rename", { host: Schema.String, name: Schema.String }),
  Schema.TaggedStruct("Move", { host: Schema.String, port: Schema.Int })
])

/**
 * Something that a peer does.
 *
 * @category models
 * @since 0.1.0
 */
export type Command = typeof Command.Type

/**
 * What a peer is known by.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  /** The name that it announces. */
  readonly name: string
  /** The port that it announces. */
  readonly port: number
}

/**
 * The peers that there are, by the host they are on: what everybody has to know in the end.
 *
 * @category models
 * @since 0.1.0
 */
export type Table = ReadonlyMap<string, Entry>

/**
 * The table after a command, or the same table where the command means nothing: one cannot leave who never joined.
 *
 * **Details**
 *
 * That commands which mean nothing are passed over keeps what is left of a list of commands sound when others are taken out of it.
 *
 * @category operations
 * @since 0.1.0
 */
export const step = (table: Table, command: Command): Table => {
  const known = table.get(command.host)
  if ((known === undefined) !== (command._tag === "Join")) return table
  switch (command._tag) {
    case "Join":
      return new Map(table).set(command.host, { name: command.name, port: command.port })
    case "Leave":
    case "Crash":
      return new Map([...table].filter(([host]) => host !== command.host))
    case "Rename":
      return new Map(table).set(command.host, { ...known!, name: command.name })
    case "Move":
      return new Map(table).set(command.host, { ...known!, port: command.port })
  }
}

/**
 * Commands out of a seed, each of which means something where it stands.
 *
 * @category generating
 * @since 0.1.0
 */
export const generate = (hosts: ReadonlyArray<string>, length: number, seed: Seed.Seed): ReadonlyArray<Command> => {
  const draw = new Draw(seed, "model")
  const commands: Array<Command> = []
  let table: Table = new Map()
  for (let i = 0; i < length && hosts.length > 0; i++) {
    const command = drawCommand(draw, draw.one(hosts), table)
    table = step(table, command)
    commands.push(command)
  }
  return commands
}

const drawCommand = (draw: Draw, host: string, table: Table): Command => {
  const name = `${host}-${draw.between(1, 99)}`
  const port = draw.between(1024, 65_535)
  if (!table.has(host)) return { _tag: "Join", host, name, port }
  return draw.one<Command>([
    { _tag: "Leave", host },
    { _tag: "Crash", host },
    { _tag: "Rename", host, name },
    { _tag: "Move", host, port }
  ])
}

/**
 * The system that is compared.
 *
 * @category models
 * @since 0.1.0
 */
export interface System {
  /** Carries out a command. */
  readonly execute: (command: Command) => Effect.Effect<unknown, unknown>
  /** Waits until it has settled, and tells in words where it differs from the table, or undefined. */
  readonly difference: (table: Table) => Effect.Effect<string | undefined, unknown>
}

/**
 * A system that differs from the model, with the shortest list of commands that were found to show it.
 *
 * @category errors
 * @since 0.1.0
 */
export class ModelFailed extends Schema.TaggedError<ModelFailed>("effect-discovery/ModelFailed")("ModelFailed", {
  commands: Schema.Array(Command),
  why: Schema.String,
  seed: Schema.Int
}) {
  /**
   * The commands, and what came of them.
   *
   * @since 0.1.0
   */
  override get message(): string {
    const lines = this.commands.map(({ _tag, host, ...details }) => [_tag, host, ...Object.values(details)].join(" "))
    return `after ${lines.join(", ")}: ${this.why} (seed ${this.seed})`
  }
}

/**
 * How a system is compared.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The hosts that commands are for. */
  readonly hosts: ReadonlyArray<string>
  /** The system that is compared, made anew for each list. */
  readonly system: Effect.Effect<System, unknown, Scope.Scope>
  /** How many lists there are, each in a simulation of its own. Default: 100. */
  readonly runs?: number | undefined
  /** How many commands a list has. Default: 10. */
  readonly commands?: number | undefined
  /** What the seeds of the runs are derived from. Default: 0. */
  readonly seed?: number | undefined
}

/**
 * Compares a system with the model after every command of many lists, and shrinks the first list with which it differs.
 *
 * **Details**
 *
 * A system that fails, dies or gets stuck differs.
 *
 * @category running
 * @since 0.1.0
 */
export const check = Effect.fnUntraced(function*(options: Options) {
  const { commands = 10, hosts, runs = 100, seed = 0 } = options
  for (let run = 0; run < runs; run++) {
    const list = generate(hosts, commands, seed + run)
    const why = yield* play(options.system, list, seed + run)
    if (why === undefined) continue
    const fails = (candidate: ReadonlyArray<Command>) =>
      Effect.map(play(options.system, candidate, seed + run), (why) => why !== undefined)
    const shrunk = yield* Shrink.minimize(list, [Shrink.fewer((list) => list, (_, list) => list, 1)], fails, 1000)
    const shown = yield* play(options.system, shrunk.value, seed + run)
    return yield* new ModelFailed({ commands: shrunk.value, why: shown ?? why, seed: seed + run })
  }
})

const play = (
  system: Effect.Effect<System, unknown, Scope.Scope>,
  commands: ReadonlyArray<Command>,
  seed: number
): Effect.Effect<string | undefined> =>
  Effect.gen(function*() {
    const { difference, execute } = yield* system
    let table: Table = new Map()
    for (const command of commands) {
      const next = step(table, command)
      if (next === table) continue
      table = next
      yield* execute(command)
      const why = yield* difference(table)
      if (why !== undefined) return why
    }
    return undefined
  }).pipe(
    (program) => Simulation.run(program, { seed, realTurns: 0 }),
    Effect.catchCause((cause) => Effect.succeed(`it failed: ${Cause.pretty(cause)}`))
  )
