/**
 * The four sets of records that an instance is made of: SRV and TXT of its own name, A and AAAA of its host's.
 *
 * What is in them is the cache's; an instance keeps only what the cache has no longer. Each set is a bit, so that what is to be known of all
 * four is one number.
 */
import type * as Name from "../Name.ts"
import * as Querier from "../Querier.ts"
import * as Record from "../Record.ts"
import type * as Heard from "./Heard.ts"
import * as Offer from "./Offer.ts"
import type * as State from "./State.ts"

export const services = 1
export const texts = 2
export const ipv4 = 4
export const ipv6 = 8

export const ofHost = ipv4 | ipv6
export const all = services | texts | ofHost

/** Each set with the type of its records. */
export const types: ReadonlyArray<readonly [set: number, type: number]> = [
  [services, Record.Type.SRV],
  [texts, Record.Type.TXT],
  [ipv4, Record.Type.A],
  [ipv6, Record.Type.AAAA]
]

/** What is listened to of a name: that of an instance, of one whose TXT record says all of it, and of a host. */
export const typesOfName: ReadonlyArray<number> = [Record.Type.SRV, Record.Type.TXT]
export const typesOfText: ReadonlyArray<number> = [Record.Type.TXT]
export const typesOfHost: ReadonlyArray<number> = [Record.Type.A, Record.Type.AAAA]

const typeOf = (set: number): number => typesBySet[set]!

const typesBySet: Readonly<{ [set: number]: number }> = Object.fromEntries(types)

/** The set that records of a name and type belong to, 0 when they belong to none. */
export const of = ({ host, name }: State.Instance, nameKey: string, type: number): number => {
  switch (type) {
    case Record.Type.SRV:
      return name.key === nameKey ? services : 0
    case Record.Type.TXT:
      return name.key === nameKey ? texts : 0
    case Record.Type.A:
      return host?.key === nameKey ? ipv4 : 0
    case Record.Type.AAAA:
      return host?.key === nameKey ? ipv6 : 0
    default:
      return 0
  }
}

/** The records of a set: those that are beyond their ttl, and those that the cache has, in the order in which they were first heard. */
export const records = (
  self: State.Browsing,
  instance: State.Instance,
  set: number
): ReadonlyArray<Heard.Heard> => {
  const cached = inCache(self, instance, set)
  return instance.kept === undefined ? cached : [...keptOf(instance, set), ...cached]
}

/** Whether a set is one record, and no more. */
export const isOne = (self: State.Browsing, instance: State.Instance, set: number): boolean => {
  if (instance.kept !== undefined) return records(self, instance, set).length === 1
  const owner = ownerOf(instance, set)
  return owner !== undefined && Querier.hasOneRecord(self.querier, instance.link.key, owner, typeOf(set))
}

const inCache = ({ querier }: State.Browsing, instance: State.Instance, set: number) => {
  const owner = ownerOf(instance, set)
  return owner === undefined ? none : Querier.records(querier, instance.link.key, owner, typeOf(set))
}

const ownerOf = ({ host, name }: State.Instance, set: number): Name.Name | undefined => {
  const owner = (set & ofHost) === 0 ? name : host
  return owner === undefined || Offer.isNowhere(owner) ? undefined : owner
}

const none: ReadonlyArray<Heard.Heard> = []

/** What is kept of a set beyond its ttl. */
export const keptOf = ({ kept = none }: State.Instance, set: number): ReadonlyArray<Heard.Heard> =>
  kept.length === 0 ? kept : kept.filter(({ type }) => type === typeOf(set))

/** Keeps a record beyond its ttl. */
export const keep = (instance: State.Instance, heard: Heard.Heard): void => {
  instance.kept = [...instance.kept ?? none, heard]
}

/** Lets go of what is kept of some sets. */
export const release = (instance: State.Instance, sets: number): void => {
  if (instance.kept === undefined) return
  releaseAll(instance, types.flatMap(([set]) => (sets & set) === 0 ? [] : keptOf(instance, set)))
}

/** Lets go of records that are kept. */
export const releaseAll = (instance: State.Instance, gone: ReadonlyArray<Heard.Heard>): void => {
  const left = instance.kept?.filter((heard) => !gone.includes(heard)) ?? none
  instance.kept = left.length === 0 ? undefined : left
}
