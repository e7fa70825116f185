/**
 * What a crowd of programs does over time, and what each of them should then see of the others.
 */
import { Seed } from "@effect-discovery/core"

/** A service that is published: by whom, and which version of it. */
export interface Service {
  readonly owner: number
  readonly version: number
  /** When it changed last, in seconds. */
  readonly changedAt: number
}

/** Something that a program does to a service of its own. */
export interface Deed {
  readonly do: "publish" | "update" | "withdraw"
  readonly owner: number
  readonly name: string
  readonly version: number
}

/** What goes on. It is updated in place. */
export interface Churn {
  seed: Seed.Seed
  readonly programs: number
  readonly services: Map<string, Service>
  /** When those that were withdrawn lately were. */
  readonly withdrawn: Map<string, number>
  published: number
}

/** What a program has been told: that it sees a version of a service, or that it is gone. */
export type Told =
  | { readonly tell: "seen"; readonly name: string; readonly version: number }
  | { readonly tell: "gone"; readonly name: string }

/** How long everyone has to see a deed: so long it is left alone, in seconds. */
export const patience = 6

const few = 2
const many = 6

export const make = (seed: Seed.Seed, programs: number): Churn => ({
  seed,
  programs,
  services: new Map(),
  withdrawn: new Map(),
  published: 0
})

/** The next deed, which is taken as done: between two and six services a program, and none that has changed a moment ago. */
export const next = (self: Churn, now: number): Deed => {
  const calm = [...self.services].filter(([, { changedAt }]) => changedAt + patience < now)
  const size = self.services.size / self.programs
  const kinds: ReadonlyArray<Deed["do"]> = size < few || calm.length === 0
    ? ["publish"]
    : size > many
    ? ["withdraw", "update"]
    : ["publish", "update", "withdraw"]
  const kind = kinds[draw(self, kinds.length)]!
  return kind === "publish" ? publish(self, now) : change(self, kind, calm[draw(self, calm.length)]!, now)
}

const publish = (self: Churn, now: number): Deed => {
  self.published++
  const name = `Service ${self.published}`
  const owner = draw(self, self.programs)
  self.services.set(name, { owner, version: 1, changedAt: now })
  return { do: "publish", owner, name, version: 1 }
}

const change = (
  self: Churn,
  kind: "update" | "withdraw",
  [name, { owner, version }]: readonly [string, Service],
  now: number
): Deed => {
  if (kind === "withdraw") {
    self.services.delete(name)
    self.withdrawn.set(name, now)
  } else self.services.set(name, { owner, version: version + 1, changedAt: now })
  return { do: kind, owner, name, version: version + 1 }
}

const draw = (self: Churn, count: number): number => {
  const [value, seed] = Seed.between(self.seed, 0, count - 1)
  self.seed = seed
  return value
}

/** The programs that do not see what a deed has led to. `views` are versions by name, as each program sees them. */
export const missed = (deed: Deed, views: ReadonlyArray<ReadonlyMap<string, number>>): ReadonlyArray<number> => {
  const expected = deed.do === "withdraw" ? undefined : deed.version
  return views.flatMap((view, at) => at !== deed.owner && view.get(deed.name) !== expected ? [at] : [])
}

/** Whether a program is told what has not happened: it loses what is there, or finds what is not. */
export const isFalse = ({ services, withdrawn }: Churn, told: Told, now: number): boolean => {
  for (const [name, at] of withdrawn) if (at + patience < now) withdrawn.delete(name)
  const service = services.get(told.name)
  if (told.tell === "gone") return service !== undefined && service.changedAt + patience < now
  return service === undefined ? !withdrawn.has(told.name) : told.version > service.version
}
