/**
 * What an unchanged datagram does: it renews the records that it said before, and nothing else.
 *
 * Nearly all that is heard of a settled network is like that, so its octets are recognised before they are decoded, and only the time is noted.
 * The engine makes up for it at its next step, whatever that is for: each datagram that was noted has then renewed its records, in the order and at the
 * times they were heard.
 */
import * as Lease from "../../Lease.ts"

/** What is shared by the engine and the renewals that it has given out. */
export interface Renewals<Entry> {
  /** Counts what may have changed what a datagram means; a renewal of before is none any more. */
  era: number
  /** Those that the engine has not made up for. */
  readonly pending: Array<Renewal<Entry>>
}

/** The renewal that a datagram stands for, as long as nothing else changes. */
export interface Renewal<Entry = unknown> {
  readonly all: Renewals<Entry>
  readonly era: number
  /** The link it was heard on, and the records that it renews. */
  readonly link: string
  readonly entries: ReadonlyArray<Entry>
  /** Of those whom it concerns: what it has announced holds for as long again. */
  readonly leases: Array<Lease.Lease>
  /** When it was heard last, and whether the engine knows. */
  at: number
  isPending: boolean
}

export const none = <Entry>(): Renewals<Entry> => ({ era: 0, pending: [] })

export const make = <Entry>(
  all: Renewals<Entry>,
  link: string,
  entries: ReadonlyArray<Entry>,
  now: number
): Renewal<Entry> => ({
  all,
  era: all.era,
  link,
  entries,
  leases: [],
  at: now,
  isPending: false
})

/** Whether the datagram still means nothing but this. */
export const isCurrent = ({ all, era, leases }: Renewal): boolean => {
  if (all.era !== era) return false
  for (const lease of leases) if (!isLive(lease)) return false
  return true
}

/** Whether a lease keeps something, or will when it is heard of. */
export const isLive = ({ isHeld, isPending }: Lease.Lease): boolean => isHeld || isPending

/** Notes that the datagram was heard again. */
export const hear = <Entry>(self: Renewal<Entry>, now: number): void => {
  self.at = now
  for (const lease of self.leases) Lease.renew(lease, now)
  if (self.isPending) return
  self.isPending = true
  self.all.pending.push(self)
}

/** Takes out those to be made up for, in the order in which they were heard last. */
export const takePending = <Entry>({ pending }: Renewals<Entry>): ReadonlyArray<Renewal<Entry>> => {
  const taken = pending.splice(0).toSorted((a, b) => a.at - b.at)
  for (const renewal of taken) renewal.isPending = false
  return taken
}
