/**
 * The peers of one class, and who has to go when there are too many of them (S 4.1): the rules keep those who were there before
 * a flood, and let a flood evict mostly itself.
 */
import * as Seed from "../../Seed.ts"
import * as Origins from "../Origins.ts"

/** How many members of one origin there may be of a source that has a bound of its own: they are counted by themselves. */
export interface Allowance {
  perOrigin: number
}

/** Whose place it is: `origin` is the source address that first announced the member. */
export interface From {
  readonly origin: string
  readonly allowance: Allowance | undefined
}

/** What eviction looks at. */
export interface Member extends From {
  /** Place among the fresh or the established members, kept by the population. */
  place: number
}

/** Members of one origin, the oldest first. */
export class Company<A extends Member> implements Origins.Item {
  readonly origin: string
  readonly members: Set<A>

  constructor(first: A, second: A) {
    this.origin = first.origin
    this.members = new Set([first, second])
  }
}

/** All members of one origin: most have one, which needs no set. */
export type Group<A extends Member> = A | Company<A>

const sizeOf = <A extends Member>(group: Group<A> | undefined): number => {
  if (group === undefined) return 0
  return group instanceof Company ? group.members.size : 1
}

const listOf = <A extends Member>(group: Group<A> | undefined): ReadonlyArray<A> => {
  if (group === undefined) return []
  return group instanceof Company ? Array.from(group.members) : [group]
}

// so many of one origin are no crowd
const few = 4

/** The members of one class, by origin and by standing. */
export interface Population<A extends Member> {
  readonly capacity: number
  readonly perOrigin: number
  readonly secret: number
  readonly origins: Map<Allowance | undefined, Origins.Origins<Group<A>>>
  /** Origins with more members than `few`, by how many: `crowds[n]` holds those with n more. */
  readonly crowds: Array<Set<Company<A>>>
  readonly fresh: Array<A>
  readonly established: Array<A>
}

/** Nobody yet. The `secret` is that of `Origins`. */
export const make = <A extends Member>(capacity: number, perOrigin: number, secret: number): Population<A> => ({
  capacity,
  perOrigin,
  secret,
  origins: new Map(),
  crowds: [],
  fresh: [],
  established: []
})

export const size = <A extends Member>(self: Population<A>): number => self.fresh.length + self.established.length

export const isFull = <A extends Member>(self: Population<A>): boolean => size(self) >= self.capacity

/** Whether one more member from there displaces nobody. */
export const hasRoom = <A extends Member>(self: Population<A>, from: From, perOrigin = self.perOrigin): boolean =>
  !isFull(self) && sizeOf(Origins.get(originsOf(self, from), from.origin)) < perOrigin

const originsOf = <A extends Member>(
  { origins, secret }: Population<A>,
  { allowance }: From
): Origins.Origins<Group<A>> => {
  const known = origins.get(allowance)
  if (known !== undefined) return known
  const made = Origins.make<Group<A>>(secret)
  origins.set(allowance, made)
  return made
}

export const add = <A extends Member>(self: Population<A>, member: A, isEstablished = false): void => {
  const origins = originsOf(self, member)
  const known = Origins.add<Group<A>>(origins, member)
  if (known instanceof Company) grow(self, known, member)
  else if (known !== undefined) Origins.set(origins, new Company(known, member))
  join(isEstablished ? self.established : self.fresh, member)
}

/** Takes a member out; tells whether it was established. */
export const remove = <A extends Member>(self: Population<A>, member: A): boolean => {
  const origins = originsOf(self, member)
  if (!Origins.take<Group<A>>(origins, member)) {
    const company = Origins.get(origins, member.origin) as Company<A>
    shrink(self, company, member)
    if (company.members.size === 0) Origins.remove(origins, member.origin)
  }
  const wasEstablished = isAmongEstablished(self, member)
  leave(wasEstablished ? self.established : self.fresh, member)
  return wasEstablished
}

