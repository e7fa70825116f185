/**
 * Where the command keeps its files unless it is told otherwise, by the XDG base directory specification.
 */
import * as TrustError from "@effect-discovery/core/TrustError"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Failure from "./Failure.ts"

/** A file of the command. */
export type Place = "node.key" | "group.key" | "trust.json" | "stamps.json"

type Environment = Readonly<Record<string, string | undefined>>

/** Where a file is: what the user has written is configuration, what the program remembers is state. */
export const usual = (
  place: Place,
  environment: Environment = process.env,
  home: string = homeOfUser()
): Effect.Effect<string, Failure.HomeUnknown> => {
  const [variable, folder] = place === "stamps.json"
    ? ["XDG_STATE_HOME", ".local/state"] as const
    : ["XDG_CONFIG_HOME", ".config"] as const
  const base = environment[variable] ?? ""
  // a relative path is invalid in either, and to be ignored
  const parent = [base, home && Path.join(home, folder)].find((path) => Path.isAbsolute(path))
  return parent === undefined
    ? Effect.fail(new Failure.HomeUnknown({ place, variable }))
    : Effect.succeed(Path.join(parent, "effect-discovery", place))
}

// the system need not know whoever runs this, as in a container
const homeOfUser = (): string => {
  try {
    return Os.homedir()
  } catch {
    return ""
  }
}

/** The file given, or the usual one. */
export const choose = (given: Option.Option<string>, place: Place): Effect.Effect<string, Failure.HomeUnknown> =>
  Option.match(given, { onNone: () => usual(place), onSome: Effect.succeed })

/** The same, to be written to: the directory of the usual one is made if need be, for its owner alone. */
export const prepare = Effect.fnUntraced(function*(given: Option.Option<string>, place: Place) {
  const fs = yield* FileSystem.FileSystem
  const file = yield* choose(given, place)
  if (Option.isNone(given)) {
    yield* fs.makeDirectory(Path.dirname(file), { recursive: true, mode: 0o700 }).pipe(
      Effect.catch((cause) => TrustError.make(new TrustError.Unwritable({ file, cause })))
    )
  }
  return file
})
