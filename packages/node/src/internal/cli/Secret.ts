/**
 * Secrets are in files, never on the command line: every user of the machine sees that, and shells remember it.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Failure from "./Failure.ts"

/** Refuses what looks like a key where the name of a file is expected, and does not repeat it. */
export const refuse = (flag: string, given: Option.Option<string>): Effect.Effect<void, Failure.SecretOnCommandLine> =>
  Option.exists(given, isSecret) ? Effect.fail(new Failure.SecretOnCommandLine({ flag })) : Effect.void

// 32 octets in hexadecimal digits or base64, or a key in PEM
const isSecret = (text: string): boolean =>
  /^\s*(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)\s*$/.test(text) || text.includes("-----BEGIN")
