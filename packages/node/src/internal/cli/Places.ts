/**
 * Where the command keeps its files unless it is told otherwise, by the XDG base directory specification.
 */
import * as TrustError from "@effect-discovery/core/TrustError"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Os from "node:os"
import * as Path from "node:path"

/** A file of the command. */
export type Place = "node.key" | "group.key" | "trust.json" | "stamps.json"

type Environment = Readonly<Record<string, string | undefined>>

/** Where a file is: what the user has written is configuration, what the program remembers is state. */
export const usual = (place: Place, environment: Environment = process.env, home: string = Os.homedir()): string => {
  const [variable, folder] = place === "stamps.json"
    ? ["XDG_STATE_HOME", ".local/state"] as const
    : ["XDG_CONFIG_HOME", ".config"] as const
  const base = environment[variable] ?? ""
  // a relative path is invalid there, and to be ignored
  return Path.join(Path.isAbsolute(base) ? base : Path.join(home, folder), "effect-discovery", place)
}

/** The file given, or the usual one. */
export const choose = (given: Option.Option<string>, place: Place): string =>
  Option.getOrElse(given, () => usual(place))

/** The same, to be written to: the directory of the usual one is made if need be, for its owner alone. */
export const prepare = Effect.fnUntraced(function*(given: Option.Option<string>, place: Place) {
  const fs = yield* FileSystem.FileSystem
  const file = choose(given, place)
  if (Option.isNone(given)) {
    yield* fs.makeDirectory(Path.dirname(file), { recursive: true, mode: 0o700 }).pipe(
      Effect.catch((cause) => TrustError.make(new TrustError.Unwritable({ file, cause })))
    )
  }
  return file
})