const isAmongEstablished = <A extends Member>({ established }: Population<A>, member: A): boolean =>
  established[member.place] === member

/**
 * Whom a newcomer from there displaces: nobody, somebody, or "refused" when it has to stay out itself.
 *
 * An established member goes only when its own origin has too many of them, or by the odds that keep the door ajar: whoever forges its
 * address, or comes in numbers, does not push it out.
 */
export const makeRoom = <A extends Member>(
  self: Population<A>,
  from: From,
  seed: Seed.Seed,
  isEstablished: (member: A) => boolean,
  perOrigin = self.perOrigin
): readonly [victim: A | "refused" | undefined, seed: Seed.Seed] => {
  const own = Origins.get(originsOf(self, from), from.origin)
  if (own !== undefined && sizeOf(own) >= perOrigin) {
    const members = listOf(own)
    return [freshOf(self, members, isEstablished)[0] ?? members[0]!, seed]
  }
  if (!isFull(self)) return [undefined, seed]
  const newest = freshOf(self, largest(self), isEstablished).at(-1)
  return newest === undefined ? chooseByStanding(self, seed, isEstablished) : [newest, seed]
}

// the members of the origin that has most of them, when those are more than a few
const largest = <A extends Member>({ crowds }: Population<A>): ReadonlyArray<A> =>
  crowds.length === 0 ? [] : Array.from(first(crowds.at(-1)!).members)

// those of one origin who are not established, the oldest first; at most `perOrigin` members are walked
const freshOf = <A extends Member>(
  self: Population<A>,
  members: ReadonlyArray<A>,
  isEstablished: (member: A) => boolean
): ReadonlyArray<A> => members.filter((member) => !isAmongEstablished(self, member) && !isEstablished(member))

// one of the newer half of those not yet established; among established ones only with odds of 1 in 64
const chooseByStanding = <A extends Member>(
  self: Population<A>,
  seed: Seed.Seed,
  isEstablished: (member: A) => boolean
): readonly [victim: A | "refused", seed: Seed.Seed] => {
  let current = seed
  while (self.fresh.length > 0) {
    const [index, next] = Seed.between(current, self.fresh.length >> 1, self.fresh.length - 1)
    current = next
    const member = self.fresh[index]!
    if (!isEstablished(member)) return [member, current]
    promote(self, member)
  }
  const [odds, afterOdds] = Seed.between(current, 0, 63)
  if (odds !== 0) return ["refused", afterOdds]
  const [index, next] = Seed.between(afterOdds, 0, self.established.length - 1)
  return [self.established[index]!, next]
}

const promote = <A extends Member>(self: Population<A>, member: A): void => {
  leave(self.fresh, member)
  join(self.established, member)
}

const join = <A extends Member>(list: Array<A>, member: A): void => {
  member.place = list.length
  list.push(member)
}

const leave = <A extends Member>(list: Array<A>, member: A): void => {
  const moved = list.pop()!
  if (moved === member) return
  list[member.place] = moved
  moved.place = member.place
}

const grow = <A extends Member>(self: Population<A>, company: Company<A>, member: A): void => {
  const { size } = company.members.add(member)
  crowd(self, company, size - 1, size)
}

const shrink = <A extends Member>(self: Population<A>, company: Company<A>, member: A): void => {
  company.members.delete(member)
  const { size } = company.members
  crowd(self, company, size + 1, size)
}

const crowd = <A extends Member>({ crowds }: Population<A>, company: Company<A>, from: number, to: number): void => {
  if (from > few) crowds[from - few]!.delete(company)
  if (to > few) {
    for (let more = crowds.length; more <= to - few; more++) crowds.push(new Set())
    crowds[to - few]!.add(company)
  }
  while (crowds.length > 0 && crowds.at(-1)!.size === 0) crowds.pop()
}

const first = <A>(set: ReadonlySet<A>): A => set.values().next().value!
