/**
 * Records that were heard together: they share who said them, when that was, and a timer.
 */
import * as Seed from "../../../Seed.ts"
import type * as State from "./State.ts"

class Hearing implements State.Hearing {
  readonly source: State.Source
  slot = -1
  receivedAt: number
  chance: Seed.Seed
  first: State.Entry | undefined = undefined
  older: State.Hearing | undefined = undefined
  newer: State.Hearing | undefined = undefined
  // two bits of a number
  #marks = 0

  constructor(source: State.Source, receivedAt: number, chance: Seed.Seed) {
    this.source = source
    this.receivedAt = receivedAt
    this.chance = chance
  }

  get _tag(): "Hearing" {
    return "Hearing"
  }

  get hasLost(): boolean {
    return (this.#marks & 1) !== 0
  }

  set hasLost(hasLost: boolean) {
    this.#marks = this.#marks & 2 | (hasLost ? 1 : 0)
  }

  get isUnsettled(): boolean {
    return (this.#marks & 2) !== 0
  }

  set isUnsettled(isUnsettled: boolean) {
    this.#marks = this.#marks & 1 | (isUnsettled ? 2 : 0)
  }
}

/** A hearing of what a source said, in which nothing is yet. */
export const make = (source: State.Source, now: number, chance: Seed.Seed): State.Hearing =>
  new Hearing(source, Math.floor(now), chance)

/** What a datagram says, while it is heard: as a rule all of it was said first by one source. */
export interface Saying {
  readonly now: number
  readonly chance: Seed.Seed
  first: State.Hearing | undefined
  others: Map<State.Source, State.Hearing> | undefined
}

export const saying = (now: number, chance: Seed.Seed): Saying => ({ now, chance, first: undefined, others: undefined })

/** The hearing of what a source said first. */
export const ofSource = (self: Saying, source: State.Source): State.Hearing => {
  const { chance, first, now } = self
  if (first === undefined) return self.first = make(source, now, chance)
  if (first.source === source) return first
  self.others ??= new Map()
  const hearing = self.others.get(source) ?? make(source, now, chance)
  self.others.set(source, hearing)
  return hearing
}

/** Notes that all of it was heard again. */
export const renew = (self: State.Hearing, now: number, chance: Seed.Seed): void => {
  self.receivedAt = Math.floor(now)
  self.chance = chance
}

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

/** Adds an entry that is of no hearing, and of the same source. */
export const add = (self: State.Hearing, entry: State.Entry): void => {
  if (self.first === undefined) link(self)
  entry.hearing = self
  entry.nextHeard = self.first
  self.first = entry
}

const link = (self: State.Hearing): void => {
  const { source } = self
  self.older = source.newest
  if (source.newest !== undefined) source.newest.newer = self
  source.newest = self
}

const unlink = (self: State.Hearing): void => {
  const { newer, older, source } = self
  if (newer === undefined) source.newest = older
  else newer.older = older
  if (older !== undefined) older.newer = newer
  self.older = undefined
  self.newer = undefined
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
  if (hearing.first === undefined) unlink(hearing)
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
  for (let i = 0; i < refresh; i++) seed = Seed.next(seed)[1]
  const [drawn] = Seed.between(seed, 0, most)
  return drawn
}
