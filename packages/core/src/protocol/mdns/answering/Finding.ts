/**
 * The records of an answer as they are when it is sent.
 */
import type * as Zone from "../Zone.ts"
import * as Answer from "./Answer.ts"
import * as Denials from "./Denials.ts"

/** Finds the records of an answer; none, when they are no longer ours. */
export type Finding = (answer: Answer.Answer) => Zone.Part

/** Looks into a zone as it is now; to be used at once, since it remembers the names it has seen. */
export const make = (zone: Zone.Zone, denials: Denials.Denials): Finding => {
  const names = new Map<string, Map<string, Array<Zone.Owned>>>()
  return ({ denialTtl, key, name }) => {
    if (denialTtl !== undefined) {
      const denial = Denials.of(denials, zone, name, denialTtl)
      return denial === undefined ? [] : [denial]
    }
    let found = names.get(name)
    if (found === undefined) names.set(name, found = byAnswer(zone.names.get(name)?.records ?? []))
    return found.get(key) ?? []
  }
}

const byAnswer = (records: ReadonlyArray<Zone.Owned>): Map<string, Array<Zone.Owned>> => {
  const found = new Map<string, Array<Zone.Owned>>()
  for (const owned of records) {
    const { key } = Answer.of(owned)
    const others = found.get(key)
    if (others === undefined) found.set(key, [owned])
    else others.push(owned)
  }
  return found
}

/** When the answer last went out by multicast as a whole or in part, `-Infinity` before. */
export const multicastAt = (records: ReadonlyArray<Zone.Owned>): number => {
  let latest = -Infinity
  for (const { multicastAt } of records) latest = Math.max(latest, multicastAt)
  return latest
}
