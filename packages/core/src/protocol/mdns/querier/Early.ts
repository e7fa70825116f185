/**
 * Addresses that nobody wanted when they were said.
 *
 * A host that has said its addresses does not say them again within a second, whoever asks (RFC 6762, section 6), and may announce a service in that
 * second without them. So they are remembered for as long: whoever is told of the service then needs no answer.
 *
 * What is remembered follows from what each source has said, and when it did so last: a repeat may be made up for later, and counts once.
 */
import * as Record from "../Record.ts"
import type * as State from "./State.ts"

/** Milliseconds in which what was said is not said again. */
const silence = 1_000
/** Addresses of one datagram: of more, none are remembered, since some would be taken for all. */
const mostAddresses = 8
/** Datagrams of one source, so that none displaces all others; and of a link. */
const mostOfSource = 8
const most = 64

/** What a datagram says of addresses, as far as it is to be remembered. */
export const of = (
  place: State.Place,
  host: string,
  addresses: ReadonlyArray<Record.Record>
): State.Early | undefined => {
  if (addresses.length === 0 || addresses.length > mostAddresses) return undefined
  // once they are looked at they let go of the datagram
  for (const { data } of addresses) Record.dataKey(data)
  // a copy, which has no room for more
  return { place, host, addresses: addresses.slice(), at: 0 }
}

/** Notes that it was said, or was said again. What was said longest ago goes when there is too much. */
export const note = (self: State.Early, at: number): void => {
  const { host, place: { early } } = self
  self.at = at
  if (early.has(self)) return
  const own: Array<State.Early> = []
  for (const other of early) {
    if (isOver(other, at)) early.delete(other)
    else if (other.host === host) own.push(other)
  }
  const same = own.find((other) => isSame(other, self))
  const gone = same ?? (own.length >= mostOfSource ? oldestOf(own) : early.size >= most ? oldestOf(early) : undefined)
  if (gone !== undefined) early.delete(gone)
  early.add(self)
}

const isOver = (self: State.Early, now: number): boolean => self.at + silence <= now

const isSame = (self: State.Early, that: State.Early): boolean =>
  self.addresses.length === that.addresses.length &&
  self.addresses.every((address, index) => Record.isSame(address, that.addresses[index]!))

const oldestOf = (all: Iterable<State.Early>): State.Early | undefined => {
  let oldest: State.Early | undefined
  for (const each of all) if (oldest === undefined || each.at < oldest.at) oldest = each
  return oldest
}

/** Forgets what was said of names. */
export const forget = ({ early }: State.Place, nameKeys: ReadonlySet<string>): void => {
  for (const each of early) if (each.addresses.some(({ name }) => nameKeys.has(name.key))) early.delete(each)
}

/** What was said of a name in the last second, the latest first. */
export const lately = ({ early }: State.Place, nameKey: string, now: number): ReadonlyArray<State.Early> =>
  Array.from(early)
    .filter((each) => !isOver(each, now) && each.addresses.some(({ name }) => name.key === nameKey))
    .toSorted((a, b) => b.at - a.at)
