/**
 * The instances of a subscription on one link, in the order in which they were found: a chain, which is found by their names elsewhere.
 */
import type * as State from "./State.ts"

export const make = (): State.Instances => ({ first: undefined, last: undefined })

export const add = (self: State.Instances, instance: State.Instance): void => {
  instance.previous = self.last
  if (self.last === undefined) self.first = instance
  else self.last.next = instance
  self.last = instance
}

export const remove = (self: State.Instances, instance: State.Instance): void => {
  if (!has(self, instance)) return
  const { next, previous } = instance
  if (previous === undefined) self.first = next
  else previous.next = next
  if (next === undefined) self.last = previous
  else next.previous = previous
  instance.next = undefined
  instance.previous = undefined
}

export const has = (self: State.Instances, instance: State.Instance): boolean =>
  self.first === instance || instance.previous !== undefined

/** All that are there now. */
export const all = (self: State.Instances | undefined): ReadonlyArray<State.Instance> => {
  const instances: Array<State.Instance> = []
  for (let instance = self?.first; instance !== undefined; instance = instance.next) instances.push(instance)
  return instances
}
