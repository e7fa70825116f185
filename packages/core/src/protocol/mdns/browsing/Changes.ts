/**
 * What changes of the cache are about.
 */
import type * as Name from "../Name.ts"
import type * as Querier from "../Querier.ts"

/**
 * The name and the type of the records that a change is about. Where there is one, it is the name that the cache has, whose key is the very
 * text that names are looked up by here, and not one like it.
 */
export const subjectOf = (change: Querier.Change): { readonly name: Name.Name; readonly type: number } => {
  switch (change.kind) {
    case "denied":
      return change
    case "withdrawn":
      return change.record
    default:
      return change.entry
  }
}

/**
 * Whether a change says no more of a set than the one before: that its records hold for longer. The cache has them all before either is told, and
 * what is known of a set is looked up there.
 */
export const isRepeated = (change: Querier.Change, before: Querier.Change | undefined): boolean =>
  change.kind === "renewed" && before?.kind === "renewed" && change.entry.name === before.entry.name &&
  change.entry.type === before.entry.type
