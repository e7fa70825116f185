/**
 * Secrets are in files, never on the command line: every user of the machine sees that, and shells remember it.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "node:path"
import * as Failure from "./Failure.ts"

/** Refuses what looks like a key where the name of a file is expected, and does not repeat it. */
export const refuse = Effect.fnUntraced(function*(flag: string, given: Option.Option<string>) {
  const suspect = Option.getOrUndefined(Option.filter(given, isSecret))
  if (suspect !== undefined && !(yield* isName(suspect))) return yield* new Failure.SecretOnCommandLine({ flag })
})

// 32 octets in hexadecimal digits or base64, or a key in PEM
const isSecret = (text: string): boolean =>
  /^\s*(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)\s*$/.test(text) || text.includes("-----BEGIN")

// base64 has slashes, so a name may look like it; that of a key is in no directory that there is. A key may begin with one slash or two.
const isName = (text: string): Effect.Effect<boolean, never, FileSystem.FileSystem> => {
  const directory = Path.dirname(text)
  return /^(?:\.|\/+)$/.test(directory)
    ? Effect.succeed(false)
    : FileSystem.FileSystem.use((fs) => Effect.orElseSucceed(fs.exists(directory), () => false))
}
