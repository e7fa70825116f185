/**
 * What an unchanged datagram does: it renews the records that it said before, and nothing else.
 *
 * Nearly all that is heard of a settled network is like that, so its octets are recognised before they are decoded, and only the time is noted.
 * The engine makes up for it at its next step, whatever that is for: each datagram that was noted has then renewed its records, in the order and at the
 * times they were heard.
 */
import * as Lease from "../../Lease.ts"

/** What is shared by the engine and the renewals that it has given out. */
export interface Renewals<Entry, Early> {
  /** Counts what may have changed what any datagram means; a renewal of before is none any more. */
  era: number
  /** Counts what may have made somebody want what was of no interest. */
  wants: number
  /** Those that the engine has not made up for. */
  readonly pending: Array<Renewal<Entry, Early>>
}

/** Where records come from. Its era counts what may have changed what they mean that say them. */
export interface Source {
  readonly era: number
}

/** What a datagram renews: records of one source, and `isAll` when it has no others in it; `early`, addresses to be remembered among the others. */
export interface Renewed<Entry, Early> {
  readonly entries: ReadonlyArray<Entry>
  readonly early: Early | undefined
  readonly source: Source | undefined
  readonly isAll: boolean
}

/** The renewal that a datagram stands for, as long as nothing else changes. */
export interface Renewal<Entry = unknown, Early = unknown> {
  readonly all: Renewals<Entry, Early>
  readonly era: number
  /** Whose records these are, and its era; the wants, when there are others in it that nobody wants. */
  readonly source: Source
  readonly sourceEra: number
  readonly wants: number | undefined
  readonly entries: ReadonlyArray<Entry>
  readonly early: Early | undefined
  /** Of whom it concerns, and of the others: what it has announced holds for as long again. One as a rule, which needs no array. */
  lease: Lease.Lease | undefined
  others: ReadonlyArray<Lease.Lease>
  /** When it was heard last, in whole milliseconds, and whether the engine knows. */
  at: number
  isPending: boolean
}

export const none = <Entry, Early>(): Renewals<Entry, Early> => ({ era: 0, wants: 0, pending: [] })

export const make = <Entry, Early>(
  all: Renewals<Entry, Early>,
  { early, entries, isAll, source = nobody }: Renewed<Entry, Early>,
  now: number
): Renewal<Entry, Early> => ({
  all,
  era: all.era,
  source,
  sourceEra: source.era,
  wants: isAll ? undefined : all.wants,
  entries,
  early,
  lease: undefined,
  others: nothing,
  at: Math.floor(now),
  isPending: false
})

const nobody: Source = { era: 0 }
const nothing: ReadonlyArray<never> = []

/** Notes whose lease it renews as well. */
export const hold = (self: Renewal, lease: Lease.Lease): void => {
  if (self.lease === undefined) self.lease = lease
  else self.others = [...self.others, lease]
}

/** Whether the datagram still means nothing but this. */
export const isCurrent = ({ all, era, lease, others, source, sourceEra, wants }: Renewal): boolean => {
  if (all.era !== era || source.era !== sourceEra || (wants !== undefined && all.wants !== wants)) return false
  return (lease === undefined || isLive(lease)) && (others === nothing || others.every(isLive))
}

/** Whether a lease keeps something, or will when it is heard of. */
export const isLive = ({ isHeld, isPending }: Lease.Lease): boolean => isHeld || isPending

/** Notes that the datagram was heard again. */
export const hear = <Entry, Early>(self: Renewal<Entry, Early>, now: number): void => {
  self.at = now
  if (self.lease !== undefined) Lease.renew(self.lease, now)
  if (self.others.length > 0) { for (const lease of self.others) Lease.renew(lease, now) }
  if (self.isPending) return
  self.isPending = true
  self.all.pending.push(self)
}

/** Takes out those to be made up for, in the order in which they were heard last. */
export const takePending = <Entry, Early>(
  { pending }: Renewals<Entry, Early>
): ReadonlyArray<Renewal<Entry, Early>> => {
  const taken = pending.splice(0).toSorted((a, b) => a.at - b.at)
  for (const renewal of taken) renewal.isPending = false
  return taken
}
