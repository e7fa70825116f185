/**
 * The keys that the command uses.
 */
import type * as SignedBeacon from "@effect-discovery/core/protocol/SignedBeacon"
import type * as TrustError from "@effect-discovery/core/TrustError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as NodeIdentity from "../../NodeIdentity.ts"
import * as NodeSharedKey from "../../NodeSharedKey.ts"
import * as Failure from "./Failure.ts"

/** The key of this node in the file given or the usual one, which must have been made. */
export const loadOwn = (
  file: string,
  given: Option.Option<string>
): Effect.Effect<NodeIdentity.NodeIdentity, TrustError.TrustError | Failure.KeyMissing> =>
  orMissing(NodeIdentity.load(file), file, ["discover key new", ...toFile(given)])

/** The shared key of a group, which must have been made or given. */
export const loadShared = (
  file: string,
  given: Option.Option<string>
): Effect.Effect<SignedBeacon.SharedKey, TrustError.TrustError | Failure.KeyMissing> =>
  orMissing(NodeSharedKey.load(file), file, ["discover key new --group", ...toFile(given)])

const toFile = Option.match({ onNone: () => [], onSome: (file: string) => [`--file ${file}`] })

const orMissing = <A>(load: Effect.Effect<A, TrustError.TrustError>, file: string, command: ReadonlyArray<string>) =>
  Effect.catchReason(
    load,
    "TrustError",
    "KeyFileMissing",
    () => new Failure.KeyMissing({ file, command: command.join(" ") })
  )
