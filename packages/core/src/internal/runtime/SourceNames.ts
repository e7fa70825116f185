/**
 * The names of sources, of which the ids of peers are made.
 */
import * as Effect from "effect/Effect"
import * as DiscoveryError from "../../DiscoveryError.ts"

/** Refuses names that are given twice, and those by which one source could speak for another. */
export const check = (
  sources: ReadonlyArray<{ readonly name: string }>
): Effect.Effect<void, DiscoveryError.DiscoveryError> => {
  const names = sources.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    return unsupported(`Having two sources named ${twice}`, "Give each source a name of its own.")
  }
  // a colon ends the name in a peer's id: a node of source "a" must not be able to speak for source "a:b", nor any for those whose
  // ids are keys (S-U5)
  const unfit = names.find((name) => name === "" || name === "key" || name.includes(":"))
  if (unfit !== undefined) {
    return unsupported(
      `A source named "${unfit}"`,
      "Give it a name of at least one character, without a colon, and other than \"key\"."
    )
  }
  return Effect.void
}

const unsupported = (operation: string, advice: string): Effect.Effect<never, DiscoveryError.DiscoveryError> =>
  DiscoveryError.make(new DiscoveryError.Unsupported({ operation, advice }))
