/**
 * Records that were heard together: they share when that was, and a timer.
 */
import * as Seed from "../../../Seed.ts"
import type * as State from "./State.ts"

export const make = (receivedAt: number, chance: Seed.Seed): State.Hearing => ({
  _tag: "Hearing",
  slot: -1,
  receivedAt,
  chance,
  first: undefined,
  hasLost: false,
  isUnsettled: false
})

/** The entries of it. */
export const entriesOf = ({ first }: State.Hearing): ReadonlyArray<State.Entry> => {
  const entries: Array<State.Entry> = []
  for (let entry = first; entry !== undefined; entry = entry.nextHeard) entries.push(entry)
  return entries
}

/** Whether these, each of them once, are all that it ever was of. */
export const isOf = (self: State.Hearing, entries: ReadonlyArray<State.Entry>): boolean => {
  if (self.hasLost) return false
  for (const { hearing } of entries) if (hearing !== self) return false
  let others = -entries.length
  for (let entry = self.first; entry !== undefined; entry = entry.nextHeard) others++
  return others === 0
}

/** Adds an entry that is of no hearing. */
export const add = (self: State.Hearing, entry: State.Entry): void => {
  entry.hearing = self
  entry.nextHeard = self.first
  self.first = entry
}

/** Takes an entry out. */
export const remove = (entry: State.Entry): void => {
  const { hearing } = entry
  if (hearing.first === entry) hearing.first = entry.nextHeard
  else {
    let before = hearing.first
    while (before !== undefined && before.nextHeard !== entry) before = before.nextHeard
    if (before !== undefined) before.nextHeard = entry.nextHeard
  }
  entry.nextHeard = undefined
}

/** Takes an entry out that is gone. */
export const lose = (entry: State.Entry): void => {
  entry.hearing.hasLost = true
  remove(entry)
}

/** Notes that the deadline of a record may be another now. */
export const disturb = ({ unsettled }: Pick<State.Querier, "unsettled">, hearing: State.Hearing): void => {
  if (hearing.isUnsettled) return
  hearing.isUnsettled = true
  unsettled.push(hearing)
}

/** Draws again what chance decides: of `most` parts, for the refresh of that number. */
export const draw = ({ chance }: State.Hearing, refresh: number, most: number): number => {
  let seed = chance
  for (let i = 0; i < refresh; i++) [, seed] = Seed.next(seed)
  const [drawn] = Seed.between(seed, 0, most)
  return drawn
}
